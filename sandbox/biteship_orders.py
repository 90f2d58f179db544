"""The orders that couriers carry here: their states, their history, and the calls back to the store."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.callbacks import Step
from sandbox.desk import Desk

SPACE, SETTINGS, HELD = "biteship.orders", "biteship.settings", "biteship.held"
DRIVERS = (
    ("Agus Setiawan", "+6281200000011"),
    ("Rina Kartika", "+6281200000012"),
    ("Budi Hartono", "+6281200000013"),
)
NOTES = {
    "confirmed": "Order has been confirmed. Locating nearest driver to pick up.",
    "allocated": "Courier has been allocated. Waiting to pick up.",
    "picking_up": "Courier is on the way to pick up the item.",
    "picked": "Item has been picked and ready to be shipped.",
    "dropping_off": "Item is on the way to the customer.",
    "delivered": "Item has been delivered.",
    "cancelled": "Order has been cancelled.",
    "on_hold": "Shipment is on hold.",
    "return_in_transit": "Item is on the way back to the origin.",
    "returned": "Item has been returned to the origin.",
    "rejected": "Shipment has been rejected.",
    "courier_not_found": "Shipment is cancelled because there is no courier available.",
    "disposed": "Item has been disposed.",
}


class NotNow(Exception):
    """This state allows no such thing."""


@dataclass(frozen=True)
class Road:
    """The states of an order with which nothing goes wrong, and those with which something does."""

    well: tuple[str, ...]
    badly: tuple[str, ...]
    cancellable: frozenset[str]
    ended: frozenset[str]

    @property
    def all(self) -> tuple[str, ...]:
        return self.well + self.badly

    def after(self, status: str) -> str:
        """The next good state; empty at an end."""
        if status in self.ended:
            return ""
        at = self.well.index(status) if status in self.well else self.well.index("picked")
        return self.well[at + 1] if at + 1 < len(self.well) else ""


ROAD = Road(
    well=("confirmed", "allocated", "picking_up", "picked", "dropping_off", "delivered"),
    badly=(
        "scheduled", "on_hold", "rejected", "courier_not_found", "cancelled", "return_in_transit", "returned",
        "disposed",
    ),
    cancellable=frozenset({"confirmed", "scheduled", "allocated", "picking_up"}),
    ended=frozenset({"delivered", "cancelled", "rejected", "courier_not_found", "returned", "disposed"}),
)  # fmt: skip


def step_seconds() -> float:
    return float(os.environ.get("SANDBOX_COURIER_STEP", "20"))


def default_webhooks() -> list[str]:
    told = os.environ.get("SANDBOX_BITESHIP_WEBHOOKS")
    if told is not None:
        return [url for url in told.split(",") if url]
    port = os.environ.get("PORT")
    return [f"http://jakarta.localhost:{port}/webhooks/biteship"] if port else []


def webhook_header() -> tuple[str, str]:
    """What the dashboard was told to send along."""
    return (
        os.environ.get("BITESHIP_WEBHOOK_HEADER", "X-Biteship-Secret"),
        os.environ.get("BITESHIP_WEBHOOK_SECRET", "sandbox-biteship-secret"),
    )


class Book:
    """The orders of one desk. Every change is in its journal."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.store = desk, desk.store

    # ---- settings
    def settings(self) -> dict[str, Any]:
        given = self.store.values(SETTINGS)
        return {
            "auto": True,
            "balance": 5_000_000,
            "price_percent": 100,
            "webhooks": default_webhooks(),
        } | given

    def configure(self, changes: dict[str, Any]) -> None:
        for name in ("auto", "balance", "price_percent", "webhooks"):
            if name in changes:
                self.store.set_value(SETTINGS, name, changes[name])

    @property
    def balance(self) -> int:
        return int(self.settings()["balance"])

    @property
    def price_factor(self) -> float:
        return int(self.settings()["price_percent"]) / 100

    # ---- reading
    def get(self, order_id: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.store.value(SPACE, order_id)
        return found

    def newest(self) -> list[dict[str, Any]]:
        return sorted(self.store.values(SPACE).values(), key=lambda order: -order["at"])

    def by_reference(self, reference: str) -> dict[str, Any] | None:
        orders = self.store.values(SPACE).values()
        return next((o for o in orders if reference and o["reference"] == reference), None)

    # ---- writing
    def create(self, body: dict[str, Any], courier: str, price: int, *, undelivered: bool) -> dict[str, Any]:
        """A new order, confirmed; it goes on by itself unless told otherwise."""
        now = time.time()
        prefix = str(body["courier_company"]).upper()[:4]
        order: dict[str, Any] = {
            "id": secrets.token_hex(12),
            "tracking": secrets.token_hex(12),
            "waybill": f"{prefix}{random.randrange(10**11, 10**12)}",
            "reference": str(body.get("reference_id") or ""),
            "courier": courier,
            "body": body,
            "price": price,
            "status": "confirmed",
            "driver": random.choice(DRIVERS),
            "at": now,
            "history": [{"status": "confirmed", "at": now}],
        }
        self.configure({"balance": self.balance - price})
        self._keep(order)
        self._tell(order)
        self._tell(order, "order.waybill_id")
        if undelivered:
            self._later(order["id"], ["courier_not_found"])
        elif self.settings()["auto"] and step_seconds() > 0:
            self._later(order["id"], list(ROAD.well[1:]))
        return order

    def move(self, order_id: str, status: str = "") -> dict[str, Any]:
        """To this state, or to the next good one; an order that has ended stays."""
        order = self.get(order_id)
        assert order is not None  # the caller has looked
        status = status or ROAD.after(order["status"])
        if not status or order["status"] in ROAD.ended or status == order["status"]:
            return order
        history = [*order["history"], {"status": status, "at": time.time()}]
        return self._change(order, status=status, history=history)

    def cancel(self, order_id: str) -> dict[str, Any]:
        """Call it off; NotNow once the courier has it."""
        order = self.get(order_id)
        assert order is not None  # the caller has looked
        if order["status"] == "cancelled":
            return order
        if order["status"] not in ROAD.cancellable:
            raise NotNow(f"Order with status {order['status']} can not be cancelled")
        self.configure({"balance": self.balance + order["price"]})
        return self.move(order_id, "cancelled")

    def reprice(self, order_id: str, price: int) -> dict[str, Any]:
        """The courier weighed it: another price."""
        order = self.get(order_id)
        assert order is not None  # the caller has looked
        order = order | {"price": price}
        self._keep(order)
        self._tell(order, "order.price")
        return order

    def _change(self, order: dict[str, Any], **changes: Any) -> dict[str, Any]:
        order = order | changes
        self._keep(order)
        self._tell(order)
        return order

    def _keep(self, order: dict[str, Any]) -> None:
        self.store.set_value(SPACE, order["id"], order)

    def _later(self, order_id: str, statuses: list[str]) -> None:
        def step(status: str) -> Callable[[], None]:
            def run() -> None:
                order = self.get(order_id)
                # A person's hand goes before the clock.
                if order and order["status"] not in ROAD.ended and self.settings()["auto"]:
                    at = ROAD.well.index(order["status"]) if order["status"] in ROAD.well else 99
                    if status not in ROAD.well or ROAD.well.index(status) == at + 1:
                        self.move(order_id, status)

            return run

        steps: list[Step] = [(step_seconds(), step(status)) for status in statuses]
        self.desk.callbacks.run(steps)

    # ---- calling back
    def _tell(self, order: dict[str, Any], event: str = "order.status") -> None:
        mode = self.desk.chaos.take_callback("biteship")
        bodies = [_event(order, event)]
        held = self.store.value(HELD, order["id"])
        if mode == "reordered" and not held:
            self.store.set_value(HELD, order["id"], bodies[0])
            return
        if held:
            bodies.append(held)  # what came before arrives after
            self.store.set_value(HELD, order["id"], None)
        if mode == "duplicate":
            bodies *= 2
        self.desk.callbacks.run([(0.05, self._post(body, forged=mode == "forged")) for body in bodies])

    def _post(self, body: dict[str, Any], *, forged: bool) -> Callable[[], None]:
        name, secret = webhook_header()
        headers = {name: "not the secret" if forged else secret}
        urls = list(self.settings()["webhooks"])

        def run() -> None:
            for url in urls:
                self.desk.callbacks.post("biteship", url, json=body, headers=headers)

        return run


def _event(order: dict[str, Any], event: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "event": event,
        "order_id": order["id"],
        "courier_tracking_id": order["tracking"],
        "courier_waybill_id": order["waybill"],
        "status": order["status"],
        "updated_at": _time(order["history"][-1]["at"]),
    }
    if event == "order.price":
        return body | {"price": order["price"]}
    if event == "order.waybill_id":
        return body
    return body | {
        "courier_company": order["body"]["courier_company"],
        "courier_type": order["body"]["courier_type"],
        "courier_driver_name": order["driver"][0],
        "courier_driver_phone": order["driver"][1],
        "courier_driver_plate_number": "B 4521 TKJ",
        "courier_link": _link(order),
        "order_price": order["price"],
    }


def view_of(order: dict[str, Any]) -> dict[str, Any]:
    """An order as the API shows it."""
    body = order["body"]
    known = order["status"] not in {"confirmed", "scheduled", "courier_not_found"}
    return {
        "id": order["id"],
        "reference_id": order["reference"],
        "status": order["status"],
        "price": order["price"],
        "currency": "IDR",
        "courier": {
            "tracking_id": order["tracking"],
            "waybill_id": order["waybill"],
            "company": body["courier_company"],
            "type": body["courier_type"],
            "link": _link(order),
            "driver_name": order["driver"][0] if known else None,
            "driver_phone": order["driver"][1] if known else None,
            "history": [
                {
                    "status": row["status"],
                    "note": NOTES.get(row["status"], ""),
                    "updated_at": _time(row["at"]),
                }
                for row in order["history"]
            ],
        },
        "origin": {"contact_name": body["origin_contact_name"], "address": body["origin_address"]},
        "destination": {
            "contact_name": body["destination_contact_name"],
            "contact_phone": body["destination_contact_phone"],
            "address": body["destination_address"],
            "cash_on_delivery": {"amount": body.get("destination_cash_on_delivery") or 0},
        },
        "items": body["items"],
    }


def _link(order: dict[str, Any]) -> str:
    port = os.environ.get("SANDBOX_PORT", "8090")
    return f"http://localhost:{port}/biteship/#{order['id']}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
