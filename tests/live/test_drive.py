"""The rider of the demo, on the real server."""

import pytest

from app import dispatch
from app.demo.drive import cash_text
from app.orders.states import Status
from tests.dispatch.conftest import ASSIGNED, Scene, make_scene


@pytest.fixture
def scene(committed) -> Scene:
    return make_scene()


def ride(app, *args):
    return app.test_cli_runner().invoke(args=["demo", "drive", *args], catch_exceptions=False)


def test_rides_from_the_branch_to_the_door(app, scene, server):
    from app import orders
    from app.core.db import db

    order = scene.make_order(*ASSIGNED, sku="CBD-1")
    url = f"http://127.0.0.1:{server}"
    done = ride(app, "--order", order.code, "--url", url, "--speed", "200", "--every", "0.05", "--deliver")
    assert done.exit_code == 0, done.output
    db.session.expire_all()
    moved = db.session.get(orders.Order, order.id)
    assert (moved.status, moved.id_checked) == (Status.DELIVERED, True)
    assert moved.cash_received_minor >= moved.due_minor
    driver = db.session.get(dispatch.Driver, scene.boris.driver_id)
    assert (driver.lat, driver.lng) == pytest.approx((order.address["lat"], order.address["lng"]), abs=1e-5)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param((), "Assign one on the board first", id="nothing to ride"),
        pytest.param(("--store", "nowhere"), "There is no store nowhere", id="no such store"),
        pytest.param(("--speed", "0"), "above zero", id="standing still"),
    ],
)
def test_says_why_it_does_not_ride(app, scene, args, said):
    refused = ride(app, *args)
    assert refused.exit_code == 1
    assert said in refused.output


def test_says_that_nobody_answers(app, scene):
    scene.make_order(*ASSIGNED)
    refused = ride(app, "--url", "http://127.0.0.1:9")
    assert "does not answer" in refused.output


@pytest.mark.parametrize(
    ("due", "currency", "text"), [(3466, "USD", "35.00"), (3500, "USD", "35.00"), (143_500, "IDR", "150000")]
)
def test_pays_with_round_notes(due, currency, text):
    assert cash_text(due, currency) == text
