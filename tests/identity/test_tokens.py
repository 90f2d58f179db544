"""Tokens of API clients: short, bound to store and device, and a copied refresh token ends its chain."""

from datetime import timedelta

import jwt
import pytest

from app import identity
from app.core import clock, crypto
from app.core.db import db
from app.core.tenancy import store_scope
from app.identity import TokenRejected
from tests.factories import JAKARTA, MIAMI, make_person


@pytest.fixture
def ana(store):
    return make_person("Ana", roles=("dispatcher",))


def rejected(token: str) -> bool:
    try:
        identity.actor_of_access_token(token)
    except TokenRejected:
        return True
    return False


def test_an_access_token_is_its_person(ana):
    tokens = identity.issue_tokens(ana, "phone-1")
    actor = identity.actor_of_access_token(tokens.access_token)
    assert (actor.user_id, actor.source, tokens.expires_in) == (ana.id, "api", 600)
    assert actor.has("dispatcher")


def test_an_access_token_lives_ten_minutes(ana):
    token = identity.issue_tokens(ana).access_token
    with clock.moved(timedelta(minutes=10)):
        assert rejected(token)


def test_a_new_epoch_or_a_closed_account_ends_it(ana):
    token = identity.issue_tokens(ana).access_token
    identity.close_all_sessions(ana)
    assert rejected(token)
    token = identity.issue_tokens(ana).access_token
    ana.active = False
    db.session.flush()
    assert rejected(token)


@pytest.mark.parametrize("damage", ["alg", "key", "audience", "subject", "text", "expired"])
def test_forgeries(ana, damage):
    good = identity.issue_tokens(ana).access_token
    key = crypto.purpose_key("jwt")
    claims = jwt.decode(
        good, key, algorithms=["HS256"], audience="theriac-api", options={"verify_exp": False}
    )
    forged = {
        "alg": lambda: jwt.encode(claims, "", algorithm="none"),
        "key": lambda: jwt.encode(claims, b"x" * 32, algorithm="HS256"),
        "audience": lambda: jwt.encode(claims | {"aud": "other"}, key, algorithm="HS256"),
        "subject": lambda: jwt.encode(claims | {"sub": "1 OR 1=1"}, key, algorithm="HS256"),
        "text": lambda: "not.a.token",
        "expired": lambda: jwt.encode(claims | {"exp": 1}, key, algorithm="HS256"),
    }[damage]()
    assert not rejected(good)
    assert rejected(forged)


def test_a_refresh_token_is_good_once_and_a_copy_ends_the_chain(ana):
    first = identity.issue_tokens(ana, "phone-1")
    second = identity.refresh_tokens(first.refresh_token, "phone-1")
    assert not rejected(second.access_token)
    with pytest.raises(TokenRejected):
        identity.refresh_tokens(first.refresh_token, "phone-1")
    with pytest.raises(TokenRejected):
        identity.refresh_tokens(second.refresh_token, "phone-1")


def test_another_chain_is_not_touched(ana):
    mine, other = identity.issue_tokens(ana, "phone-1"), identity.issue_tokens(ana, "phone-2")
    identity.refresh_tokens(mine.refresh_token, "phone-1")
    with pytest.raises(TokenRejected):
        identity.refresh_tokens(mine.refresh_token, "phone-1")
    assert identity.refresh_tokens(other.refresh_token, "phone-2").expires_in == 600


def test_another_device_is_a_thief(ana):
    tokens = identity.issue_tokens(ana, "phone-1")
    with pytest.raises(TokenRejected):
        identity.refresh_tokens(tokens.refresh_token, "phone-2")
    with pytest.raises(TokenRejected):
        identity.refresh_tokens(tokens.refresh_token, "phone-1")


def test_refresh_tokens_run_out(ana):
    tokens = identity.issue_tokens(ana, "phone-1")
    with clock.moved(timedelta(days=30, seconds=1)), pytest.raises(TokenRejected):
        identity.refresh_tokens(tokens.refresh_token, "phone-1")


def test_signing_a_client_out(ana):
    tokens = identity.issue_tokens(ana, "phone-1")
    identity.revoke_tokens(tokens.refresh_token)
    with pytest.raises(TokenRejected):
        identity.refresh_tokens(tokens.refresh_token, "phone-1")


def test_tokens_of_one_store_are_worth_nothing_at_another(committed):
    tokens = identity.issue_tokens(make_person("Ana"), "phone-1")
    with store_scope(JAKARTA):
        assert rejected(tokens.access_token)
        for refresh in (tokens.refresh_token, f"{JAKARTA}.{tokens.refresh_token.split('.', 1)[1]}"):
            with pytest.raises(TokenRejected):
                identity.refresh_tokens(refresh, "phone-1")
    with store_scope(MIAMI):
        assert not rejected(tokens.access_token)
        assert identity.refresh_tokens(tokens.refresh_token, "phone-1").expires_in == 600
