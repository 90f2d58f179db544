"""Biteship: rates of several couriers, orders that move by themselves or by a person's hand, webhooks.

Environment: BITESHIP_WEBHOOK_HEADER and BITESHIP_WEBHOOK_SECRET as the store has them, SANDBOX_BITESHIP_WEBHOOKS
(addresses, comma-separated), SANDBOX_COURIER_STEP (20 seconds between two states of an order).
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox import chaos
from sandbox.biteship_orders import ROAD, Book, NotNow, view_of
from sandbox.desk import desk

bp = Blueprint("biteship", __name__, url_prefix="/biteship")

# code, service, courier, service's name, kind, duration, unit, first kg, further kg, per km, reach in km, cash
COURIERS = (
    ("jne", "reg", "JNE", "Reguler", "standard", "1 - 2", "days", 10000, 9000, 0, 0, True),
    ("jne", "yes", "JNE", "Yakin Esok Sampai", "overnight", "1 - 1", "days", 18000, 17000, 0, 0, True),
    ("jnt", "ez", "J&T", "EZ", "standard", "1 - 3", "days", 9000, 9000, 0, 0, True),
    ("sicepat", "reg", "SiCepat", "Reguler", "standard", "1 - 2", "days", 9500, 8500, 0, 0, True),
    (
        "anteraja",
        "same_day",
        "AnterAja",
        "Same Day",
        "same_day",
        "6 - 8",
        "hours",
        15000,
        4000,
        300,
        40,
        False,
    ),
    ("gojek", "instant", "GoSend", "Instant", "instant", "1 - 2", "hours", 12000, 1000, 2300, 40, True),
    ("grab", "instant", "GrabExpress", "Instant", "instant", "1 - 2", "hours", 11000, 1000, 2500, 40, False),
)
HEAVIEST_KG = {"instant": 20, "same_day": 7}
FAR_SURCHARGE = 0.35
"""What a kilogram costs more for each first figure of the postal codes that differs."""


def _refuse(status: int, code: int, words: str, **more: Any) -> Response:
    answer = jsonify(success=False, error=words, code=code, **more)
    answer.status_code = status
    return answer


def _fault(status: int, retry_after: int = 0) -> Response:
    return _refuse(status, status * 100_000 + 1, "Too many requests" if status == 429 else "Server error")


@bp.before_request
def _admit() -> Response | None:
    """The API wants its key; the pages of this desk want none."""
    if not request.path.startswith("/biteship/v1/"):
        return None
    if fault := chaos.disturb("biteship", _fault):
        return fault
    key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not re.fullmatch(r"biteship_(test|live)\.\S+", key):
        return _refuse(401, 40101001, "Authentication failed")
    return None


def book() -> Book:
    """The orders of this desk."""
    return Book(desk())


# ---- rates


def _point(body: dict[str, Any], end: str) -> tuple[float, float] | None:
    lat, lng = body.get(f"{end}_latitude"), body.get(f"{end}_longitude")
    return (float(lat), float(lng)) if isinstance(lat, int | float) and isinstance(lng, int | float) else None


def _kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    north = (a[0] - b[0]) * 111.2
    east = (a[1] - b[1]) * 111.2 * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(north, east) * 1.35  # roads are not straight


def _distance_classes(origin: str, destination: str) -> int:
    """0 within a district, up to 4 across the country: the leading figures of postal codes are regions."""
    same = 0
    for mine, theirs in zip(origin[:4], destination[:4], strict=False):
        if mine != theirs:
            break
        same += 1
    return 4 - same


@bp.post("/v1/rates/couriers")
def rates() -> Response:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        return _refuse(400, 40001001, "The body must be JSON")
    wanted = [word for word in str(body.get("couriers", "")).split(",") if word]
    items = body.get("items")
    if not wanted:
        return _refuse(400, 40001002, "Please specify the couriers")
    if not isinstance(items, list) or not items:
        return _refuse(400, 40001003, "Items must not be empty")
    ends = {
        end: (str(body.get(f"{end}_postal_code") or ""), _point(body, end))
        for end in ("origin", "destination")
    }
    for end, (code, point) in ends.items():
        if not re.fullmatch(r"\d{5}", code) and point is None:
            return _refuse(400, 40001010, f"Either {end} needs to have postal code or coordinate")
    try:
        grams = sum(int(item["weight"]) * int(item.get("quantity", 1)) for item in items)
    except (KeyError, TypeError, ValueError):
        return _refuse(400, 40001004, "Each item needs a weight in grams")
    kilograms = max(1, -(-grams // 1000))
    rows = [row for row in COURIERS if row[0] in wanted]
    pricing = [priced for row in rows if (priced := _price(row, kilograms, ends)) is not None]
    return jsonify(
        success=True,
        object="courier_pricing",
        message="Success to retrieve courier pricing",
        code=20001003,
        origin={"postal_code": ends["origin"][0] or None, "country_code": "ID"},
        destination={"postal_code": ends["destination"][0] or None, "country_code": "ID"},
        pricing=pricing,
    )


def _price(row: tuple[Any, ...], kilograms: int, ends: dict[str, Any]) -> dict[str, Any] | None:
    """A courier's price, None when it does not go there or not with that much."""
    code, service, courier, words, kind, duration, unit, first, further, per_km, reach, cash = row
    (from_code, start), (to_code, end) = ends["origin"], ends["destination"]
    if kilograms > HEAVIEST_KG.get(kind, 50):
        return None
    if per_km:
        if start is None or end is None or (far := _kilometres(start, end)) > reach:
            return None
        price = first + further * (kilograms - 1) + per_km * max(0, math.ceil(far) - 3)
    else:
        classes = _distance_classes(from_code, to_code)
        price = (first + further * (kilograms - 1)) * (1 + FAR_SURCHARGE * max(0, classes - 2))
        if classes >= 4 and kind == "overnight":
            return None
    return {
        "available_collection_method": ["pickup"],
        "available_for_cash_on_delivery": cash,
        "available_for_proof_of_delivery": False,
        "available_for_instant_waybill_id": True,
        "available_for_insurance": True,
        "company": code,
        "courier_name": courier,
        "courier_code": code,
        "courier_service_name": words,
        "courier_service_code": service,
        "currency": "IDR",
        "description": words,
        "duration": f"{duration} {unit}",
        "shipment_duration_range": duration,
        "shipment_duration_unit": unit,
        "service_type": kind,
        "shipping_type": "parcel",
        "price": round(price * book().price_factor / 500) * 500,
        "tax_lines": [],
        "type": service,
    }


# ---- orders

REQUIRED = (
    ("origin_contact_name", 40002014, "Please make sure origin contact name is filled"),
    ("origin_contact_phone", 40002015, "Please make sure origin contact phone is filled"),
    ("origin_address", 40002016, "Please make sure origin address is filled"),
    ("destination_contact_name", 40002017, "Please make sure destination contact name is filled"),
    ("destination_contact_phone", 40002018, "Please make sure destination contact phone is filled"),
    ("destination_address", 40002019, "Please make sure destination address is filled"),
)


def _problem(body: dict[str, Any]) -> Response | None:
    if (found := next(_problems(body), None)) is None:
        return None
    return _refuse(400, *found)


def _problems(body: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """What is wrong with an order, code and words, the first thing first."""
    if body.get("delivery_type") not in {"now", "scheduled"}:
        yield 40002006, "Please make sure to input the right delivery type value"
    for name, code, words in REQUIRED:
        if not str(body.get(name) or "").strip():
            yield code, words
    for end, code in (("destination", 40002010), ("origin", 40002011)):
        if not body.get(f"{end}_postal_code") and not body.get(f"{end}_coordinate"):
            yield code, f"Either {end} needs to have postal code or coordinate"
    row = _row(body)
    if row is None:
        yield 40002031, "Courier is not available"
    elif row[9] and not (body.get("origin_coordinate") and body.get("destination_coordinate")):
        yield 40002012, "Coordinates are required for this courier"
    elif body.get("destination_cash_on_delivery") and not row[11]:
        yield 40002009, "Courier is not available for cash on delivery service"
    if not isinstance(body.get("items"), list) or not body["items"]:
        yield 40002022, "Items must not be empty"


def _row(body: dict[str, Any]) -> tuple[Any, ...] | None:
    wanted = (body.get("courier_company"), body.get("courier_type"))
    return next((row for row in COURIERS if (row[0], row[1]) == wanted), None)


@bp.post("/v1/orders")
def create_order() -> Response:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        return _refuse(400, 40002000, "The body must be JSON")
    if problem := _problem(body):
        return problem
    row = _row(body)
    assert row is not None  # _problem has looked
    with desk().store.lock:  # two twins of a request: one of them makes the order
        reference = str(body.get("reference_id") or "")
        if first := book().by_reference(reference):
            details = {"order_id": first["id"], "waybill_id": first["waybill"], "reference_id": reference}
            return _refuse(400, 40002061, "Reference ID has been used by another order", details=details)
        price = _order_price(row, body)
        if price > book().balance:
            return _refuse(400, 40002033, "Your balance is not sufficient")
        made = book().create(body, f"{row[2]} {row[3]}", price, undelivered=chaos.is_undeliverable())
    return jsonify(success=True, message="Order successfully created", object="order", **view_of(made))


def _order_price(row: tuple[Any, ...], body: dict[str, Any]) -> int:
    ends = {}
    for end in ("origin", "destination"):
        spot = body.get(f"{end}_coordinate") or {}
        point = (spot["latitude"], spot["longitude"]) if spot else None
        ends[end] = (str(body.get(f"{end}_postal_code") or ""), point)
    grams = sum(int(item.get("weight", 0)) * int(item.get("quantity", 1)) for item in body["items"])
    priced = _price(row, max(1, -(-grams // 1000)), ends)
    return int(priced["price"]) if priced else row[7]


@bp.get("/v1/orders/<order_id>")
def show_order(order_id: str) -> Response:
    if (order := book().get(order_id)) is None:
        return _refuse(404, 40402001, "Order not found")
    return jsonify(success=True, message="Order successfully retrieved", object="order", **view_of(order))


@bp.post("/v1/orders/<order_id>/cancel")
def cancel_order(order_id: str) -> Response:
    if book().get(order_id) is None:
        return _refuse(404, 40402001, "Order not found")
    try:
        order = book().cancel(order_id)
    except NotNow as error:
        return _refuse(400, 40003001, str(error))
    return jsonify(success=True, message="Order successfully cancelled", object="order", **view_of(order))


# ---- the desk: what a courier's own people do


@bp.post("/sandbox/orders/<order_id>")
def move_order(order_id: str) -> AnyResponse | tuple[Response, int]:
    """Move an order: {status} or nothing for the next one; {price} weighs it anew."""
    asked = request.get_json(silent=True) or request.form.to_dict()
    if book().get(order_id) is None:
        return jsonify(error="no such order"), 404
    status = str(asked.get("status") or "")
    if status and status not in ROAD.all:
        return jsonify(error=f"status must be one of {', '.join(ROAD.all)}"), 400
    price = asked.get("price")
    order = book().reprice(order_id, int(price)) if price else book().move(order_id, status)
    if not request.is_json:
        return redirect("/biteship/", 303)
    return jsonify(view_of(order))


@bp.post("/sandbox/settings")
def change_settings() -> AnyResponse:
    """{auto: orders move by themselves, balance, price_percent, webhooks: [addresses]}."""
    asked = request.get_json(silent=True)
    if asked is None:
        form = request.form
        asked = {"auto": form.get("auto") == "1"}
        if "webhooks" in form:
            asked = {"webhooks": form["webhooks"].split()}
    book().configure(asked)
    return jsonify(book().settings()) if request.is_json else redirect("/biteship/", 303)


@bp.get("/sandbox/orders.json")
def list_orders() -> Response:
    """All orders, newest first, as GET /v1/orders/:id shows them."""
    return jsonify([view_of(order) for order in book().newest()])


@bp.get("/")
def show_desk() -> str:
    return render_template(
        "couriers.html",
        nonce=g.nonce,
        orders=[(order, view_of(order), ROAD.after(order["status"])) for order in book().newest()[:100]],
        settings=book().settings(),
        calls=[call for call in reversed(desk().callbacks.log) if call["provider"] == "biteship"][:12],
        badly=ROAD.badly,
        shown=lambda at: time.strftime("%H:%M:%S", time.localtime(at)),
    )
