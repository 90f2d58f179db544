"""The console as people of each role see it: a signed-in client on real commits."""

import re
from collections.abc import Callable
from contextvars import Context

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import identity
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from app.identity.models import Person
from app.web.actor import SID
from tests.factories import MIAMI, give_password, make_branch, make_person, make_variant

HOSTS = {MIAMI: "miami.localhost", 2: "jakarta.localhost"}
SignIn = Callable[..., "Staff"]
PASSWORD = "a lamp on the counter"
"""Of everybody who is signed in here, for what asks for it once more."""


class Staff:
    """A browser of one person at one store, with its CSRF token at hand."""

    def __init__(self, client: FlaskClient, host: str) -> None:
        self.client, self.base = client, f"http://{host}"

    def get(self, path: str, **options):
        return self._ask(self.client.get, path, **options)

    def _ask(self, method, path: str, **options):
        """As a server does: in a context of its own, not in the test's; the test then reads anew."""
        answer = Context().run(method, path, base_url=self.base, **options)
        db.session.remove()
        return answer

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def token(self) -> str:
        page = self.get("/console/").get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        return found.group(1) if found else ""

    def post(
        self, path: str, data: dict | None = None, *, hx: bool = False, token: str | None = None, **options
    ):
        headers = {"X-CSRFToken": self.token() if token is None else token}
        if hx:
            headers["HX-Request"] = "true"
        return self._ask(self.client.post, path, data=data or {}, headers=headers, **options)


def _put_cookie(client: FlaskClient, host: str, user_id: int, token: str) -> None:
    with client.session_transaction(base_url=f"http://{host}") as session:
        session["_user_id"], session["_fresh"], session[SID] = str(user_id), True, token


def enter(app: Flask, person: Person | None, store_id: int = MIAMI) -> Staff:
    """A client whose cookie carries a live session of the person."""
    client, host = app.test_client(), HOSTS[store_id]
    if person is not None:
        with store_scope(store_id):
            user_id, token = person.id, identity.open_session(person, host, "pytest")
        Context().run(_put_cookie, client, host, user_id, token)
    db.session.remove()
    return Staff(client, host)


@pytest.fixture
def sign_in(committed: Flask) -> SignIn:
    """sign_in("manager") is a manager of Miami; no role is a customer, None nobody."""

    def make(role: str | None = "manager", store_id: int = MIAMI) -> Staff:
        if role is None:
            return enter(committed, None, store_id)
        with store_scope(store_id):
            platform = role == "platform_admin"
            roles = () if platform or role == "customer" else (role,)
            with transaction():
                person = make_person(role.title(), roles=roles, platform_admin=platform)
                give_password(person, PASSWORD)
            return enter(committed, person, store_id)

    return make


@pytest.fixture
def goods(committed: Flask) -> dict[str, int]:
    """One product of Miami with its variant and stock; ids, because sessions come and go."""
    branch = make_branch()
    variant = make_variant(branch, "VITC", price_minor=1250, on_hand=10)
    from app.inventory.models import Stock

    stock = db.session.query(Stock).one()
    found = {
        "branch": branch.id,
        "product": variant.product_id,
        "variant": variant.id,
        "stock": stock.id,
        "category": variant.product.category_id,
    }
    db.session.remove()
    return found
