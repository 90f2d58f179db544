"""Money of an order that went back, as its customer reads it."""

from dataclasses import dataclass
from datetime import datetime

from app.core.i18n import _
from app.orders import Order
from app.payments import refunds
from app.payments.catalogue import METHODS
from app.payments.models import Refund, RefundStatus, RefundTo


@dataclass(frozen=True)
class Told:
    """One refund: what it is, how far it is, and when it ended."""

    where: str
    state: str
    amount_minor: int
    reason: str
    done: bool
    at: datetime


def refunds_told(order: Order) -> list[Told]:
    """Oldest first; what was given back in another way stands there once."""
    return [_tell(one) for one in refunds.refunds_of(order.id) if one.status is not RefundStatus.dropped]


def _tell(refund: Refund) -> Told:
    done = refund.status is RefundStatus.done
    return Told(
        where=_where(refund),
        state=_("Given back") if done else _("On its way back"),
        amount_minor=refund.amount_minor,
        reason=refund.reason,
        done=done,
        at=refund.ended_at or refund.requested_at,
    )


def _where(refund: Refund) -> str:
    if refund.to is RefundTo.wallet:
        return _("To your wallet")
    if refund.to is RefundTo.cash:
        return _("In cash at the counter")
    return _("To where you paid from: %(method)s", method=METHODS[refund.method].name)
