"""What an order's moves are in the ledger: its own amounts, given to the moments of ledger/rules.py."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import chain

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select
from sqlalchemy.orm import selectinload

from app import inventory, ledger, loyalty
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, transaction
from app.ledger import AccountKind, LedgerAccount, LedgerEntry, LedgerPosting
from app.orders.models import Order, OrderLine
from app.orders.refund_parts import Parts, parts_of_amount
from app.orders.states import FINAL, Effect, Kind, PaymentStatus, Status
from app.payments import refunds

A = AccountKind
CASH, PLACED = "cash", "placed"
DISCOUNT_SOURCE = "promotion"
"""One source until there are promotions of several kinds."""
_SOLD = (A.sales, A.sales_returns, A.discounts, A.delivery_fees, A.tax_payable)
POSTED_AT_ONCE = 500
WALLET_PART = ("order_placed", "wallet_part_given_back")
"""Moments that make up what an order takes from the wallet."""
HANDED = frozenset({Status.DELIVERED, Status.COLLECTED})
"""The goods are the customer's: the sale has happened."""
OUT = frozenset({Status.PICKED_UP, Status.HANDED_OVER, Status.FAILED})
"""The goods have left the shelf and are nobody else's yet."""


def post_wallet_spent(order: Order, actor: Actor) -> None:
    """The part of the order that its customer paid from the wallet, which the caller holds, as it is placed."""
    fact = _fact(order, PLACED, actor)
    whose = {A.wallet: order.customer_id}
    entry_id = ledger.post("order_placed", fact, {"wallet": order.wallet_minor}, whose)
    if entry_id is not None:
        loyalty.use_lots(order.customer_id, entry_id, order.wallet_minor)


def post_wallet_given_back(
    order: Order, actor: Actor, amount_minor: int, *, why: str, in_part: bool = False
) -> None:
    """Wallet money of an order that needs it no more goes back, once per `why`; `in_part`: the order lives on."""
    whose = {A.wallet: order.customer_id}
    fact = _fact(order, why, actor)
    moment = "wallet_part_given_back" if in_part else "wallet_given_back"
    if ledger.post(moment, fact, {"wallet": amount_minor}, whose) is not None:
        spent = next(one for one in ledger.entries_of("order", order.id) if one.moment == "order_placed")
        loyalty.return_lots(spent.id, amount_minor)


def hold_purses(order: Order, effects: Sequence[Effect], change_to_wallet_minor: int = 0) -> None:
    """Lock the wallet and the till that these effects will post to: before stock, as everywhere."""
    gives, takes = Effect.give_money_back in effects, Effect.receive_cash in effects
    cash = order.payment_status is PaymentStatus.DUE
    if takes and cash and order.kind is Kind.pickup:
        ledger.lock_balance(A.till, order.currency, order.branch_id)
    if (takes and change_to_wallet_minor) or (gives and (order.wallet_minor or not cash)):
        loyalty.hold(order.customer_id, 0)


def post_sale(order: Order, actor: Actor) -> None:
    """The goods are the customer's: sales, fees, tax and discount are earned, and the goods' cost is spent.

    What went back of the order before that has made the sale smaller.
    """
    ledger.post_all([_sale(order, actor)])
    if gone := refunds.gone_back(order.id):
        parts = parts_of_amount(gone, left_of_sale(order))
        post_sale_taken_back(order, parts, "before", actor)


def post_cash(order: Order, actor: Actor, *, change_to_wallet_minor: int = 0) -> None:
    """What was taken in cash for the order: by its driver, at the counter, or by a courier for the branch."""
    taken = _cash(order, actor, change_to_wallet_minor)
    entry_id = ledger.post_all([taken]).get(taken.fact.reference)
    if entry_id is not None and change_to_wallet_minor:
        kept = loyalty.WalletChanged(
            customer_id=order.customer_id,
            entry_id=entry_id,
            moment=taken.name,
            amount_minor=change_to_wallet_minor,
            order_code=order.code,
        )
        loyalty.tell_owner(kept, actor)


def _sale(order: Order, actor: Actor, at: datetime | None = None) -> ledger.Moment:
    amounts = {
        "goods": order.goods_minor - order.tax_included_minor,
        "delivery": order.delivery_minor,
        "tax": order.tax_minor + order.tax_included_minor,
        "discount": order.discount_minor,
        "cost": sum(line.cost_minor or 0 for line in order.lines),
    }
    fact = _fact(order, "delivered", actor, at)
    return ledger.Moment("order_delivered", fact, amounts, {A.discounts: DISCOUNT_SOURCE})


def _cash(order: Order, actor: Actor, change_minor: int = 0, at: datetime | None = None) -> ledger.Moment:
    fact = _fact(order, CASH, actor, at)
    amounts = {"due": order.due_minor, "change": change_minor}
    whose: dict[AccountKind, str | int] = {A.wallet: order.customer_id}
    if order.kind is Kind.driver:
        whose[A.driver_cash] = order.driver_id or 0
        return ledger.Moment("cash_taken_by_driver", fact, amounts, whose)
    if order.kind is Kind.pickup:
        whose[A.till] = order.branch_id
        return ledger.Moment("cash_taken_at_counter", fact, amounts, whose)
    del amounts["change"]  # a courier gives coins
    return ledger.Moment("cash_taken_by_courier", fact, amounts, {A.courier_cash: order.branch_id})


def left_of_sale(order: Order) -> Parts:
    """What of a sale has not been taken back, as the ledger has it."""
    sums = ledger.sums_for("order", order.id, _SOLD)
    return Parts(
        goods=-sums[A.sales] - sums[A.sales_returns],
        discount=sums[A.discounts],
        delivery=-sums[A.delivery_fees],
        tax=-sums[A.tax_payable],
    )


def post_sale_taken_back(order: Order, parts: Parts, refund: int | str, actor: Actor) -> None:
    """The customer has what these parts were for no more, or got it for less: the sale is smaller by them. Once per
    refund."""
    fact = _fact(order, f"taken-back:{refund}", actor)
    ledger.post("sale_taken_back", fact, asdict(parts), {A.discounts: DISCOUNT_SOURCE})


@transaction()
def begin_books() -> int:
    """Post all that happened in the current store before it had a ledger: shelves, and orders as they stand; how
    many entries. A store that has entries is left as it is."""
    if db.session.scalar(select(LedgerEntry.id).limit(1)) is not None:
        return 0
    moments = sorted(
        chain(inventory.past_moments(), past_orders()), key=lambda moment: moment.fact.at or clock.now()
    )
    parts = (moments[start : start + POSTED_AT_ONCE] for start in range(0, len(moments), POSTED_AT_ONCE))
    return sum(len(ledger.post_all(part)) for part in parts)


def past_orders(ids: Collection[int] | None = None) -> Iterator[ledger.Moment]:
    """What handing over would have posted for orders from before the books, those of `ids` alone where given; none of
    them was paid other than in cash."""
    handed = select(Order).where(Order.status.in_(HANDED)).options(selectinload(Order.lines))
    if ids is not None:
        handed = handed.where(Order.id.in_(ids))
    for order in db.session.scalars(handed.order_by(Order.id)):
        if order.cash_received_minor is not None:
            yield _cash(order, SYSTEM, at=order.status_at)
        yield _sale(order, SYSTEM, order.status_at)


def _fact(order: Order, what: str, actor: Actor, at: datetime | None = None) -> ledger.Fact:
    return ledger.Fact(
        reference=f"order:{order.id}:{what}",
        currency=order.currency,
        actor=actor,
        document="order",
        document_id=order.id,
        at=at,
    )


# --- proof -------------------------------------------------------------------------------------------------


def check_orders_booked() -> Iterator[str]:
    """A line for each order whose money is not what its entries say."""
    said = _said()
    costs = (
        select(OrderLine.order_id, func.coalesce(func.sum(OrderLine.cost_minor), 0).label("minor"))
        .group_by(OrderLine.order_id)
        .subquery()
    )
    handed, out = Order.status.in_(HANDED), Order.status.in_(OUT)
    should = {
        "earned": case((handed, Order.total_minor), else_=0),
        "spent": case((handed, costs.c.minor), else_=0),
        "out": case((out, costs.c.minor), else_=0),
        "wallet": -Order.wallet_minor,
        # What an order that is over still owes or is owed; of an open one it is what was paid ahead.
        "open": case((Order.status.in_(FINAL), 0), else_=func.coalesce(said.c.open, 0)),
    }
    pairs = [(func.coalesce(said.c[name], 0), amount) for name, amount in should.items()]
    query = (
        select(Order.code, *(column for pair in pairs for column in pair))
        .join(costs, costs.c.order_id == Order.id)
        .outerjoin(said, said.c.order_id == Order.id)
        .where(or_(*(kept != amount for kept, amount in pairs)))
        .order_by(Order.id)
    )
    for code, *amounts in db.session.execute(query):
        found = zip(should, amounts[::2], amounts[1::2], strict=True)
        wrong = [f"{name} {amount}, entries say {kept}" for name, kept, amount in found if kept != amount]
        yield f"order {code}: {'; '.join(wrong)}"


def _said() -> Subquery:
    """What the entries about each order come to."""

    def total(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(LedgerPosting.amount_minor).filter(condition), 0)

    customers = LedgerAccount.kind == A.customers
    delivered = LedgerEntry.moment == "order_delivered"
    return (
        select(
            LedgerEntry.document_id.label("order_id"),
            total(customers & delivered).label("earned"),
            total((LedgerAccount.kind == A.cost_of_goods) & delivered).label("spent"),
            total(LedgerAccount.kind == A.goods_out).label("out"),
            total(customers & LedgerEntry.moment.in_(WALLET_PART)).label("wallet"),
            total(customers).label("open"),
        )
        .select_from(LedgerPosting)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerEntry.document == "order")
        .group_by(LedgerEntry.document_id)
        .subquery()
    )
