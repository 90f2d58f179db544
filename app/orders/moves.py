"""advance(): the only code that moves an order. It checks the table, runs guards and effects, keeps the history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest
from typing import Any

from app import inventory, promise, stores
from app.core import clock
from app.core.actor import Actor
from app.core.errors import Forbidden
from app.core.events import emit, history
from app.core.i18n import active_locale
from app.core.money import allocate, format_money
from app.orders import books, limits, offers, projection, settling
from app.orders.errors import (
    CashShort,
    ChangeTooLarge,
    DriverUnavailable,
    IdMismatch,
    IdNotChecked,
    IllegalTransition,
    NotYourDelivery,
    OfferOpen,
    PaymentOpen,
    ReasonNeeded,
    WrongPickupCode,
)
from app.orders.events import OrderMoved
from app.orders.labels import status_label
from app.orders.models import Order, SubstitutionStatus
from app.orders.states import (
    HOLDS_STOCK,
    UNPAID,
    Action,
    Effect,
    Guard,
    Kind,
    PaymentStatus,
    Transition,
    allowed,
    find,
)

G, E = Guard, Effect


@dataclass(frozen=True)
class Details:
    """What comes with an action: only what it needs is filled."""

    reason: str = ""
    driver_id: int | None = None
    cash_received_minor: int | None = None
    change_to_wallet_minor: int = 0
    id_checked: bool = False
    birth_date: date | None = None
    pickup_code: str = ""


GuardCheck = Callable[[Order, Actor, Details], None]
EffectRun = Callable[[Order, Actor, Details], dict[str, Any]]
_driver_check: list[GuardCheck] = []


def register_driver_check(check: GuardCheck) -> None:
    """The dispatch domain, which knows drivers, says whether one may be given an order."""
    _driver_check[:] = [check]


def advance(order: Order, action: Action, actor: Actor, details: Details | None = None) -> None:
    """Move a locked order by the table, or raise what forbids it. Runs in the caller's transaction."""
    details = details or Details()
    step = _find_step(order, action, actor)
    for guard in step.guards:
        _GUARDS[guard](order, actor, details)
    changes: dict[str, Any] = {"status": step.target.value, "status_at": projection.encode(clock.now())}
    if details.reason:
        changes["reason"] = details.reason
    books.hold_purses(order, step.effects, details.change_to_wallet_minor)
    for effect in step.effects:
        changes.update(_EFFECTS[effect](order, actor, details))
    record_move(order, step, changes, actor, details)


def record_move(
    order: Order, step: Transition, changes: dict[str, Any], actor: Actor, details: Details
) -> None:
    """Write the fact and fold it into the row."""
    seq = order.event_seq + 1
    emit(
        OrderMoved(
            order_id=order.id,
            code=order.code,
            action=step.action.value,
            source=order.status.value,
            target=step.target.value,
            reason=details.reason,
            changes=changes,
        ),
        actor=actor,
        seq=seq,
    )
    projection.apply(order, changes)
    order.event_seq = seq


def _find_step(order: Order, action: Action, actor: Actor) -> Transition:
    step = find(order.kind, order.status, action)
    if step is None:
        raise _illegal(order, actor)
    if not actor.has(*step.roles):
        raise Forbidden
    return step


def _illegal(order: Order, actor: Actor) -> IllegalTransition:
    last = history("order", order.id)[-1]
    return IllegalTransition(
        status=order.status.value,
        state=status_label(order.status),
        allowed=[a.value for a in allowed(order.kind, order.status, actor.roles)],
        by=last.actor_name or "—",
        at=last.occurred_at.isoformat(),
        time=f"{last.occurred_at.astimezone(stores.current_store().zone):%H:%M}",
    )


# --- guards ------------------------------------------------------------------------------------------------


def _has_reason(_order: Order, _actor: Actor, details: Details) -> None:
    if not details.reason.strip():
        raise ReasonNeeded


def _is_paid_or_due(order: Order, _actor: Actor, _details: Details) -> None:
    if order.payment_status in UNPAID:
        raise PaymentOpen


def _driver_on_shift(order: Order, actor: Actor, details: Details) -> None:
    if not _driver_check or details.driver_id is None:
        raise DriverUnavailable(name="?")
    _driver_check[0](order, actor, details)


def _own_delivery(order: Order, actor: Actor, _details: Details) -> None:
    if not actor.is_staff and (actor.driver_id is None or order.driver_id != actor.driver_id):
        raise NotYourDelivery


def _own_pending(order: Order, actor: Actor, _details: Details) -> None:
    if not actor.is_staff and order.customer_id != actor.customer_id:
        raise NotYourDelivery


def _id_checked(order: Order, _actor: Actor, details: Details) -> None:
    if not order.min_age:
        return
    if not details.id_checked:
        raise IdNotChecked(age=order.min_age)
    if details.birth_date and order.birth_date and details.birth_date != order.birth_date:
        raise IdMismatch


def _cash_complete(order: Order, _actor: Actor, details: Details) -> None:
    if order.payment_status is not PaymentStatus.DUE:
        return
    received = details.cash_received_minor or 0
    if received < order.due_minor:
        locale = active_locale()
        raise CashShort(
            received=format_money(received, order.currency, locale),
            due=format_money(order.due_minor, order.currency, locale),
        )
    change = received - order.due_minor
    if not 0 <= details.change_to_wallet_minor <= change or (
        details.change_to_wallet_minor and _by_courier(order)
    ):
        raise ChangeTooLarge(change=format_money(change, order.currency, active_locale()))


def _by_courier(order: Order) -> bool:
    """Whoever brings it is no one of ours, and gives coins."""
    return order.kind in {Kind.courier, Kind.parcel}


def _no_open_offer(order: Order, _actor: Actor, _details: Details) -> None:
    if offers.open_offers(order):
        raise OfferOpen


def _within_limits(order: Order, _actor: Actor, _details: Details) -> None:
    limits.require_order_within(order)


def _code_said(order: Order, _actor: Actor, details: Details) -> None:
    """Whoever collects says the code; staff are not shown it, so asking is more than a habit."""
    said = "".join(details.pickup_code.split())
    if order.pickup_code and not compare_digest(said.encode(), order.pickup_code.encode()):
        raise WrongPickupCode


_GUARDS: dict[Guard, GuardCheck] = {
    G.has_reason: _has_reason,
    G.is_paid_or_due: _is_paid_or_due,
    G.driver_on_shift: _driver_on_shift,
    G.own_delivery: _own_delivery,
    G.own_pending: _own_pending,
    G.id_checked: _id_checked,
    G.cash_complete: _cash_complete,
    G.code_said: _code_said,
    G.no_open_offer: _no_open_offer,
    G.within_limits: _within_limits,
}


# --- effects -----------------------------------------------------------------------------------------------


def quantities(order: Order) -> dict[int, int]:
    """Variant id → units of the order."""
    units: dict[int, int] = {}
    for line in order.lines:
        units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def _release_stock(order: Order, _actor: Actor, _details: Details) -> dict[str, Any]:
    if order.status in HOLDS_STOCK:
        inventory.release(order.branch_id, quantities(order))
    return {}


def _take_stock(order: Order, actor: Actor, _details: Details) -> dict[str, Any]:
    costs = inventory.take(order.branch_id, quantities(order), order_id=order.id, actor=actor)
    for variant_id, cost in costs.items():
        lines = [line for line in order.lines if line.variant_id == variant_id]
        for line, part in zip(lines, allocate(cost, [line.quantity for line in lines]), strict=True):
            line.cost_minor = part
    return {}


def _return_stock(order: Order, actor: Actor, _details: Details) -> dict[str, Any]:
    inventory.take_back(order.branch_id, quantities(order), order_id=order.id, actor=actor)
    return {}


def _reserve_again(order: Order, _actor: Actor, _details: Details) -> dict[str, Any]:
    inventory.reserve(order.branch_id, quantities(order))
    return {}


def _release_slot(order: Order, _actor: Actor, _details: Details) -> dict[str, Any]:
    if order.slot_id is not None:
        promise.release_slot(order.slot_id, order.slot_weight or 1)
    return {"slot_id": None, "slot_weight": None}


def _set_driver(_order: Order, _actor: Actor, details: Details) -> dict[str, Any]:
    return {"driver_id": details.driver_id}


def _clear_driver(_order: Order, _actor: Actor, _details: Details) -> dict[str, Any]:
    return {"driver_id": None}


def _receive_cash(order: Order, actor: Actor, details: Details) -> dict[str, Any]:
    changes: dict[str, Any] = {"id_checked": details.id_checked}
    if order.payment_status is PaymentStatus.DUE:
        received = details.cash_received_minor or 0
        books.post_cash(order, actor, change_to_wallet_minor=details.change_to_wallet_minor)
        changes |= {
            "payment_status": PaymentStatus.PAID.value,
            "cash_received_minor": received,
            "change_minor": received - order.due_minor - details.change_to_wallet_minor,
            "change_to_wallet_minor": details.change_to_wallet_minor or None,
        }
    return changes


def _book_sale(order: Order, actor: Actor, _details: Details) -> dict[str, Any]:
    books.post_sale(order, actor)
    return {}


def _give_money_back(order: Order, actor: Actor, details: Details) -> dict[str, Any]:
    return settling.give_back_all(order, actor, details.reason)


def _withdraw_offers(order: Order, actor: Actor, _details: Details) -> dict[str, Any]:
    for offer in offers.open_offers(order):
        offers.end_offer(order, offer, SubstitutionStatus.withdrawn, actor)
    return {}


_EFFECTS: dict[Effect, EffectRun] = {
    E.release_stock: _release_stock,
    E.take_stock: _take_stock,
    E.return_stock: _return_stock,
    E.reserve_again: _reserve_again,
    E.release_slot: _release_slot,
    E.set_driver: _set_driver,
    E.clear_driver: _clear_driver,
    E.receive_cash: _receive_cash,
    E.withdraw_offers: _withdraw_offers,
    E.book_sale: _book_sale,
    E.give_money_back: _give_money_back,
}

__all__ = ["Details", "advance", "quantities", "register_driver_check"]
