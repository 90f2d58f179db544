"""What the board concludes, from plain values."""

from datetime import UTC, datetime, timedelta

import pytest

from app.dispatch.board_rules import (
    DriverCard,
    Haste,
    haste_of,
    minutes_and_seconds,
    short_span,
    suggest_driver,
)
from app.orders.states import Kind, Status

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
SHOP = (25.7654, -80.1936)
NEAR, FAR = (25.7660, -80.1940), (25.8300, -80.2900)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("status", "kind", "left", "haste"),
    [
        pytest.param("PENDING", "driver", 40, "calm", id="time enough"),
        pytest.param("PENDING", "driver", 25, "calm", id="exactly the drive"),
        pytest.param("PENDING", "driver", 24, "at_risk", id="less than the drive takes"),
        pytest.param("ASSIGNED", "driver", 24, "at_risk", id="still at the shop"),
        pytest.param("PICKED_UP", "driver", 24, "calm", id="already on the way"),
        pytest.param("PICKED_UP", "driver", 4, "at_risk", id="on the way, nearly due"),
        pytest.param("READY", "pickup", 24, "calm", id="nobody drives a pickup"),
        pytest.param("CONFIRMED", "pickup", 4, "at_risk", id="pickup nearly due"),
        pytest.param("READY", "driver", -1, "late", id="past the promise"),
        pytest.param("PICKED_UP", "driver", -0.1, "late", id="late on the road"),
        pytest.param("DELIVERED", "driver", -30, "calm", id="over and done"),
        pytest.param("FAILED", "driver", -30, "calm", id="failed is not late but failed"),
    ],
)
def test_the_warning_comes_before_the_order_is_late(status, kind, left, haste):
    until = NOW + minutes(left)
    assert haste_of(Status(status), Kind(kind), until, minutes(25), NOW) is Haste(haste)


def test_an_order_without_a_promise_is_never_late():
    assert haste_of(Status.READY, Kind.parcel, None, minutes(0), NOW) is Haste.calm


def driver(
    name: str, *, load: int = 0, on_shift: bool = True, spot=NEAR, seen: float | None = 0.1
) -> DriverCard:
    return DriverCard(
        id=sum(map(ord, name)),
        name=name,
        vehicle="",
        on_shift=on_shift,
        load=load,
        capacity=4,
        cash_minor=0,
        spot=spot,
        seen_at=NOW - minutes(seen) if seen is not None else None,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("drivers", "chosen", "reason"),
    [
        pytest.param(
            [driver("Busy", load=2), driver("Free", spot=FAR)],
            "Free",
            "No stops yet, 7.5 mi",
            id="least load",
        ),
        pytest.param(
            [driver("Away", spot=FAR), driver("Near")], "Near", "No stops yet, 0.0 mi", id="then nearest"
        ),
        pytest.param(
            [driver("Lost", spot=None), driver("Away", spot=FAR)], "Away", "7.5 mi", id="known position first"
        ),
        pytest.param(
            [driver("Off", on_shift=False), driver("On", load=3)], "On", "Fewest stops: 3", id="on shift"
        ),
        pytest.param(
            [driver("Silent", load=1, seen=9), driver("Heard", load=3)],
            "Heard",
            "Fewest stops: 3",
            id="not silent",
        ),
        pytest.param(
            [driver("Lost", spot=None)], "Lost", "position not known", id="says what it does not know"
        ),
    ],
)
def test_one_suggestion_with_its_reason(store, drivers, chosen, reason):
    found = suggest_driver(drivers, SHOP, imperial=True)
    assert found is not None
    assert found.driver.name == chosen
    assert reason in found.reason


def test_nobody_is_suggested_when_all_are_full_or_home(store):
    assert (
        suggest_driver([driver("Full", load=4), driver("Off", on_shift=False)], SHOP, imperial=True) is None
    )


def test_distance_is_in_kilometres_elsewhere(store):
    found = suggest_driver([driver("Away", spot=FAR)], SHOP, imperial=False)
    assert found is not None
    assert "12.0 km" in found.reason


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7200, "2 h"), (200_000, "2 d"), (-5, "0 s")],
)
def test_spans_are_short(store, seconds, words):
    assert short_span(timedelta(seconds=seconds)) == words


def test_a_stopwatch():
    assert minutes_and_seconds(timedelta(seconds=100)) == "1:40"


@pytest.mark.parametrize(
    ("name", "initials", "short"),
    [("Javier Diaz", "JD", "Javier D."), ("Boris", "B", "Boris"), ("", "?", "")],
)
def test_names_are_short(name, initials, short):
    card = driver(name)
    assert (card.initials, card.short_name) == (initials, short)
