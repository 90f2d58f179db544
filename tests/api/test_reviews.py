"""Who may review what, and when."""

from typing import Any

import pytest

from tests.api.conftest import Cast, Place, kind_of
from tests.api.test_road import advance


@pytest.mark.parametrize(
    ("who", "status"),
    [("nobody", 401), ("ana", 201), ("bella", 404), ("boris", 404), ("carla", 404), ("felix", 401)],
)
def test_the_buyer_alone_reviews(cast: Cast, place_by_api: Place, who: str, status: int):
    code = place_by_api()
    advance(cast, code, "delivered")

    assert cast.by(who).post(f"/orders/{code}/review", {"stars": 5}).status_code == status


def test_not_before_it_came(cast: Cast, place_by_api: Place):
    answer = cast.ana.post(f"/orders/{place_by_api()}/review", {"stars": 5})

    assert (answer.status_code, kind_of(answer)) == (409, "not-reviewable")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": 5, "body": "x" * 2001}, "body"),
        ({"stars": 5, "products": [{"product": "vitamin-c", "stars": 0}]}, "products.0.stars"),
        ({"stars": 5, "products": [{"product": "magnesium", "stars": 5}]}, "products.0.product"),
        (
            {"stars": 5, "products": [{"product": "vitamin-c", "stars": 5, "body": "x" * 2001}]},
            "products.0.body",
        ),
    ],
)
def test_a_wrong_review_names_its_field(cast: Cast, place_by_api: Place, body: dict[str, Any], field: str):
    code = place_by_api()
    advance(cast, code, "delivered")

    answer = cast.ana.post(f"/orders/{code}/review", body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
