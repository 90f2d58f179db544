"""The staff console: generated lists and forms in the house's skin, over the same services as every other edge."""

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder
from flask_login import current_user

from admin import media, registry
from admin.home import ConsoleIndexView
from admin.menu import console_menu
from admin.security import StoreSecurityManager
from app.core.db import db
from app.web.pictures import picture_srcset, picture_url
from app.web.rendering import choose_locale

OFF = (
    "FAB_ADD_MENU_API",
    "FAB_ADD_OPENAPI_VIEWS",
    "FAB_ADD_SECURITY_PERMISSION_VIEW",
    "FAB_ADD_SECURITY_VIEW_MENU_VIEW",
)
"""Parts of the framework that nobody here needs: what does not answer cannot leak."""


def init_app(app: Flask) -> None:
    """Build the console. Needs an application context."""
    app.config["FAB_ROLES"] = StoreSecurityManager.role_permissions()
    app.config.update(dict.fromkeys(OFF, False))
    appbuilder = AppBuilder(security_manager_class=StoreSecurityManager, indexview=ConsoleIndexView)
    appbuilder.init_app(app, db.session)
    registry.add_views(appbuilder)
    app.register_blueprint(media.bp)
    app.extensions["babel"].locale_selector = choose_locale
    app.jinja_env.globals.update(
        console_menu=console_menu, console_may=_may_open, photo_url=picture_url, picture_srcset=picture_srcset
    )
    consoles = frozenset(
        view.endpoint for view in appbuilder.baseviews if str(view.route_base).startswith("/console")
    )
    app.url_value_preprocessor(_let_files_in)
    app.before_request(lambda: _ask_who(consoles))
    app.after_request(lambda response: _keep_nowhere(consoles, response))


LARGEST_UPLOAD = 32 * 1024 * 1024
TAKES_FILES = frozenset({"ProductPhotoAdmin.upload", "ProductImportAdmin.upload"})


def _let_files_in(endpoint: str | None, _values: object) -> None:
    """Where staff bring files, a request may be larger than elsewhere. Said before anything reads the form."""
    if endpoint in TAKES_FILES:
        request.max_content_length = LARGEST_UPLOAD


def _ask_who(consoles: frozenset[str]) -> ResponseReturnValue | None:
    """Strangers sign in first; a fragment's request is told to load the whole page."""
    if request.blueprint not in consoles or current_user.is_authenticated:
        return None
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("account.sign_in")}
    wanted = request.full_path.rstrip("?") if request.method == "GET" else url_for("ConsoleIndexView.index")
    return redirect(url_for("account.sign_in", next=wanted))


def _keep_nowhere(consoles: frozenset[str], response):
    """What staff see stays out of caches."""
    if request.blueprint in consoles:
        response.headers["Cache-Control"] = "no-store"
    return response


def _may_open(view: str) -> bool:
    return bool(current_app.extensions["appbuilder"].sm.has_access("can_list", view))
