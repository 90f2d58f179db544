"""Which fixes are believed, which of them move a driver, and when a delay is said."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from app.dispatch import Fix, is_delayed, mask_address
from app.dispatch.positions import fresh_fixes, is_plausible

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def fix(seq: int = 1, lat: float = 25.76, lng: float = -80.19, ago: float = 0) -> Fix:
    return Fix(seq, lat, lng, NOW - timedelta(seconds=ago))


@pytest.mark.parametrize(
    ("given", "believed"),
    [
        pytest.param(fix(), True, id="now"),
        pytest.param(fix(ago=3600), True, id="an hour offline"),
        pytest.param(fix(ago=-90), True, id="a clock a little fast"),
        pytest.param(fix(ago=-180), False, id="the future"),
        pytest.param(fix(ago=25 * 3600), False, id="yesterday"),
        pytest.param(fix(lat=90.1), False, id="north of the pole"),
        pytest.param(fix(lng=-180.5), False, id="around the globe"),
        pytest.param(fix(lat=0.0, lng=0.0), False, id="no fix at all"),
        pytest.param(fix(lat=0.0, lng=106.8), True, id="on the equator"),
        pytest.param(fix(lat=float("nan")), False, id="not a number"),
        pytest.param(fix(lng=float("inf")), False, id="infinite"),
        pytest.param(fix(seq=0), False, id="no number"),
        pytest.param(fix(seq=2**60), False, id="a number no phone counts to"),
    ],
)
def test_what_is_believed(given, believed):
    assert is_plausible(given, NOW) is believed


def test_stale_fixes_move_nobody_back():
    assert fresh_fixes([fix(1, ago=9), fix(2, ago=6)], NOW - timedelta(seconds=3)) == ()
    assert [f.seq for f in fresh_fixes([fix(3, ago=1), fix(2, ago=6)], NOW - timedelta(seconds=3))] == [3]


def test_any_order_of_arrival_gives_the_order_of_the_way():
    fixes = [fix(n, ago=100 - n) for n in range(1, 60)]
    shuffled = Random(1).sample(fixes, len(fixes))
    assert list(fresh_fixes(shuffled, None)) == fixes


@pytest.mark.parametrize(
    ("until", "arrives", "delayed"),
    [
        pytest.param(None, 10, False, id="nothing promised"),
        pytest.param(10, 8, False, id="in time"),
        pytest.param(10, 10, False, id="on the minute"),
        pytest.param(10, 11, True, id="a minute late"),
        pytest.param(-1, None, True, id="the time has passed"),
        pytest.param(10, None, False, id="not known yet"),
    ],
)
def test_delays_are_said(until, arrives, delayed):
    at = [NOW + timedelta(minutes=m) if m is not None else None for m in (until, arrives)]
    assert is_delayed(at[0], at[1], NOW) is delayed


@pytest.mark.parametrize(
    ("line1", "shown"),
    [
        pytest.param("248 SW 23rd Rd", "••• SW ••• Rd, 33129", id="Miami"),
        pytest.param("Jl. Kemang Raya No. 16A", "Jl. Kemang Raya No. •••, 33129", id="Jakarta"),
        pytest.param("", "33129", id="unknown street"),
    ],
)
def test_addresses_are_masked(line1, shown):
    assert mask_address({"line1": line1, "line2": "Apt 4B", "zip": "33129"}) == shown
