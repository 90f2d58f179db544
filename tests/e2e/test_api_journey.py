"""An order from the shop window to the door by API alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.api import anonymous, customer, order_for, staff
from tests.e2e.conftest import Product

pytestmark = pytest.mark.e2e
PHONE = "+13055550177"


def three_fixes() -> list[dict[str, Any]]:
    """Northwards along South Miami Avenue, one a second."""
    at = datetime.now(UTC)
    first = int(at.timestamp() * 1000)
    return [
        {
            "seq": first + n,
            "lat": 25.7654 + n / 1000,
            "lng": -80.1936,
            "at": (at + timedelta(seconds=n)).isoformat(),
        }
        for n in range(1, 4)
    ]


def test_the_whole_line_by_api(product: Product):
    ana = customer(product, PHONE)
    placed = ana.call("POST", "/orders", order_for(ana), expect=201)
    code = placed["code"]
    assert placed["status"] == "PENDING"
    assert placed["totals"]["due_minor"] == placed["totals"]["total_minor"] > 0

    siren = product.wait_for_message(channel="pushover", q=code)
    assert code in siren["title"] + siren["body"]
    product.wait_for_message(channel="telegram", q=code)
    product.wait_for_message(to=PHONE, q=code)

    carla, boris = staff(product, "dispatcher"), staff(product, "driver1")
    boris.call("POST", "/driver/shift/start")
    driver_id = boris.call("GET", "/me")["driver_id"]
    assert carla.call("POST", f"/dispatch/orders/{code}/confirm")["status"] == "CONFIRMED"
    assert carla.call("POST", f"/dispatch/orders/{code}/ready")["status"] == "READY"
    assigned = carla.call("POST", f"/dispatch/orders/{code}/assign", {"driver_id": driver_id})
    assert assigned["status"] == "ASSIGNED"
    assert code in {stop["code"] for stop in boris.call("GET", "/driver/stops")["items"]}

    assert boris.call("POST", f"/driver/orders/{code}/pick-up")["status"] == "PICKED_UP"
    boris.call("POST", "/driver/positions", {"positions": three_fixes()})

    done = boris.call(
        "POST",
        f"/driver/orders/{code}/deliver",
        {
            "cash_received_minor": placed["totals"]["due_minor"] + 500,
            "change_to_wallet_minor": 0,
            "id_checked": True,
            "birth_date": "1980-05-17",
        },
    )
    assert done["status"] == "DELIVERED"
    seen = ana.call("GET", f"/orders/{code}")
    assert (seen["status"], seen["payment_status"]) == ("DELIVERED", "PAID")
    product.wait_for_message(channel="pushover", q=code)
    ana.call("POST", f"/orders/{code}/review", {"stars": 5, "body": "On time."}, expect=201)


def test_a_stranger_learns_nothing(product: Product):
    ana = customer(product, "+13055550178")
    code = ana.call("POST", "/orders", order_for(ana), expect=201)["code"]
    felix = customer(product, "+6281255559901", store="jakarta")
    felix.call("GET", f"/orders/{code}", expect=404)
    customer(product, "+13055550179").call("GET", f"/orders/{code}", expect=404)
    anonymous(product).call("GET", f"/orders/{code}", expect=401)
