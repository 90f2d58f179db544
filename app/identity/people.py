"""Who somebody is in the store of the request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import insert

from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.tenancy import current_store_id
from app.identity.models import Customer, Membership, Person

ActorFact = Callable[[int], ScalarSelect[Any]]
_facts: dict[str, ActorFact] = {}


@dataclass(frozen=True)
class RoleObject:
    """A role as the admin framework wants it: something with an id and a name."""

    id: int
    name: str


def register_actor_fact(name: str, fact: ActorFact) -> None:
    """Let a domain above fill a field of Actor: `fact(user_id)` is a scalar subquery, read with the roles."""
    _facts[name] = fact


def roles_of(user: Person) -> frozenset[str]:
    """The roles held in the current store; platform staff hold theirs everywhere. Everybody is a customer."""
    held: list[str] = []
    if current_store_id() is not None:
        held = list(db.session.scalars(select(Membership.role).where(Membership.user_id == user.id)))
    return _with_own(user, held)


def _with_own(user: Person, held: list[str]) -> frozenset[str]:
    own = {"customer", "platform_admin"} if user.platform_admin else {"customer"}
    return frozenset(own.union(held))


def roles_as_objects(roles: frozenset[str]) -> list[RoleObject]:
    """Roles for the framework's hook."""
    return [RoleObject(0, name) for name in sorted(roles)]


def actor_of(user: Person, *, source: str = "web") -> Actor:
    """The Actor that services ask about authority: one query."""
    held = select(func.array_agg(Membership.role)).where(Membership.user_id == user.id).scalar_subquery()
    customer = select(Customer.id).where(Customer.user_id == user.id).scalar_subquery()
    facts = [fact(user.id).label(name) for name, fact in _facts.items()]
    row = (
        db.session.execute(select(held.label("held"), customer.label("customer_id"), *facts)).mappings().one()
    )
    return Actor(
        user_id=user.id,
        roles=_with_own(user, row["held"] or []),
        name=user.full_name,
        source=source,
        **{name: value for name, value in row.items() if name != "held"},
    )


def person_actor(user: Person, *, source: str = "web") -> Actor:
    """The person for the audit trail, where roles do not matter: no query."""
    return Actor(user_id=user.id, name=user.full_name, source=source)


@transaction()
def customer_of(user: Person) -> Customer:
    """The person's customer profile in the current store, made at the first call."""
    db.session.execute(
        insert(Customer)
        .values(user_id=user.id, blocked=False)
        .on_conflict_do_nothing(index_elements=["store_id", "user_id"])
    )
    return db.session.scalars(select(Customer).where(Customer.user_id == user.id)).one()


def person_by_id(user_id: int) -> Person | None:
    """The person, active or not."""
    return db.session.get(Person, user_id)


def person_by_email(email: str) -> Person | None:
    """The person with this e-mail address, as typed or in lower case (an index answers both)."""
    typed = email.strip()
    return db.session.scalar(
        select(Person).where(Person.email.in_({typed, typed.lower()})).order_by(Person.id).limit(1)
    )


def person_by_phone(phone: str) -> Person | None:
    """The person with this number (E.164)."""
    return db.session.scalar(select(Person).where(Person.phone == phone))
