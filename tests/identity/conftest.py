"""A sender that keeps its codes, and browsers of the first store."""

import re
from collections.abc import Callable, Iterator
from contextvars import Context

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import identity
from app.core.db import transaction
from app.identity import CodeNotSent, Letter, LetterNotSent, Person, ports
from tests.factories import give_password, make_person

PASSWORD = "a lamp on the counter"
HOST = "http://miami.localhost"
PHONE = "+13055550142"


class KeptCodes:
    """An OtpSender that goes nowhere; `down` makes it fail as a provider does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.down = False

    def send(self, phone: str, text: str, locale: str) -> None:
        if self.down:
            raise CodeNotSent
        self.sent.append((phone, text, locale))

    @property
    def last_code(self) -> str:
        found = re.search(r"\d{6}", self.sent[-1][1])
        assert found is not None
        return found.group()

    @property
    def wrong_code(self) -> str:
        """Six digits that are not the last code."""
        return f"{(int(self.last_code) + 1) % 1_000_000:06d}"


@pytest.fixture
def codes(app: Flask) -> Iterator[KeptCodes]:
    """What was sent to phones, instead of sending it."""
    before, kept = ports.otp_sender(), KeptCodes()
    identity.register_otp_sender(kept)
    yield kept
    if before is not None:
        identity.register_otp_sender(before)


class KeptLetters:
    """A LetterSender that goes nowhere; `down` makes it fail as a provider does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Letter]] = []
        self.down = False

    def send(self, email: str, letter: Letter) -> None:
        if self.down:
            raise LetterNotSent
        self.sent.append((email, letter))

    @property
    def last(self) -> Letter:
        return self.sent[-1][1]

    @property
    def last_code(self) -> str:
        found = re.search(r"\d{6}", self.last.body)
        assert found is not None
        return found.group()

    @property
    def wrong_code(self) -> str:
        """Six digits that are not the last code."""
        return f"{(int(self.last_code) + 1) % 1_000_000:06d}"


@pytest.fixture
def letters(app: Flask) -> Iterator[KeptLetters]:
    """What was sent to mailboxes, instead of sending it."""
    before, kept = ports.letter_sender(), KeptLetters()
    identity.register_letter_sender(kept)
    yield kept
    if before is not None:
        identity.register_letter_sender(before)


@transaction()
def person_with_password(name: str = "Dmitri", *roles: str, email: str = "dmitri@miami.test") -> Person:
    """Somebody who signs in with PASSWORD."""
    person = make_person(name, roles=roles, email=email)
    give_password(person, PASSWORD)
    return person


class Browser:
    """A test client of one store that sends the CSRF token its pages would."""

    def __init__(self, client: FlaskClient, host: str) -> None:
        self.client, self.host = client, host

    def send(self, method: str, path: str, form: dict[str, str] | None = None):
        """In a context of its own: inside the test's application context all requests would share one `g`."""
        return Context().run(self.client.open, path, method=method, base_url=self.host, data=form)

    def get(self, path: str):
        return self.send("GET", path)

    def post(self, path: str, **form: str):
        page = next(found for found in map(self.get, ("/sign-in", "/account")) if found.status_code == 200)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None, page.text[:400]
        return self.send("POST", path, form | {"csrf_token": token.group(1)})

    def sign_in(self, email: str = "dmitri@miami.test", password: str = PASSWORD, **form: str):
        return self.post("/sign-in", way="password", email=email, password=password, **form)

    def copy(self, app: Flask) -> "Browser":
        """Another browser with the same cookies: somebody copied them."""
        thief = app.test_client()
        for cookie in self.client._cookies.values():
            thief.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
        return Browser(thief, self.host)

    @property
    def is_signed_in(self) -> bool:
        return self.get("/account").status_code == 200


@pytest.fixture
def browse(committed: Flask) -> Callable[..., Browser]:
    """Open a browser, of Miami unless another host is given."""
    return lambda host=HOST: Browser(committed.test_client(), host)
