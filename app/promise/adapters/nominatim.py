"""Nominatim's search API, https://nominatim.org/release-docs/latest/api/Search/: structured query, jsonv2."""

import json
from math import isfinite
from typing import Any

import httpx

from app.core.outside import trusted
from app.core.settings import setting
from app.promise.ports import Address, GeocoderSilent
from app.promise.types import Spot

TIMEOUT = httpx.Timeout(2.0, connect=1.0)
"""Somebody waits at the checkout; the ZIP's middle is good enough after that."""
LARGEST_ANSWER = 64 * 1024
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
    headers = {"User-Agent": str(setting("GEOCODER_AGENT"))}
    url = f"{setting('GEOCODER_URL')}/search"
    try:
        with (
            httpx.Client(timeout=TIMEOUT, trust_env=False, verify=trusted()) as client,
            client.stream("GET", url, params=query, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise GeocoderSilent(f"status {answer.status_code}")
            rows = _json(_body(answer))
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise GeocoderSilent(type(error).__name__) from error
    if not isinstance(rows, list):
        raise GeocoderSilent("no list in the answer")
    return rows


def _body(answer: httpx.Response) -> bytes:
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise GeocoderSilent("an answer that does not end")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise GeocoderSilent("no JSON in the answer") from error


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
