"""Nominatim's search API, https://nominatim.org/release-docs/latest/api/Search/: structured query, jsonv2."""

from math import isfinite
from typing import Any

import httpx

from app.core.settings import setting
from app.promise.adapters.asking import NoAnswer, get_json
from app.promise.ports import Address, GeocoderSilent
from app.promise.types import Spot

TIMEOUT = httpx.Timeout(2.0, connect=1.0)
"""Somebody waits at the checkout; the ZIP's middle is good enough after that."""
VAGUE = frozenset(
    {"postcode", "city", "town", "village", "suburb", "county", "state", "country", "administrative"}
)
"""Kinds of results that are no better than the ZIP we know."""


class Nominatim:
    """One GET, no redirects, nothing but the address in it: no name, no goods, no customer."""

    def find(self, address: Address) -> Spot | None:
        query = {
            "street": address.line1,
            "city": address.city,
            "postalcode": address.zip,
            "countrycodes": address.country.lower(),
            "format": "jsonv2",
            "limit": "1",
        }
        rows = _ask({name: value for name, value in query.items() if value})
        row = next(iter(rows), None)
        if row is None or _kind(row) in VAGUE:
            return None
        return _spot(row)


def _ask(query: dict[str, str]) -> list[Any]:
    url, agent = f"{setting('GEOCODER_URL')}/search", str(setting("GEOCODER_AGENT"))
    try:
        rows = get_json(url, query, timeout=TIMEOUT, agent=agent)
    except NoAnswer as error:
        raise GeocoderSilent(str(error)) from error
    if not isinstance(rows, list):
        raise GeocoderSilent("no list in the answer")
    return rows


def _kind(row: Any) -> str:
    if not isinstance(row, dict):
        raise GeocoderSilent("no place in the answer")
    return str(row.get("addresstype") or row.get("type") or "")


def _spot(row: dict[str, Any]) -> Spot:
    try:
        lat, lng = float(row["lat"]), float(row["lon"])
    except (KeyError, TypeError, ValueError) as error:
        raise GeocoderSilent("no point in the answer") from error
    if not (isfinite(lat) and isfinite(lng) and -90 <= lat <= 90 and -180 <= lng <= 180):
        raise GeocoderSilent("a point that is not on the globe")
    return Spot(lat, lng)
