"""Who somebody is in the store of the request."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db
from app.core.tenancy import current_store_id
from app.identity.models import Customer, Membership, Person


@dataclass(frozen=True)
class RoleObject:
    """A role as the admin framework wants it: something with an id and a name."""

    id: int
    name: str


def roles_of(user: Person) -> frozenset[str]:
    """The roles held in the current store; platform staff hold theirs everywhere. Everybody is a customer."""
    roles = {"customer"}
    if current_store_id() is not None:
        roles |= set(db.session.scalars(select(Membership.role).where(Membership.user_id == user.id)))
    if user.platform_admin:
        roles.add("platform_admin")
    return frozenset(roles)


def roles_as_objects(user: Person) -> list[Any]:
    """`roles_of` for the framework's hook."""
    return [RoleObject(0, name) for name in sorted(roles_of(user))]


def actor_of(user: Person, *, source: str = "web") -> Actor:
    """The Actor that services ask about authority."""
    customer_id = db.session.scalar(select(Customer.id).where(Customer.user_id == user.id))
    return Actor(
        user_id=user.id,
        roles=roles_of(user),
        name=user.full_name,
        source=source,
        customer_id=customer_id,
    )
