"""The whole way of an order by API alone: from a code on a phone to a review of what came."""

from typing import Any

from tests.api.conftest import Api, Cast, kind_of, order_body
from tests.api.test_auth import Phones, phones  # noqa: F401 - a fixture
from tests.api.test_road import DELIVERED, _fixes


def test_from_the_phone_to_the_review(cast: Cast, phones: Phones):  # noqa: F811
    ana = _sign_in(cast.nobody, phones)
    code = _order(ana)
    _dispatch(cast, code)
    _deliver(cast, ana, code)
    _review(ana, code)


def _sign_in(nobody: Api, phones: Phones) -> Api:  # noqa: F811
    assert nobody.post("/auth/otp", {"phone": "305-555-0177"}).status_code == 200
    tokens = nobody.post("/auth/otp/verify", {"phone": "305-555-0177", "code": phones.code}).json
    renewed = nobody.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).json
    return nobody.at(token=renewed["access_token"])


def _order(ana: Api) -> str:
    drawer = ana.get("/categories").json["items"][0]["slug"]
    product = ana.get(f"/products?category={drawer}&sort=price_desc").json["items"][0]
    item = {"sku": product["variants"][0]["sku"], "qty": 2}
    assert ana.get("/delivery-options?zip=33129&kind=driver").json["express"]["offered"]
    quote = ana.post("/quote", {"items": [item], "zip": "33129", "kind": "driver"}).json
    body = order_body(quote_fingerprint=quote["fingerprint"]) | {"items": [item]}
    placed = ana.post("/orders", body, key="journey")
    assert (placed.status_code, placed.json["totals"]) == (201, quote["totals"])
    return str(placed.json["code"])


def _dispatch(cast: Cast, code: str) -> None:
    carla, driver = cast.carla, cast.boris.get("/me").json["driver_id"]
    assert code in carla.get("/dispatch/board").json["ringing"]
    moves: list[tuple[str, Any, str]] = [
        ("acknowledge", None, "PENDING"),
        ("confirm", None, "CONFIRMED"),
        ("ready", None, "READY"),
        ("assign", {"driver_id": driver}, "ASSIGNED"),
    ]
    for action, body, status in moves:
        assert carla.post(f"/dispatch/orders/{code}/{action}", body).json["status"] == status


def _deliver(cast: Cast, ana: Api, code: str) -> None:
    boris = cast.boris
    link = ana.get(f"/orders/{code}").json["tracking_url"].rsplit("?t=", 1)[1]
    assert boris.post("/driver/shift/start").json["on_shift"]
    assert [stop["code"] for stop in boris.get("/driver/stops").json["items"]] == [code]
    assert boris.post(f"/driver/orders/{code}/pick-up").json["status"] == "PICKED_UP"
    assert boris.post("/driver/positions", _fixes(1, 2)).json["accepted"] == [1, 2]
    assert cast.nobody.get(f"/track/{code}?t={link}").json["position"] is not None
    done = boris.post(f"/driver/orders/{code}/deliver", DELIVERED).json
    due = done["totals"]["due_minor"]
    assert (done["status"], done["payment_status"]) == ("DELIVERED", "PAID")
    assert done["change_minor"] == DELIVERED["cash_received_minor"] - due
    assert cast.nobody.get(f"/track/{code}?t={link}").json["position"] is None
    assert not boris.post("/driver/shift/end").json["on_shift"]


def _review(ana: Api, code: str) -> None:
    said = {"stars": 5, "body": "On time", "products": [{"product": "vitamin-c", "stars": 4}]}
    first = ana.post(f"/orders/{code}/review", said, key="r1")
    again = ana.post(f"/orders/{code}/review", said, key="r1")
    other = ana.post(f"/orders/{code}/review", said)
    assert [(one["product"], one["stars"]) for one in first.json["items"]] == [(None, 5), ("vitamin-c", 4)]
    assert (first.status_code, again.status_code, again.json) == (201, 200, first.json)
    assert (other.status_code, kind_of(other)) == (409, "already-reviewed")
