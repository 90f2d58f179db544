"""Signed-in browsers for tests of pages and sockets."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app import identity
from app.core.actor import Actor
from app.core.db import db
from app.web.actor import SID

HOST = "miami.localhost"


def cookie_of(actor: Actor, host: str = HOST) -> dict[str, Any]:
    """What the session cookie of a signed-in person holds; its row is real."""
    person = db.session.get(identity.Person, actor.user_id)
    assert person is not None
    return {SID: identity.open_session(person, host, "test"), "_user_id": str(actor.user_id), "_fresh": True}


class Browser(FlaskClient):
    """Each request in a context of its own, as on a server: a test's context would carry one visitor to the next."""

    def open(self, *args: Any, **options: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **options)


def visitor(app: Flask) -> FlaskClient:
    """A browser of nobody in particular."""
    return Browser(app, app.response_class)


def signed_in(app: Flask, actor: Actor, host: str = HOST) -> FlaskClient:
    """A browser of somebody."""
    browser = visitor(app)
    values = cookie_of(actor, host)
    with browser.session_transaction(base_url=f"http://{host}") as session:
        session.update(values)
    return browser


def raw_cookie(app: Flask, actor: Actor, host: str = HOST) -> str:
    """The Cookie header of somebody, for clients that are no browsers."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer is not None
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(cookie_of(actor, host))}"
