"""Which zone an address belongs to, and what bringing something there costs. Pure."""

import re

from app.promise.geometry import lies_in
from app.promise.reasons import Reason, ReasonCode
from app.promise.types import Area, Ask, Fee, HandOver, Perks, Place, Spot, World

_ZIP_FORMS = {"US": re.compile(r"(\d{5})(?:-?\d{4})?", re.ASCII), "ID": re.compile(r"(\d{5})", re.ASCII)}
_NO_PERKS = Perks()
_INSIDE, _BY_ZIP, _AROUND, _BEYOND = range(4)


def normalize_zip(text: str, country: str) -> str | None:
    """The five digits of a ZIP as typed (US: ZIP+4 is cut), None when it is none.

    KeyError for a country whose postal codes nobody taught us.
    """
    match = _ZIP_FORMS[country].fullmatch(text.strip())
    return match[1] if match else None


def find_area(world: World, ask: Ask, zip_code: str | None) -> tuple[Area, Place] | Reason:
    """The zone of an address and the branch that serves it; active before paused, then the branch asked for first.

    A zone with an outline: where the address itself is known, it is in the zone exactly when it lies inside, its ZIP
    says nothing. Where only the ZIP's middle is known, the zone's ZIPs decide, then the outline around that middle.
    A zone without an outline: its ZIPs decide. An outline comes before ZIPs, a perk's reach after both.
    """
    if zip_code is None:
        return Reason(ReasonCode.zip_malformed, {"zip": ask.zip})
    reached = [
        (reach, area)
        for area in world.areas
        if (reach := _reach(area, ask.spot, zip_code, ask.perks)) is not None
    ]
    if not reached:
        return _why_nowhere(world, zip_code)
    _best, area = min(reached, key=lambda r: (not _delivers(r[1]), r[0], r[1].branch_id != ask.branch_id))
    place = next((place for place in world.places if place.id == area.branch_id), None)
    if place is None or not _delivers(area):
        return Reason(ReasonCode.zone_inactive, {"zone": area.name})
    if HandOver.driver not in place.kinds:
        return Reason(ReasonCode.driver_off, {"branch": place.name})
    return area, place


def fee_of(area: Area, place: Place, ask: Ask, zip_code: str) -> Fee:
    """The zone's fee with the band of this distance; the fee of its own where only a perk reaches."""
    metres, by_road = ask.spot.metres_from(place) if ask.spot is not None else (None, False)
    if _reach(area, ask.spot, zip_code, ask.perks) == _BEYOND:
        return Fee(area.beyond[zip_code], None, metres, area.free_from_minor, beyond=True, by_road=by_road)
    reached = [band for band in area.bands if metres is not None and band.from_metres <= metres]
    return Fee(area.fee_minor, max(reached, default=None), metres, area.free_from_minor, by_road=by_road)


def far_places(world: World, spot: Spot, zip_code: str) -> list[Place]:
    """The branches whose fee for this address goes by distance."""
    served = {
        area.branch_id for area in world.areas if area.bands and _reach(area, spot, zip_code) is not None
    }
    return [place for place in world.places if place.id in served]


def _reach(area: Area, spot: Spot | None, zip_code: str, perks: Perks = _NO_PERKS) -> int | None:
    """How an address belongs to a zone, the surest first; None when it does not."""
    inside = area.outline is not None and spot is not None and lies_in(area.outline, spot.lat, spot.lng)
    if area.outline is not None and spot is not None and spot.exact:
        if inside:
            return _INSIDE
    elif zip_code in area.zips:
        return _BY_ZIP
    elif inside:
        return _AROUND
    return _BEYOND if perks.beyond_zones and zip_code in area.beyond else None


def _why_nowhere(world: World, zip_code: str) -> Reason:
    if any(zip_code in area.zips for area in world.areas):
        return Reason(ReasonCode.address_outside, {"zip": zip_code})
    if any(zip_code in area.beyond for area in world.areas if _delivers(area)):
        return Reason(ReasonCode.zip_beyond, {"zip": zip_code})
    return Reason(ReasonCode.zip_outside, {"zip": zip_code})


def _delivers(area: Area) -> bool:
    return area.active and (area.express or area.slots)
