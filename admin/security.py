"""The framework's security manager, taught about stores: roles of the current store, rows behind every cookie.

The framework brings its own ways in (a form, a JSON API, password forms). None of them is kept: people sign in at
/sign-in, and what they may change of themselves is at /account.
"""

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.views import AuthView
from flask_login import LoginManager
from werkzeug.wrappers import Response

from app import identity
from app.identity.models import Person
from app.web.actor import current_actor, local_path, person_of_cookie


class StoreAuthView(AuthView):
    """The addresses the framework sends people to; both lead to ours."""

    @expose("/login/", methods=["GET"])
    def login(self) -> Response:
        """To the one sign-in page, keeping where the person wanted to go."""
        return redirect(url_for("account.sign_in", next=local_path(_path_of(request.args.get("next")))))

    @expose("/logout/", methods=["GET"])
    def logout(self) -> Response:
        """To the page that asks and posts: nobody is signed out by a link or a picture's address."""
        return redirect(url_for("account.sign_out"))


def _path_of(wanted: str | None) -> str | None:
    """The framework names the next page by its full address; only the path of this host is of use."""
    return wanted.removeprefix(request.host_url.rstrip("/")) if wanted else None


class StoreSecurityManager(SecurityManager):
    """Roles come from memberships of the request's store; permissions of roles from app/identity/roles.py."""

    user_model = Person

    @staticmethod
    def role_permissions() -> dict[str, list[list[str]]]:
        """FAB_ROLES: role → [[view pattern, permission pattern], …]."""
        return identity.framework_permissions()

    def create_login_manager(self, app: Any) -> LoginManager:
        """No remember-me cookies, no guesses by address or browser: the session's row decides."""
        manager: LoginManager = super().create_login_manager(app)
        manager.session_protection = None
        return manager

    def register_views(self) -> None:
        """The sign-in addresses alone; none of the framework's views of people and roles, none of its APIs."""
        self.auth_view = self.appbuilder.add_view_no_menu(StoreAuthView())

    def get_user_roles(self, user: Any) -> list[Any]:
        """The framework's hook for roles; asked many times a page, read once."""
        if not user.is_authenticated:
            return []
        actor = current_actor()
        roles = actor.roles if actor.user_id == user.id else identity.roles_of(user)
        return identity.roles_as_objects(roles)

    def load_user(self, pk: int) -> Any | None:
        """The person behind the cookie, only while its session row lives."""
        return person_of_cookie(int(pk))

    def load_user_jwt(self, _jwt_header: Any, _jwt_data: Any) -> None:
        """The framework's own tokens are worth nothing; the API has others (app/identity/tokens.py)."""
        return None
