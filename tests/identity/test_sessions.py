"""A cookie is worth what its row says."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app import identity
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.identity.models import LoginSession
from app.identity.sessions import LONGEST_STAFF
from tests.factories import make_person


def live(person, token, host=None) -> bool:
    return identity.live_user(person.id, token, host) is not None


def test_every_sign_in_is_a_row_of_its_own(store):
    person = make_person("Ana")
    first, second = (identity.open_session(person, "miami.localhost", "Firefox") for _ in range(2))
    assert first != second
    assert live(person, first) and live(person, second)
    kept = db.session.scalars(select(LoginSession.token_hash)).all()
    assert first not in kept and second not in kept


def test_a_token_belongs_to_one_person_and_one_host(store):
    ana, felix = make_person("Ana"), make_person("Felix")
    token = identity.open_session(ana, "miami.localhost", "")
    assert not live(felix, token)
    assert not live(ana, "")
    assert not live(ana, token + "x")
    assert live(ana, token, "miami.localhost")
    assert not live(ana, token, "jakarta.localhost")


def test_signing_out_ends_this_session_alone(store):
    person = make_person("Ana")
    first, second = (identity.open_session(person, "miami.localhost", "") for _ in range(2))
    identity.close_session(first)
    assert not live(person, first)
    assert live(person, second)


def test_signing_out_everywhere(store):
    person = make_person("Ana")
    tokens = [identity.open_session(person, "miami.localhost", "") for _ in range(3)]
    identity.close_all_sessions(person)
    assert not any(live(person, token) for token in tokens)
    assert live(person, identity.open_session(person, "miami.localhost", ""))


def test_an_earlier_epoch_is_dead_even_when_its_row_is_left(store):
    person = make_person("Ana")
    token = identity.open_session(person, "miami.localhost", "")
    person.epoch += 1
    db.session.flush()
    assert not live(person, token)


def test_a_closed_account_is_nobody(store):
    person = make_person("Ana")
    token = identity.open_session(person, "miami.localhost", "")
    person.active = False
    db.session.flush()
    assert not live(person, token)


@pytest.mark.parametrize(
    ("roles", "idle"),
    [((), timedelta(days=30)), (("manager",), timedelta(minutes=30)), (("driver",), timedelta(days=30))],
)
def test_idle_sessions_end(store, roles, idle):
    person = make_person("Dmitri", roles=roles)
    token = identity.open_session(person, "miami.localhost", "")
    with clock.moved(idle + timedelta(seconds=1)):
        assert not live(person, token)


def test_an_active_session_goes_on(store):
    person = make_person("Dmitri", roles=("manager",))
    token = identity.open_session(person, "miami.localhost", "")
    for minutes in (20, 40, 60, 80):
        with clock.moved(timedelta(minutes=minutes)):
            assert live(person, token)


def test_no_session_of_staff_outlives_its_longest_age(store):
    person = make_person("Dmitri", roles=("manager",))
    token = identity.open_session(person, "miami.localhost", "")
    minutes = int(LONGEST_STAFF.total_seconds() // 60)
    for at in range(0, minutes, 20):
        with clock.moved(timedelta(minutes=at)):
            assert live(person, token)
    with clock.moved(timedelta(minutes=minutes, seconds=1)):
        assert not live(person, token)


def test_last_seen_is_written_once_a_minute(store):
    person = make_person("Ana")
    token = identity.open_session(person, "miami.localhost", "")
    written = []

    def note(_c, _cursor, statement, *_rest):
        if statement.startswith("UPDATE login_session"):
            written.append(statement)

    event.listen(db.session.connection(), "before_cursor_execute", note)
    for seconds in (1, 20, 40, 61, 62, 100, 122):
        with clock.moved(timedelta(seconds=seconds)):
            assert live(person, token)
    assert len(written) == 2


def test_devices_are_ones_own(store):
    ana, felix = make_person("Ana"), make_person("Felix")
    phone = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    here = identity.open_session(ana, "miami.localhost", phone)
    identity.open_session(felix, "miami.localhost", "")
    (device,) = identity.list_sessions(ana, here)
    assert (device.browser, device.system, device.is_current) == ("Chrome", "Android", True)
    with pytest.raises(NotFound):
        identity.revoke_session(felix, device.id)
    assert live(ana, here)
    identity.revoke_session(ana, device.id)
    assert not live(ana, here)


def test_reading_the_actor_takes_one_query(store):
    person = make_person("Boris", roles=("driver", "dispatcher"))
    profile = identity.customer_of(person)
    db.session.refresh(person)  # as it comes from live_user
    statements = []
    event.listen(db.session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    actor = identity.actor_of(person)
    assert len(statements) == 1
    assert actor.roles == {"driver", "dispatcher", "customer"}
    assert (actor.customer_id, actor.driver_id) == (profile.id, None)
