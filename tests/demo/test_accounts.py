"""The demo's accounts are those that the sandbox has, and nobody's own is touched."""

import pytest
from flask import Flask

from app.core.actor import Actor
from app.core.db import db
from app.demo import accounts
from app.payments import methods
from app.payments.coins.chains import COINS
from app.payments.coins.published import is_published
from sandbox import authorizenet, midtrans, xendit
from tests.coins import vectors

OWNER = Actor(roles=frozenset({"store_admin"}), name="Olga")


@pytest.fixture
def demo(app: Flask, store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SANDBOX_URL", "http://127.0.0.1:9")


def test_a_store_takes_what_fits_its_currency(demo):
    accounts.open_methods("USD")
    assert methods.open_codes() == ["cash", "authorizenet", *accounts.HANDLES, *COINS]
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
    accounts.open_methods("USD")
    db.session.expire_all()
    assert methods.credentials("authorizenet").settings["api_login_id"] == "theirs"
    assert methods.open_codes() == ["cash", *accounts.HANDLES, *COINS]


def test_coins_go_to_keys_that_are_known_to_be_published(demo):
    accounts.open_methods("USD")
    keys = {code: methods.credentials(code).settings["xpub"] for code in COINS}
    assert all(map(is_published, keys.values()))
    assert keys["btc"] == vectors.ZPUB
    assert not is_published(vectors.ZPUB[:-1])


def test_without_a_sandbox_nothing_is_opened(app: Flask, store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "SANDBOX_URL", "")
    accounts.open_methods("USD")
    assert methods.open_codes() == ["cash"]
