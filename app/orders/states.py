"""The order's states as one table: from, action, to, who may, guard, effects. Nothing else moves an order.

Source: the product specification, "States". Payment is a machine of its own; "late" and "fully paid" are computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.core.actor import STAFF


class Kind(StrEnum):
    """How the goods reach the customer."""

    driver = "driver"
    pickup = "pickup"
    courier = "courier"
    parcel = "parcel"


class Status(StrEnum):
    """Where an order stands."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    READY = "READY"
    ASSIGNED = "ASSIGNED"
    PICKED_UP = "PICKED_UP"
    DELIVERED = "DELIVERED"
    COLLECTED = "COLLECTED"
    HANDED_OVER = "HANDED_OVER"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


class PaymentStatus(StrEnum):
    """How the money of an order stands."""

    UNPAID = "UNPAID"
    DUE = "DUE"
    AWAITING = "AWAITING"
    PARTIAL = "PARTIAL"
    PAID = "PAID"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class Action(StrEnum):
    """What somebody may do to an order."""

    confirm = "confirm"
    ready = "ready"
    assign = "assign"
    unassign = "unassign"
    pick_up = "pick_up"
    deliver = "deliver"
    collect = "collect"
    hand_over = "hand_over"
    cancel = "cancel"
    fail = "fail"
    take_back = "take_back"
    retry = "retry"


class Guard(StrEnum):
    """A condition the table asks for beside state and role; orders/guards.py knows how to check each."""

    is_paid_or_due = "is_paid_or_due"
    has_reason = "has_reason"
    driver_on_shift = "driver_on_shift"
    own_delivery = "own_delivery"
    id_checked = "id_checked"
    cash_complete = "cash_complete"
    code_said = "code_said"
    own_pending = "own_pending"
    no_open_offer = "no_open_offer"
    within_limits = "within_limits"


class Effect(StrEnum):
    """What a transition does besides the status, in the same transaction; orders/effects.py does each."""

    release_stock = "release_stock"
    release_slot = "release_slot"
    take_stock = "take_stock"
    return_stock = "return_stock"
    reserve_again = "reserve_again"
    set_driver = "set_driver"
    clear_driver = "clear_driver"
    receive_cash = "receive_cash"
    withdraw_offers = "withdraw_offers"
    book_sale = "book_sale"
    give_money_back = "give_money_back"


S, A, K, G, E = Status, Action, Kind, Guard, Effect

DISPATCH = STAFF
DRIVER = frozenset({"driver"})
CUSTOMER = frozenset({"customer"})
EVERY_KIND = frozenset(Kind)


@dataclass(frozen=True)
class Transition:
    """One row of the table. `kinds` are the orders it exists for."""

    source: Status
    action: Action
    target: Status
    roles: frozenset[str]
    kinds: frozenset[Kind] = EVERY_KIND
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()


def _row(
    source: Status,
    action: Action,
    target: Status,
    roles: frozenset[str],
    *,
    kinds: set[Kind] | None = None,
    guards: tuple[Guard, ...] = (),
    effects: tuple[Effect, ...] = (),
) -> Transition:
    return Transition(source, action, target, roles, frozenset(kinds or EVERY_KIND), guards, effects)


_GIVE_BACK = (E.release_stock, E.release_slot, E.give_money_back)

TRANSITIONS: tuple[Transition, ...] = (
    _row(S.PENDING, A.confirm, S.CONFIRMED, DISPATCH, guards=(G.is_paid_or_due,)),
    _row(S.CONFIRMED, A.ready, S.READY, DISPATCH, guards=(G.no_open_offer,)),
    _row(
        S.READY,
        A.assign,
        S.ASSIGNED,
        DISPATCH,
        kinds={K.driver},
        guards=(G.driver_on_shift,),
        effects=(E.set_driver,),
    ),
    _row(
        S.ASSIGNED,
        A.assign,
        S.ASSIGNED,
        DISPATCH,
        kinds={K.driver},
        guards=(G.driver_on_shift,),
        effects=(E.set_driver,),
    ),
    _row(
        S.ASSIGNED,
        A.unassign,
        S.READY,
        DISPATCH,
        kinds={K.driver},
        guards=(G.has_reason,),
        effects=(E.clear_driver,),
    ),
    _row(
        S.ASSIGNED,
        A.pick_up,
        S.PICKED_UP,
        DRIVER,
        kinds={K.driver},
        guards=(G.own_delivery,),
        effects=(E.take_stock,),
    ),
    _row(
        S.PICKED_UP,
        A.deliver,
        S.DELIVERED,
        DRIVER,
        kinds={K.driver},
        guards=(G.own_delivery, G.id_checked, G.within_limits, G.cash_complete),
        effects=(E.receive_cash, E.book_sale),
    ),
    _row(
        S.READY,
        A.collect,
        S.COLLECTED,
        DISPATCH,
        kinds={K.pickup},
        guards=(G.code_said, G.id_checked, G.within_limits, G.cash_complete),
        effects=(E.take_stock, E.receive_cash, E.book_sale),
    ),
    _row(S.READY, A.hand_over, S.HANDED_OVER, DISPATCH, kinds={K.courier, K.parcel}, effects=(E.take_stock,)),
    _row(
        S.HANDED_OVER,
        A.deliver,
        S.DELIVERED,
        DISPATCH,
        kinds={K.courier, K.parcel},
        guards=(G.cash_complete,),
        effects=(E.receive_cash, E.book_sale),
    ),
    _row(
        S.PENDING,
        A.cancel,
        S.CANCELLED,
        DISPATCH | CUSTOMER,
        guards=(G.own_pending, G.has_reason),
        effects=(*_GIVE_BACK, E.withdraw_offers),
    ),
    _row(
        S.CONFIRMED,
        A.cancel,
        S.CANCELLED,
        DISPATCH,
        guards=(G.has_reason,),
        effects=(*_GIVE_BACK, E.withdraw_offers),
    ),
    _row(S.READY, A.cancel, S.CANCELLED, DISPATCH, guards=(G.has_reason,), effects=_GIVE_BACK),
    _row(
        S.ASSIGNED,
        A.cancel,
        S.CANCELLED,
        DISPATCH,
        kinds={K.driver},
        guards=(G.has_reason,),
        effects=(*_GIVE_BACK, E.clear_driver),
    ),
    _row(
        S.PICKED_UP,
        A.fail,
        S.FAILED,
        DRIVER | DISPATCH,
        kinds={K.driver},
        guards=(G.own_delivery, G.has_reason),
        effects=(E.release_slot,),
    ),
    _row(S.HANDED_OVER, A.fail, S.FAILED, DISPATCH, kinds={K.courier, K.parcel}, guards=(G.has_reason,)),
    _row(
        S.FAILED,
        A.take_back,
        S.RETURNED,
        DISPATCH,
        effects=(E.return_stock, E.give_money_back, E.clear_driver),
    ),
    _row(S.FAILED, A.retry, S.READY, DISPATCH, effects=(E.return_stock, E.reserve_again, E.clear_driver)),
)

_TABLE = {(t.source, t.action, kind): t for t in TRANSITIONS for kind in t.kinds}

UNPAID = frozenset({PaymentStatus.AWAITING, PaymentStatus.PARTIAL, PaymentStatus.FAILED})
"""Something other than cash is still to be paid: nobody begins with the order."""
FINAL = frozenset({S.DELIVERED, S.COLLECTED, S.CANCELLED, S.RETURNED})
OPEN = frozenset(Status) - FINAL
HOLDS_STOCK = frozenset({S.PENDING, S.CONFIRMED, S.READY, S.ASSIGNED})
"""States in which the goods are still reserved on the shelf."""
ON_ROUTE = frozenset({S.ASSIGNED, S.PICKED_UP})


def find(kind: Kind, status: Status, action: Action) -> Transition | None:
    """The row of the table for this order and action, or None when there is no such transition."""
    return _TABLE.get((status, action, kind))


def allowed(kind: Kind, status: Status, roles: frozenset[str]) -> list[Action]:
    """What these roles may try from here, in the table's order."""
    return [t.action for t in _rows_from(kind, status) if roles & (t.roles | {"system"})]


def _rows_from(kind: Kind, status: Status) -> Iterator[Transition]:
    return (t for t in TRANSITIONS if t.source == status and kind in t.kinds)
