"""Where an address lies: one question to a real geocoder's API, kept; every silence ends at the ZIP's middle."""

import time
from threading import Thread

import pytest
from sqlalchemy import func, select
from werkzeug.serving import make_server

from app import promise
from app.core import settings
from app.core.db import db
from app.promise import spots
from app.promise.adapters.nominatim import Nominatim
from app.promise.models import GeocodeAnswer
from app.promise.ports import Address, GeocoderSilent
from sandbox.app import create_app
from sandbox.chaos import Chaos

STREET = ("33129", "248 SW 23rd Rd", "Miami")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """The sandbox's geocoder on a real port, and its switches."""
    served = create_app(tmp_path_factory.mktemp("geocoder"))
    server = make_server("127.0.0.1", 0, served, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/geocoder", served.extensions["sandbox"].chaos
    server.shutdown()


@pytest.fixture
def geocoder(sandbox, world, monkeypatch):
    url, chaos = sandbox
    point_at(monkeypatch, url)
    spots.rest.end()
    yield chaos
    chaos.switch("geocoder", "ok")


def point_at(monkeypatch, url: str) -> None:
    monkeypatch.setattr(settings, "_values", {**settings._values, "GEOCODER_URL": url})


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(GeocodeAnswer))


def test_a_house_is_asked_for_once(geocoder, store):
    before = promise.known_spot(*STREET)
    assert before is not None and not before.exact
    learnt = promise.learn_spot(*STREET)
    assert learnt.exact and kept() == 1
    geocoder.switch("geocoder", "500")
    assert promise.learn_spot("33129", " 248  sw 23rd rd ", "Miami") == learnt == promise.known_spot(*STREET)
    assert promise.learn_spot("33129") == before


def test_an_unknown_street_is_the_middle_of_its_zip(geocoder, store):
    assert not promise.learn_spot("33129", "1 Nowhere Lane").exact
    assert kept() == 0


@pytest.mark.parametrize("mode", ["500", "429", "down", "timeout"])
def test_a_silent_geocoder_keeps_nobody_waiting_twice(geocoder, store, mode):
    geocoder.switch("geocoder", mode)
    began = time.monotonic()
    assert not promise.learn_spot(*STREET).exact
    assert time.monotonic() - began < 4
    again = time.monotonic()
    assert not promise.learn_spot(*STREET).exact
    assert time.monotonic() - again < 0.2
    assert kept() == 0


def test_nothing_is_asked_inside_a_transaction(geocoder, store):
    from app.core.db import transaction

    with transaction():
        assert not promise.learn_spot(*STREET).exact


def test_without_a_geocoder_the_table_answers(geocoder, store, monkeypatch):
    point_at(monkeypatch, "")
    assert promise.learn_spot(*STREET) == promise.known_spot("33129")
    assert promise.learn_spot("00000") is None
    assert promise.learn_spot("x") is None


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[1]",
        "no",
        '[{"lat": "x", "lon": "1"}]',
        '[{"lat": "95", "lon": "1"}]',
        '[{"lat": "NaN", "lon": "1"}]',
        "[" + " " * 70_000 + "]",
    ],
    ids=["no list", "no place", "no JSON", "no number", "off the globe", "not a number", "endless"],
)
def test_an_answer_that_cannot_be_read_is_a_silence(store, monkeypatch, body):
    server = make_server("127.0.0.1", 0, lambda _env, start: (start("200 OK", []), [body.encode()])[1])
    Thread(target=server.serve_forever, daemon=True).start()
    point_at(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    try:
        with pytest.raises(GeocoderSilent):
            Nominatim().find(Address("1 Main St", "Miami", "33129", "US"))
    finally:
        server.shutdown()


def test_a_redirect_is_not_followed(store, monkeypatch):
    def away(_environ, start):
        start("302 Found", [("Location", "http://169.254.169.254/latest/meta-data")])
        return [b""]

    server = make_server("127.0.0.1", 0, away)
    Thread(target=server.serve_forever, daemon=True).start()
    point_at(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    try:
        with pytest.raises(GeocoderSilent, match="302"):
            Nominatim().find(Address("1 Main St", "Miami", "33129", "US"))
    finally:
        server.shutdown()


def test_ways_by_the_streets(sandbox):
    import httpx

    url, _chaos = sandbox
    found = httpx.get(f"{url}/route/v1/driving/-80.19,25.76;-80.20,25.77", trust_env=False).json()
    assert found["code"] == "Ok" and 2000 < found["routes"][0]["distance"] < 2300
    assert httpx.get(f"{url}/route/v1/driving/x", trust_env=False).status_code == 400
    assert isinstance(Chaos().report()["geocoder"], dict)
