"""The API, version 1: the same services as the pages, spoken in JSON.

Bearer tokens alone carry authority here; a cookie means nothing, so nothing here needs a CSRF token.
"""

from flask import Flask

from app.web.security import csrf
from blueprints.api import (
    auth,
    catalogue,
    commands,
    dispatch,
    docs,
    driver,
    edge,
    me,
    orders,
    reviews,
    store,
    substitutions,  # noqa: F401 - adds its calls to the sections of orders and dispatch
    track,
)
from blueprints.api.section import Section
from blueprints.api.spec import api

SECTIONS: tuple[Section, ...] = (
    store.bp,
    catalogue.bp,
    auth.bp,
    me.bp,
    orders.bp,
    reviews.bp,
    track.bp,
    dispatch.bp,
    driver.bp,
)
AUTH_LIMIT = "30 per minute"
WRITE_LIMIT = "120 per minute"
"""Of one caller (the account behind the token, else the address) at one path."""


def init_app(app: Flask) -> None:
    """Register the sections, their limits and the documentation."""
    edge.init_app(app)
    api.init_app(app)
    limiter = app.extensions["appbuilder"].sm.limiter
    for section in SECTIONS:
        csrf.exempt(section)
        allowed = AUTH_LIMIT if section is auth.bp else WRITE_LIMIT
        limiter.limit(allowed, key_func=edge.caller_key, methods=["POST"])(section)
        api.register_blueprint(section)
    app.register_blueprint(docs.bp)
    app.cli.add_command(commands.group)
