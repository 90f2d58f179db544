"""create_app(): the only module that looks up from the domains to the edges."""

import os
from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import app.models  # noqa: F401 - every mapper, before the first query
from app.core import crypto, logs, settings, tenancy
from app.core.db import db
from config import load_config


def create_app(**overrides: object) -> Flask:
    """The web application, which is also the context of jobs and commands. `overrides` go over the configuration."""
    flask_app = Flask(__name__, root_path=os.path.dirname(__file__))
    flask_app.config.from_mapping(load_config())
    flask_app.config.from_mapping(overrides)
    settings.configure(flask_app.config)
    logs.configure_logs(human=flask_app.config["DEMO"], level=flask_app.config["LOG_LEVEL"])
    crypto.configure(flask_app.config["SECRET_KEY"])
    if hops := flask_app.config["PROXY_HOPS"]:
        flask_app.wsgi_app = ProxyFix(flask_app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(flask_app)
    _edges(flask_app)
    # Asked by the web server and the workers before they serve; the release step runs before the role exists.
    flask_app.assert_ready = partial(_assert_ready, flask_app)  # type: ignore[attr-defined]
    return flask_app


def _edges(flask_app: Flask) -> None:
    from flask_migrate import Migrate

    import admin
    import blueprints
    from app import commands, notifications, web

    Migrate(flask_app, db, directory=os.path.join(os.path.dirname(flask_app.root_path), "migrations"))
    web.init_app(flask_app)
    with flask_app.app_context():
        admin.init_app(flask_app)
    blueprints.init_app(flask_app)
    commands.init_app(flask_app)
    notifications.register()


def _assert_ready(flask_app: Flask) -> None:
    with flask_app.app_context():
        tenancy.assert_safe_role(db.engine)
