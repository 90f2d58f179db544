"""Fees by the road: one question to a real router's API, kept; every silence ends at the straight line, honestly."""

import time
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from flask import request
from sqlalchemy import select
from werkzeug.serving import make_server

from app import promise
from app.core import clock, settings
from app.core.db import db, transaction
from app.core.geo import distance_m
from app.promise import roads
from app.promise.adapters.osrm import Osrm
from app.promise.models import RoadAnswer, ZoneBand
from app.promise.ports import RouterSilent
from app.promise.roads import sweep_roads
from app.promise.types import Band, Fee, Place, Spot
from app.promise.where import fee_of
from sandbox.app import create_app
from tests.factories import make_branch, make_customer, make_variant, make_zone, place
from tests.promise.cast import MIAMI, ask

ADDRESS = ("33129", "248 SW 23rd Rd", "Miami")
NEAR, FAR = Band(2_000, 100), Band(4_000, 300)


@pytest.mark.parametrize(
    ("road", "band", "by_road"),
    [(None, NEAR, False), (1_900, None, True), (4_000, FAR, True), (9_999, FAR, True)],
)
def test_the_band_of_the_road_where_it_is_known(road, band, by_road):
    counter = replace(MIAMI.places[0], lat=25.76, lng=-80.20)
    spot = Spot(25.785, -80.20, roads=((counter.id, road),) if road else ((counter.id + 1, 1),))
    area = replace(MIAMI.areas[0], bands=(NEAR, FAR))
    fee = fee_of(area, counter, ask("2026-11-20 12:00", spot=spot), "33129")
    straight = round(distance_m((25.76, -80.20), (25.785, -80.20)))
    assert (fee.band, fee.metres, fee.by_road) == (band, road or straight, by_road)


def test_it_is_said_whether_by_road():
    for fee, words in (
        (Fee(300, NEAR, 2500, by_road=True), "by road"),
        (Fee(300, NEAR, 2500), "mi from the branch"),
    ):
        assert words in " ".join(promise.fee_lines(MIAMI, MIAMI.areas[0], fee))


# --- the adapter ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    served = create_app(tmp_path_factory.mktemp("router"))
    asked = served.extensions.setdefault("asked", [])
    served.before_request(lambda: asked.append(request.path) if "/route/" in request.path else None)
    server = make_server("127.0.0.1", 0, served, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/geocoder", served.extensions["sandbox"].chaos, asked
    server.shutdown()


@pytest.fixture
def router(sandbox, world, monkeypatch):
    url, chaos, asked = sandbox
    monkeypatch.setattr(settings, "_values", {**settings._values, "ROUTER_URL": url})
    roads.rest.end()
    asked.clear()
    yield chaos, asked
    chaos.switch("geocoder", "ok")


def test_the_way_along_the_streets_is_longer(router):
    a, b = (25.7663, -80.1937), (25.7500, -80.2100)
    metres = Osrm().drive(a, b)
    assert distance_m(a, b) < metres < 2 * distance_m(a, b)


@pytest.mark.parametrize("mode", ["500", "429", "down", "timeout"])
def test_a_silence_is_told_as_one(router, mode):
    chaos, _asked = router
    chaos.switch("geocoder", mode)
    began = time.monotonic()
    with pytest.raises(RouterSilent):
        Osrm().drive((25.7, -80.2), (25.8, -80.2))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        {},
        {"code": "Ok"},
        {"code": "Ok", "routes": [{"distance": "far"}]},
        {"code": "Odd"},
        {"code": "Ok", "routes": [{"distance": float("nan")}]},
        {"code": "Ok", "routes": [{"distance": -1}]},
    ],
)
def test_an_answer_that_is_none(router, monkeypatch, found):
    monkeypatch.setattr("app.promise.adapters.osrm.get_json", lambda *_args, **_options: found)
    with pytest.raises(RouterSilent):
        Osrm().drive((25.7, -80.2), (25.8, -80.2))


def test_no_way_is_an_answer(router, monkeypatch):
    monkeypatch.setattr("app.promise.adapters.osrm.get_json", lambda *_args, **_options: {"code": "NoRoute"})
    assert Osrm().drive((25.7, -80.2), (25.8, -80.2)) is None


# --- kept with the address -----------------------------------------------------------------------------------


@pytest.fixture
def shop(store):
    branch = make_branch()
    zone = make_zone(branch, fee_minor=399)
    with transaction():
        zone.bands = [
            ZoneBand(from_metres=1, extra_minor=100),
            ZoneBand(from_metres=100_000, extra_minor=900),
        ]
    promise.forget_world()
    make_variant(branch, "A")
    return branch


def answers():
    return list(db.session.scalars(select(RoadAnswer).order_by(RoadAnswer.id)))


def forget_request():
    db.session().info.pop("roads", None)


def test_a_way_is_asked_once_and_kept_for_quote_and_order(router, shop):
    chaos, asked = router
    assert promise.known_spot(*ADDRESS).roads == ()
    learnt = promise.learn_spot(*ADDRESS)
    ((branch, metres),) = learnt.roads
    assert branch == shop.id and metres > distance_m((shop.lat, shop.lng), (learnt.lat, learnt.lng))
    chaos.switch("geocoder", "500")
    forget_request()
    assert promise.learn_spot(*ADDRESS) == learnt == promise.known_spot(*ADDRESS)
    assert len(asked) == 1 and [row.by_road for row in answers()] == [True]
    assert place(("A", 1), actor=make_customer()).delivery_minor == 499


def test_a_silent_router_means_the_straight_line_until_tomorrow(router, shop, monkeypatch):
    chaos, _asked = router
    chaos.switch("geocoder", "500")
    before = promise.learn_spot(*ADDRESS)
    assert before.roads == () and [row.by_road for row in answers()] == [False]
    chaos.switch("geocoder", "ok")
    roads.rest.end()
    forget_request()
    assert promise.learn_spot(*ADDRESS) == before  # the quote stands though the router is back
    with clock.moved(timedelta(days=1, minutes=1)):
        forget_request()
        assert promise.known_spot(*ADDRESS) == before
        assert promise.learn_spot(*ADDRESS).roads
        assert len(answers()) == 1


def test_nobody_is_asked_where_distance_does_not_matter(router, shop):
    _chaos, asked = router
    make_zone(shop, ("33139",), name="Flat")
    promise.forget_world()
    assert promise.learn_spot("33139").roads == () and promise.learn_spot("90210").roads == ()
    with transaction():
        assert promise.learn_spot(*ADDRESS).roads == ()  # an order waits for nobody
    assert asked == [] and answers() == []


def test_without_a_router_lines_are_straight(shop, monkeypatch):
    monkeypatch.setattr(settings, "_values", {**settings._values, "ROUTER_URL": ""})
    assert promise.learn_spot(*ADDRESS).roads == () and answers() == []


def test_answers_are_forgotten(router, shop):
    promise.learn_spot(*ADDRESS)
    assert sweep_roads() == 0
    with clock.moved(roads.KEPT + timedelta(minutes=1)):
        assert sweep_roads() == 1


def test_a_place_that_moves_is_asked_about_anew():
    spot = Spot(25.77, -80.2)
    here = Place(1, "a", "A", 25.76, -80.2, weekly={})
    assert roads._name(spot, here) != roads._name(spot, replace(here, lat=25.75))
