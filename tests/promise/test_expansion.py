"""The expansion list: joined once, confirmed by letter, counted by ZIP, left without a trace."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.errors import InvalidInput, NotFound, TooMany
from app.core.events import EventRecord
from app.core.tenancy import store_scope
from app.notifications import ensure_defaults, planning
from app.notifications.models import Delivery
from app.promise import expansion
from app.promise.models import ExpansionWish
from app.promise.zones import set_zips
from tests.factories import make_branch, make_zone


def letters() -> list[EventRecord]:
    return list(db.session.scalars(select(EventRecord).where(EventRecord.type == "WishMade")))


def test_a_wish_counts_once_it_is_confirmed(store):
    wish = expansion.ask_for(" 33186-0001 ", " Ana@Example.com ")
    assert (wish.email, wish.zip) == ("ana@example.com", "33186")
    assert expansion.wishes_by_zip() == [("33186", 0, 1)] or expansion.wishes_by_zip()[0].confirmed == 0
    expansion.confirm_wish(wish.token)
    first = wish.confirmed_at
    assert expansion.confirm_wish(wish.token).confirmed_at == first
    assert [(w.zip, w.confirmed, w.waiting) for w in expansion.wishes_by_zip()] == [("33186", 1, 0)]
    expansion.withdraw_wish(wish.token)
    assert expansion.wishes_by_zip() == []
    with pytest.raises(NotFound):
        expansion.withdraw_wish(wish.token)


def test_asking_again_is_one_wish_and_one_letter(store, monkeypatch):
    wish = expansion.ask_for("33186", "ana@example.com")
    assert expansion.ask_for("33186", "ANA@example.com").id == wish.id
    assert len(letters()) == 1
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(expansion.clock, "now", lambda: later)
    expansion.ask_for("33186", "ana@example.com")
    assert len(letters()) == 2
    expansion.confirm_wish(wish.token)
    monkeypatch.setattr(expansion.clock, "now", lambda: later + timedelta(hours=2))
    expansion.ask_for("33186", "ana@example.com")
    assert len(letters()) == 2
    assert db.session.scalar(select(func.count()).select_from(ExpansionWish)) == 1


def test_the_letter_goes_to_that_address_with_the_link(store):
    ensure_defaults()
    wish = expansion.ask_for("33186", "ana@example.com")
    assert len(planning.plan(letters()[0])) == 1
    letter = db.session.scalars(select(Delivery)).one()
    assert (letter.channel, letter.recipient) == ("email", "ana@example.com")
    assert "33186" in letter.title and letter.url.endswith(f"/delivery/wish/{wish.token}")
    expansion.confirm_wish(wish.token)
    assert planning.plan(letters()[0]) == []


def test_the_day_a_zone_opens_whoever_confirmed_gets_one_letter(store):
    ensure_defaults()
    zone = make_zone(make_branch())
    wish, silent = expansion.ask_for("33186", "ana@example.com"), expansion.ask_for("33186", "bo@example.com")
    expansion.confirm_wish(wish.token)
    set_zips(zone, ["33129", "33186"])
    set_zips(zone, ["33129"])
    set_zips(zone, ["33129", "33186"])
    granted = list(db.session.scalars(select(EventRecord).where(EventRecord.type == "WishGranted")))
    assert len(granted) == 1 and len(planning.plan(granted[0])) == 1
    assert db.session.scalars(select(Delivery)).one().recipient == "ana@example.com"
    assert [(w.zip, w.confirmed, w.waiting) for w in expansion.wishes_by_zip()] == [("33186", 0, 1)]
    assert silent.told_at is None


def test_nobodys_letter_box_is_filled(store):
    for n in range(expansion.MOST_OPEN):
        expansion.ask_for(f"3319{n}", "ana@example.com")
    with pytest.raises(TooMany):
        expansion.ask_for("33199", "ana@example.com")
    assert len(letters()) == expansion.MOST_OPEN


@pytest.mark.parametrize(
    ("zip_code", "email", "field"),
    [
        ("3318", "ana@example.com", "zip"),
        ("33186", "ana", "wish_email"),
        ("33186", "", "wish_email"),
        ("33186", "ana@localhost", "wish_email"),
        ("33186", "ana@example.com\nBcc: x@y.zz", "wish_email"),
        ("33186", "a@b.cc, c@d.ee", "wish_email"),
        ("33186", "a" * 250 + "@example.com", "wish_email"),
        ("33186", "<ana@example.com>", "wish_email"),
    ],
)
def test_what_is_no_wish(store, zip_code, email, field):
    with pytest.raises(InvalidInput) as refused:
        expansion.ask_for(zip_code, email)
    assert list(refused.value.errors) == [field]
    assert letters() == []


def test_another_stores_link_is_no_link(store, other_store):
    token = expansion.ask_for("33186", "ana@example.com").token
    with store_scope(other_store), pytest.raises(NotFound):
        expansion.find_wish(token)
