"""OSRM's route service, https://project-osrm.org/docs/v5.24.0/api/#route-service: the length of the fastest way."""

from math import isfinite
from typing import Any

import httpx

from app.core.geo import Point
from app.core.settings import setting
from app.promise.adapters.asking import NoAnswer, get_json
from app.promise.ports import RouterSilent

TIMEOUT = httpx.Timeout(1.5, connect=1.0)
"""Somebody waits at the checkout; the straight line is good enough after that."""
FARTHEST_METRES = 2_000_000
NO_WAY = frozenset({"NoRoute", "NoSegment"})
_BAD_REQUEST = 400  # how OSRM says that there is no way


class Osrm:
    """One GET, no redirects, nothing but two points in it."""

    def drive(self, start: Point, end: Point) -> int | None:
        line = ";".join(f"{lng:.6f},{lat:.6f}" for lat, lng in (start, end))
        url = f"{setting('ROUTER_URL')}/route/v1/driving/{line}"
        query = {"overview": "false", "alternatives": "false", "steps": "false"}
        try:
            agent = str(setting("GEOCODER_AGENT"))
            found = get_json(url, query, timeout=TIMEOUT, agent=agent, also=(_BAD_REQUEST,))
        except NoAnswer as error:
            raise RouterSilent(str(error)) from error
        return _metres(found)


def _metres(found: Any) -> int | None:
    code = found.get("code") if isinstance(found, dict) else None
    if code in NO_WAY:
        return None
    try:
        metres = float(found["routes"][0]["distance"]) if code == "Ok" else -1.0
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise RouterSilent("no way in the answer") from error
    if not isfinite(metres) or not 0 <= metres <= FARTHEST_METRES:
        raise RouterSilent("a way that cannot be")
    return round(metres)
