"""Prices of couriers: asked outside any transaction, kept for a while, read inside of them.

A choice is named by a reference, the inquiry's token and the courier's key: whoever orders is held to the price
that stood beside it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select

from app import stores
from app.core import clock, crypto
from app.core.db import db, release_connection, transaction
from app.core.money import Minor
from app.core.settings import setting
from app.shipping.adapters import courier_port
from app.shipping.models import CourierInquiry
from app.shipping.ports import Carriage, Rate, SendError

log = structlog.get_logger()
SILENCE = timedelta(seconds=20)
"""How long a provider that did not answer is left alone."""
KEEP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What would be carried, and from which branch. Equal parcels share an answer."""

    branch_id: int
    carriage: Carriage

    @property
    def key(self) -> str:
        """32 hex digits over everything a price depends on."""
        text = json.dumps([self.branch_id, asdict(self.carriage)], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Quoted:
    """A rate under the reference by which it is chosen."""

    reference: str
    key: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Answer:
    """What the couriers said of a parcel. `trouble`: nobody answered."""

    quotes: tuple[Quoted, ...]
    trouble: str
    expires_at: datetime


def couriers_of_store() -> tuple[str, ...]:
    """The courier companies that are asked, in the order they are shown."""
    return tuple(word for word in str(setting("COURIERS")).replace(" ", "").split(",") if word)


def ask_couriers(parcel: Parcel) -> Answer:
    """The fresh answer for this parcel, asking the provider when none is kept. Never raises for a dead provider:
    that is an answer too. Must not run inside a transaction (RuntimeError).
    """
    if (kept := find_answer(parcel)) is not None:
        return kept
    release_connection()
    rates: list[Rate] = []
    trouble = ""
    try:
        rates = courier_port().rates(parcel.carriage, couriers_of_store())
    except SendError as error:
        trouble = f"{type(error).__name__}: {error}"[:200]
        log.warning("couriers do not answer", trouble=trouble)
    return _keep(parcel, rates, trouble)


@transaction()
def _keep(parcel: Parcel, rates: list[Rate], trouble: str) -> Answer:
    now = clock.now()
    lives = SILENCE if trouble else timedelta(seconds=setting("COURIER_QUOTE_SECONDS"))
    row = CourierInquiry(
        token=crypto.random_token(),
        parcel=parcel.key,
        rates=[asdict(rate) for rate in rates],
        trouble=trouble,
        asked_at=now,
        expires_at=now + lives,
    )
    db.session.add(row)
    db.session.flush()
    return _answer(row)


def find_answer(parcel: Parcel) -> Answer | None:
    """The newest answer for this parcel that still holds."""
    query = (
        select(CourierInquiry)
        .where(CourierInquiry.parcel == parcel.key, CourierInquiry.expires_at > clock.now())
        .order_by(CourierInquiry.asked_at.desc())
        .limit(1)
    )
    row = db.session.scalar(query)
    return _answer(row) if row else None


def price_at_choice(reference: str) -> Minor | None:
    """What stood beside a reference when it was given, however long ago; None for one we never gave."""
    token, _dot, key = reference.partition(".")
    row = db.session.scalar(select(CourierInquiry).where(CourierInquiry.token == token))
    quoted = next((q for q in _answer(row).quotes if q.key == key), None) if row else None
    return quoted.rate.price_minor if quoted else None


def key_of(reference: str) -> str:
    """The courier's key in a reference: `jne-reg`."""
    return reference.partition(".")[2]


def _answer(row: CourierInquiry) -> Answer:
    rates = [Rate(**{**kept, "minutes": tuple(kept["minutes"])}) for kept in row.rates]
    quotes = tuple(Quoted(f"{row.token}.{key}", key, rate) for rate in rates for key in [_key(rate)])
    return Answer(quotes, row.trouble, row.expires_at)


def _key(rate: Rate) -> str:
    return f"{rate.company}-{rate.service}"


@transaction()
def sweep_inquiries() -> None:
    """Forget answers that nobody can order by any more."""
    db.session.execute(delete(CourierInquiry).where(CourierInquiry.asked_at < clock.now() - KEEP))


def currency_is_carried() -> bool:
    """Couriers of this aggregator ask in rupiah: a store with other money cannot show their price."""
    return stores.current_store().currency == "IDR"
