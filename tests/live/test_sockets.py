"""Who is let in, what is answered and what is said, with the test client of the socket server."""

from functools import partial

import pytest

from app import identity, orders
from app.core import clock
from app.core.db import db
from app.dispatch.rooms import BOARD, DRIVER, TRACKING
from app.orders.states import Action
from tests.dispatch.conftest import ASSIGNED, PICKED_UP, Scene, make_scene
from tests.live.browser import signed_in

HOST = {"Host": "miami.localhost"}


@pytest.fixture
def scene(committed) -> Scene:
    return make_scene()


def fix(seq: int, lat: float = 25.76, lng: float = -80.2) -> dict:
    return {"seq": seq, "lat": lat, "lng": lng, "at": clock.now().isoformat()}


@pytest.fixture
def sign_in(committed):
    """A browser of somebody, signed in for real."""

    return partial(signed_in, committed)


@pytest.fixture
def connect(committed):
    """A socket of a namespace; `browser` brings its cookie."""
    server = committed.extensions["socketio"]

    def do(namespace, browser=None, auth=None, headers=HOST):
        return server.test_client(
            committed,
            namespace=namespace,
            headers=headers,
            auth=auth,
            flask_test_client=browser,
        )

    return do


def heard(socket, namespace, name):
    return [m["args"][0] for m in socket.get_received(namespace) if m["name"] == name]


class TestTracking:
    def join(self, socket, order, token=None, **more):
        asked = {"order": order.code, "token": token or orders.token("track", order.code), **more}
        return socket.emit("join", asked, namespace=TRACKING, callback=True)

    def test_follows_and_resumes(self, scene, connect, sign_in):
        order = scene.make_order(*PICKED_UP)
        viewer, phone = connect(TRACKING), connect(DRIVER, sign_in(scene.boris))
        state = self.join(viewer, order)
        assert (state["status"], state["position"], state["missed"]) == ("PICKED_UP", None, [])
        sent = phone.emit("position", {"positions": [fix(1), fix(2)]}, namespace=DRIVER, callback=True)
        assert sent == {"accepted": [1, 2], "refused": []}
        seen = heard(viewer, TRACKING, "position")
        assert len(seen) == 2
        assert seen[0]["seq"] < seen[1]["seq"]
        assert 1 <= seen[1]["eta_minutes"] < 20
        assert seen[1]["arrives_at"] > seen[1]["at"]
        again = self.join(connect(TRACKING), order, last_seq=seen[0]["seq"])
        assert [m["seq"] for m in again["missed"]] == [seen[1]["seq"]]
        assert again["position"] == {"lat": 25.76, "lng": -80.2}

    @pytest.mark.parametrize(
        "asked",
        [
            pytest.param({}, id="nothing"),
            pytest.param({"token": "0" * 22}, id="a made-up token"),
            pytest.param({"order": "MIA-20260101-AAAA"}, id="an unknown order"),
            pytest.param({"token": ["x"], "order": {"a": 1}}, id="rubbish"),
        ],
    )
    def test_strangers_stay_out(self, scene, connect, asked):
        order = scene.make_order(*PICKED_UP)
        socket = connect(TRACKING)
        asked = {"order": order.code, **asked}
        if "token" not in asked and asked["order"] != order.code:
            asked["token"] = orders.token("track", order.code)
        answer = socket.emit("join", asked, namespace=TRACKING, callback=True)
        assert answer["error"]["type"] == "not-found"

    def test_a_review_link_does_not_track(self, scene, connect):
        order = scene.make_order(*PICKED_UP)
        answer = self.join(connect(TRACKING), order, token=orders.token("review", order.code))
        assert answer["error"]["type"] == "not-found"

    def test_another_store_knows_nothing(self, scene, connect):
        order = scene.make_order(*PICKED_UP)
        asked = {"order": order.code, "token": orders.token("track", order.code)}
        socket = connect(TRACKING, headers={"Host": "jakarta.localhost"})
        answer = socket.emit("join", asked, namespace=TRACKING, callback=True)
        assert answer["error"]["type"] == "not-found"

    def test_an_unknown_host_is_refused(self, scene, connect):
        assert not connect(TRACKING, headers={"Host": "nowhere.example"}).is_connected(TRACKING)

    def test_the_owner_needs_no_link(self, scene, connect, sign_in):
        order = scene.make_order(*PICKED_UP)
        for actor in (scene.ana, scene.carla):
            socket = connect(TRACKING, sign_in(actor))
            answer = socket.emit("join", {"order": order.code}, namespace=TRACKING, callback=True)
            assert answer["order"] == order.code

    def test_only_from_pick_up(self, scene, connect, sign_in):
        order = scene.make_order(*ASSIGNED)
        viewer, phone = connect(TRACKING), connect(DRIVER, sign_in(scene.boris))
        self.join(viewer, order)
        phone.emit("position", fix(1), namespace=DRIVER, callback=True)
        assert heard(viewer, TRACKING, "position") == []

    def test_leaving_ends_it(self, scene, connect, sign_in):
        order = scene.make_order(*PICKED_UP)
        viewer, phone = connect(TRACKING), connect(DRIVER, sign_in(scene.boris))
        self.join(viewer, order)
        viewer.emit(
            "leave", {"order": order.code, "token": orders.token("track", order.code)}, namespace=TRACKING
        )
        phone.emit("position", fix(1), namespace=DRIVER, callback=True)
        assert heard(viewer, TRACKING, "position") == []


class TestDriver:
    def test_only_drivers(self, scene, connect, sign_in):
        assert not connect(DRIVER).is_connected(DRIVER)
        assert not connect(DRIVER, sign_in(scene.ana)).is_connected(DRIVER)
        assert connect(DRIVER, sign_in(scene.boris)).is_connected(DRIVER)

    @pytest.mark.parametrize(
        "sent",
        [
            None,
            "x",
            [],
            {"positions": []},
            {"seq": 1},
            [{"seq": "1", "lat": 1, "lng": 1, "at": "2026-11-20T12:00:00Z"}],
            [{"seq": 1, "lat": "north", "lng": 1, "at": "2026-11-20T12:00:00Z"}],
            [{"seq": 1, "lat": 1, "lng": 1, "at": "2026-11-20T12:00:00"}],
            [{"seq": True, "lat": 1, "lng": 1, "at": 0}],
        ],
    )
    def test_rubbish_is_told(self, scene, connect, sign_in, sent):
        socket = connect(DRIVER, sign_in(scene.boris))
        answer = socket.emit("position", sent, namespace=DRIVER, callback=True)
        assert answer["error"]["type"] == "invalid-input"

    def test_a_signed_out_phone_is_cut(self, scene, connect, sign_in):
        socket = connect(DRIVER, sign_in(scene.boris))
        identity.close_all_sessions(db.session.get(identity.Person, scene.boris.user_id))
        answer = socket.emit("position", fix(1), namespace=DRIVER, callback=True)
        assert answer["error"]["type"] == "sign-in-required"
        assert not socket.is_connected(DRIVER)


class TestBoard:
    def test_hears_drivers(self, scene, connect, sign_in):
        scene.make_order(*ASSIGNED)
        board, phone = connect(BOARD, sign_in(scene.carla)), connect(DRIVER, sign_in(scene.boris))
        phone.emit("position", fix(1), namespace=DRIVER, callback=True)
        (seen,) = heard(board, BOARD, "driver")
        assert (seen["driver_id"], seen["lat"]) == (scene.boris.driver_id, 25.76)

    def test_is_for_staff(self, scene, connect, sign_in):
        for browser in (None, sign_in(scene.ana), sign_in(scene.boris)):
            assert not connect(BOARD, browser).is_connected(BOARD)

    def test_a_silent_board_ends_with_its_session(self, scene, connect, sign_in):
        from blueprints.live.space import end_stale_sockets

        board = connect(BOARD, sign_in(scene.carla))
        end_stale_sockets()
        assert board.is_connected(BOARD)
        identity.close_all_sessions(db.session.get(identity.Person, scene.carla.user_id))
        assert end_stale_sockets() == 1
        assert not board.is_connected(BOARD)


def test_a_delivery_hides_the_driver(scene, connect, sign_in):
    order = scene.make_order(*PICKED_UP)
    phone = connect(DRIVER, sign_in(scene.boris))
    phone.emit("position", fix(1), namespace=DRIVER, callback=True)
    details = orders.Details(cash_received_minor=order.due_minor, id_checked=True)
    orders.act(order.code, Action.deliver, actor=scene.boris, details=details)
    assert phone.emit("position", fix(2), namespace=DRIVER, callback=True)["refused"] == [2]
    asked = {"order": order.code, "token": orders.token("track", order.code)}
    state = connect(TRACKING).emit("join", asked, namespace=TRACKING, callback=True)
    assert (state["status"], state["position"], state["missed"]) == ("DELIVERED", None, [])
