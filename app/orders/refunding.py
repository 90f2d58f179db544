"""Giving money of a sale back: by line and unit, the delivery fee, an amount, or all of it.

Never above what was paid and has not gone back: the order is locked, so two clerks come one after the other, and the
ledger says what is left. Lock order: idempotency → order → receipts → wallet or till → stock → ledger.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app import inventory, ledger, loyalty, stores
from app.core import audit, idempotency
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _, active_locale
from app.core.money import Minor, format_money
from app.ledger import AccountKind
from app.orders import books, projection
from app.orders.errors import NotRefundable, RefundAboveLimit, TillShort
from app.orders.events import OrderRefunded
from app.orders.models import Order, OrderLine
from app.orders.refund_parts import Parts, SoldLine, fit, parts_of_amount, parts_of_units, spread
from app.orders.service import get_order
from app.orders.states import PaymentStatus
from app.payments import chargebacks, refunds
from app.payments.catalogue import METHODS, Flow
from app.payments.errors import RefundMoved, RefundTooLarge
from app.payments.models import PaymentReceipt, ReceiptStatus, Refund, RefundStatus, RefundTo
from app.payments.refunds import Back

REFUNDERS = ("manager", "store_admin", "platform_admin")
REASON_LENGTH = 200


class What(StrEnum):
    """What is given back."""

    all = "all"  # whatever is left
    lines = "lines"  # units of lines, and the delivery fee if wished
    amount = "amount"


@dataclass(frozen=True)
class RefundWish:
    """What somebody wants given back. By line id, `units` come back, and `shelved` of them can be sold again."""

    what: What
    to: RefundTo
    reason: str
    units: Mapping[int, int] = field(default_factory=dict)
    shelved: Mapping[int, int] = field(default_factory=dict)
    delivery: bool = False
    amount_minor: Minor = 0


@dataclass(frozen=True)
class LineLeft:
    """A line of a sale: units that have not been given back, and what one more unit comes to."""

    line: OrderLine
    units: int
    next_minor: Minor


@dataclass(frozen=True)
class Refundable:
    """What can still go back, in minor units. `to_source_minor` of it along the payments (and into the wallet it came
    from), `till_minor` is what the branch's till has."""

    order: Order
    left: Parts
    most_minor: Minor
    to_source_minor: Minor
    till_minor: Minor
    methods: tuple[str, ...]
    lines: tuple[LineLeft, ...]

    @property
    def delivery_minor(self) -> Minor:
        return self.left.delivery


@dataclass(frozen=True)
class Reckoned:
    """What a wish comes to."""

    parts: Parts
    lines: tuple[dict[str, Any], ...]
    shelved: Mapping[int, int]

    @property
    def amount_minor(self) -> Minor:
        return self.parts.amount


def refundable(order: Order) -> Refundable:
    """What can still go back of a sale. NotRefundable for an order whose goods nobody has."""
    if order.status not in books.HANDED:
        raise NotRefundable
    left = books.left_of_sale(order)
    most = max(0, left.amount - chargebacks.taken_of(order.id))
    before = _units_before(order)
    sources = _sources(order)
    return Refundable(
        order=order,
        left=left,
        most_minor=most,
        to_source_minor=min(most, sum(room for _receipt, room in sources) + order.wallet_minor),
        till_minor=ledger.balance(AccountKind.till, order.currency, order.branch_id),
        methods=tuple(dict.fromkeys(receipt.method for receipt, room in sources if room)),
        lines=tuple(_line_left(order, line, before[line.id]) for line in order.lines),
    )


def _line_left(order: Order, line: OrderLine, before: int) -> LineLeft:
    left = line.quantity - before
    return LineLeft(line, left, parts_of_units(_sold(order, line), before, 1).amount if left else 0)


def _sold(order: Order, line: OrderLine) -> SoldLine:
    included = bool(order.tax_included_minor)
    return SoldLine(line.quantity, line.net_minor, line.discount_minor, line.tax_minor, included)


def _units_before(order: Order) -> dict[int, int]:
    """Line id → units that were given back before."""
    before: dict[int, int] = defaultdict(int)
    for refund in refunds.refunds_of(order.id):
        if refund.status in refunds.STANDS:
            for line in refund.lines:
                before[line["line_id"]] += line["units"]
    return before


def _sources(order: Order, *, lock: bool = False) -> list[tuple[PaymentReceipt, Minor]]:
    """Payments of the order along which money can go back, and how much of each."""
    query = select(PaymentReceipt).where(PaymentReceipt.order_id == order.id).order_by(PaymentReceipt.id)
    rows = db.session.scalars(for_update(query) if lock else query)
    taken = chargebacks.taken_by_receipt(order.id)
    return [
        (row, max(0, row.applied_minor - row.refunded_minor - taken.get(row.id, 0)))
        for row in rows
        if METHODS[row.method].flow is not Flow.cash
    ]


def reckon(order: Order, wish: RefundWish) -> Reckoned:
    """What the wish comes to, by the order's frozen amounts.

    InvalidInput beside its field for what makes no sense, RefundTooLarge above what is left.
    """
    can = refundable(order)
    if wish.what is What.all:
        units = {line.line.id: line.units for line in can.lines if line.units}
        parts = can.left if can.most_minor == can.left.amount else parts_of_amount(can.most_minor, can.left)
    elif wish.what is What.lines:
        units = {line_id: count for line_id, count in wish.units.items() if count}
        parts = _parts_of_lines(can, units, delivery=wish.delivery)
    else:
        units, parts = {}, _parts_of_amount(can, wish.amount_minor)
    if not parts.amount:
        raise InvalidInput({"what": _("Nothing is left to give back, or nothing is chosen.")})
    _check_shelved(wish.shelved, units)
    lines = tuple(
        {"line_id": line.line.id, "sku": line.line.sku, "units": units[line.line.id]}
        for line in can.lines
        if units.get(line.line.id)
    )
    return Reckoned(parts, lines, wish.shelved)


def _parts_of_lines(can: Refundable, units: Mapping[int, int], *, delivery: bool) -> Parts:
    known = {line.line.id: line for line in can.lines}
    errors: dict[str, str] = {}
    parts = Parts(delivery=can.left.delivery if delivery else 0)
    for line_id, count in units.items():
        line = known.get(line_id)
        if line is None:
            raise NotFound
        if not 0 <= count <= line.units:
            errors[f"units-{line_id}"] = _("Between 0 and %(most)s.", most=line.units)
            continue
        before = line.line.quantity - line.units
        parts += parts_of_units(_sold(can.order, line.line), before, count)
    if errors:
        raise InvalidInput(errors)
    return fit(_within(can, parts), can.left)


def _parts_of_amount(can: Refundable, amount: Minor) -> Parts:
    if amount <= 0:
        raise InvalidInput({"amount": _("Write an amount above zero.")})
    _within(can, Parts(goods=amount))
    return parts_of_amount(amount, can.left)


def _within(can: Refundable, parts: Parts) -> Parts:
    if parts.amount > can.most_minor:
        raise RefundTooLarge(most=format_money(can.most_minor, can.order.currency, active_locale()))
    return parts


def _check_shelved(shelved: Mapping[int, int], units: Mapping[int, int]) -> None:
    errors = {
        f"shelved-{line_id}": _("Not more than come back.")
        for line_id, count in shelved.items()
        if not 0 <= count <= units.get(line_id, 0)
    }
    if errors:
        raise InvalidInput(errors)


@transaction()
def refund_order(code: str, wish: RefundWish, *, key: str, actor: Actor) -> list[Refund]:
    """Give it back; the same key again gives the refunds that there are.

    Raises Forbidden, NotFound, NotRefundable, InvalidInput, RefundTooLarge, RefundAboveLimit, TillShort.
    """
    if not actor.has(*REFUNDERS):
        raise Forbidden
    answer, _fresh = idempotency.once(
        "refund",
        key,
        actor_key=f"user:{actor.user_id}",
        body=[code, asdict(wish)],
        effect=lambda: {"refunds": [refund.id for refund in _refund(code, wish, actor)]},
    )
    return [db.session.get_one(Refund, refund_id) for refund_id in answer["refunds"]]


def _refund(code: str, wish: RefundWish, actor: Actor) -> list[Refund]:
    order = get_order(code, actor=actor, lock=True)
    reason = wish.reason.strip()
    if not 3 <= len(reason) <= REASON_LENGTH:
        raise InvalidInput({"reason": _("Say why, in 3 to 200 characters. The customer sees it.")})
    sources = _sources(order, lock=True)
    _hold_purse(order, wish.to)
    wanted = reckon(order, wish)
    _check_limit(wanted.amount_minor, order, actor)
    shares = _share(order, sources, wanted.amount_minor, wish.to)
    _shelve(order, wanted.shelved, actor)
    back = Back(order.id, order.code, order.customer_id, 0, reason, wanted.lines)
    made = _send(order, back, shares, wish.to, actor)
    books.post_sale_taken_back(order, wanted.parts, made[0].id, actor)
    record_refund(order, wanted.amount_minor, wish.to, reason, actor)
    audit.record(
        "order.refunded",
        actor=actor,
        subject=order.code,
        amount_minor=wanted.amount_minor,
        to=wish.to.value,
        lines=list(wanted.lines),
        reason=reason,
    )
    return made


def _hold_purse(order: Order, to: RefundTo) -> None:
    if to is RefundTo.cash:
        ledger.lock_balance(AccountKind.till, order.currency, order.branch_id)
    elif to is RefundTo.wallet or order.wallet_minor:
        loyalty.hold(order.customer_id, 0)


def _check_limit(amount: Minor, order: Order, actor: Actor) -> None:
    """A manager gives back so much at a time; more is the store's admin's."""
    limit = stores.current_store().refund_limit_minor
    if limit is not None and amount > limit and not actor.has("store_admin", "platform_admin"):
        raise RefundAboveLimit(limit=format_money(limit, order.currency, active_locale()))


Share = tuple[PaymentReceipt | None, Minor]


def _share(
    order: Order, sources: list[tuple[PaymentReceipt, Minor]], amount: Minor, to: RefundTo
) -> list[Share]:
    """Which payment takes how much of it; None is the wallet, or the till."""
    if to is RefundTo.cash:
        have = ledger.balance(AccountKind.till, order.currency, order.branch_id)
        if have < amount:
            raise TillShort(have=format_money(have, order.currency, active_locale()))
    if to is not RefundTo.source:
        return [(None, amount)]
    rooms = [room for _receipt, room in sources] + [order.wallet_minor]
    try:
        shares = spread(amount, rooms)
    except ValueError as error:
        raise RefundTooLarge(
            most=format_money(sum(rooms), order.currency, active_locale()), field="to"
        ) from error
    places: list[PaymentReceipt | None] = [*(receipt for receipt, _room in sources), None]
    return [(place, share) for place, share in zip(places, shares, strict=True) if share]


def _send(order: Order, back: Back, shares: list[Share], to: RefundTo, actor: Actor) -> list[Refund]:
    made: list[Refund] = []
    for receipt, share in shares:
        lines = back.lines if not made else ()  # what for stands with the first
        part = Back(back.order_id, back.code, back.customer_id, share, back.reason, lines)
        if receipt is not None:
            made.append(refunds.to_source(part, receipt, actor=actor))
        elif to is RefundTo.cash:
            made.append(refunds.in_cash(part, order.branch_id, actor=actor))
        else:
            made.append(refunds.to_wallet(part, actor=actor))
    return made


def _shelve(order: Order, shelved: Mapping[int, int], actor: Actor) -> None:
    units: dict[int, int] = defaultdict(int)
    for line in order.lines:
        if count := shelved.get(line.id, 0):
            units[line.variant_id] += count
    if units:
        inventory.take_back(order.branch_id, units, order_id=order.id, actor=actor, sold=True)


def record_refund(order: Order, amount: Minor, to: RefundTo, reason: str, actor: Actor) -> None:
    """Write into the history of a locked order that so much of its sale was taken back."""
    left = books.left_of_sale(order).amount
    changes = {} if left else {"payment_status": PaymentStatus.REFUNDED.value}
    order.event_seq += 1
    fact = OrderRefunded(
        order_id=order.id,
        code=order.code,
        amount_minor=amount,
        left_minor=left,
        to=to.value,
        reason=reason,
        changes=changes,
    )
    emit(fact, actor=actor, seq=order.event_seq)
    projection.apply(order, changes)


# --- refunds that need somebody ----------------------------------------------------------------------------


@transaction()
def to_wallet_instead(refund_id: int, *, actor: Actor) -> Refund:
    """A refund that the provider refused goes into the customer's wallet. Forbidden, NotFound, RefundMoved."""
    order = _lock_order_of(refund_id, actor)
    refund = refunds.lock(refund_id)
    loyalty.hold(order.customer_id, 0)
    refunds.drop(refund, actor)
    assert refund.receipt is not None  # drop takes no other
    if refund.receipt.status is ReceiptStatus.review:
        return refund  # it never paid anything: staff decide about the payment anew
    back = Back(
        order.id,
        order.code,
        order.customer_id,
        refund.amount_minor,
        refund.reason,
        tuple(refund.lines),
    )
    made = refunds.to_wallet(back, actor=actor, receipt=refund.receipt)
    audit.record("refund.to_wallet", actor=actor, subject=refund.reference, amount_minor=refund.amount_minor)
    return made


@transaction()
def note_sent(refund_id: int, proof: str, *, actor: Actor) -> Refund:
    """Staff have sent a refund themselves, by a method that no program pays by; `proof` is the bank's or the chain's
    name for it. Forbidden, NotFound, InvalidInput, RefundMoved."""
    _lock_order_of(refund_id, actor)
    refund = refunds.lock(refund_id)
    if refund.status is not RefundStatus.requested or refund.method in refunds.BY_PROVIDER:
        raise RefundMoved
    if not 3 <= len(proof.strip()) <= 120:
        raise InvalidInput({"proof": _("Write the reference of the transfer, 3 to 120 characters.")})
    refund.external_id = proof.strip()
    refunds.post_paid(refund, actor)
    audit.record("refund.sent", actor=actor, subject=refund.reference, proof=refund.external_id)
    return refund


def _lock_order_of(refund_id: int, actor: Actor) -> Order:
    if not actor.has(*REFUNDERS):
        raise Forbidden
    whose = select(Refund.order_id).where(Refund.id == refund_id).scalar_subquery()
    order = db.session.scalar(for_update(select(Order).where(Order.id == whose)))
    if order is None:
        raise NotFound
    return order
