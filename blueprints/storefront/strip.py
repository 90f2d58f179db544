"""What the shop can promise at this moment, said in a line: express, opening hours, where it delivers."""

import time as clock_time
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import promise, stores
from app.core import clock
from app.core.i18n import _
from app.core.settings import setting
from app.promise.hours import Span, opening_spans, span_at
from app.promise.reasons import Reason, ReasonCode
from app.web.rendering import show_time

AROUND_THE_CLOCK = timedelta(hours=48)


@dataclass(frozen=True)
class ZoneTerms:
    """An area with what delivery costs and takes there; minor units and minutes."""

    name: str
    fee_minor: int
    minimum_minor: int
    free_from_minor: int | None
    eta_minutes: tuple[int, int]


@dataclass(frozen=True)
class Standing:
    """The moment's facts. `express` is the range of minutes over the zones that have it now, None when none has."""

    zones: tuple[ZoneTerms, ...]
    express: tuple[int, int] | None
    closes: datetime | None
    opens: datetime | None
    never_closes: bool
    counters: tuple[str, ...]

    @property
    def promise_line(self) -> str:
        """How soon something can be at the door; '' when express is not to be had now."""
        if self.express is None:
            return ""
        low, high = self.express
        return _("Express delivery in %(low)s–%(high)s min", low=low, high=high)

    @property
    def hours_line(self) -> str:
        """Until when the shop is open, or when it opens; '' when nobody wrote its hours down."""
        if self.never_closes:
            return _("Open around the clock")
        if self.closes:
            return _("Open until %(time)s", time=show_time(self.closes))
        return Reason(ReasonCode.closed_now, {"opens": self.opens}).message if self.opens else ""


_kept: dict[int, tuple[float, Standing]] = {}


def read_standing() -> Standing:
    """The facts of the current store, kept in the process for as long as the promise's own world is."""
    store_id, now = stores.current_store().id, clock_time.monotonic()
    known = _kept.get(store_id)
    if known is None or now - known[0] >= setting("WORLD_TTL"):
        known = _kept[store_id] = (now, _read(clock.now()))
    return known[1]


def _read(now: datetime) -> Standing:
    world = promise.load_world(now)
    today = now.astimezone(world.timezone).date()
    spans = [span for place in world.places for span in opening_spans(place, world.timezone, today, 8)]
    open_now = [found for place in world.places if (found := _open_span(place, world, now))]
    closes = max((end for _start, end in open_now), default=None)
    opens = min((start for start, _end in spans if start > now), default=None)
    return Standing(
        zones=tuple(_terms(area) for area in world.areas if area.active) if _has_drivers(world) else (),
        express=_express(world, now),
        closes=closes,
        opens=opens.astimezone(world.timezone) if opens else None,
        never_closes=closes is not None and closes - now > AROUND_THE_CLOCK,
        counters=tuple(place.name for place in world.places if promise.HandOver.pickup in place.kinds),
    )


def _has_drivers(world: promise.World) -> bool:
    return any(promise.HandOver.driver in place.kinds for place in world.places)


def _open_span(place: promise.Place, world: promise.World, now: datetime) -> Span | None:
    today = now.astimezone(world.timezone).date()
    return span_at(opening_spans(place, world.timezone, today, 8), now)


def _terms(area: promise.Area) -> ZoneTerms:
    return ZoneTerms(area.name, area.fee_minor, area.minimum_minor, area.free_from_minor, area.eta_minutes)


def _express(world: promise.World, now: datetime) -> tuple[int, int] | None:
    """From the quickest zone's low to the slowest zone's high, of those that express is offered to now."""
    found = []
    for area in world.areas:
        if area.active and area.express and area.zips:
            offer = promise.express_offer(world, promise.Ask(now=now, zip=min(area.zips)))
            if offer.offered and offer.eta_minutes:
                found.append(offer.eta_minutes)
    return (min(eta[0] for eta in found), max(eta[1] for eta in found)) if found else None
