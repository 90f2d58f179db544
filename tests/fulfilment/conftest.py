"""A shop in Jakarta that sends by courier, the sandbox's couriers, and a hand that does what workers would."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import fulfilment, orders, promise
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.events import EventRecord, was_consumed
from app.core.tenancy import store_scope
from app.orders import Action, Details, Order
from app.shipping import Shipment
from jobs.base import handle
from jobs.fulfilment import follow_courier, tend_shipment
from tests import factories
from tests.factories import JAKARTA
from tests.jobs.harness import outside, sandbox
from tests.sandbox.conftest import Sandbox

__all__ = ["outside", "sandbox"]
ADDRESS = orders.Address(line1="Jl. Cikini Raya 5", city="Jakarta Pusat", zip="10310")


@dataclass
class Toko:
    """One branch in Kemang with 50 of MAG, Siti who buys and Carla who dispatches."""

    app: Flask
    desk: Sandbox
    siti: Actor
    carla: Actor
    sku: str = "MAG"

    def options(self, **changes: Any) -> promise.Options:
        """What couriers offer for one MAG to Siti's door, asked afresh when needed."""
        items = [(self.sku, changes.pop("quantity", 1))]
        orders.ask_couriers_for(items, changes.get("zip", ADDRESS.zip))
        now = clock.now()
        world = promise.load_world(now)
        ask = orders.courier_ask(world, now, items, changes.get("zip", ADDRESS.zip), cash=True)
        return promise.options(world, ask)

    def reference(self, key: str = "gojek-instant") -> str:
        return next(o.courier.reference for o in self.options().couriers if o.courier.key == key)

    def place(self, key: str = "gojek-instant", **changes: Any) -> Order:
        """Siti orders one MAG by this courier."""
        if "courier" not in changes:
            changes["courier"] = self.reference(key)
        values = {"kind": "courier", "address": ADDRESS} | changes
        return factories.place((self.sku, 1), actor=self.siti, **values)

    def act(self, order: Order, *actions: str, reason: str = "") -> Order:
        for action in actions:
            order = orders.act(order.code, Action(action), actor=self.carla, details=Details(reason=reason))
        return order

    def work(self) -> None:
        """Do what is due until nothing is, as the relay and the workers would."""
        for _ in range(20):
            due = [
                (record.id, target)
                for record in db.session.scalars(select(EventRecord).order_by(EventRecord.id))
                for name, target in (("OrderMoved", follow_courier), ("ShipmentDue", tend_shipment))
                if record.type == name
                and record.due_at <= clock.now()
                and not was_consumed(record.id, target.name)
            ]
            if not due:
                return
            for event_id, target in due:
                assert handle(event_id, target)
        raise AssertionError("it never ends")

    def handed_over(self, key: str = "gojek-instant") -> tuple[Order, Shipment]:
        order = self.act(self.place(key), "confirm", "ready", "hand_over")
        self.work()
        return order, self.shipment(order)

    def shipment(self, order: Order) -> Shipment:
        """The order's last shipment, read anew."""
        db.session.rollback()
        db.session.expire_all()
        query = select(Shipment).where(Shipment.order_id == order.id).order_by(Shipment.attempt.desc())
        return db.session.scalars(query).first()  # type: ignore[return-value]

    def booked(self) -> list[dict[str, Any]]:
        """What the sandbox's couriers have been told to fetch."""
        return self.desk.http.get("/biteship/sandbox/orders.json").json()

    def call(
        self, body: Any, *, secret: str = "sandbox-biteship-secret", host: str = "jakarta.localhost:8000"
    ) -> int:
        """Biteship calls."""
        db.session.remove()  # one session serves one store
        headers = {"X-Biteship-Secret": secret, "Host": host}
        status = self.app.test_client().post("/webhooks/biteship", json=body, headers=headers).status_code
        db.session.remove()
        return int(status)

    def courier_does(self, shipment: Shipment, status: str, *, tell: bool = True) -> None:
        """The courier's people move the parcel, and their webhook arrives."""
        path = f"/biteship/sandbox/orders/{shipment.provider_id}"
        self.desk.http.post(path, json={"status": status}).raise_for_status()
        if tell:
            assert self.call(told(shipment, status)) == 200
            self.work()


def told(shipment: Shipment, status: str, event: str = "order.status", **more: Any) -> dict[str, Any]:
    """A webhook's body."""
    return {"event": event, "order_id": shipment.provider_id, "status": status, **more}


@pytest.fixture
def toko(committed: Flask, sandbox: Sandbox) -> Iterator[Toko]:
    calm = {"auto": False, "balance": 5_000_000, "price_percent": 100, "webhooks": []}
    sandbox.http.post("/biteship/sandbox/settings", json=calm).raise_for_status()
    with store_scope(JAKARTA):
        yield _open(committed, sandbox)
        db.session.remove()


@transaction()
def _open(app: Flask, desk: Sandbox) -> Toko:
    branch = factories.make_branch("kemang")
    branch.zip, branch.lat, branch.lng, branch.phone = "12730", -6.2607, 106.8133, "+6281255501000"
    factories.make_variant(branch, "MAG", price_minor=85_000, on_hand=50)
    siti = factories.make_customer("Siti", phone="+6281211110000")
    carla = factories.make_staff("Carla")
    db.session.flush()
    promise.forget_world()
    return Toko(app, desk, siti, carla)


__all__ += ["Toko", "fulfilment", "told"]
