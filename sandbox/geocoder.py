"""Nominatim's search and OSRM's route: GET /geocoder/search, GET /geocoder/route/v1/driving/{lng},{lat};{lng},{lat}.

A street has one place near the middle of its ZIP, always the same; a house stands along it by its number. Streets
whose name has "nowhere" in it are not known. Ways follow a street grid at a city's speed.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from typing import Any

import zipcodes
from flask import Blueprint, Response, jsonify, request

from sandbox import chaos

bp = Blueprint("geocoder", __name__, url_prefix="/geocoder")

JAKARTA = {
    "121": (-6.243, 106.800),
    "125": (-6.291, 106.822),
    "127": (-6.255, 106.825),
    "103": (-6.193, 106.836),
}
METRES_PER_DEGREE = 111_320
SPREAD_M = 350
SPEED_MS = 6.5


def _fault(status: int, retry_after: int = 0) -> Response:
    answer = jsonify(
        error={"code": status, "message": "Bandwidth limit exceeded" if status == 429 else "error"}
    )
    answer.status_code = status
    return answer


@bp.get("/search")
def search() -> Response:
    if (fault := chaos.disturb("geocoder", _fault)) is not None:
        return fault
    asked = {name: request.args.get(name, "") for name in ("street", "postalcode", "city", "countrycodes")}
    middle = _middle(asked["postalcode"], asked["countrycodes"])
    if middle is None or "nowhere" in asked["street"].lower():
        return jsonify([])
    return jsonify([_found(asked, middle)])


def _middle(code: str, country: str) -> tuple[float, float] | None:
    if not re.fullmatch(r"\d{5}", code):
        return None
    if country == "id":
        return JAKARTA.get(code[:3])
    known = zipcodes.matching(code)
    return (float(known[0]["lat"]), float(known[0]["long"])) if known else None


def _found(asked: dict[str, str], middle: tuple[float, float]) -> dict[str, Any]:
    house, street = _parts(asked["street"])
    noise = hashlib.sha256(f"{street.casefold()}|{asked['postalcode']}".encode()).digest()
    turn, reach = noise[0] / 255 * math.tau, noise[1] / 255 * SPREAD_M
    along = (house % 100) * 1.0
    lat = middle[0] + (math.sin(turn) * reach + along * math.cos(turn)) / METRES_PER_DEGREE
    width = METRES_PER_DEGREE * math.cos(math.radians(middle[0]))
    lng = middle[1] + (math.cos(turn) * reach - along * math.sin(turn)) / width
    return {
        "place_id": int.from_bytes(noise[:4]),
        "licence": "Sandbox",
        "osm_type": "node",
        "osm_id": int.from_bytes(noise[4:8]),
        "lat": f"{lat:.7f}",
        "lon": f"{lng:.7f}",
        "category": "building",
        "type": "house",
        "addresstype": "building" if house else "road",
        "place_rank": 30 if house else 26,
        "importance": 0.0001,
        "name": "",
        "display_name": ", ".join(filter(None, (asked["street"], asked["city"], asked["postalcode"]))),
        "boundingbox": [f"{lat - 5e-5:.7f}", f"{lat + 5e-5:.7f}", f"{lng - 5e-5:.7f}", f"{lng + 5e-5:.7f}"],
    }


def _parts(street: str) -> tuple[int, str]:
    number = re.match(r"\s*(\d{1,6})\s+(.*)", street)
    return (int(number[1]), number[2]) if number else (0, street)


@bp.get("/route/v1/driving/<path:line>")
def route(line: str) -> Response:
    if (fault := chaos.disturb("geocoder", _fault)) is not None:
        return fault
    try:
        points = [tuple(float(figure) for figure in pair.split(",")) for pair in line.split(";")]
        ends = [(lng, lat) for lng, lat in points]
    except ValueError:
        return _refuse("InvalidQuery", "Query string malformed")
    if len(ends) < 2 or not all(abs(lng) <= 180 and abs(lat) <= 90 for lng, lat in ends):
        return _refuse("InvalidValue", "Invalid coordinate value.")
    legs = [_leg(start, end) for start, end in itertools.pairwise(ends)]
    whole = {name: round(sum(leg[name] for leg in legs), 1) for name in ("distance", "duration")}
    corners = [ends[0]]
    for start, end in itertools.pairwise(ends):
        corners += [(end[0], start[1]), end]
    geometry = {"type": "LineString", "coordinates": corners}
    routes = [
        {
            **whole,
            "weight": whole["duration"],
            "weight_name": "routability",
            "legs": legs,
            "geometry": geometry,
        }
    ]
    waypoints = [{"name": "", "location": list(end), "distance": 0.0} for end in ends]
    return jsonify(code="Ok", routes=routes, waypoints=waypoints)


def _leg(start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    """Two legs of a street grid."""
    width = METRES_PER_DEGREE * math.cos(math.radians((start[1] + end[1]) / 2))
    metres = abs(end[0] - start[0]) * width + abs(end[1] - start[1]) * METRES_PER_DEGREE
    return {"distance": round(metres, 1), "duration": round(metres / SPEED_MS, 1), "steps": [], "summary": ""}


def _refuse(code: str, words: str) -> Response:
    answer = jsonify(code=code, message=words)
    answer.status_code = 400
    return answer
