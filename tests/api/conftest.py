"""A client of the API, and a shop to call: requests run in contexts of their own, as they do in the server."""

from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import identity
from app.core.actor import Actor
from app.core.db import db
from app.core.tenancy import store_scope
from app.identity.models import Person
from tests.factories import (
    JAKARTA,
    make_branch,
    make_category,
    make_customer,
    make_driver,
    make_staff,
    make_variant,
    make_zone,
)

MIAMI_HOST, JAKARTA_HOST = "miami.localhost", "jakarta.localhost"
V1 = "/api/v1"
HOME = {"line1": "248 SW 23rd Rd", "city": "Miami", "zip": "33129"}


@dataclass
class Api:
    """Calls paths under /api/v1 of one host, with one token."""

    app: Flask
    token: str = ""
    host: str = MIAMI_HOST
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        """One request. `key` is its Idempotency-Key."""
        headers = {"Host": self.host, **self.headers, **options.pop("headers", {})}
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if key := options.pop("key", ""):
            headers["Idempotency-Key"] = key
        if json is not None:
            options["json"] = json
        url = path if path.startswith("/api/") else V1 + path
        db.session.commit()  # what the test has written is there for the request, and its savepoint is closed
        answer: TestResponse = Context().run(
            self.app.test_client(use_cookies=False).open, url, method=method, headers=headers, **options
        )
        db.session.expire_all()
        return answer

    def get(self, path: str, **options: Any) -> Any:
        return self("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self("POST", path, json, **options)

    def at(self, **changes: Any) -> "Api":
        """Another client of the same application."""
        return Api(**{"app": self.app, "token": self.token, "host": self.host, **changes})


@pytest.fixture
def api(store: int, world: Flask) -> Iterator[Api]:
    """Nobody, at Miami, with nothing counted against anybody yet."""
    limiter = world.appbuilder.sm.limiter  # type: ignore[attr-defined]
    limiter.reset()
    yield Api(world)


def token_of(actor: Actor, device: str = "") -> str:
    """An access token of the actor for the current store."""
    person = db.session.get(Person, actor.user_id)
    assert person is not None
    return identity.issue_tokens(person, device).access_token


@dataclass
class Cast:
    """A shop of one branch, and everybody who may call."""

    nobody: Api
    ana: Api
    bella: Api
    boris: Api
    other_driver: Api
    carla: Api
    felix: Api
    foreign: Api
    actors: dict[str, Actor]

    def by(self, name: str) -> Api:
        """The client of a role in a table."""
        found: Api = getattr(self, name)
        return found


@pytest.fixture
def cast(api: Api) -> Cast:
    """Ana and Bella buy, Boris drives, Carla dispatches; Felix holds a token of Jakarta, `foreign` uses it there."""
    branch = make_branch()
    make_zone(branch, name="Brickell", fee_minor=499, minimum_minor=500)
    drawer = make_category("vitamins")
    make_variant(branch, "VITC", price_minor=1250, on_hand=20, category=drawer, slug="vitamin-c", min_age=0)
    make_variant(branch, "MAG", price_minor=899, on_hand=3, category=drawer, slug="magnesium")
    actors = {
        "ana": make_customer("Ana"),
        "bella": make_customer("Bella"),
        "boris": make_driver("Boris"),
        "other_driver": make_driver("Ben"),
        "carla": make_staff("Carla"),
    }
    clients = {name: api.at(token=token_of(actor)) for name, actor in actors.items()}
    with store_scope(JAKARTA):
        felix = make_customer("Felix")
        foreign = token_of(felix)
    return Cast(
        nobody=api,
        felix=api.at(token=foreign),
        foreign=api.at(token=foreign, host=JAKARTA_HOST),
        actors=actors | {"felix": felix},
        **clients,
    )


def order_body(*items: tuple[str, int], **changes: Any) -> dict[str, Any]:
    """An express order to 33129, in cash."""
    body: dict[str, Any] = {
        "items": [{"sku": sku, "qty": quantity} for sku, quantity in items or (("VITC", 1),)],
        "fulfilment": {"kind": "driver", "mode": "asap", "address": HOME},
        "payment": {"method": "cash"},
        "birth_date": "1980-05-17",
    }
    return body | changes


Place = Callable[..., str]


@pytest.fixture
def place_by_api(cast: Cast) -> Place:
    """Place an order of Ana's; gives its code."""
    numbers = iter(range(1, 1000))

    def place(*items: tuple[str, int], by: Api | None = None, **changes: Any) -> str:
        answer = (by or cast.ana).post(
            "/orders", order_body(*items, **changes), key=f"placed-{next(numbers)}"
        )
        assert answer.status_code == 201, answer.json
        return str(answer.json["code"])

    return place


def kind_of(answer: Any) -> str:
    """The last part of a problem's type."""
    assert answer.mimetype == "application/problem+json", answer.data
    assert answer.json["status"] == answer.status_code
    assert answer.json["title"]
    return str(answer.json["type"]).rsplit("/", 1)[1]
