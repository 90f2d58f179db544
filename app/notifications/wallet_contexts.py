"""What is told about wallets: to their owner, what came in or went out by another hand, and what ends soon."""

from collections.abc import Callable
from datetime import datetime, timedelta

from babel.dates import format_date

from app import loyalty, stores
from app.core import clock
from app.core.db import db
from app.core.events import EventRecord
from app.core.money import format_money
from app.identity.models import Customer
from app.notifications.audiences import CUSTOMER, person_recipient
from app.notifications.contexts import Context, Link, context_for

OPEN = {"en": "Open the wallet", "ru": "Открыть кошелёк", "es": "Abrir el monedero"}
KEYS = {
    "cash_taken_by_driver": "wallet.change_kept",
    "cash_taken_at_counter": "wallet.change_kept",
    "wallet_correction_up": "wallet.added",
    "wallet_gift": "wallet.added",
    "wallet_correction_down": "wallet.taken",
}
"""Rows of the matrix by the moment of the ledger."""
UNTIL = {
    "en": "Spend it until %(day)s. ",
    "ru": "Потратить можно до %(day)s включительно. ",
    "es": "Puede usarlo hasta el %(day)s. ",
}


@context_for("WalletChanged")
def _changed(record: EventRecord) -> Context | None:
    said = record.payload
    if (key := KEYS.get(said["moment"])) is None:
        return None

    def words(locale: str) -> dict[str, str]:
        ends = UNTIL[locale] % {"day": _last_day(said["ends_at"], locale)} if said["ends_at"] else ""
        reason = said["reason"].rstrip(".")
        return {"code": said["order_code"], "reason": reason, "ends": ends}

    return _to_owner(key, record, words)


@context_for("WalletEnding")
def _ending(record: EventRecord) -> Context | None:
    """Nobody is told of money that has been spent or has ended meanwhile."""
    ends_at = datetime.fromisoformat(record.payload["ends_at"])
    still = [lot for lot in loyalty.ending_soon(record.aggregate_id) if lot.expires_at <= ends_at]
    if ends_at <= clock.now() or not still:
        return None
    return _to_owner(
        "wallet.ending", record, lambda locale: {"day": _last_day(record.payload["ends_at"], locale)}
    )


def _to_owner(key: str, record: EventRecord, more: Callable[[str], dict[str, str]]) -> Context | None:
    customer, store = db.session.get(Customer, record.aggregate_id), stores.current_store()
    if customer is None:
        return None
    balance = loyalty.balance_of(customer.id)

    def words(locale: str) -> dict[str, str]:
        return {
            "store": store.name,
            "name": customer.user.first_name,
            "amount": format_money(abs(record.payload["amount_minor"]), store.currency, locale),
            "balance": format_money(balance, store.currency, locale),
        } | more(locale)

    return Context(
        key=key,
        words=words,
        audiences={CUSTOMER: [person_recipient(customer.user)]},
        links={CUSTOMER: Link(stores.public_url("/account/wallet"), OPEN)},
    )


def _last_day(ends_at: str, locale: str) -> str:
    """The last day of money that ends, by the store's clock."""
    last = datetime.fromisoformat(ends_at) - timedelta(microseconds=1)
    return format_date(last.astimezone(stores.current_store().zone).date(), "long", locale=locale)
