"""What the page of an order shows of money that went back."""

from collections.abc import Callable
from dataclasses import dataclass

from admin import cells, disputes
from admin import refunds as refund_words
from app.core.actor import MANAGERS
from app.orders import refunding
from app.orders.books import HANDED
from app.orders.models import Order
from app.payments import chargebacks, refunds
from app.payments.models import Refund
from app.payments.settlement_models import Chargeback
from app.web.actor import current_actor


@dataclass(frozen=True)
class MoneyBack:
    """Refunds and chargebacks, and whether this person may add to them."""

    refunds: list[Refund]
    disputes: list[Chargeback]
    may_give: bool
    may_dispute: bool
    state: Callable[[Refund], object]
    place: Callable[[Refund], str]
    case_state: Callable[[Chargeback], object]


def money_back(order: Order) -> MoneyBack:
    """The part of the page about money of this order that went back."""
    may = current_actor().has(*MANAGERS)
    return MoneyBack(
        refunds=[*refunds.refunds_of(order.id)],
        disputes=[*chargebacks.chargebacks_of(order.id)],
        may_give=may and order.status in HANDED and refunding.refundable(order).most_minor > 0,
        may_dispute=may and bool(disputes.payments_of(order)),
        state=cells.chips("status", refund_words.STATES, refund_words.COLOURS),
        place=refund_words.place,
        case_state=cells.chips("status", disputes.STATES, disputes.COLOURS),
    )
