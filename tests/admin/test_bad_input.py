"""Dates at the ends of the calendar and versions that are none: said beside the field, never a crash."""

import pytest

LAST, FIRST = "9999-12-31", "0001-01-01"


@pytest.fixture
def manager(sign_in, goods):
    return sign_in("manager")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/console/times/list/?at={LAST}T23:59", 200),
        (f"/console/movements/list/?until={LAST}", 422),
        (f"/console/movements/list/?from={FIRST}", 422),
    ],
)
def test_addresses(manager, path, status):
    assert manager.get(path).status_code == status


@pytest.mark.parametrize("day", [LAST, FIRST])
def test_a_range_of_times(manager, goods, day):
    form = {"act": "close", "first": day, "last": day, "start": "00:00", "until": "00:00", "seen": "{}"}
    answer = manager.post(f"/console/times/{goods['branch']}", form)
    assert answer.status_code == 422
    assert answer.text.count(f'value="{day}"') >= 2, "what was typed stays"


def test_a_price_of_another_age(manager):
    form = {"sku": "VITC", "kind": "period", "price_minor": "1", "reason": "sale"}
    answer = manager.post("/console/prices/add", form | {"starts_at": f"{LAST}T23:59", "ends_at": FIRST})
    assert answer.status_code == 422
    assert f'value="{LAST}T23:59"' in answer.text


@pytest.mark.parametrize("version", ["9" * 5000, "\u0663", ""])
def test_a_version_that_is_none_is_an_old_one(manager, version):
    form = {"version": version, "slot_minutes": "15", "lead_minutes": "30", "horizon_days": "3"}
    answer = manager.post("/console/delivery-settings/", form | {"express_share": "100", "counts": "orders"})
    assert answer.status_code == 409
