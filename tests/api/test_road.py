"""Dispatchers and drivers by API: who may, what moves, what a phone that was offline may send again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from tests.api.conftest import Api, Cast, Place, kind_of

DELIVERED = {"cash_received_minor": 5000, "id_checked": True, "birth_date": "1980-05-17"}


def advance(cast: Cast, code: str, until: str) -> None:
    """Bring an order as far as `until`, one of the steps below."""
    boris = {"driver_id": cast.actors["boris"].driver_id}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("placed", lambda: None),
        ("confirmed", lambda: cast.carla.post(f"/dispatch/orders/{code}/confirm")),
        ("ready", lambda: cast.carla.post(f"/dispatch/orders/{code}/ready")),
        ("assigned", lambda: cast.carla.post(f"/dispatch/orders/{code}/assign", boris)),
        ("picked up", lambda: cast.boris.post(f"/driver/orders/{code}/pick-up")),
        ("delivered", lambda: cast.boris.post(f"/driver/orders/{code}/deliver", DELIVERED)),
    ]
    for name, step in steps:
        answer = step()
        assert answer is None or answer.status_code == 200, (name, answer.json)
        if name == until:
            return


READS = [("GET", "/dispatch/board", None), ("GET", "/dispatch/drivers", None)]
MOVES = [
    ("acknowledge", None, "placed"),
    ("confirm", None, "placed"),
    ("ready", None, "confirmed"),
    ("assign", {"driver_id": 0}, "ready"),
    ("unassign", {"reason": "Flat tyre"}, "assigned"),
    ("take-back", None, "failed"),
    ("retry", None, "failed"),
]
DISPATCH_ROLES = [
    ("nobody", 401),
    ("ana", 403),
    ("boris", 403),
    ("carla", 200),
    ("felix", 401),
    ("foreign", 403),
]


@pytest.mark.parametrize(("who", "status"), DISPATCH_ROLES)
@pytest.mark.parametrize("path", ["/dispatch/board", "/dispatch/drivers"])
def test_who_may_look_at_the_board(cast: Cast, who: str, status: int, path: str):
    assert cast.by(who).get(path).status_code == status


@pytest.mark.parametrize(("who", "status"), DISPATCH_ROLES)
@pytest.mark.parametrize(("action", "body", "until"), MOVES)
def test_who_may_move_an_order(
    cast: Cast, place_by_api: Place, who: str, status: int, action: str, body: Any, until: str
):
    code = place_by_api()
    if until == "failed":
        advance(cast, code, "picked up")
        assert cast.boris.post(f"/driver/orders/{code}/fail", {"reason": "Nobody there"}).status_code == 200
    else:
        advance(cast, code, until)
    if action == "assign":
        body = {"driver_id": cast.actors["boris"].driver_id}

    answer = cast.by(who).post(f"/dispatch/orders/{code}/{action}", body)

    assert answer.status_code == status, answer.json


@pytest.mark.parametrize(
    "action", ["acknowledge", "confirm", "ready", "assign", "unassign", "take-back", "retry"]
)
def test_an_order_that_is_not_there_is_404(cast: Cast, action: str):
    body = {"driver_id": 1} if action == "assign" else {"reason": "x"} if action == "unassign" else None

    answer = cast.carla.post(f"/dispatch/orders/MIA-20261121-XXXX/{action}", body)

    assert (answer.status_code, kind_of(answer)) == (404, "not-found")


def test_the_board_shows_what_waits(cast: Cast, place_by_api: Place):
    first, second = place_by_api(), place_by_api()
    advance(cast, second, "confirmed")

    board = cast.carla.get("/dispatch/board").json
    lanes = {lane["status"]: [card["code"] for card in lane["items"]] for lane in board["lanes"]}

    assert (lanes["PENDING"], lanes["CONFIRMED"], lanes["READY"]) == ([first], [second], [])
    assert board["ringing"] == [first]
    assert board["figures"]["open_now"] == 2


def test_drivers_have_the_shape_that_was_promised(cast: Cast, place_by_api: Place):
    advance(cast, place_by_api(), "delivered")

    boris = cast.carla.get("/dispatch/drivers").json["items"][0]

    assert {"id", "name", "on_shift", "load", "last_seen", "cash_minor"} <= set(boris)
    assert (boris["id"], boris["on_shift"], boris["load"]) == (cast.actors["boris"].driver_id, True, 0)
    assert boris["cash_minor"] == 1837  # 12.50 + 4.99 + 7 % of 12.50


def test_acknowledging_stops_the_siren_once(cast: Cast, place_by_api: Place):
    code = place_by_api()

    first = cast.carla.post(f"/dispatch/orders/{code}/acknowledge").json["acknowledged_at"]
    second = cast.carla.post(f"/dispatch/orders/{code}/acknowledge").json["acknowledged_at"]

    assert first == second is not None
    assert cast.carla.get("/dispatch/board").json["ringing"] == []


def test_the_second_of_two_is_told_what_is_left(cast: Cast, place_by_api: Place):
    code = place_by_api()
    advance(cast, code, "confirmed")

    answer = cast.carla.post(f"/dispatch/orders/{code}/confirm")

    assert (answer.status_code, kind_of(answer)) == (409, "illegal-transition")
    assert (answer.json["order_status"], answer.json["allowed"]) == ("CONFIRMED", ["ready", "cancel"])
    assert answer.json["by"].startswith("Carla")


def test_a_tap_with_its_key_is_done_once(cast: Cast, place_by_api: Place):
    code = place_by_api()

    answers = [cast.carla.post(f"/dispatch/orders/{code}/confirm", key="tap") for _ in range(2)]

    assert [(a.status_code, a.json["status"]) for a in answers] == [(200, "CONFIRMED")] * 2


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 422, "invalid-input"),
        ({"driver_id": "Boris"}, 422, "invalid-input"),
        ({"driver_id": 2**53 - 1}, 409, "driver-unavailable"),
        ({"driver_id": 2**70}, 422, "invalid-input"),
    ],
)
def test_a_driver_who_cannot_be_sent(cast: Cast, place_by_api: Place, body: Any, status: int, kind: str):
    code = place_by_api()
    advance(cast, code, "ready")

    answer = cast.carla.post(f"/dispatch/orders/{code}/assign", body)

    assert (answer.status_code, kind_of(answer)) == (status, kind)
    assert list(answer.json["errors"]) == ["driver_id"]


def test_pickup_is_collected_at_the_counter(cast: Cast, place_by_api: Place):
    code = place_by_api(fulfilment={"kind": "pickup", "branch": "brickell"})
    advance(cast, code, "ready")
    said = cast.ana.get(f"/orders/{code}").json["pickup_code"]
    path = f"/dispatch/orders/{code}/collect"

    silent = cast.carla.post(path, DELIVERED)
    wrong = cast.carla.post(path, DELIVERED | {"pickup_code": said[::-1] + "0"})
    unchecked = cast.carla.post(path, {"cash_received_minor": 5000, "pickup_code": said})
    collected = cast.carla.post(path, DELIVERED | {"pickup_code": f" {said[:3]} {said[3:]} "})

    assert cast.carla.get(f"/orders/{code}").json["pickup_code"] is None
    assert [(a.status_code, kind_of(a)) for a in (silent, wrong)] == [(422, "wrong-pickup-code")] * 2
    assert list(wrong.json["errors"]) == ["pickup_code"]
    assert (unchecked.status_code, kind_of(unchecked)) == (422, "id-not-checked")
    assert (collected.json["status"], collected.json["payment_status"]) == ("COLLECTED", "PAID")


# --- the driver ----------------------------------------------------------------------------------------------

DRIVER_ROLES = [
    ("nobody", 401),
    ("ana", 403),
    ("carla", 403),
    ("boris", 200),
    ("felix", 401),
    ("foreign", 403),
]


@pytest.mark.parametrize(("who", "status"), DRIVER_ROLES)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/driver/stops", None),
        ("POST", "/driver/shift/start", None),
        ("POST", "/driver/shift/end", None),
        (
            "POST",
            "/driver/positions",
            {"positions": [{"seq": 1, "lat": 25.7, "lng": -80.2, "at": "2026-11-21T12:00:00Z"}]},
        ),
    ],
)
def test_who_may_drive(cast: Cast, who: str, status: int, method: str, path: str, body: Any):
    assert cast.by(who)(method, path, body).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("nobody", 401), ("ana", 403), ("carla", 403), ("other_driver", 404), ("felix", 401), ("boris", 200)],
)
@pytest.mark.parametrize(
    ("action", "body", "until"),
    [
        ("pick-up", None, "assigned"),
        ("deliver", DELIVERED, "picked up"),
        ("fail", {"reason": "No ID"}, "picked up"),
    ],
)
def test_who_may_do_what_at_a_stop(
    cast: Cast, place_by_api: Place, who: str, status: int, action: str, body: Any, until: str
):
    code = place_by_api()
    advance(cast, code, until)

    assert cast.by(who).post(f"/driver/orders/{code}/{action}", body).status_code == status


def test_a_shift_begins_and_ends(cast: Cast, place_by_api: Place):
    code = place_by_api()
    started = [cast.boris.post("/driver/shift/start").json["on_shift"] for _ in range(2)]
    advance(cast, code, "assigned")

    busy = cast.boris.post("/driver/shift/end")
    cast.boris.post(f"/driver/orders/{code}/pick-up")
    cast.boris.post(f"/driver/orders/{code}/deliver", DELIVERED)
    ended = [cast.boris.post("/driver/shift/end").json["on_shift"] for _ in range(2)]

    assert (started, ended) == ([True, True], [False, False])
    assert (busy.status_code, kind_of(busy)) == (409, "deliveries-open")
    assert code in busy.json["codes"]


def test_stops_say_where_to_and_what_to_collect(cast: Cast, place_by_api: Place):
    code = place_by_api(customer_note="Ring twice")
    advance(cast, code, "assigned")

    (stop,) = cast.boris.get("/driver/stops").json["items"]

    assert (stop["code"], stop["number"], stop["status"], stop["zip"]) == (code, 1, "ASSIGNED", "33129")
    assert (stop["cash_due_minor"], stop["min_age"], stop["note"]) == (1837, 21, "Ring twice")
    assert set(stop["branch"]) == {"lat", "lng"}
    assert cast.other_driver.get("/driver/stops").json["items"] == []


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"cash_received_minor": 100}, "cash-short", "cash_received_minor"),
        ({"cash_received_minor": None}, "cash-short", "cash_received_minor"),
        ({"cash_received_minor": -1}, "invalid-input", "cash_received_minor"),
        ({"id_checked": False}, "id-not-checked", "id_checked"),
        ({"birth_date": "1990-01-01"}, "id-mismatch", "birth_date"),
        ({"change_to_wallet_minor": 100_000}, "change-too-large", "change_to_wallet_minor"),
    ],
)
def test_what_is_wrong_at_the_door(
    cast: Cast, place_by_api: Place, changes: dict[str, Any], kind: str, field: str
):
    code = place_by_api()
    advance(cast, code, "picked up")

    answer = cast.boris.post(f"/driver/orders/{code}/deliver", DELIVERED | changes)

    assert (answer.status_code, kind_of(answer), list(answer.json["errors"])) == (422, kind, [field])


def test_a_second_tap_changes_nothing(cast: Cast, place_by_api: Place):
    code = place_by_api()
    advance(cast, code, "delivered")

    again = cast.boris.post(f"/driver/orders/{code}/deliver", DELIVERED | {"cash_received_minor": 9999})

    assert (again.status_code, again.json["status"], again.json["cash_received_minor"]) == (
        200,
        "DELIVERED",
        5000,
    )


def _fixes(*seqs: int, ago: int = 60) -> dict[str, Any]:
    at = clock.now() - timedelta(seconds=ago)
    return {
        "positions": [
            {
                "seq": seq,
                "lat": 25.76 + seq / 1000,
                "lng": -80.2,
                "at": (at + timedelta(seconds=seq)).isoformat(),
            }
            for seq in seqs
        ]
    }


def test_positions_are_kept_once_and_followed_by_the_customer(cast: Cast, place_by_api: Place):
    code = place_by_api()
    advance(cast, code, "picked up")
    batch = _fixes(1, 2, 3)

    answers = [cast.boris.post("/driver/positions", batch).json for _ in range(2)]
    link = cast.ana.get(f"/orders/{code}").json["tracking_url"].rsplit("?t=", 1)[1]
    seen = cast.nobody.get(f"/track/{code}?t={link}").json

    assert answers == [{"accepted": [1, 2, 3], "refused": []}] * 2
    assert (seen["status"], seen["position"]["lat"]) == ("PICKED_UP", 25.763)
    assert seen["eta_minutes"] >= 1
    assert seen["courier"]["name"].startswith("Boris")


def test_positions_off_the_globe_are_refused_and_the_rest_is_kept(cast: Cast, place_by_api: Place):
    advance(cast, place_by_api(), "picked up")
    batch = _fixes(1, 2)
    batch["positions"][1]["lat"] = 500

    assert cast.boris.post("/driver/positions", batch).json == {"accepted": [1], "refused": [2]}


@pytest.mark.parametrize(
    ("positions", "field"),
    [
        ([], "positions"),
        ([{"seq": 1, "lat": 1, "lng": 1, "at": "noon"}], "positions.0.at"),
        ([{"seq": 1, "lat": 1, "lng": 1, "at": "2026-11-21T12:00:00"}], "positions.0.at"),
        ([{"seq": -1, "lat": 1, "lng": 1, "at": "2026-11-21T12:00:00Z"}], "positions.0.seq"),
        ([{"seq": 1, "lat": "north", "lng": 1, "at": "2026-11-21T12:00:00Z"}], "positions.0.lat"),
        ([{"seq": 1, "lat": 1, "lng": 1, "at": "9999-12-31T23:59:59-14:00"}], "positions.0.at"),
    ],
)
def test_positions_that_cannot_be_read(cast: Cast, positions: Any, field: str):
    answer = cast.boris.post("/driver/positions", {"positions": positions})

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


# --- the link ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", ["", "x", "0" * 22, "0" * 64, "й" * 22])
def test_a_link_needs_its_signature(cast: Cast, place_by_api: Place, signature: str):
    answer = cast.nobody.get(f"/track/{place_by_api()}", query_string={"t": signature})

    assert (answer.status_code, kind_of(answer)) == (404, "not-found")


def test_a_link_shows_no_more_than_it_should(cast: Cast, place_by_api: Place, api: Api):
    order = cast.ana.get(f"/orders/{place_by_api()}").json
    link = order["tracking_url"].rsplit("?t=", 1)[1]

    seen = cast.nobody.get(f"/track/{order['code']}?t={link}")

    assert (seen.status_code, seen.json["status"], seen.json["position"]) == (200, "PENDING", None)
    assert "248" not in seen.json["address"]
    assert "phone" not in seen.text
    assert cast.nobody.at(host="jakarta.localhost").get(f"/track/{order['code']}?t={link}").status_code == 404
