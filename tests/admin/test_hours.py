"""The opening week: saved as a whole, refused beside the interval, and never over somebody else's change."""

import re

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db
from app.stores import week
from app.stores.models import OpeningHours


def sent(page: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', page).group(1)


def stamp(manager, goods) -> str:
    return sent(manager.page(f"/console/hours/list/?branch={goods['branch']}"))


def hours(**days) -> dict[str, list[str]]:
    """hours(d0=["09:00-12:00"]) as the form sends it; other days closed."""
    form = {}
    for day, spans in days.items():
        form[f"opens-{day[1:]}"] = [span.partition("-")[0] for span in spans]
        form[f"closes-{day[1:]}"] = [span.partition("-")[2] for span in spans]
    return form


def saved() -> list[str]:
    rows = db.session.scalars(select(OpeningHours).order_by(OpeningHours.weekday, OpeningHours.opens))
    return [str(row) for row in rows]


def test_a_week_is_saved_whole_and_audited(sign_in, goods):
    manager = sign_in("manager")
    form = hours(d0=["09:00-12:00", "13:00-21:00"], d5=["22:00-02:00"])
    answer = manager.post(f"/console/hours/{goods['branch']}", form | {"seen": stamp(manager, goods)})
    assert answer.status_code == 303
    assert saved() == ["0 09:00-12:00", "0 13:00-21:00", "5 22:00-02:00"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "hours_changed")).one()
    assert entry.detail["after"] == ["0 09:00-12:00", "0 13:00-21:00", "5 22:00-02:00"]
    assert len(entry.detail["before"]) == 7
    page = manager.page(f"/console/hours/list/?branch={goods['branch']}")
    assert 'value="13:00"' in page and "next day" in page


@pytest.mark.parametrize(
    ("form", "field", "message"),
    [
        (hours(d0=["09:00-12:00", "11:00-13:00"]), "d0-1", "is open from 09:00 to 12:00 already"),
        (hours(d0=["01:00-09:00"], d6=["20:00-02:00"]), "d6-0", "is open from 01:00 to 09:00 already"),
        (hours(d2=["20:00-03:00"], d3=["02:00-09:00"]), "d3-0", "is open from 20:00 to 03:00 already"),
        (hours(d1=["09:00-"]), "d1-0", "Write both hours"),
        (hours(d1=["nine-17:00"]), "d1-0", "Write both hours"),
        (hours(d1=["09:00+02:00-17:00"]), "d1-0", "Write both hours"),
        (hours(d4=[f"{h:02}:00-{h:02}:30" for h in range(7)]), "d4-6", "At most 6 a day."),
    ],
)
def test_what_is_wrong_stands_beside_its_interval(sign_in, goods, form, field, message):
    manager = sign_in("manager")
    answer = manager.post(f"/console/hours/{goods['branch']}", form | {"seen": stamp(manager, goods)})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in page[page.index(f'id="{field}-error"') :][:300]
    assert len(saved()) == 7
    typed = next(iter(form.values()))[0]
    assert f'value="{typed}"' in page


def test_two_managers_the_second_is_told(sign_in, goods):
    first, second = sign_in("manager"), sign_in("manager")
    seen = stamp(second, goods)
    path = f"/console/hours/{goods['branch']}"
    assert first.post(path, hours(d0=["09:00-12:00"]) | {"seen": seen}).status_code == 303
    answer = second.post(path, hours(d0=["10:00-18:00"]) | {"seen": seen})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Somebody changed these hours" in page and "09:00–12:00" in page
    assert 'value="18:00"' in page
    assert saved() == ["0 09:00-12:00"]
    assert second.post(path, hours(d0=["10:00-18:00"]) | {"seen": sent(page)}).status_code == 303
    assert saved() == ["0 10:00-18:00"]


def test_a_day_is_copied_to_others_before_anything_is_saved(sign_in, goods):
    manager = sign_in("manager")
    form = hours(d0=["09:00-12:00", "13:00-21:00"], d1=["10:00-11:00"])
    form |= {"seen": stamp(manager, goods), "copy": "0", "to-0": ["1", "2"]}
    answer = manager.post(f"/console/hours/{goods['branch']}", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert page.count('value="13:00"') == 3 and 'value="10:00"' not in page
    assert "Not saved yet." in page and len(saved()) == 7


def test_hours_are_added_and_removed_without_a_script(sign_in, goods):
    manager = sign_in("manager")
    path, form = f"/console/hours/{goods['branch']}", hours(d0=["09:00-12:00"])
    more = manager.post(path, form | {"add": "0"}).get_data(as_text=True)
    assert more.count('name="opens-0"') == 2
    less = manager.post(path, form | {"drop": "0-0"}).get_data(as_text=True)
    assert 'value="09:00"' not in less
    assert len(saved()) == 7


def test_dispatchers_read_and_cannot_save(sign_in, goods):
    dispatcher = sign_in("dispatcher")
    page = dispatcher.page(f"/console/hours/list/?branch={goods['branch']}")
    assert "Save the week" not in page
    answer = dispatcher.post(f"/console/hours/{goods['branch']}", hours(d0=["09:00-12:00"]))
    assert answer.status_code in {302, 403} and len(saved()) == 7


def test_the_stamp_changes_with_the_week():
    from datetime import time

    one = {0: [(time(9), time(12)), (time(13), time(21))]}
    turned = {0: [*reversed(one[0])]}
    assert week.stamp_of(one) == week.stamp_of(turned)
    assert week.stamp_of(one) != week.stamp_of({1: one[0]})
    assert week.stamp_of(one) != week.stamp_of({})
