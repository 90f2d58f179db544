"""The driver's phone and the tracking page as plain pages: forms, refusals beside their fields, who sees what."""

import re
from datetime import timedelta

import pytest

from app import dispatch, orders
from app.core import clock
from app.orders.states import Action, Status
from blueprints.driver.page import suggest_notes
from tests.dispatch.conftest import ASSIGNED, PICKED_UP, READY, Scene, make_scene
from tests.factories import make_driver
from tests.live.browser import HOST, signed_in, visitor

BASE = f"http://{HOST}"


@pytest.fixture
def scene(committed) -> Scene:
    return make_scene()


@pytest.fixture
def phone(committed, scene):
    """Boris' phone: `get` and `post`, the token of the page sent along."""
    return Phone(signed_in(committed, scene.boris))


class Phone:
    def __init__(self, browser):
        self.browser = browser

    def get(self, path="/driver"):
        return self.browser.get(path, base_url=BASE)

    def post(self, path, json=None, **form):
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.get().text).group(1)
        headers = {"X-CSRFToken": token, "Origin": BASE}
        body = {"json": json} if json is not None else {"data": form}
        return self.browser.post(path, base_url=BASE, headers=headers, **body)


def status_of(order) -> Status:
    from app.core.db import db

    db.session.expire_all()
    return db.session.get(orders.Order, order.id).status


class TestDriver:
    def test_is_for_drivers(self, committed, scene):
        anybody = visitor(committed)
        assert "/sign-in" in anybody.get("/driver", base_url=BASE).location
        for actor in (scene.ana, scene.carla):
            assert signed_in(committed, actor).get("/driver", base_url=BASE).status_code == 403

    def test_from_shift_to_door(self, scene, phone):
        assert "Nothing to bring" in phone.get().text
        order = scene.make_order(*ASSIGNED)
        code = order.code
        page = phone.get()
        assert code in page.text
        assert "248 SW 23rd Rd" in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert (
            "unsafe-inline'"
            not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
        )
        assert phone.post(f"/driver/orders/{code}/pick-up").status_code == 303
        assert status_of(order) is Status.PICKED_UP
        due = f"{(order.due_minor + 500) / 100:.2f}"
        done = phone.post(f"/driver/orders/{code}/deliver", cash_received=due, id_checked="yes", key="k1")
        assert done.status_code == 303
        assert status_of(order) is Status.DELIVERED
        assert "$5.00" in phone.get().text

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            pytest.param({"cash_received": "1.00", "id_checked": "yes"}, "is less than the", id="cash short"),
            pytest.param({"cash_received": "a lot", "id_checked": "yes"}, "in figures", id="no amount"),
            pytest.param({"cash_received": "500"}, "Check the customer&#39;s ID first", id="ID unchecked"),
            pytest.param(
                {"cash_received": "500", "id_checked": "yes", "birth_date": "1999-01-01"},
                "is not the one given",
                id="another birthday",
            ),
            pytest.param(
                {"cash_received": "500", "id_checked": "yes", "birth_date": "2999-01-01"},
                "as on the ID",
                id="no birthday",
            ),
        ],
    )
    def test_refusals_stand_beside_their_fields(self, scene, phone, form, said):
        order = scene.make_order(*PICKED_UP, sku="CBD-1")
        answer = phone.post(f"/driver/orders/{order.code}/deliver", **form)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert f'value="{form["cash_received"]}"' in answer.text
        assert status_of(order) is Status.PICKED_UP

    def test_a_second_tap_shows_the_state(self, scene, phone):
        order = scene.make_order(*ASSIGNED)
        for key in ("k1", "k1", "k2"):
            assert phone.post(f"/driver/orders/{order.code}/pick-up", key=key).status_code == 303
        assert status_of(order) is Status.PICKED_UP

    def test_an_order_taken_back_is_told(self, scene, phone):
        order = scene.make_order(*ASSIGNED)
        page = phone.get("/driver/state").json["version"]
        orders.act(order.code, Action.unassign, actor=scene.carla, details=orders.Details(reason="Flat tyre"))
        assert phone.post(f"/driver/orders/{order.code}/pick-up").status_code == 404
        assert phone.get("/driver/state").json["version"] != page

    def test_could_not_deliver(self, scene, phone):
        order = scene.make_order(*PICKED_UP)
        path = f"/driver/orders/{order.code}/fail"
        assert "Please give a reason" in phone.post(path).text
        assert phone.post(path, reason="Nobody at the door").status_code == 303
        assert status_of(order) is Status.FAILED

    def test_shift(self, scene, committed):
        luis = Phone(signed_in(committed, make_driver("Luis", on_shift=False)))
        assert "You are off shift" in luis.get().text
        assert luis.post("/driver/shift", to="on").status_code == 303
        assert "Nothing to bring" in luis.get().text
        assert luis.post("/driver/shift", to="off").status_code == 303
        assert "You are off shift" in luis.get().text

    def test_no_end_of_shift_with_a_full_bag(self, scene, phone):
        order = scene.make_order(*ASSIGNED)
        answer = phone.post("/driver/shift", to="off")
        assert answer.status_code == 409
        assert order.code in answer.text

    def test_positions_over_http(self, scene, phone):
        scene.make_order(*ASSIGNED)
        at = (clock.now() - timedelta(seconds=1)).isoformat()
        sent = {"positions": [{"seq": 1, "lat": 25.76, "lng": -80.2, "at": at}]}
        for _ in "ab":
            assert phone.post("/driver/positions", json=sent).json == {"accepted": [1], "refused": []}
        assert phone.post("/driver/positions", json={"positions": "x"}).status_code == 422

    def test_without_the_page_s_token_nothing_moves(self, scene, phone):
        order = scene.make_order(*ASSIGNED)
        assert phone.browser.post(f"/driver/orders/{order.code}/pick-up", base_url=BASE).status_code == 400
        assert status_of(order) is Status.ASSIGNED


class TestAmounts:
    def test_notes_are_round_sums_above_what_is_due(self):
        assert suggest_notes(3466, "USD") == [3500, 4000, 5000]
        assert suggest_notes(4000, "USD") == [5000, 10000]
        assert suggest_notes(0, "USD") == []
        assert suggest_notes(143_500, "IDR") == [145_000, 150_000, 160_000]


class TestTracking:
    def link(self, order) -> str:
        return f"/track/{order.code}?t={orders.token('track', order.code)}"

    def get(self, app, path, host=HOST):
        return visitor(app).get(path, base_url=f"http://{host}")

    def test_a_page_without_a_script(self, committed, scene):
        order = scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [(1, 25.76, -80.2, clock.now())])
        page = self.get(committed, self.link(order))
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        for part in (
            "Arriving around",
            "Boris",
            "Honda PCX",
            "Picked up, on the way to you",
            'http-equiv="refresh"',
        ):
            assert part in page.text
        for secret in ("248 SW", "Test</b>", order.contact_phone):
            assert secret not in page.text

    @pytest.mark.parametrize("steps", [(), READY, ASSIGNED], ids=["new", "ready", "assigned"])
    def test_every_state_has_a_page(self, committed, scene, steps):
        page = self.get(committed, self.link(scene.make_order(*steps)))
        assert page.status_code == 200
        assert "With you by" in page.text

    def test_the_end(self, committed, scene):
        order = scene.make_order(*PICKED_UP)
        details = orders.Details(cash_received_minor=order.due_minor, id_checked=True)
        orders.act(order.code, Action.deliver, actor=scene.boris, details=details)
        page = self.get(committed, self.link(order))
        assert "Delivered" in page.text
        assert "http-equiv" not in page.text

    def test_strangers_find_nothing(self, committed, scene):
        order = scene.make_order(*PICKED_UP)
        link, code = self.link(order), order.code
        for path in (f"/track/{code}", f"/track/{code}?t={'0' * 22}", link.replace("/track/", "/track/X")):
            assert self.get(committed, path).status_code == 404
        for part in ("", "/sheet", "/events"):
            path = link.replace(code, code + part, 1)
            assert self.get(committed, path, host="jakarta.localhost").status_code == 404

    def test_polling_answers_what_was_missed(self, committed, scene):
        order = scene.make_order(*PICKED_UP)
        path = self.link(order).replace("?", "/events?")
        dispatch.record_positions(scene.boris, [(1, 25.76, -80.2, clock.now())])
        first = self.get(committed, path).json
        assert [m["lat"] for m in first["missed"]] == [25.76]
        dispatch.record_positions(scene.boris, [(2, 25.761, -80.2, clock.now())])
        then = self.get(committed, f"{path}&after={first['seq']}").json
        assert [m["lat"] for m in then["missed"]] == [25.761]
        assert then["position"] == {"lat": 25.761, "lng": -80.2}
        assert self.get(committed, f"{path}&after={then['seq']}").json["missed"] == []

    def test_polling_answers_without_valkey(self, committed, scene, monkeypatch):
        from blueprints.live import feed

        def away():
            return feed._client("redis://127.0.0.1:9/0")

        monkeypatch.setattr(feed, "client", away)
        order = scene.make_order(*PICKED_UP)
        path = self.link(order).replace("?", "/events?")
        dispatch.record_positions(scene.boris, [(1, 25.76, -80.2, clock.now())])
        first = self.get(committed, path).json
        assert first["position"] == {"lat": 25.76, "lng": -80.2}
        assert first["eta_minutes"] >= 1
        assert len(first["missed"]) == 1
        assert self.get(committed, f"{path}&after={first['seq']}").json["missed"] == []

    def test_finding_an_order(self, committed, scene):
        code = scene.make_order().code
        assert "Order number" in self.get(committed, "/track").text
        assert self.get(committed, f"/track?code={code}").status_code == 404
        found = signed_in(committed, scene.ana).get(f"/track?code={code.lower()}", base_url=BASE)
        assert found.status_code == 302
        assert code in found.location
