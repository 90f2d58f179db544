"""A wallet in words: what is in it, what of it ends when, and every operation with the order behind it.

The one place where pages, the console and the API get it from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app import loyalty, stores
from app.core.db import db
from app.core.i18n import _l
from app.core.money import Minor
from app.loyalty import Operation
from app.orders.models import Order

WORDS = {
    "order_placed": _l("Spent on order %(code)s"),
    "wallet_given_back": _l("Back from order %(code)s"),
    "wallet_part_given_back": _l("Back from order %(code)s"),
    "cash_taken_by_driver": _l("Change from order %(code)s"),
    "cash_taken_at_counter": _l("Change from order %(code)s"),
    "payment_received": _l("Paid too much for order %(code)s"),
    "payment_to_wallet": _l("Payment for order %(code)s, kept for you"),
    "refund_to_wallet": _l("Refund of order %(code)s"),
    "wallet_gift": _l("A gift from us"),
    "wallet_correction_up": _l("Added by the pharmacy"),
    "wallet_correction_down": _l("Taken off by the pharmacy"),
    "wallet_expired": _l("Ended without being used"),
    "cashback_earned": _l("Cashback from order %(code)s"),
    "cashback_taken_back": _l("Cashback of order %(code)s taken back"),
    "referral_earned": _l("A friend's first order"),
    "referral_taken_back": _l("A friend's first order was refunded"),
    "reversal": _l("A booking put right"),
}
"""What a moment of ledger/rules.py is to the wallet's owner."""
SAYS_WHY = frozenset({"wallet_correction_up", "wallet_correction_down", "wallet_gift"})
"""Moments whose note is written for the owner to read."""
SIGNS = {
    "order_placed": "shopping-bag",
    "wallet_given_back": "undo-2",
    "wallet_part_given_back": "undo-2",
    "cash_taken_by_driver": "coins",
    "cash_taken_at_counter": "coins",
    "payment_received": "hand-coins",
    "payment_to_wallet": "hand-coins",
    "refund_to_wallet": "rotate-ccw",
    "wallet_gift": "gift",
    "wallet_expired": "timer",
    "cashback_earned": "percent",
    "cashback_taken_back": "percent",
    "referral_earned": "users",
    "referral_taken_back": "users",
}


@dataclass(frozen=True)
class WalletLine:
    """One operation as its owner reads it. `why` is the reason that was given, '' without one."""

    operation: Operation
    title: str
    order_code: str
    why: str

    @property
    def sign(self) -> str:
        """The icon for it."""
        return SIGNS.get(self.operation.moment, "pencil")


@dataclass(frozen=True)
class WalletPart:
    """Money that ends: `left_minor` of it can be spent until `last_moment`."""

    left_minor: Minor
    last_moment: datetime


@dataclass(frozen=True)
class WalletView:
    """A wallet, or a page of its history. `more` is where the next page begins; None on the last."""

    balance_minor: Minor
    currency: str
    parts: tuple[WalletPart, ...]
    lines: tuple[WalletLine, ...]
    more: int | None


def view_wallet(customer_id: int, *, before_id: int | None = None, limit: int = 20) -> WalletView:
    """The wallet of a customer of the current store; four queries, however long its history."""
    found = loyalty.operations(customer_id, before_id=before_id, limit=limit + 1)
    shown = found[:limit]
    codes = _codes_of(shown)
    return WalletView(
        balance_minor=loyalty.balance_of(customer_id),
        currency=stores.current_store().currency,
        parts=tuple(
            WalletPart(lot.left_minor, lot.expires_at - timedelta(microseconds=1))
            for lot in loyalty.ending_soon(customer_id)
        ),
        lines=tuple(_line(one, codes) for one in shown),
        more=shown[-1].entry_id if len(found) > limit else None,
    )


def _codes_of(operations: Iterable[Operation]) -> dict[int, str]:
    ids = {one.document_id for one in operations if one.document == "order" and one.document_id}
    if not ids:
        return {}
    return dict(db.session.execute(select(Order.id, Order.code).where(Order.id.in_(ids))).all())


def _line(one: Operation, codes: dict[int, str]) -> WalletLine:
    code = codes.get(one.document_id or 0, "") if one.document == "order" else ""
    title = str(WORDS.get(one.moment, WORDS["reversal"])) % {"code": code}
    return WalletLine(one, title, code, one.note if one.moment in SAYS_WHY else "")
