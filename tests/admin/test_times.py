"""The heat-map: ranges are set, closed and opened; booked places are never taken away; the second manager is told."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.promise.models import DeliveryPolicy, DeliverySlot, SlotClosure
from app.promise.types import Counts
from app.stores import current_store


@pytest.fixture
def tomorrow(goods):
    zone = current_store().zone
    return (datetime.now(UTC).astimezone(zone) + timedelta(days=1)).date()


def sent(page: str) -> str:
    return html.unescape(re.search(r'name="seen" value="([^"]+)"', page).group(1))


def at(day, hour, minute=0) -> datetime:
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=current_store().zone)
    return local.astimezone(UTC)


@transaction()
def book(goods, day, hour, booked, capacity=6):
    db.session.add(
        DeliverySlot(branch_id=goods["branch"], starts_at=at(day, hour), capacity=capacity, booked=booked)
    )


def ask(manager, goods, day, seen=None, **form):
    path = f"/console/times/{goods['branch']}"
    seen = seen or sent(manager.page(f"/console/times/list/?branch={goods['branch']}"))
    values = {"first": f"{day}", "last": f"{day}", "start": "10:00", "until": "11:00", "seen": seen} | form
    return manager.post(path, values)


def rows() -> dict[str, tuple[int, int]]:
    zone = current_store().zone
    found = db.session.scalars(select(DeliverySlot).order_by(DeliverySlot.starts_at))
    return {f"{row.starts_at.astimezone(zone):%H:%M}": (row.capacity, row.booked) for row in found}


def test_a_range_is_set_and_audited(sign_in, goods, tomorrow):
    book(goods, tomorrow, 10, 2)
    answer = ask(sign_in("manager"), goods, tomorrow, act="set", capacity="3")
    assert answer.status_code == 303
    assert rows() == {"10:00": (3, 2), "10:15": (3, 0), "10:30": (3, 0), "10:45": (3, 0)}
    assert all(row.edited for row in db.session.scalars(select(DeliverySlot)))
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "slots_changed")).one()
    assert entry.detail["capacity"] == 3 and entry.detail["before"] == {"6": 4}


def test_less_than_is_booked_is_refused_beside_the_field(sign_in, goods, tomorrow):
    book(goods, tomorrow, 10, 4)
    answer = ask(sign_in("manager"), goods, tomorrow, act="set", capacity="3")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "4 are booked for" in page[page.index('id="capacity-error"') :][:300]
    assert (
        rows() == {"10:00": (6, 4)}
        and 'name="capacity" inputmode="numeric" autocomplete="off" value="3"' in page
    )


def test_closing_keeps_what_is_booked_and_opening_cuts_the_closure(sign_in, goods, tomorrow):
    manager = sign_in("manager")
    book(goods, tomorrow, 10, 2)
    closed = ask(
        manager, goods, tomorrow, act="close", until="13:00", **{"note-en": "Storm", "note-ru": "Шторм"}
    )
    assert closed.status_code == 303
    storm = db.session.scalars(select(SlotClosure)).one()
    assert storm.note == {"en": "Storm", "ru": "Шторм"}
    assert (storm.starts_at, storm.ends_at) == (at(tomorrow, 10), at(tomorrow, 13))
    assert rows() == {"10:00": (6, 2)}
    page = manager.page(f"/console/times/list/?branch={goods['branch']}")
    assert page.count('title="Storm"') == 12 and "2 booked there stay." in page
    opened = ask(manager, goods, tomorrow, act="open", start="11:00", until="12:00")
    assert opened.status_code == 303
    left = db.session.scalars(select(SlotClosure).order_by(SlotClosure.starts_at)).all()
    assert [(row.starts_at, row.ends_at) for row in left] == [
        (at(tomorrow, 10), at(tomorrow, 11)),
        (at(tomorrow, 12), at(tomorrow, 13)),
    ]


def test_back_to_usual(sign_in, goods, tomorrow):
    manager = sign_in("manager")
    ask(manager, goods, tomorrow, act="set", capacity="1")
    assert ask(manager, goods, tomorrow, act="usual").status_code == 303
    assert {row.capacity for row in db.session.scalars(select(DeliverySlot))} == {6}
    assert not any(row.edited for row in db.session.scalars(select(DeliverySlot)))


def test_two_managers_the_second_is_told_unless_it_is_another_hour(sign_in, goods, tomorrow):
    first, second = sign_in("manager"), sign_in("manager")
    seen = sent(second.page(f"/console/times/list/?branch={goods['branch']}"))
    assert ask(first, goods, tomorrow, act="set", capacity="4").status_code == 303
    book_elsewhere = ask(second, goods, tomorrow, seen, act="set", capacity="9", start="14:00", until="15:00")
    assert book_elsewhere.status_code == 303
    answer = ask(second, goods, tomorrow, seen, act="set", capacity="9")
    assert answer.status_code == 409 and "Somebody changed these times" in answer.get_data(as_text=True)
    assert rows()["10:00"] == (4, 0)
    assert (
        ask(second, goods, tomorrow, sent(answer.get_data(as_text=True)), act="set", capacity="9").status_code
        == 303
    )
    assert rows()["10:00"] == (9, 0)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"act": "set", "capacity": "many"}, "capacity"),
        ({"act": "set", "capacity": "100000"}, "capacity"),
        ({"act": "set", "capacity": "3", "first": "soon"}, "first"),
        ({"act": "set", "capacity": "3", "start": "25:00"}, "start"),
        ({"act": "set", "capacity": "3", "last": "2020-01-01"}, "last"),
        ({"act": "set", "capacity": "3", "first": "2020-01-01", "last": "2020-01-01"}, "until"),
        ({"act": "set", "capacity": "3", "last": "2031-01-01"}, "last"),
        ({"act": "close", "note-en": "x" * 200}, "note"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(sign_in, goods, tomorrow, form, field):
    answer = ask(sign_in("manager"), goods, tomorrow, **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and f'id="{field}-error"' in page
    assert rows() == {} and db.session.scalars(select(SlotClosure)).all() == []


def test_dispatchers_look_and_strangers_do_not_find_it(sign_in, goods, tomorrow):
    dispatcher = sign_in("dispatcher")
    assert "Close for customers" not in dispatcher.page("/console/times/list/")
    refused = ask(dispatcher, goods, tomorrow, "{}", act="set", capacity="3")
    assert refused.status_code in {302, 403} and rows() == {}
    felix = sign_in("manager", 2)
    assert felix.get(f"/console/times/list/?branch={goods['branch']}").status_code == 404


def test_a_press_on_a_time_fills_the_form_without_a_script(sign_in, goods, tomorrow):
    page = sign_in("manager").page(f"/console/times/list/?branch={goods['branch']}&at={tomorrow}T10:15")
    assert 'name="start" value="10:15"' in page and 'name="until" value="10:30"' in page


def test_the_usual_week_is_filled_saved_and_followed(sign_in, goods, tomorrow):
    manager, path = sign_in("manager"), f"/console/usual/{goods['branch']}"
    book(goods, tomorrow, 10, 5)
    book(goods, tomorrow, 12, 0, capacity=9)
    with transaction():
        for row in db.session.scalars(select(DeliverySlot)).all():
            row.edited = row.capacity == 9
    db.session.remove()
    stamp = sent(manager.page(f"/console/usual/list/?branch={goods['branch']}"))
    days = [str(day) for day in range(7)]
    band = {
        "fill": "1",
        "day": days,
        "start": "10",
        "until": "13",
        "number": "4",
        "otherwise": "8",
        "seen": stamp,
    }
    filled = manager.post(path, band).get_data(as_text=True)
    assert filled.count('value="4" placeholder') == 22 and "Not saved yet." in filled
    numbers = {f"h{day}-{hour}": "4" for day in days for hour in (10, 11, 12)}
    assert manager.post(path, numbers | {"otherwise": "8", "seen": stamp}).status_code == 303
    assert rows() == {"10:00": (5, 5), "12:00": (9, 0)}  # never below what is booked; edited by hand stays
    told = manager.post(path, {"otherwise": "2", "seen": stamp})
    assert told.status_code == 409 and "Somebody changed these settings" in told.get_data(as_text=True)
    page = manager.page(f"/console/times/list/?branch={goods['branch']}")
    assert ">0/4<" in page and ">0/8<" in page


def test_usual_numbers_that_are_none(sign_in, goods):
    manager = sign_in("manager")
    stamp = sent(manager.page(f"/console/usual/list/?branch={goods['branch']}"))
    answer = manager.post(
        f"/console/usual/{goods['branch']}", {"h0-10": "x", "otherwise": "6", "seen": stamp}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="x"' in page and 'aria-invalid="true"' in page


POLICY = {
    "slot_minutes": "30",
    "lead_minutes": "45",
    "horizon_days": "5",
    "express_share": "60",
    "counts": "items",
}


def test_delivery_settings_are_saved_over_the_version_that_was_seen(sign_in, goods):
    manager, path = sign_in("manager"), "/console/delivery-settings/"
    assert manager.post(path, POLICY | {"version": "0"}).status_code == 303
    row = db.session.scalars(select(DeliveryPolicy)).one()
    assert (row.slot_minutes, row.express_share_bp, row.counts, row.version) == (30, 6000, Counts.items, 1)
    assert 'value="60"' in manager.page(f"{path}list/")
    told = manager.post(path, POLICY | {"version": "0", "lead_minutes": "10"})
    assert told.status_code == 409 and "Somebody changed these settings" in told.get_data(as_text=True)
    for change in ({"express_share": "140"}, {"lead_minutes": "-1"}, {"slot_minutes": "17"}):
        answer = manager.post(path, POLICY | {"version": "1"} | change)
        assert answer.status_code == 422 and f'id="{next(iter(change))}-error"' in answer.get_data(
            as_text=True
        )
    assert db.session.scalars(select(DeliveryPolicy.lead_minutes)).one() == 45
