"""What a payment gateway is to us: it takes an amount for a reference, says how that stands, and gives money back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.core.money import Minor
from app.core.outside import OutcomeUnknown, Refused, SendError, TryLater

__all__ = [
    "CardForm",
    "CardKeeper",
    "CardNumbers",
    "CardOwner",
    "CardTokenOver",
    "Charge",
    "Credentials",
    "EnteredCard",
    "FormProvider",
    "Gateway",
    "Heard",
    "KeptCard",
    "News",
    "NewsStatus",
    "OutcomeUnknown",
    "RefundAnswer",
    "Refunding",
    "Refused",
    "SendError",
    "Settled",
    "Show",
    "Started",
    "TryLater",
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A store's account with a provider. `secrets` are plain here and nowhere else; never logged, hence no repr."""

    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount that somebody is about to pay. `reference` (`<order code>_pay<n>`) is never used twice."""

    reference: str
    order_code: str
    amount_minor: Minor
    currency: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = "en"


class Show(StrEnum):
    """What the customer is shown to pay."""

    redirect = "redirect"  # go to `url`; with `form`, by POST of these fields
    popup = "popup"  # the provider's own window, opened by `token`
    qr = "qr"  # `qr` is drawn here as a QR code
    card = "card"  # a card is charged by us, and the answer is awaited


@dataclass(frozen=True, slots=True)
class Started:
    """A payment that can be made now. `external_id` is the provider's name for it, when it has one already."""

    show: Show
    external_id: str = ""
    url: str = ""
    token: str = ""
    qr: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None


class NewsStatus(StrEnum):
    """How a payment stands with the provider."""

    pending = "pending"
    held = "held"  # taken, and looked at by the provider: not ours yet
    paid = "paid"
    failed = "failed"
    expired = "expired"
    cancelled = "cancelled"
    refunded = "refunded"
    charged_back = "charged_back"


@dataclass(frozen=True, slots=True)
class News:
    """What the provider's own API says of a payment. Amounts are what the provider names, in minor units."""

    status: NewsStatus
    reference: str
    external_id: str
    amount_minor: Minor
    currency: str
    refunded_minor: Minor = 0
    fee_minor: Minor | None = None
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A webhook, read but not believed: which payment to ask about. `event_id` is the provider's name for the call,
    unique with it; `about` says what kind of event it is, for people."""

    event_id: str
    reference: str = ""
    external_id: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Refunding:
    """An amount to give back of one payment. `reference` is ours: the same one is never refunded twice."""

    reference: str
    payment_reference: str
    payment_external_id: str
    amount_minor: Minor
    paid_minor: Minor
    currency: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """The provider has it. `done` False: ask again later. `voided`: the payment was undone before it settled."""

    external_id: str
    done: bool = True
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """One line of a provider's settlement list. `amount_minor` is below zero for refunds and chargebacks."""

    external_id: str
    reference: str
    amount_minor: Minor
    fee_minor: Minor
    currency: str
    at: datetime
    kind: str = "payment"  # payment | refund | chargeback


class Gateway(Protocol):
    """A provider behind one door. Calls take about five seconds at most and run outside any transaction.

    Every call but `is_genuine` and `read` may raise Refused, TryLater or OutcomeUnknown.
    """

    name: str
    currencies: frozenset[str]
    settings: Sequence[str]
    """Names of the plain settings that a store fills in."""
    secrets: Sequence[str]
    """Names of the secrets that a store fills in, kept encrypted."""

    def start(self, account: Credentials, charge: Charge) -> Started:
        """Make the payment possible. The same reference again gives the payment that is there, or Refused."""

    def ask(self, account: Credentials, reference: str, external_id: str) -> News | None:
        """How the payment stands; None when the provider knows of none."""

    def is_genuine(self, account: Credentials, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the call proves that it comes from the provider: its signature, or its token in constant time."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """Which payment a webhook speaks of. ValueError for a body that is none of the provider's."""

    def refund(self, account: Credentials, refunding: Refunding) -> RefundAnswer:
        """Give money back to where it came from."""

    def settlements(self, account: Credentials, since: datetime, until: datetime) -> list[Settled]:
        """What the provider says it has settled in this time."""


@dataclass(frozen=True, slots=True)
class CardNumbers:
    """A card kept by a provider: its owner's number there and its own, and nothing of the card."""

    profile_id: str
    payment_profile_id: str


@dataclass(frozen=True, slots=True)
class EnteredCard:
    """A card that was typed into the provider's own form: the token that stands for it pays once, within minutes.

    It is kept nowhere and never logged, hence no repr.
    """

    descriptor: str
    token: str = field(repr=False)


class CardTokenOver(Refused):
    """The token of an entered card was used before, or its time is over: nothing was charged."""


@dataclass(frozen=True, slots=True)
class CardOwner:
    """Whose card is kept: our name for the customer, and the provider's when it has one already."""

    reference: str
    email: str = ""
    profile_id: str = ""


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A kept card as its owner knows it. `expires` is `2028-12`, empty when the provider does not say."""

    numbers: CardNumbers
    brand: str
    last_four: str
    expires: str = ""


class CardKeeper(Protocol):
    """A provider that keeps cards for later payments. Calls may raise Refused, TryLater or OutcomeUnknown."""

    def keep(self, account: Credentials, payment_id: str, owner: CardOwner) -> KeptCard:
        """Keep the card of a payment. The same owner and card again gives what is kept."""

    def charge(self, account: Credentials, charge: Charge, card: CardNumbers | EnteredCard) -> News:
        """Pay by a kept card or one that was just entered, once per reference. A card that is declined is news, no
        error. CardTokenOver."""

    def forget(self, account: Credentials, card: CardNumbers) -> None:
        """Keep it no longer; one that is not there any more is fine."""


@dataclass(frozen=True, slots=True)
class CardForm:
    """What a page needs to open the provider's form for a card over itself. Nothing of it is secret."""

    method: str
    script: str
    login: str
    client_key: str


class FormProvider(Protocol):
    """A provider whose form for a card can be opened over our page; what is typed there never reaches us."""

    def form(self, settings: Mapping[str, str]) -> CardForm:
        """What opens it, by the account's plain settings."""

    def learn_key(self, account: Credentials) -> str:
        """The public key by which the form knows the account. Refused, TryLater or OutcomeUnknown."""

    def read_token(self, descriptor: str, token: str) -> EnteredCard:
        """What the form has given to the page. ValueError for anything else."""
