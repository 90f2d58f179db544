"""Biteship, https://biteship.com/en/docs: rates, orders and cancelling over many couriers. Rupiah without decimals."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from app.core.outside import call, raise_for
from app.core.settings import setting
from app.shipping.ports import Booking, Carriage, Door, OutcomeUnknown, Rate, Refused, Report
from app.shipping.status import ShipmentStatus

DUPLICATE = 40002061
"""The error code of a reference that was booked before."""
LEAST_GRAMS = 100
UNIT_MINUTES = {"hours": 60, "hour": 60, "days": 24 * 60, "day": 24 * 60, "minutes": 1}
GOODS = "Pharmacy goods"
"""All that a courier is told of what is inside."""


class Biteship:
    """Never twice: a reference is unique at Biteship, and its refusal names the first booking."""

    name = "biteship"

    def rates(self, carriage: Carriage, companies: Sequence[str]) -> list[Rate]:
        body = {
            **_place("origin", carriage.origin),
            **_place("destination", carriage.destination),
            "couriers": ",".join(companies),
            "items": [_goods(carriage)],
        }
        answer = _ask("POST", "/v1/rates/couriers", body)
        if not isinstance(answer.get("pricing"), list):
            raise OutcomeUnknown("an answer without prices")
        return [rate for row in answer["pricing"] if (rate := _rate(row)) is not None]

    def book(self, booking: Booking) -> Report:
        try:
            return _report(_ask("POST", "/v1/orders", _order(booking)))
        except _Duplicate as error:
            if error.provider_id:
                return self.get(error.provider_id)
            raise Refused(f"{booking.reference} was booked before") from error

    def get(self, provider_id: str) -> Report:
        return _report(_ask("GET", f"/v1/orders/{quote(provider_id, safe='')}"))

    def cancel(self, provider_id: str, reason: str) -> Report:
        body = {"cancellation_reason_code": "others", "cancellation_reason": reason[:200] or "-"}
        answer = _ask("POST", f"/v1/orders/{quote(provider_id, safe='')}/cancel", body)
        return _report({"id": provider_id, "status": "cancelled"} | answer)


class _Duplicate(Refused):
    def __init__(self, reason: str, provider_id: str) -> None:
        super().__init__(reason)
        self.provider_id = provider_id


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    key = str(setting("BITESHIP_API_KEY"))
    if not key:
        raise Refused("Biteship is not configured")
    answer = call(method, f"{setting('BITESHIP_URL')}{path}", json=body, headers={"Authorization": key})
    said = _json(answer)
    if said.get("code") == DUPLICATE:
        details = said.get("details") or {}
        raise _Duplicate(str(said.get("error", "")), str(details.get("order_id") or ""))
    raise_for(answer.status_code, str(said.get("error", "")), answer.headers.get("Retry-After"))
    if said.get("success") is False:
        raise Refused(str(said.get("error", ""))[:200])
    if not said:
        raise OutcomeUnknown("an answer that is no JSON")
    return said


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _place(end: str, door: Door) -> dict[str, Any]:
    place: dict[str, Any] = {f"{end}_postal_code": int(door.zip)} if door.zip.isdigit() else {}
    if door.lat is not None and door.lng is not None:
        place |= {f"{end}_latitude": door.lat, f"{end}_longitude": door.lng}
    return place


def _goods(carriage: Carriage) -> dict[str, Any]:
    weight = max(carriage.weight_g, LEAST_GRAMS)
    return {"name": GOODS, "value": carriage.value_minor, "weight": weight, "quantity": 1}


def _order(booking: Booking) -> dict[str, Any]:
    carriage = booking.carriage
    order: dict[str, Any] = {
        "reference_id": booking.reference,
        "courier_company": booking.company,
        "courier_type": booking.service,
        "delivery_type": "now",
        "items": [_goods(carriage)],
    }
    for end, door in (("origin", carriage.origin), ("destination", carriage.destination)):
        order |= {
            f"{end}_contact_name": door.name,
            f"{end}_contact_phone": door.phone,
            f"{end}_address": door.address,
            f"{end}_note": door.note,
            f"{end}_postal_code": int(door.zip) if door.zip.isdigit() else None,
        }
        if door.lat is not None and door.lng is not None:
            order[f"{end}_coordinate"] = {"latitude": door.lat, "longitude": door.lng}
    if booking.cash_minor:
        order["destination_cash_on_delivery"] = booking.cash_minor
    return order


def _rate(row: Any) -> Rate | None:
    """A row of the price list; None for one that does not read as one."""
    try:
        return Rate(
            company=str(row["courier_code"]),
            service=str(row["courier_service_code"]),
            name=f"{row['courier_name']} {row['courier_service_name']}".strip(),
            price_minor=int(row["price"]),
            minutes=_minutes(str(row["shipment_duration_range"]), str(row["shipment_duration_unit"])),
            instant=str(row.get("service_type", "")) in {"instant", "same_day"},
            takes_cash=bool(row.get("available_for_cash_on_delivery")),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _minutes(text: str, unit: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if not numbers:
        raise ValueError(text)
    each = UNIT_MINUTES[unit.lower()]
    return min(numbers) * each, max(numbers) * each


def read_status(text: str) -> ShipmentStatus | None:
    """Biteship's word, in either spelling (picking_up, pickingUp); None for one we were never told of."""
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text.strip()).lower()
    try:
        return ShipmentStatus(word)
    except ValueError:
        return None


def _report(said: dict[str, Any]) -> Report:
    courier = said.get("courier") if isinstance(said.get("courier"), dict) else {}
    assert isinstance(courier, dict)
    status = read_status(str(said.get("status", "")))
    if not said.get("id") or status is None:
        raise OutcomeUnknown(f"an order without id or with the status {said.get('status')!r}")
    price = said.get("price")
    return Report(
        provider_id=str(said["id"]),
        status=status,
        waybill=str(courier.get("waybill_id") or "")[:64],
        tracking_url=_web_address(str(courier.get("link") or "")),
        price_minor=price if isinstance(price, int) and not isinstance(price, bool) else None,
        driver_name=str(courier.get("driver_name") or courier.get("name") or "")[:80],
        driver_phone=str(courier.get("driver_phone") or courier.get("phone") or "")[:24],
        history=tuple(_history(courier.get("history") or [])),
    )


def _web_address(text: str) -> str:
    """A link that may stand on a page: http(s), nothing else."""
    return text[:300] if re.match(r"https?://[^\s\"'<>]+\Z", text) else ""


def _history(rows: Any) -> list[tuple[str, datetime, str]]:
    found = []
    for row in rows if isinstance(rows, list) else []:
        try:
            at = datetime.fromisoformat(str(row["updated_at"]))
            status = read_status(str(row["status"]))
            note = str(row.get("note") or "")[:200]
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if status is not None:
            found.append((status.value, at if at.tzinfo else at.replace(tzinfo=UTC), note))
    return found
