"""The demo's accounts are those that the sandbox has, and nobody's own is touched."""

import pytest
from flask import Flask

from app.core.actor import Actor
from app.core.db import db
from app.demo import accounts
from app.payments import methods
from sandbox import authorizenet, midtrans, xendit

OWNER = Actor(roles=frozenset({"store_admin"}), name="Olga")


@pytest.fixture
def demo(app: Flask, store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SANDBOX_URL", "http://127.0.0.1:9")


def test_a_store_takes_what_fits_its_currency(demo):
    accounts.open_gateways("USD")
    assert methods.open_codes() == ["cash", "authorizenet"]
    account = methods.credentials("authorizenet")
    login = (account.settings["api_login_id"], account.secrets["transaction_key"])
    assert login == authorizenet.login()
    assert account.secrets["signature_key"] == authorizenet.signature_key()


def test_the_others_are_the_sandboxs_too():
    assert accounts.ACCOUNTS["midtrans"][1] == {"server_key": midtrans.server_key()}
    told = {"secret_key": xendit.secret_key(), "callback_token": xendit.callback_token()}
    assert accounts.ACCOUNTS["xendit"][1] == told


def test_what_somebody_has_set_up_stays(demo):
    methods.configure("authorizenet", {"api_login_id": "theirs"}, {"transaction_key": "secret"}, actor=OWNER)
    accounts.open_gateways("USD")
    db.session.expire_all()
    assert methods.credentials("authorizenet").settings["api_login_id"] == "theirs"
    assert methods.open_codes() == ["cash"]


def test_without_a_sandbox_nothing_is_opened(app: Flask, store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "SANDBOX_URL", "")
    accounts.open_gateways("USD")
    assert methods.open_codes() == ["cash"]
