"""Replacements by the API: staff ask, the buyer answers, nobody else sees anything."""

import pytest

from app.core.db import db
from app.stores.models import Branch
from tests.api.conftest import Cast, Place
from tests.factories import make_variant


@pytest.fixture
def offered(cast: Cast, place_by_api: Place) -> tuple[str, str, dict]:
    """An order of Ana's, the path of its offers, and an offer."""
    code, sku = place_by_api(), "VITC"
    make_variant(db.session.query(Branch).first(), "INSTEAD", on_hand=9, price_minor=900)
    body = {"sku": sku, "quantity": 1, "replacement": "INSTEAD", "replacement_quantity": 1}
    answer = cast.carla.post(f"/dispatch/orders/{code}/substitutions", body)
    assert answer.status_code == 200, answer.json
    return code, f"/orders/{code}/substitutions", answer.json["items"][0]


def test_ask_and_accept(cast: Cast, offered):
    code, path, offer = offered
    seen = cast.ana.get(path).json["items"][0]
    assert seen["status"] == "proposed" and seen["total_minor"] == offer["total_minor"] > 0
    for _again in range(2):
        order = cast.ana.post(f"{path}/{offer['id']}/accept", key="yes-1")
        assert order.status_code == 200
    assert "INSTEAD" in {line["sku"] for line in order.json["lines"]}
    assert order.json["totals"]["total_minor"] == offer["total_minor"]
    late = cast.carla.post(f"/dispatch/orders/{code}/substitutions/{offer['id']}/withdraw")
    assert late.status_code == 409 and late.json["type"].endswith("offer-ended")


def test_no_and_another_try(cast: Cast, offered):
    code, path, offer = offered
    assert cast.ana.post(f"{path}/{offer['id']}/decline").status_code == 200
    body = {name: offer[name] for name in ("sku", "quantity", "replacement", "replacement_quantity")}
    again = cast.carla.post(f"/dispatch/orders/{code}/substitutions", body)
    assert [one["status"] for one in again.json["items"]] == ["proposed", "declined"]
    gone = cast.carla.post(f"/dispatch/orders/{code}/substitutions/{again.json['items'][0]['id']}/withdraw")
    assert gone.json["items"][0]["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("who", "status"), [("nobody", 401), ("boris", 404), ("felix", 401), ("foreign", 404)]
)
def test_it_is_the_buyers_question_alone(cast: Cast, offered, who, status):
    _code, path, offer = offered
    assert cast.by(who).post(f"{path}/{offer['id']}/accept").status_code == status
    assert cast.by(who).get(path).status_code == status


def test_the_order_in_the_address_has_to_be_the_offers(cast: Cast, offered, place_by_api: Place):
    _code, _path, offer = offered
    other = place_by_api(("MAG", 1))
    assert cast.ana.post(f"/orders/{other}/substitutions/{offer['id']}/accept").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"quantity": 0}, "quantity"), ({"sku": ""}, "sku"), ({"replacement": "NOPE"}, "replacement")],
)
def test_bad_input(cast: Cast, place_by_api: Place, changes, field):
    code = place_by_api()
    body = {"sku": "VITC", "quantity": 1, "replacement": "X", "replacement_quantity": 1}
    answer = cast.carla.post(f"/dispatch/orders/{code}/substitutions", body | changes)
    assert answer.status_code == 422 and field in answer.json["errors"]
