"""People: who somebody is, how they sign in, what their role may do."""

from app.identity.models import Customer, Membership, Person
from app.identity.people import actor_of, roles_as_objects, roles_of
from app.identity.roles import PERMISSIONS, ROLES, STAFF_ROLES, framework_permissions
from app.identity.sessions import live_user

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "STAFF_ROLES",
    "Customer",
    "Membership",
    "Person",
    "actor_of",
    "framework_permissions",
    "live_user",
    "roles_as_objects",
    "roles_of",
]
