"""Placing, seeing and cancelling by API: shapes, refusals, one order a key."""

from threading import Thread
from typing import Any

import pytest

from app.core.db import db
from app.inventory.models import Stock
from app.orders.models import Order
from app.stores.models import Branch
from tests.api.conftest import HOME, JAKARTA_HOST, Api, Cast, Place, kind_of, order_body, token_of
from tests.factories import make_branch, make_customer, make_variant, make_zone

TOTALS = {
    "goods_minor",
    "discount_minor",
    "delivery_minor",
    "tax_minor",
    "wallet_minor",
    "total_minor",
    "due_minor",
}


def test_an_order_has_the_shape_that_was_promised(cast: Cast):
    answer = cast.ana.post("/orders", order_body(("VITC", 2), customer_note="Ring twice"), key="k1")
    order = answer.json

    assert answer.status_code == 201
    assert {"code", "status", "payment_status", "currency", "totals", "tracking_url"} <= set(order)
    assert (order["status"], order["payment_status"], order["currency"]) == ("PENDING", "DUE", "USD")
    assert set(order["totals"]) == TOTALS
    assert order["totals"]["total_minor"] == order["totals"]["due_minor"] == 3174
    assert f"/track/{order['code']}?t=" in order["tracking_url"]
    assert (order["address"]["zip"], order["customer_note"], order["branch"]) == (
        "33129",
        "Ring twice",
        "brickell",
    )
    assert [(line["sku"], line["qty"], line["net_minor"]) for line in order["lines"]] == [("VITC", 2, 2500)]
    assert order["allowed"] == ["cancel"]
    assert cast.ana.get(f"/orders/{order['code']}").json == order


def test_a_slot_is_booked_as_it_was_offered(cast: Cast):
    offered = cast.nobody.get("/delivery-options?zip=33129").json["slots"]
    slot = next(one for one in offered if one["offered"])

    fulfilment = {"kind": "driver", "mode": "slot", "slot": slot["slot"], "address": HOME}
    order = cast.ana.post("/orders", order_body(fulfilment=fulfilment), key="k1").json
    left = cast.nobody.get("/delivery-options?zip=33129").json["slots"]

    assert (order["mode"], order["promised"]["until"] is not None) == ("slot", True)
    assert next(one["left"] for one in left if one["slot"] == slot["slot"]) == slot["left"] - 1


def test_pickup_gives_a_code_for_the_counter(cast: Cast):
    fulfilment = {"kind": "pickup", "branch": "brickell"}
    order = cast.ana.post("/orders", order_body(fulfilment=fulfilment), key="k1").json

    assert (order["kind"], order["totals"]["delivery_minor"], order["address"]) == ("pickup", 0, None)
    assert len(order["pickup_code"]) == 6


def test_the_same_key_gives_the_same_order_and_200(cast: Cast):
    first = cast.ana.post("/orders", order_body(), key="once")
    again = cast.ana.post("/orders", order_body(), key="once")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert db.session.query(Order).count() == 1


def test_the_same_key_with_another_body_is_refused(cast: Cast):
    cast.ana.post("/orders", order_body(), key="once")

    answer = cast.ana.post("/orders", order_body(("VITC", 2)), key="once")

    assert (answer.status_code, kind_of(answer)) == (422, "key-reused")


def test_one_key_of_two_people_makes_two_orders(cast: Cast):
    codes = {by.post("/orders", order_body(), key="once").json["code"] for by in (cast.ana, cast.bella)}

    assert len(codes) == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 129, "ключ"])
def test_an_order_needs_a_key(cast: Cast, key: str):
    headers = {"Idempotency-Key": key.encode().decode("latin-1")} if key else {}

    answer = cast.ana.post("/orders", order_body(), headers=headers)

    assert (answer.status_code, kind_of(answer)) == (400, "idempotency-key-missing")
    assert db.session.query(Order).count() == 0


@pytest.mark.parametrize(
    ("changes", "status", "kind", "field"),
    [
        ({"items": []}, 422, "invalid-input", "items"),
        ({"items": [{"sku": "GONE", "qty": 1}]}, 422, "unknown-item", "items"),
        ({"items": [{"sku": "VITC", "qty": "many"}]}, 422, "invalid-input", "items.0.qty"),
        ({"birth_date": "2015-01-01"}, 422, "too-young", "birth_date"),
        ({"birth_date": "yesterday"}, 422, "invalid-input", "birth_date"),
        ({"payment": {"method": "gold"}}, 422, "method-unavailable", "payment.method"),
        ({"payment": {}}, 422, "invalid-input", "payment.method"),
        ({"payment": {"method": "cash", "wallet_minor": 5}}, 409, "wallet-short", "payment.wallet_minor"),
        ({"payment": {"method": "cash", "wallet_minor": -5}}, 422, "invalid-input", "payment.wallet_minor"),
        ({"promo_code": "WINTER"}, 422, "invalid-input", "promo_code"),
        ({"customer_note": "x" * 501}, 422, "invalid-input", "customer_note"),
        ({"contact": {"phone": "12"}}, 422, "invalid-input", "contact.phone"),
        ({"fulfilment": {"kind": "balloon", "address": HOME}}, 422, "invalid-input", "fulfilment.kind"),
        (
            {"fulfilment": {"kind": "driver", "mode": "never", "address": HOME}},
            422,
            "invalid-input",
            "fulfilment.mode",
        ),
        (
            {"fulfilment": {"kind": "driver", "mode": "slot", "address": HOME}},
            422,
            "invalid-input",
            "fulfilment.slot",
        ),
        (
            {"fulfilment": {"kind": "driver", "address": HOME | {"zip": "12"}}},
            422,
            "invalid-input",
            "fulfilment.address.zip",
        ),
        (
            {"fulfilment": {"kind": "driver", "address": HOME | {"line1": ""}}},
            422,
            "invalid-input",
            "fulfilment.address.line1",
        ),
        (
            {"fulfilment": {"kind": "pickup", "branch": "nowhere"}},
            422,
            "invalid-input",
            "fulfilment.branch",
        ),
        (
            {
                "fulfilment": {
                    "kind": "driver",
                    "mode": "slot",
                    "slot": "2026-11-21T17:15:00",
                    "address": HOME,
                }
            },
            422,
            "invalid-input",
            "fulfilment.slot",
        ),
        ({"price_minor": 1}, 422, "invalid-input", "price_minor"),
    ],
)
def test_what_is_wrong_is_said_by_field(
    cast: Cast, changes: dict[str, Any], status: int, kind: str, field: str
):
    answer = cast.ana.post("/orders", order_body(**changes), key="k1")

    assert (answer.status_code, kind_of(answer)) == (status, kind)
    assert field in answer.json["errors"]
    assert all(isinstance(said, str) and said for said in answer.json["errors"][field])
    assert db.session.query(Order).count() == 0


def test_messages_are_in_the_language_asked_for(cast: Cast):
    body = order_body(birth_date="2015-01-01")

    said = {
        language: cast.ana.post("/orders", body, key="k1", headers={"Accept-Language": language}).json[
            "title"
        ]
        for language in ("en", "xx", "es-MX")
    }

    assert said["en"] == said["xx"] == "You must be at least 21 years old to order this."


def test_short_stock_is_named(cast: Cast):
    answer = cast.ana.post("/orders", order_body(("MAG", 4), ("VITC", 1)), key="k1")

    assert (answer.status_code, kind_of(answer)) == (409, "out-of-stock")
    assert answer.json["items"][0] | {"name": ""} == {
        "sku": "MAG",
        "name": "",
        "requested": 4,
        "available": 3,
    }
    assert {stock.reserved for stock in db.session.query(Stock)} == {0}


def test_a_refused_key_is_free_again(cast: Cast):
    cast.ana.post("/orders", order_body(("MAG", 4)), key="k1")

    assert cast.ana.post("/orders", order_body(("MAG", 3)), key="k1").status_code == 201


@pytest.mark.parametrize(
    ("fulfilment", "reason"),
    [
        ({"kind": "driver", "address": HOME | {"zip": "90210"}}, "zip_outside"),
        (
            {"kind": "driver", "mode": "slot", "slot": "2020-01-01T10:00:00+00:00", "address": HOME},
            "slot_past",
        ),
    ],
)
def test_a_promise_that_does_not_hold_offers_others(cast: Cast, fulfilment: dict[str, Any], reason: str):
    answer = cast.ana.post("/orders", order_body(fulfilment=fulfilment), key="k1")
    zip_code = fulfilment["address"]["zip"]
    fresh = cast.nobody.get(f"/delivery-options?zip={zip_code}&goods_minor=1250").json

    assert (answer.status_code, kind_of(answer), answer.json["reason"]) == (409, "slot-unavailable", reason)
    assert set(answer.json["options"]) == set(fresh)
    assert answer.json["options"]["zone"] == fresh["zone"]


def test_the_last_place_of_a_slot_is_sold_once(api: Api):
    branch = make_branch(slot_capacity=1)
    make_zone(branch)
    make_variant(branch, "VITC")
    clients = [api.at(token=token_of(make_customer(name))) for name in ("Ana", "Bella")]
    slot = next(one["slot"] for one in api.get("/delivery-options?zip=33129").json["slots"] if one["offered"])
    body = order_body(fulfilment={"kind": "driver", "mode": "slot", "slot": slot, "address": HOME})

    first, second = (client.post("/orders", body, key="k1") for client in clients)

    assert (first.status_code, second.status_code) == (201, 409)
    assert (kind_of(second), second.json["reason"]) == ("slot-unavailable", "slot_full")
    taken = next(one for one in second.json["options"]["slots"] if one["slot"] == slot)
    assert (taken["left"], taken["offered"]) == (0, False)


def test_a_price_that_changed_has_to_be_accepted(cast: Cast):
    answer = cast.ana.post("/orders", order_body(quote_fingerprint="0" * 32), key="k1")
    accepted = cast.ana.post("/orders", order_body(quote_fingerprint=answer.json["fingerprint"]), key="k1")

    assert (answer.status_code, kind_of(answer)) == (409, "quote-changed")
    assert set(answer.json["totals"]) == TOTALS
    assert accepted.status_code == 201


def test_the_quote_is_the_price_that_is_paid(cast: Cast):
    quote = cast.nobody.post(
        "/quote", {"items": [{"sku": "MAG", "qty": 2}], "zip": "33129", "kind": "driver"}
    ).json

    order = cast.ana.post(
        "/orders", order_body(("MAG", 2), quote_fingerprint=quote["fingerprint"]), key="k1"
    ).json

    assert order["totals"] == quote["totals"]


def test_below_the_minimum_is_refused(cast: Cast):
    make_variant(db.session.query(Branch).one(), "CHEAP", price_minor=100)

    answer = cast.ana.post("/orders", order_body(("CHEAP", 1)), key="k1")

    assert (answer.status_code, kind_of(answer)) == (422, "below-minimum")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nobody", 401),
        ("ana", 200),
        ("bella", 404),
        ("boris", 404),
        ("carla", 200),
        ("felix", 401),
        ("foreign", 404),
    ],
)
@pytest.mark.parametrize("method", ["GET", "cancel"])
def test_who_may_see_and_cancel(cast: Cast, place_by_api: Place, who: str, status: int, method: str):
    code = place_by_api()

    client = cast.by(who)
    answer = (
        client.get(f"/orders/{code}")
        if method == "GET"
        else client.post(f"/orders/{code}/cancel", {"reason": "Changed my mind"})
    )

    assert answer.status_code == status


def test_cancelling_gives_everything_back(cast: Cast, place_by_api: Place):
    code = place_by_api(("VITC", 2))

    answer = cast.ana.post(f"/orders/{code}/cancel", {"reason": "Changed my mind"}).json

    assert (answer["status"], answer["reason"], answer["allowed"]) == ("CANCELLED", "Changed my mind", [])
    assert {stock.reserved for stock in db.session.query(Stock)} == {0}


def test_cancelling_twice_says_where_it_stands_unless_the_key_is_the_same(cast: Cast, place_by_api: Place):
    code, body = place_by_api(), {"reason": "Changed my mind"}

    answers = [cast.ana.post(f"/orders/{code}/cancel", body, key=key) for key in ("c1", "c1", "c2")]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert kind_of(answers[2]) == "illegal-transition"
    assert (answers[2].json["order_status"], answers[2].json["allowed"]) == ("CANCELLED", [])


def test_a_reason_is_needed(cast: Cast, place_by_api: Place):
    answer = cast.ana.post(f"/orders/{place_by_api()}/cancel", {})

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["reason"])


def test_customers_cancel_only_while_it_is_pending(cast: Cast, place_by_api: Place):
    code = place_by_api()
    cast.carla.post(f"/dispatch/orders/{code}/confirm")

    mine = cast.ana.post(f"/orders/{code}/cancel", {"reason": "Changed my mind"})
    theirs = cast.carla.post(f"/orders/{code}/cancel", {"reason": "Customer called"})

    assert (mine.status_code, theirs.status_code) == (403, 200)


def test_my_orders_come_in_pages_newest_first(cast: Cast, place_by_api: Place):
    codes = [place_by_api() for _ in range(3)]

    first = cast.ana.get("/me/orders?limit=2").json
    second = cast.ana.get(f"/me/orders?limit=2&cursor={first['next_cursor']}").json

    assert [order["code"] for order in first["items"] + second["items"]] == codes[::-1]
    assert second["next_cursor"] is None
    assert cast.bella.get("/me/orders").json == {"items": [], "next_cursor": None}
    assert cast.ana.get("/me/orders?cursor=1").status_code == 422
    assert cast.nobody.get("/me/orders").status_code == 401


def test_orders_are_of_one_store(cast: Cast, place_by_api: Place):
    place_by_api()

    assert cast.foreign.at(host=JAKARTA_HOST).get("/me/orders").json["items"] == []


@pytest.mark.race
def test_fifty_at_once_with_one_key_make_one_order(committed: Any):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", on_hand=100)
    ana = Api(committed, token_of(make_customer("Ana")))
    committed.appbuilder.sm.limiter.reset()
    db.session.remove()
    answers: list[Any] = []

    def place() -> None:
        client = committed.test_client(use_cookies=False)
        answers.append(
            client.post(
                "/api/v1/orders",
                json=order_body(),
                headers={
                    "Host": ana.host,
                    "Authorization": f"Bearer {ana.token}",
                    "Idempotency-Key": "fifty",
                },
            )
        )

    threads = [Thread(target=place) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 201, 409}, statuses
    assert statuses.count(201) == 1
    assert len({answer.json["code"] for answer in answers if answer.status_code < 300}) == 1
    assert db.session.query(Order).count() == 1
    assert db.session.query(Stock).one().reserved == 1
