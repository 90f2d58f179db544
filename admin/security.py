"""The framework's security manager, taught about stores: roles of the current store, rows behind every cookie."""

from typing import Any

from flask_appbuilder.security.sqla.manager import SecurityManager

from app import identity
from app.identity.models import Person


class StoreSecurityManager(SecurityManager):
    """Roles come from memberships of the request's store; permissions of roles from app/identity/roles.py."""

    user_model = Person

    @staticmethod
    def role_permissions() -> dict[str, list[list[str]]]:
        """FAB_ROLES: role → [[view pattern, permission pattern], …]."""
        return identity.framework_permissions()

    def get_user_roles(self, user: Any) -> list[Any]:
        """The framework's hook for roles."""
        if not user.is_authenticated:
            return []
        return identity.roles_as_objects(user)

    def load_user(self, pk: int) -> Any | None:
        """The person behind the cookie, only while its session row lives."""
        return identity.live_user(int(pk))
