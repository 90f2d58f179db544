"""What nobody means, sent all the same: each is answered for what it is, and never by an accident of ours."""

import hashlib
import hmac
import json

import pytest

from app.core.db import db, release_connection, transaction
from app.core.tenancy import store_scope
from app.demo.accounts import ACCOUNTS, OWNER
from app.payments import methods
from app.payments.models import MessageStatus, WebhookMessage
from tests.admin.conftest import PASSWORD, sign_in  # noqa: F401 - a fixture
from tests.api.conftest import Api, token_of
from tests.factories import JAKARTA
from tests.payments.conftest import buy
from tests.storefront.conftest import HOST, NEXT_DOOR, Guest

KEY = ACCOUNTS["authorizenet"][1]["signature_key"].encode()
AMOUNTS = ["1e9", "-1", "", "NaN", "９９", "1" + "0" * 30, "0x10", "Infinity", "½", "12.50.1"]


def object_of(**members: object) -> bytes:
    return json.dumps(members).encode()


NAMES = ["\0", "a\0b", "\ud800", "\udfff tail"]
"""What a database cannot keep: NUL, and half a character."""
STRANGE = [
    *(object_of(notificationId=name, eventType="x", payload={}) for name in NAMES),
    *(object_of(notificationId="n", eventType=name, payload={}) for name in NAMES),
    *(
        object_of(notificationId="n", eventType="x", payload={"entityName": "transaction", "id": name})
        for name in NAMES
    ),
    b"",
    b"null",
    b"[]",
    b"1e400",
    bytes(range(256)),
    '{"a": 1}'.encode("utf-16"),
    b'{"notificationId": NaN}',
    b'{"notificationId": "cut',
    b'{"notificationId": 1, "eventType": [], "payload": "x"}',
    b"[" * 60_000,
    b'{"a":' * 30_000,
]


@pytest.fixture
def shop(committed):
    """Miami with an Authorize.Net account; Jakarta next door with its two providers."""
    methods.configure("authorizenet", *ACCOUNTS["authorizenet"], actor=OWNER)
    with store_scope(JAKARTA):
        for code in ("midtrans", "xendit"):
            methods.configure(code, *ACCOUNTS[code], actor=OWNER)
    release_connection()


@pytest.mark.parametrize("body", STRANGE, ids=lambda body: repr(body[:48]))
def test_a_signed_call_is_kept_whatever_it_says(committed, shop, body):
    signature = hmac.new(KEY, body, hashlib.sha512).hexdigest()
    call = {"data": body, "headers": {"X-ANET-Signature": f"sha512={signature}"}, "base_url": HOST}
    client = committed.test_client(use_cookies=False)
    assert [client.post("/webhooks/authorizenet", **call).status_code for _again in range(2)] == [200, 200]
    message = db.session.query(WebhookMessage).one()
    assert (bytes(message.body), message.times, message.status) == (body, 2, MessageStatus.new)


@pytest.mark.parametrize("order_id", [*NAMES, "x" * 9000, 1, None, [], {}])
def test_a_call_with_midtrans_own_signature_may_name_anything(committed, shop, order_id):
    said = {"order_id": order_id, "status_code": "200", "gross_amount": "10000.00"}
    named = f"{order_id}20010000.00{ACCOUNTS['midtrans'][1]['server_key']}"
    said["signature_key"] = hashlib.sha512(named.encode("utf-8", "surrogatepass")).hexdigest()
    body = json.dumps(said | {"transaction_status": "settlement"}).encode()
    answer = committed.test_client().post("/webhooks/midtrans", data=body, base_url=NEXT_DOOR)
    assert answer.status_code in {200, 401}


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"card_id":' * 15_000], ids=["lists", "objects"])
def test_a_body_nested_without_end_is_no_json(committed, crew, bank, body):
    order = buy(crew)
    api = Api(committed, token_of(crew["ana"]))
    answer = api("POST", f"/orders/{order.code}/payments", data=body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["0", "9" * 19, "9" * 40])
def test_a_row_that_cannot_be_is_not_found(committed, crew, number):
    release_connection()
    guest = Guest(committed)
    path = f"/account/cards/{number}/remove"
    assert guest.submit(path).status_code in {401, 404}
    assert Api(committed, token_of(crew["ana"]))("DELETE", f"/me/cards/{number}").status_code == 404


@pytest.mark.parametrize("typed", AMOUNTS)
def test_an_amount_that_is_none_stays_beside_its_reason(crew, sign_in, typed):  # noqa: F811
    with transaction():
        for code in ("btc", "zelle"):
            methods.configure(code, {}, {}, actor=OWNER)
    release_connection()
    staff = sign_in("store_admin")
    for code, field in (("zelle", "min_minor"), ("btc", "setting-confirm_0_to")):
        form = {field: typed, "password": PASSWORD, "setting-handle": "pay@brickell.example"}
        answer = staff.post(f"/console/payment-methods/edit/{code}", form)
        if not typed:
            assert answer.status_code == 303
            continue
        page = answer.get_data(as_text=True)
        assert (answer.status_code == 422 and "th-error" in page) or "has-error" in page
        assert f'value="{typed}"' in page
