"""Two walks over every route of the product: each role against the authority matrix, and each route with the ids of
another store, which must not be there."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select
from werkzeug.routing import Rule

from app import identity
from app.catalog.models import Category, Product
from app.core import clock, crypto
from app.core.db import db, transaction
from app.core.tenancy import TenantScoped, store_scope
from app.demo.seed import seed_demo
from app.identity.models import Membership, Person
from app.insight.models import WhatIf
from app.insight.scenario import Scenario
from app.orders.models import Order
from app.orders.states import Status
from app.payments.settlement_models import DifferenceSort, LineKind, SettlementDifference
from app.promise.models import TrafficWindow
from tests import factories
from tests.architecture.authority import ROLES, ROWS, audience_of
from tests.factories import JAKARTA, MIAMI

HOSTS = {MIAMI: "miami.localhost", JAKARTA: "jakarta.localhost"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = {401, 403, 404}
SHARED = {"filename", "locale", "name", "path"}
"""Parameters that name a file or a language, not a row of a store."""
# Routes whose parameter is a word of our own, or whose rows belong to people and not to stores.
WITHOUT_FOREIGN_IDS = {
    "storefront.save_checkout": "the step is one of our words",
    "account.sign_out_device": "devices belong to a person; another person's is tried in tests/identity",
    "PaymentMethodView.edit": "a method is one of our words; the rows behind it are the store's own",
    "PaymentMethodView.up": "a method is one of our words; the rows behind it are the store's own",
    "ReconciliationAdmin.run": "a method is one of our words; its list is the store's own",
    "PersonAdmin.show": "people are global, and only the platform may look",
}


@dataclass
class Town:
    """The two demo stores with people of every role in Miami."""

    app: Flask
    people: dict[str, int] = field(default_factory=dict)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    age_cookie: str = ""


@pytest.fixture(scope="module")
def town(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    before = {name: app.config[name] for name in ("WTF_CSRF_ENABLED", "WORLD_TTL")}
    # What managers edit is read once a minute, as in the running product: the walks are not about that.
    app.config.update(WTF_CSRF_ENABLED=False, WORLD_TTL=60.0)
    app.appbuilder.sm.limiter.enabled = False  # type: ignore[attr-defined]
    built = Town(app)
    try:
        with app.app_context():
            seed_demo(Path(tmp_path_factory.mktemp("packs")), days=3)
            for store_id in HOSTS:
                with store_scope(store_id):
                    _fill_what_the_demo_leaves_empty()
                    built.rows[store_id] = _rows()
            for word in ("category", "product"):  # a slug that the other store does not have, too
                mine, theirs = built.rows[MIAMI][word], built.rows[JAKARTA][word]
                built.rows[MIAMI][word], built.rows[JAKARTA][word] = min(mine - theirs), min(theirs - mine)
            with store_scope(MIAMI):
                for role in ROLES[1:]:
                    built.people[role] = _person(role)
            value = f"{MIAMI}.21.{int(clock.now().timestamp()) + 3600}"
            built.age_cookie = f"{value}.{crypto.sign('age-gate', value)}"
        yield built
    finally:
        app.config.update(before)
        app.appbuilder.sm.limiter.enabled = True  # type: ignore[attr-defined]
        factories.sweep(app)


@transaction()
def _person(role: str) -> int:
    if role == "driver":
        return factories.make_driver(f"Walker {role}").user_id or 0
    person = factories.make_person(
        f"Walker {role}", roles=() if role in {"customer", "platform_admin"} else (role,)
    )
    person.platform_admin = role == "platform_admin"
    identity.customer_of(person)
    return person.id


@transaction()
def _fill_what_the_demo_leaves_empty() -> None:
    """Rows of both stores for views that would otherwise be walked with an id of nobody."""
    db.session.add(WhatIf(name="walk", scenario=Scenario().dump(), asked_at=clock.now()))
    db.session.add(TrafficWindow(from_time=time(3), to_time=time(4), zips=["00000"]))
    # What the providers' lists of three days do not agree on is a matter of chance, and of the hour.
    difference = {"sort": DifferenceSort.missing_here, "kind": LineKind.payment, "key": "walk"}
    db.session.add(SettlementDifference(method="walk", found_at=clock.now(), theirs_minor=100, **difference))


def _rows() -> dict[str, Any]:
    """Something of each tenant table, by the words that routes use."""
    ids = {}
    for mapper in db.Model.registry.mappers:
        if issubclass(mapper.class_, TenantScoped):
            ids[mapper.class_.__name__] = db.session.scalar(select(mapper.class_.id).limit(1))
    return {
        "code": db.session.scalar(select(Order.code).where(Order.status == Status.CONFIRMED)),
        "category": set(db.session.scalars(select(Category.slug))),
        "product": set(db.session.scalars(select(Product.slug).where(~Product.rx_required))),
        "ids": ids,
    }


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


NOBODYS = 987_654_321
"""An id that no row has: for what the demo leaves empty."""


def _values(app: Flask, rule: Rule, rows: dict[str, Any]) -> dict[str, Any]:
    """Arguments for a route out of one store's rows."""
    words = {
        "code": rows["code"],
        "action": "confirm",
        "step": "contact" if rule.endpoint.startswith("storefront") else "pick-up",
        "kind": "price",
        "verdict": "publish",
        "locale": "ru",
        "filename": "css/ab.css",
        "name": "media/none.webp",
        "token": "no-such-letter",
        "device_id": 1,
        "substitution_id": rows["ids"]["Substitution"] or NOBODYS,
        "cart_id": rows["ids"]["Cart"] or NOBODYS,
        "watch_id": rows["ids"]["StockWatch"] or NOBODYS,
        "answer": "yes",
        "method_code": "cash",
        "attempt_id": rows["ids"]["PaymentAttempt"] or NOBODYS,
        "claim_id": rows["ids"]["TransferClaim"] or NOBODYS,
        "confirmation_id": rows["ids"]["TransferConfirmation"] or NOBODYS,
        "line_id": rows["ids"]["BankLine"] or NOBODYS,
        "card_id": rows["ids"]["SavedCard"] or NOBODYS,
        "product_id": rows["ids"]["Product"],
        "slug": rows["category"] if rule.endpoint == "storefront.category" else rows["product"],
    }
    values = {}
    for argument in rule.arguments:
        if argument in words:
            values[argument] = words[argument]
            continue
        model = _model_of(app, rule.endpoint)
        assert model, f"{rule.rule}: what is <{argument}>?"
        values[argument] = rows["ids"].get(model) or NOBODYS
    return values


def _model_of(app: Flask, endpoint: str) -> str | None:
    """The name of the model behind a view of the console."""
    name = endpoint.partition(".")[0]
    if name in CELLS:
        return CELLS[name]
    for view in app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if type(view).__name__ == name and hasattr(view, "datamodel"):
            return str(view.datamodel.obj.__name__)
    return None


CELLS = {
    "WhatIfView": "WhatIf",
    "VariantCellView": "Variant",
    "ProductPhotoAdmin": "ProductPhoto",
} | dict.fromkeys(("OpeningHoursAdmin", "DeliverySlotGrid", "HourCapacityView"), "Branch")
"""Views without a generated list, and what their ids are of."""


def _ask(town: Town, rule: Rule, method: str, values: dict[str, Any], role: str) -> Any:
    """The answer to one request of somebody in that role at Miami."""
    with town.app.test_request_context(base_url="http://miami.localhost"):
        path = town.app.url_map.bind("miami.localhost").build(rule.endpoint, values, method=method)
    client = town.app.test_client()
    client.set_cookie("age", town.age_cookie, domain=HOSTS[MIAMI])
    headers = {"Host": HOSTS[MIAMI]}
    if role != "anonymous":
        _identify(town, client, role, headers, api=path.startswith("/api/"))
    if method != "GET" and path.startswith("/api/"):
        headers["Idempotency-Key"] = str(uuid.uuid4())
        return client.open(path, method=method, headers=headers, json=BODIES.get(rule.endpoint, {}))
    return client.open(path, method=method, headers=headers, data={} if method != "GET" else None)


def _identify(town: Town, client: Any, role: str, headers: dict[str, str], *, api: bool) -> None:
    with town.app.app_context(), store_scope(MIAMI):
        person = db.session.get(Person, town.people[role])
        assert person is not None
        if api:
            headers["Authorization"] = f"Bearer {identity.issue_tokens(person, 'walk').access_token}"
            return
        token = identity.open_session(person, HOSTS[MIAMI], "walk")
    with client.session_transaction(base_url=f"http://{HOSTS[MIAMI]}") as session:
        session.update({"_user_id": str(town.people[role]), "_fresh": True, "sid": token})


def _is_refusal(answer: Any) -> bool:
    to_sign_in = answer.status_code in {302, 303} and "/sign-in" in answer.headers.get("Location", "")
    return answer.status_code in {401, 403} or to_sign_in


def test_every_route_has_a_row_in_the_matrix(app: Flask):
    without = sorted({rule.endpoint for rule in _rules(app) if audience_of(rule.endpoint) is None})
    assert without == []


def test_every_row_of_the_matrix_has_a_route(app: Flask):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    idle = [
        n for n, _who in ROWS if not any(e == n or (n.endswith(".") and e.startswith(n)) for e in endpoints)
    ]
    assert idle == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_let_in_where_the_matrix_says(town: Town, role: str):
    wrong = []
    for rule in _rules(town.app):
        audience = audience_of(rule.endpoint) or frozenset()
        for method in sorted(set(METHODS) & (rule.methods or set())):
            answer = _ask(town, rule, method, _values(town.app, rule, town.rows[MIAMI]), role)
            refused = _is_refusal(answer)
            if rule.endpoint in NOT_RUNNING_HERE:
                continue
            if answer.status_code >= 500:
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
            elif role in audience and refused and rule.endpoint not in SIGNED | LEADS_TO_SIGN_IN:
                wrong.append(f"{method} {rule.rule}: {role} is refused with {answer.status_code}")
            elif role not in audience and not refused and answer.status_code != 404:
                wrong.append(f"{method} {rule.rule}: {role} is let in with {answer.status_code}")
    assert not wrong, "\n".join(wrong)


SIGNED = {
    "webhooks.twilio",
    "webhooks.pushover",
    "webhooks.telegram",
    "webhooks.authorizenet",
    "webhooks.midtrans",
    "webhooks.xendit",
    "api_auth.refresh",
    "api_auth.sign_out",
    "api_auth.verify_code",
}
"""They refuse for want of a signature, a receipt or a token, whoever asks."""
LEADS_TO_SIGN_IN = {
    "StoreAuthView.login",
    "StoreAuthView.logout",
    "account.enter_code",
    "account.check_code",
    "account.send_again",
    "account.sign_out",
    "account.leave",
    "account.sign_out_everywhere",
}
"""Where the sign-in page is the right answer: no code was asked for, or the session has just ended."""
NOT_RUNNING_HERE = {"ops.readyz"}
"""It says 503 by right: no worker and no relay run beside this test."""
BODIES = {
    "api_dispatch.offer_substitution": {
        "sku": "A",
        "quantity": 1,
        "replacement": "B",
        "replacement_quantity": 1,
    },
    "api_reviews.review_order": {"stars": 5},
    "api_dispatch.assign_order": {"driver_id": 1},
}
"""What a call needs to get past the reading of its body."""


def test_ids_of_another_store_are_not_there(town: Town):
    found, tried = [], 0
    for rule in _rules(town.app):
        if not set(rule.arguments) - SHARED or rule.endpoint in WITHOUT_FOREIGN_IDS:
            continue
        values = _values(town.app, rule, town.rows[JAKARTA])
        for role in sorted(
            (audience_of(rule.endpoint) or frozenset()) & {"customer", "driver", "store_admin"}
        ):
            for method in sorted(set(METHODS) & (rule.methods or set())):
                answer = _ask(town, rule, method, values, role)
                tried += 1
                if answer.status_code != 404:
                    found.append(f"{method} {rule.rule} as {role}: {answer.status_code}")
    assert not found, "\n".join(found)
    assert tried > 60


def test_the_walk_would_see_a_row_of_the_own_store(town: Town):
    """The negative control: with the ids of Miami the same requests are not all 404."""
    statuses = set()
    for rule in _rules(town.app):
        if rule.arguments and "GET" in (rule.methods or set()):
            values = _values(town.app, rule, town.rows[MIAMI])
            statuses.add(_ask(town, rule, "GET", values, "store_admin").status_code)
    assert 200 in statuses


def test_every_tenant_table_has_rows_in_both_stores_or_is_named_here(town: Town):
    """The walk means something only where there is something to find."""
    empty = {name for name, row in town.rows[JAKARTA]["ids"].items() if row is None}
    assert empty <= EMPTY_IN_THE_DEMO
    assert inspect(Membership).class_.__name__ not in empty


EMPTY_IN_THE_DEMO = {
    *("SearchMiss", "Shipment"),  # filled by searches without results and by couriers
    "CourierInquiry",  # filled when a customer asks for couriers
    "Substitution",
    *("BankLine", "BankStatement", "TransferClaim", "TransferConfirmation"),  # at the desk, in dollars alone
    *("ImportRow", "ImportRun", "PriceOverride"),  # filled by managers
    *(
        "WalletLot",
        "WalletLotUse",
        "CoinAddress",
        "CoinQuote",
        "CoinTransfer",
        "SavedCard",
    ),  # in dollars alone
    *("Cart", "CartLine", "Delivery", "EventConsumption", "HoursException"),
    *("OrderNote", "Position", "Shift", "TrafficWindow"),
    *(
        "DeliveryPolicy",
        "ExpansionWish",
        "GeocodeAnswer",
        "HourCapacity",
        "RoadAnswer",
        "SlotClosure",
        "ZoneBand",
        "ZoneReach",
    ),
}
