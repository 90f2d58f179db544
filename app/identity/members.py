"""Memberships: who works for the current store, as what, and who may say so."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from werkzeug.security import generate_password_hash

from app.core import audit
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput
from app.core.i18n import _
from app.identity.errors import LastAdministrator
from app.identity.limits import lock
from app.identity.models import Membership, Person
from app.identity.roles import ROLES
from app.identity.sessions import revoke_everything

GRANTABLE = tuple(role for role in ROLES if role not in {"platform_admin", "customer"})
"""Roles that a store gives. Everybody is a customer; the platform's staff are made by the platform."""


def _require_authority(role: str, actor: Actor) -> None:
    if not actor.has("platform_admin", "store_admin"):
        raise Forbidden
    if role not in GRANTABLE:
        raise InvalidInput({"role": _("This role cannot be given.")})


@transaction()
def grant_role(user: Person, role: str, actor: Actor) -> None:
    """Give the role in the current store; the person signs in anew to use it. Having it already changes nothing.

    Raises Forbidden unless the actor administers the store, InvalidInput for a role no store gives.
    """
    _require_authority(role, actor)
    granted = db.session.scalar(
        insert(Membership)
        .values(user_id=user.id, role=role)
        .on_conflict_do_nothing(index_elements=["store_id", "user_id", "role"])
        .returning(Membership.id)
    )
    if granted is not None:
        revoke_everything(user)
        audit.record("role_granted", actor=actor, subject=f"person:{user.id}", role=role)


@transaction()
def revoke_role(user: Person, role: str, actor: Actor) -> None:
    """Take the role away in the current store; the person is signed out at once.

    Raises Forbidden, and LastAdministrator when nobody active would be left to administer the store.
    """
    _require_authority(role, actor)
    if role == "store_admin":
        lock("store-admins")
        _require_another_administrator(user)
    revoked = db.session.scalar(
        delete(Membership)
        .where(Membership.user_id == user.id, Membership.role == role)
        .returning(Membership.id)
    )
    if revoked is not None:
        revoke_everything(user)
        audit.record("role_revoked", actor=actor, subject=f"person:{user.id}", role=role)


def _require_another_administrator(user: Person) -> None:
    others = db.session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(Person, Person.id == Membership.user_id)
        .where(Membership.role == "store_admin", Membership.user_id != user.id, Person.active.is_(True))
    )
    if not others:
        raise LastAdministrator


@transaction()
def set_active(user: Person, active: bool, actor: Actor) -> None:
    """Close or reopen an account, everywhere: people are shared by all stores, so only the platform may.

    A closed account is signed out at once. Raises Forbidden.
    """
    if not actor.has("platform_admin"):
        raise Forbidden
    person = db.session.scalars(for_update(select(Person).where(Person.id == user.id))).one()
    if bool(person.active) == active:
        return
    db.session.execute(update(Person).where(Person.id == user.id).values(active=active))
    revoke_everything(user)
    db.session.refresh(user, ["active"])
    audit.record("account_opened" if active else "account_closed", actor=actor, subject=f"person:{user.id}")


def people_with_role(role: str) -> list[Person]:
    """The active people who hold the role in the current store, in the order they joined."""
    query = (
        select(Person)
        .join(Membership, Membership.user_id == Person.id)
        .where(Membership.role == role, Person.active.is_(True))
        .order_by(Membership.id)
    )
    return list(db.session.scalars(query))


@transaction()
def administrator(email: str, password: str) -> Person:
    """The person of this e-mail, made with that password when new: for the command that opens a store."""
    address = email.strip().lower()
    person = db.session.scalar(select(Person).where(Person.email == address))
    if person is None:
        person = Person(
            first_name=address.split("@")[0], last_name="", username=address, email=address, active=True
        )
        person.password = generate_password_hash(password)
        db.session.add(person)
        db.session.flush()
    return person
