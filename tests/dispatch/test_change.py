"""The door: change in coins, in part or all of it into the wallet, by the driver's own form."""

import re
from contextvars import Context

import pytest
from sqlalchemy import select

from app import identity, loyalty
from app.core.db import db
from app.identity.models import Person
from app.orders.models import Order
from tests.dispatch.conftest import PICKED_UP, make_scene

HOST = "http://miami.localhost"


class Phone:
    """The driver's browser, without a script."""

    def __init__(self, app, user_id: int) -> None:
        self.client = app.test_client()
        token = identity.open_session(db.session.get(Person, user_id), "miami.localhost", "test")
        Context().run(self._enter, user_id, token)
        db.session.remove()

    def _enter(self, user_id: int, token: str) -> None:
        with self.client.session_transaction(base_url=HOST) as session:
            session.update({"sid": token, "_user_id": str(user_id), "_fresh": True})

    def send(self, method: str, path: str, **form):
        answer = Context().run(self.client.open, path, method=method, base_url=HOST, data=form or None)
        db.session.remove()
        return answer

    def door(self, code: str) -> str:
        return self.send("GET", f"/driver?stop={code}&panel=door").text

    def deliver(self, code: str, **form):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.door(code)).group(1)
        said = {"csrf_token": token, "id_checked": "yes"} | form
        return self.send("POST", f"/driver/orders/{code}/deliver", **said)


@pytest.fixture
def stop(committed):
    scene = make_scene()
    order = scene.make_order(*PICKED_UP)
    found = order.code, order.due_minor, order.customer_id
    return Phone(committed, scene.boris.user_id), *found


def major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


@pytest.mark.parametrize(("way", "kept"), [("coins", 34), ("wallet", 534), ("given", 0), ("", 0)])
def test_what_becomes_of_five_dollars_and_thirty_four(stop, way, kept):
    phone, code, due, customer_id = stop
    assert 'value="coins"' in phone.door(code)
    assert phone.deliver(code, cash_received=major(due + 534), change=way).status_code == 303
    order = db.session.scalars(select(Order).where(Order.code == code)).one()
    assert (order.change_minor, order.change_to_wallet_minor or 0) == (534 - kept, kept)
    assert loyalty.balance_of(customer_id) == kept
    page = phone.send("GET", "/driver").text
    assert ("Into the wallet: $" in page) == bool(kept)


def test_a_second_tap_credits_nothing_more(stop):
    phone, code, due, customer_id = stop
    for _tap in range(2):
        phone.deliver(code, cash_received=major(due + 500), change="wallet", key="the-same")
    assert loyalty.balance_of(customer_id) == 500


def test_too_little_is_said_and_the_choice_stays(stop):
    phone, code, due, customer_id = stop
    page = phone.deliver(code, cash_received=major(due - 100), change="wallet")
    assert page.status_code == 422
    assert re.search(r'value="wallet" data-way checked', page.text)
    assert loyalty.balance_of(customer_id) == 0
