"""Hours and windows that contradict what is there: refused beside the field, or saved with a word about it."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.promise.models import TrafficWindow
from app.stores.models import Branch, HoursException
from tests.factories import make_zone

WINDOW = {
    "effect": "closed",
    "extra_minutes": "0",
    "from_time": "17:00",
    "to_time": "19:00",
    "active": "y",
    "zips": "33129",
}


def said(answer) -> str:
    return answer.get_data(as_text=True)


def enter(manager, goods, day, opens="", closes=""):
    form = {"branch_id": str(goods["branch"]), "day": day, "opens": opens, "closes": closes}
    return manager.post("/console/hours-exceptions/add", form)


@pytest.mark.parametrize(
    ("day", "opens", "closes", "field", "words"),
    [
        (
            "2026-12-25",
            "01:00",
            "05:00",
            "opens",
            "These hours meet those of December 24, 2026: 20:00 to 02:00.",
        ),
        ("2026-12-24", "21:00", "22:00", "opens", "The branch is open from 20:00 to 02:00 already."),
        ("2026-12-24", "", "", "day", "This day has an entry for this branch already."),
        ("2026-12-26", "09:00", "", "closes", "Write both hours"),
        ("2027-03-14", "02:00", "03:00", "opens", "The clocks go forward that night"),
        ("2026-02-30", "09:00", "10:00", "day", ""),
    ],
)
def test_a_special_day_that_contradicts_is_refused(sign_in, goods, day, opens, closes, field, words):
    manager = sign_in("manager")
    assert enter(manager, goods, "2026-12-24", "20:00", "02:00").status_code == 303
    refused = enter(manager, goods, day, opens, closes)
    page = said(refused)
    assert refused.status_code == 422
    assert words in page[page.index(f'id="{field}-error"') :][:300]
    assert not opens or f'value="{opens}"' in page
    assert db.session.query(HoursException).count() == 1


def test_hours_into_a_closed_day_are_saved_with_a_word(sign_in, goods):
    manager = sign_in("manager")
    assert enter(manager, goods, "2026-12-25").status_code == 303
    assert enter(manager, goods, "2026-12-24", "20:00", "02:00").status_code == 303
    page = manager.page("/console/hours-exceptions/list/")
    assert "December 25, 2026 is entered as closed" in page


def test_windows_that_meet_are_saved_with_a_word_and_doubles_refused(sign_in, goods):
    make_zone(db.session.get_one(Branch, goods["branch"]), zips=("33129",))
    db.session.remove()
    manager = sign_in("manager")
    assert manager.post("/console/traffic/add", WINDOW).status_code == 303
    slow = WINDOW | {"effect": "longer", "extra_minutes": "20"}
    refused = manager.post("/console/traffic/add", slow)
    page = said(refused)
    assert refused.status_code == 422
    assert (
        "Another window is of the same places and times: 17:00–19:00"
        in page[page.index('id="from_time-error"') :]
    )
    assert manager.post("/console/traffic/add", slow | {"to_time": "20:00"}).status_code == 303
    assert "Where both hold, closed counts." in manager.page("/console/traffic/list/")
    row = db.session.scalars(select(TrafficWindow).order_by(TrafficWindow.id)).first()
    assert manager.post(f"/console/traffic/edit/{row.id}", WINDOW).status_code == 303  # not against itself


def test_a_window_that_changes_nothing(sign_in, goods):
    make_zone(db.session.get_one(Branch, goods["branch"]), zips=("33129",))
    db.session.remove()
    manager = sign_in("manager")
    never = WINDOW | {"weekdays": "0", "valid_from": "2026-11-21", "valid_until": "2026-11-22"}
    refused = manager.post("/console/traffic/add", never)
    assert refused.status_code == 422 and "None of these weekdays lies between" in said(refused)
    assert manager.post("/console/traffic/add", WINDOW | {"zips": "90210"}).status_code == 303
    assert "No zone delivers to 90210" in manager.page("/console/traffic/list/")
