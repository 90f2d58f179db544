"""The staff console: generated lists and forms in the house's skin, over the same services as every other edge."""

from flask import Flask
from flask_appbuilder import AppBuilder

from admin.security import StoreSecurityManager
from app.core.db import db
from app.web.rendering import choose_locale


def init_app(app: Flask) -> None:
    """Build the console. Needs an application context."""
    app.config["FAB_ROLES"] = StoreSecurityManager.role_permissions()
    appbuilder = AppBuilder(security_manager_class=StoreSecurityManager)
    appbuilder.init_app(app, db.session)
    app.extensions["babel"].locale_selector = choose_locale
