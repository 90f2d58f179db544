"""Roles are of one store, given by those who may, and effective at once."""

import pytest
from sqlalchemy import select

from app import identity
from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput
from app.core.tenancy import store_scope
from app.identity import LastAdministrator
from tests.factories import JAKARTA, MIAMI, make_driver, make_person

ADMIN = Actor(None, frozenset({"store_admin", "customer"}), "Admin")


def test_a_new_role_works_after_signing_in_anew(store):
    person = make_person("Carla")
    token = identity.open_session(person, "miami.localhost", "")
    identity.grant_role(person, "dispatcher", ADMIN)
    assert identity.live_user(person.id, token) is None
    assert identity.roles_of(person) == {"customer", "dispatcher"}
    assert db.session.scalars(select(AuditEntry.action)).all() == ["role_granted"]


def test_giving_a_role_twice_changes_nothing(store):
    person = make_person("Carla", roles=("dispatcher",))
    token = identity.open_session(person, "miami.localhost", "")
    identity.grant_role(person, "dispatcher", ADMIN)
    assert identity.live_user(person.id, token) is not None


def test_losing_a_role_signs_out(store):
    person = make_person("Carla", roles=("dispatcher",))
    token = identity.open_session(person, "miami.localhost", "")
    identity.revoke_role(person, "dispatcher", ADMIN)
    assert identity.live_user(person.id, token) is None
    assert identity.roles_of(person) == {"customer"}


@pytest.mark.parametrize("role", ["manager", "dispatcher", "driver", "customer"])
def test_only_administrators_give_roles(store, role):
    person = make_person("Felix")
    with pytest.raises(Forbidden):
        identity.grant_role(person, "dispatcher", Actor(9, frozenset({role}), "Somebody"))
    with pytest.raises(Forbidden):
        identity.revoke_role(person, "dispatcher", Actor(9, frozenset({role}), "Somebody"))
    assert identity.roles_of(person) == {"customer"}


@pytest.mark.parametrize("role", ["platform_admin", "customer", "god", ""])
def test_roles_no_store_gives(store, role):
    with pytest.raises(InvalidInput):
        identity.grant_role(make_person("Felix"), role, ADMIN)


def test_the_last_administrator_stays(store):
    first = make_person("Elena", roles=("store_admin",))
    with pytest.raises(LastAdministrator):
        identity.revoke_role(first, "store_admin", SYSTEM)
    identity.grant_role(make_person("Dmitri"), "store_admin", SYSTEM)
    identity.revoke_role(first, "store_admin", SYSTEM)
    assert identity.roles_of(first) == {"customer"}


def test_only_the_platform_closes_accounts(store):
    person = make_person("Felix")
    token = identity.open_session(person, "miami.localhost", "")
    with pytest.raises(Forbidden):
        identity.set_active(person, False, ADMIN)
    identity.set_active(person, False, SYSTEM)
    assert identity.live_user(person.id, token) is None
    assert not person.active


def test_people_with_a_role_are_active_and_of_this_store(store):
    carla, gone = make_person("Carla", roles=("dispatcher",)), make_person("Gone", roles=("dispatcher",))
    make_person("Dmitri", roles=("manager",))
    gone.active = False
    db.session.flush()
    assert [p.id for p in identity.people_with_role("dispatcher")] == [carla.id]


def test_a_manager_here_is_a_customer_next_door(committed):
    person_id = make_person("Dmitri", roles=("manager",)).id
    driver = make_driver("Boris")
    with store_scope(JAKARTA):
        assert identity.roles_of(identity.person_by_id(person_id)) == {"customer"}
        assert identity.people_with_role("manager") == []
        assert identity.actor_of(identity.person_by_id(driver.user_id)).driver_id is None
    with store_scope(MIAMI):
        assert identity.actor_of(identity.person_by_id(driver.user_id)).driver_id == driver.driver_id


def test_platform_staff_are_staff_everywhere(store):
    person = make_person("Grace", platform_admin=True)
    assert identity.roles_of(person) == {"customer", "platform_admin"}
    assert identity.actor_of(person).is_staff
