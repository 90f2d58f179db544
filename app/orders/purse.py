"""How a checkout is to be paid: so much from the wallet, and by which method the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app import loyalty, stores
from app.core.amounts import parse_money
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.core.money import Minor
from app.payments import methods
from app.payments.methods import Offer, Purchase
from app.payments.models import PaymentMethod
from app.pricing import Quote

CASH = "cash"


@dataclass(frozen=True)
class Purse:
    """The wallet at a checkout. `wish_minor` is to be spent, never more than there is; `wrong` says what was mistyped.

    `short`: more was asked for than there is.
    """

    balance_minor: Minor = 0
    on: bool = False
    wish_minor: Minor = 0
    short: bool = False
    wrong: str = ""


def read_purse(typed: Mapping[str, str], customer_id: int | None) -> Purse:
    """What the form wishes of the customer's wallet; without an amount, all that the order can take."""
    balance = loyalty.balance_of(customer_id) if customer_id is not None else 0
    if typed["wallet_on"] != "1":
        return Purse(balance)
    try:
        asked = parse_money(typed["wallet"], stores.current_store().currency) if typed["wallet"] else balance
    except InvalidInput as error:
        return Purse(balance, on=True, wrong=error.errors["amount"])
    return Purse(balance, on=True, wish_minor=min(asked, balance), short=asked > balance)


@dataclass(frozen=True)
class Choice:
    """The methods for what the wallet leaves to be paid, and the one that is chosen; none when it leaves nothing."""

    offers: tuple[Offer, ...] = ()
    chosen: Offer | None = None
    is_needed: bool = False

    @property
    def wrong(self) -> str:
        """What stands in the way of the chosen method; '' when nothing does."""
        if not self.is_needed:
            return ""
        return self.chosen.why if self.chosen else _("This payment method is not available here.")


def first_method(rows: Sequence[PaymentMethod], said: str) -> str:
    """The method that was said, else the store's first."""
    return said or (rows[0].code if rows else CASH)


def choose_method(rows: Sequence[PaymentMethod], said: str, quote: Quote | None, kind: str) -> Choice:
    """Judge the store's open methods for the rest; without a word of the customer's, the first that is offered."""
    if quote is None or not quote.due_minor:
        return Choice()
    offers = tuple(methods.judge(rows, Purchase(quote.due_minor, quote.currency, kind)))
    fits = (one for one in offers if (one.method.code == said if said else one.offered))
    return Choice(offers, next(fits, None), is_needed=True)


def wrong_money(purse: Purse, paying: Choice) -> dict[str, str]:
    """Field → what stands in the way of paying like this."""
    said = {"wallet": purse.wrong, "payment": paying.wrong}
    return {field: text for field, text in said.items() if text}
