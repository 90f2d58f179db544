"""A shop with two things on its shelf, and browsers without a script to buy them with."""

import re
from contextvars import Context

import pytest
from sqlalchemy import update

from app import identity
from app.catalog.models import Variant
from app.core.db import db, transaction
from app.identity import ports
from tests.factories import make_branch, make_variant, make_zone

HOST, NEXT_DOOR = "http://miami.localhost", "http://jakarta.localhost"
PHONE = "+13055550142"
ADDRESS = {"line1": "248 SW 23rd Rd", "zip": "33129", "birth_date": "1986-04-30"}


class Codes:
    """An OtpSender that keeps the last code."""

    last = ""

    def send(self, phone: str, text: str, locale: str) -> None:
        self.last = re.search(r"\d{6}", text).group()


@pytest.fixture
def codes(app):
    before, kept = ports.otp_sender(), Codes()
    identity.register_otp_sender(kept)
    yield kept
    if before is not None:
        identity.register_otp_sender(before)


class Guest:
    """A browser without a script that passed the age gate and sends each form with its hidden fields."""

    def __init__(self, app, codes=None, host=HOST):
        self.client, self.codes, self.host = app.test_client(), codes, host
        self.page = self.get("/sign-in")
        self.submit("/age", day="30", month="4", year="1986")

    def send(self, method, path, **options):
        """In a context of its own: inside the test's application context all requests would share one `g`."""
        return Context().run(self.client.open, path, method=method, base_url=self.host, **options)

    def get(self, path):
        self.page = self.send("GET", path)
        return self.page

    def hidden(self, name):
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page.text)
        return found.group(1) if found else ""

    @property
    def token(self):
        return re.search(r'name="csrf-token" content="([^"]+)"', self.page.text).group(1)

    def submit(self, path, headers=None, **form):
        page = self.send("POST", path, data={"csrf_token": self.token} | form, headers=headers)
        if "csrf-token" in page.text:
            self.page = page
        return page

    def json(self, method, path, body):
        headers = {"X-CSRFToken": self.token, "Accept": "application/json"}
        return self.send(method, path, json=body, headers=headers)

    def step(self, step, headers=None, **form):
        return self.submit(f"/checkout/{step}", headers, **form)

    def sign_in(self, phone=PHONE):
        self.get("/checkout")
        assert self.step("send-code", phone=phone).status_code == 303
        assert self.step("verify", code=self.codes.last).status_code == 303
        return self.get("/checkout")

    def fill(self, **form):
        self.sign_in()
        self.step("save", contact_name="Maya Rojas", kind="driver", mode="asap", **ADDRESS | form)
        return self.get("/checkout")

    def place(self, **form):
        said = {name: self.hidden(name) for name in ("key", "fingerprint", "accept")} | form
        return self.step("place", **said)


@pytest.fixture
def shop(committed):
    branch = make_branch()
    make_zone(branch, fee_minor=399)
    make_variant(branch, "A", on_hand=5)
    make_variant(branch, "B", on_hand=2)
    return branch


@pytest.fixture
def guest(shop, committed, codes):
    """With two of A in the cart."""
    browser = Guest(committed, codes)
    browser.submit("/cart/add", sku="A", qty="2")
    browser.get("/cart")
    return browser


@pytest.fixture
def buyer(guest):
    """Signed in, everything filled in."""
    guest.fill()
    return guest


def reprice(_guest):
    """Everything costs a dollar more."""
    with transaction():
        db.session.execute(update(Variant).values(price_minor=1100))
