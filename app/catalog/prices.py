"""What one unit costs this buyer now: the price of the shelf, or the price override that fits most closely.

Precedence: the patient's own price, then the doctor's, then the tier's, then one for everybody in a period. The most
specific wins, whichever is lower. `price_of` is the one rule; baskets, pages, cards, sorting and filters all ask it.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from app.catalog.models import PriceOverride, Variant
from app.core import clock, freshness
from app.core.db import db
from app.core.i18n import _l
from app.core.money import Minor
from app.core.tenancy import current_store_id


class PriceKind(StrEnum):
    """Whom a price override is for, the most specific first."""

    patient = "patient"
    doctor = "doctor"
    tier = "tier"
    period = "period"


PRECEDENCE = tuple(PriceKind)
KIND_LABELS = {
    PriceKind.patient: _l("One customer"),
    PriceKind.doctor: _l("Customers of a doctor"),
    PriceKind.tier: _l("A tier"),
    PriceKind.period: _l("Everybody, for a time"),
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who asks for a price, as far as prices are concerned."""

    customer_id: int | None = None
    doctor_id: int | None = None
    tier: str = ""


NOBODY = Buyer()


@dataclass(frozen=True, slots=True)
class Offer:
    """A price override as a plain value. At most one of customer, doctor and tier is set; times are half-open."""

    id: int
    price_minor: Minor
    customer_id: int | None = None
    doctor_id: int | None = None
    tier: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""

    @property
    def kind(self) -> PriceKind:
        """Whom it is for."""
        if self.customer_id is not None:
            return PriceKind.patient
        if self.doctor_id is not None:
            return PriceKind.doctor
        return PriceKind.tier if self.tier else PriceKind.period

    def fits(self, buyer: Buyer, now: datetime) -> bool:
        """Whether it holds for this buyer at this moment."""
        meant = {
            PriceKind.patient: self.customer_id == buyer.customer_id,
            PriceKind.doctor: self.doctor_id == buyer.doctor_id,
            PriceKind.tier: self.tier == buyer.tier,
            PriceKind.period: True,
        }
        begun = self.starts_at is None or self.starts_at <= now
        return meant[self.kind] and begun and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What one unit costs, and why. `kind` is None at the shelf's price; `note` is staff's reason, for staff only."""

    unit_minor: Minor
    list_minor: Minor
    compare_at_minor: Minor | None = None
    kind: PriceKind | None = None
    note: str = ""


def price_of(
    list_minor: Minor, compare_at_minor: Minor | None, offers: Iterable[Offer], buyer: Buyer, now: datetime
) -> UnitPrice:
    """The price of one unit. Pure; the order of the offers does not matter.

    Two offers of one kind never hold at once (the database refuses them); should they, the later beginning counts,
    then the lower price. A price below the shelf's is shown with the shelf's struck through.
    """
    fitting = [offer for offer in offers if offer.fits(buyer, now)]
    if not fitting:
        return UnitPrice(list_minor, list_minor, compare_at_minor)
    best = min(fitting, key=_rank)
    before = max(list_minor, compare_at_minor or 0)
    return UnitPrice(
        unit_minor=best.price_minor,
        list_minor=list_minor,
        compare_at_minor=before if before > best.price_minor else None,
        kind=best.kind,
        note=best.reason,
    )


def _rank(offer: Offer) -> tuple[int, float, Minor, int]:
    since = offer.starts_at.timestamp() if offer.starts_at else float("-inf")
    return PRECEDENCE.index(offer.kind), -since, offer.price_minor, offer.id


# --- who is asking -------------------------------------------------------------------------------------------

TierReader = Callable[[int], str]
DoctorReader = Callable[[int], int | None]
_tier: list[TierReader] = []
_doctor: list[DoctorReader] = []
_asker: list[Callable[[], Buyer]] = []


def learn_tier(reader: TierReader) -> None:
    """Let the domain that keeps tiers say which one a customer (by id) holds: its name, '' for none."""
    _tier[:] = [reader]


def learn_doctor(reader: DoctorReader) -> None:
    """Let the domain that keeps doctors say whose patient a customer (by id) is: the doctor's person id, or None."""
    _doctor[:] = [reader]


def learn_asker(asker: Callable[[], Buyer]) -> None:
    """Let the edge say who is asking at the moment."""
    _asker[:] = [asker]


def buyer_of(customer_id: int | None) -> Buyer:
    """A customer as a buyer, with the tier and the doctor that other domains know of."""
    if customer_id is None:
        return NOBODY
    return Buyer(
        customer_id=customer_id,
        doctor_id=_doctor[0](customer_id) if _doctor else None,
        tier=_tier[0](customer_id) if _tier else "",
    )


def current_buyer() -> Buyer:
    """Whoever is signed in to the page or program that is being answered; NOBODY in jobs and for strangers."""
    return _asker[0]() if _asker else NOBODY


# --- from the database ---------------------------------------------------------------------------------------

MOST_KEPT = 5_000
"""Overrides of one store that a process keeps; with more of them every page asks for its own."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Every override of a store that has not ended, as of a word of freshness; None when they are too many.

    `turns`: when prices for everybody begin or end, in order.
    """

    word: str
    by_variant: Mapping[int, Sequence[Offer]] | None
    by_sku: Mapping[str, Sequence[Offer]]
    turns: Sequence[datetime] = ()


_kept: dict[int, _Kept] = {}


def load_prices(variants: Iterable[Variant], buyer: Buyer | None = None) -> dict[int, UnitPrice]:
    """Variant id → its price now. For a named buyer the database is asked, in one query: so are orders placed.

    Without one it is for whoever is looking; then what this process keeps will do, and no query is needed.
    """
    rows = {variant.id: (variant.price_minor, variant.compare_at_minor) for variant in variants}
    who, now = buyer or current_buyer(), clock.now()
    kept = _keep_offers() if buyer is None else None
    known = kept.by_variant if kept is not None else None
    if known is None:
        known = _offers_for(PriceOverride.variant_id.in_(rows), PriceOverride.variant_id, who) if rows else {}
    return {
        key: price_of(list_minor, before, known.get(key, ()), who, now)
        for key, (list_minor, before) in rows.items()
    }


def price_skus(
    shown: Mapping[str, tuple[Minor, Minor | None]], buyer: Buyer | None = None
) -> dict[str, UnitPrice]:
    """SKU → its price for the buyer now, given the shelf's price and compare-at price of each.

    For windows, which know SKUs and no rows. Only what an override touches is in the answer.
    """
    who, now = buyer or current_buyer(), clock.now()
    kept = _keep_offers()
    known: Mapping[str, Sequence[Offer]] = {}
    if kept is not None and kept.by_variant is not None:
        known = kept.by_sku
    elif shown:
        known = _offers_for(Variant.sku.in_(shown), Variant.sku, who)
    return {
        sku: price_of(*shelf, offers, who, now)
        for sku, shelf in shown.items()
        if (offers := known.get(sku, ()))
    }


def asked_prices(buyer: Buyer | None = None) -> dict[int, Minor]:
    """Variant id → its price, of the variants that have another one than the shelf's for the buyer now.

    For SQL that sorts and filters by price; by default for whoever is asking. One query where this process keeps none.
    """
    who, now = buyer or current_buyer(), clock.now()
    kept = _keep_offers()
    known: Mapping[int, Sequence[Offer]]
    if kept is not None and kept.by_variant is not None:
        known = kept.by_variant
    else:
        known = _offers_for(true(), PriceOverride.variant_id, who)
    found = {key: price_of(0, None, offers, who, now) for key, offers in known.items()}
    return {key: price.unit_minor for key, price in found.items() if price.kind is not None}


def own_mark() -> str:
    """A short word for the prices of whoever is asking, '' when they are everybody's: what copies are told apart by."""
    if (who := current_buyer()) == NOBODY or (mine := asked_prices(who)) == asked_prices(NOBODY):
        return ""
    return hashlib.blake2b(repr(sorted(mine.items())).encode(), digest_size=8).hexdigest()


def next_turn() -> str:
    """When everybody's prices change next, '' for never: a copy made before that moment is not shown after it."""
    kept = _keep_offers()
    if kept is None or (at := bisect_right(kept.turns, clock.now())) == len(kept.turns):
        return ""
    return kept.turns[at].isoformat()


def _keep_offers() -> _Kept | None:
    """What this process keeps of the store, renewed after every change of it; None while nobody can tell."""
    store_id = current_store_id()
    word = freshness.word(store_id) if store_id is not None else None
    if store_id is None or word is None:
        return None
    kept = _kept.get(store_id)
    if kept is None or kept.word != word:
        kept = _kept[store_id] = _load_kept(word)
    return kept


def _load_kept(word: str) -> _Kept:
    ahead = or_(PriceOverride.ends_at.is_(None), PriceOverride.ends_at > clock.now())
    query = select(Variant.sku, PriceOverride).join(Variant, Variant.id == PriceOverride.variant_id)
    rows = db.session.execute(query.where(ahead).limit(MOST_KEPT + 1)).all()
    by_variant: dict[int, list[Offer]] = {}
    by_sku: dict[str, list[Offer]] = {}
    for sku, row in rows if len(rows) <= MOST_KEPT else []:
        offers = by_variant.setdefault(row.variant_id, [])
        offers.append(offer_of(row))
        by_sku[sku] = offers
    everyone = (one for offers in by_sku.values() for one in offers if one.kind is PriceKind.period)
    turns = sorted(at for one in everyone for at in (one.starts_at, one.ends_at) if at is not None)
    return _Kept(word, by_variant if len(rows) <= MOST_KEPT else None, by_sku, turns)


def _offers_for(where: ColumnElement[bool], key: Any, who: Buyer) -> dict[Any, list[Offer]]:
    """Key → the overrides that may hold for the buyer now: what `Offer.fits` says, in SQL. One query."""
    row, now = PriceOverride, clock.now()
    query = (
        select(key, row)
        .join(Variant, Variant.id == row.variant_id)
        .where(
            where,
            or_(row.customer_id.is_(None), row.customer_id == who.customer_id),
            or_(row.doctor_id.is_(None), row.doctor_id == who.doctor_id),
            or_(row.tier == "", row.tier == who.tier),
            or_(row.starts_at.is_(None), row.starts_at <= now),
            or_(row.ends_at.is_(None), row.ends_at > now),
        )
    )
    found: dict[Any, list[Offer]] = {}
    for name, override in db.session.execute(query):
        found.setdefault(name, []).append(offer_of(override))
    return found


def offer_of(row: PriceOverride) -> Offer:
    """The row as a plain value."""
    return Offer(
        row.id,
        row.price_minor,
        row.customer_id,
        row.doctor_id,
        row.tier,
        row.starts_at,
        row.ends_at,
        row.reason,
    )
