"""Why these options and this fee: one plain sentence per fact, the same for customers, staff and programs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from babel.numbers import format_decimal

from app.core.i18n import _, _n, active_locale
from app.core.money import format_money
from app.promise.reasons import Reason
from app.promise.types import Area, Fee, HandOver, Options, World

_METRES = {"mi": 1609.344, "km": 1000.0}


@dataclass(frozen=True, slots=True)
class Why:
    """One fact about `zone`, `fee`, `express`, `slots` or `pickup`. `code` of the reason where something is missing;
    `count` of the times it stands for."""

    about: str
    offered: bool
    message: str
    code: str = ""
    count: int = 1


def explain(world: World, found: Options) -> tuple[Why, ...]:
    """Everything the answer rests on; each thing not offered with its reason, slots of one reason together."""
    if found.kind is HandOver.pickup:
        return tuple(_counters(found))
    return (*_where(world, found), *_express(found), *_slots(found), *_counters(found))


def _where(world: World, found: Options) -> Iterator[Why]:
    if found.area is None or found.place is None:
        if found.reason:
            yield _absence("zone", found.reason)
        return
    yield Why(
        "zone",
        True,
        _(
            "%(zip)s is in %(zone)s, served from %(branch)s.",
            zip=found.zip,
            zone=found.area.name,
            branch=found.place.name,
        ),
    )
    if found.fee is not None:
        yield from (Why("fee", True, text) for text in fee_lines(world, found.area, found.fee))
    if found.notice:
        yield _absence("zone", found.notice)


def fee_lines(world: World, area: Area, fee: Fee) -> Iterator[str]:
    """How the delivery fee comes about: zone, band, free threshold."""
    base = _money(fee.base_minor, world)
    if fee.beyond:
        yield _("Beyond %(zone)s, for our regulars: %(fee)s.", zone=area.name, fee=base)
    else:
        yield _("Delivery to %(zone)s: %(fee)s.", zone=area.name, fee=base)
    if fee.band is not None and fee.metres is not None:
        figures = {
            "distance": _distance(fee.metres, world),
            "extra": _money(fee.band.extra_minor, world),
            "from": _distance(fee.band.from_metres, world),
        }
        if fee.by_road:
            yield _("%(distance)s by road from the branch, farther than %(from)s: %(extra)s more.", **figures)
        else:
            yield _("%(distance)s from the branch, farther than %(from)s: %(extra)s more.", **figures)
    if fee.free_from_minor is not None:
        yield _("Free from %(amount)s.", amount=_money(fee.free_from_minor, world))


def _express(found: Options) -> Iterator[Why]:
    if found.area is None:
        return
    if found.express.reason:
        yield _absence("express", found.express.reason)
    elif found.express.eta_minutes:
        low, high = found.express.eta_minutes
        yield Why("express", True, _("Express in %(low)s to %(high)s minutes.", low=low, high=high))


def _slots(found: Options) -> Iterator[Why]:
    if found.area is None:
        return
    free = sum(slot.offered for slot in found.slots)
    if free:
        text = _n("%(num)d time can be chosen.", "%(num)d times can be chosen.", free)
        yield Why("slots", True, text, count=free)
    elif found.slots_reason:
        yield _absence("slots", found.slots_reason)
    told = Counter((slot.reason.code, slot.reason.message) for slot in found.slots if slot.reason)
    for (code, message), count in told.items():
        yield Why("slots", False, message, code.value, count)


def _counters(found: Options) -> Iterator[Why]:
    for counter in found.pickup:
        if counter.reason:
            yield _absence("pickup", counter.reason)
        else:
            yield Why("pickup", True, _("Pickup at %(branch)s.", branch=counter.place.name))


def _absence(about: str, reason: Reason) -> Why:
    return Why(about, False, reason.message, reason.code.value)


def _money(minor: int, world: World) -> str:
    return format_money(minor, world.currency, active_locale())


def _distance(metres: int, world: World) -> str:
    unit = "mi" if world.country == "US" else "km"
    figure = format_decimal(round(metres / _METRES[unit], 1), locale=active_locale())
    return _("%(figure)s mi", figure=figure) if unit == "mi" else _("%(figure)s km", figure=figure)
