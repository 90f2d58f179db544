"""What providers call: genuine or not, read and not believed, twice, late, out of order, cut off, wrong."""

import hashlib
import hmac
import json

import pytest

from app.payments.gateways import GATEWAYS
from app.payments.ports import Credentials, NewsStatus
from tests.payments.gateways.conftest import ACCOUNTS, Bench, pause
from tests.sandbox.conftest import Receiver

S = NewsStatus

# Published: a notification of Authorize.Net with its key and signature, in the tests of stymiee/authnetjson.
ANET_KEY = (
    "52CB4A002C634B84E397DC8A218E1A160BA7CAB7CBE4C05B35E9CBB05E14FE4A"
    "2385812E980CCF97D177F17863CE214D1BE6CE8E1E894487AACF3609C1A5FE17"
)
ANET_BODY = (
    b'{"notificationId":"182cbbff-cab2-4080-931d-80e5d818f23a",'
    b'"eventType":"net.authorize.payment.authcapture.created","eventDate":"2017-08-18T20:40:52.7722007Z",'
    b'"webhookId":"849eb87e-078a-4169-a34b-c0bded5019a8","payload":{"responseCode":0,"authCode":"Z3PV5H",'
    b'"avsResponse":"Y","authAmount":0.0,"entityName":"transaction","id":"40005915599"}}'
)
ANET_SIGNATURE = (
    "sha512=A1E0CC0F8A7B6274E0951CAC5EB63579F70FC6B7B15384B146DCE02B98DEE395"
    "4A5A8E331661B51DE953E141E88994DFA7D267FFB8428BE0660511B6EFB94960"
)
# Published: Midtrans's own example of a signature (order 1111), with the digest that omnipay-midtrans expects of it.
MIDTRANS_KEY = "askvnoibnosifnboseofinbofinfgbiufglnbfg"
MIDTRANS_SAID = {
    "order_id": "1111",
    "status_code": "200",
    "gross_amount": "100000.00",
    "transaction_status": "capture",
    "fraud_status": "accept",
    "transaction_id": "249fc620-6017-4540-af7c-5a1c25788f46",
    "signature_key": (
        "edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e237"
        "5d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231"
    ),
}


def anet(key: str = ANET_KEY, encoding: str = "text") -> Credentials:
    return Credentials({"signature_encoding": encoding}, {"signature_key": key})


def test_the_published_vector_of_authorize_net() -> None:
    gateway = GATEWAYS["authorizenet"]
    for name in ("X-ANET-Signature", "X-Anet-Signature", "x-anet-signature"):
        assert gateway.is_genuine(anet(), {name: ANET_SIGNATURE}, ANET_BODY)
    assert gateway.is_genuine(anet(), {"X-ANET-Signature": ANET_SIGNATURE.lower()}, ANET_BODY)
    heard = gateway.read({}, ANET_BODY)
    assert (heard.event_id, heard.external_id) == ("182cbbff-cab2-4080-931d-80e5d818f23a", "40005915599")
    assert heard.about == "payment.authcapture.created"


def test_the_keys_bytes_are_a_setting_and_never_both() -> None:
    gateway = GATEWAYS["authorizenet"]
    decoded = hmac.new(bytes.fromhex(ANET_KEY), ANET_BODY, hashlib.sha512).hexdigest()
    assert gateway.is_genuine(anet(encoding="hex"), {"X-ANET-Signature": f"sha512={decoded}"}, ANET_BODY)
    assert not gateway.is_genuine(anet(), {"X-ANET-Signature": f"sha512={decoded}"}, ANET_BODY)
    assert not gateway.is_genuine(anet(encoding="hex"), {"X-ANET-Signature": ANET_SIGNATURE}, ANET_BODY)
    assert not gateway.is_genuine(anet(key="no hex", encoding="hex"), {"X-ANET-Signature": "sha512=00"}, b"")


@pytest.mark.parametrize(
    "signature",
    ["", "sha512=", ANET_SIGNATURE[:-1], f"sha256{ANET_SIGNATURE[6:]}", ANET_SIGNATURE[7:], "sha512=é" * 9],
)
def test_a_signature_that_is_none(signature: str) -> None:
    assert not GATEWAYS["authorizenet"].is_genuine(anet(), {"X-ANET-Signature": signature}, ANET_BODY)


def test_one_byte_more_or_less_is_forged() -> None:
    headers = {"X-ANET-Signature": ANET_SIGNATURE}
    for body in (ANET_BODY + b" ", ANET_BODY[:-1], ANET_BODY.replace(b"40005915599", b"40005915598")):
        assert not GATEWAYS["authorizenet"].is_genuine(anet(), headers, body)


def midtrans_body(**changes: object) -> bytes:
    return json.dumps(MIDTRANS_SAID | changes).encode()


def test_the_published_vector_of_midtrans_with_the_amount_as_it_came() -> None:
    gateway, account = GATEWAYS["midtrans"], Credentials({}, {"server_key": MIDTRANS_KEY})
    assert gateway.is_genuine(account, {}, midtrans_body())
    heard = gateway.read({}, midtrans_body())
    assert (heard.reference, heard.about) == ("1111", "capture")
    # What a notification says besides is not signed: it names the payment and nothing more.
    assert gateway.is_genuine(account, {}, midtrans_body(transaction_status="deny"))
    for changes in (
        {"gross_amount": "100000"},
        {"gross_amount": 100000.00},
        {"gross_amount": "100000.0"},
        {"order_id": "1112"},
        {"order_id": 1111},
        {"status_code": "201"},
        {"signature_key": ""},
        {"signature_key": None},
    ):
        assert not gateway.is_genuine(account, {}, midtrans_body(**changes))
    assert not gateway.is_genuine(Credentials({}, {"server_key": "another"}), {}, midtrans_body())


def test_the_constant_token_of_xendit_is_compared_whole() -> None:
    gateway, account = GATEWAYS["xendit"], ACCOUNTS["xendit"]
    token = account.secrets["callback_token"]
    for given, genuine in (
        (token, True),
        (token[:-1], False),
        (f"{token} ", False),
        ("", False),
        ("é", False),
    ):
        assert gateway.is_genuine(account, {"X-CALLBACK-TOKEN": given}, b"{}") is genuine
    assert not gateway.is_genuine(account, {}, b"{}")


@pytest.mark.parametrize("code", list(GATEWAYS))
def test_an_account_without_secrets_believes_nobody(code: str) -> None:
    empty_hmac = "sha512=" + hmac.new(b"", b"{}", hashlib.sha512).hexdigest()
    headers = {"X-ANET-Signature": empty_hmac, "x-callback-token": ""}
    assert not GATEWAYS[code].is_genuine(Credentials(), headers, b"{}")


@pytest.mark.parametrize("code", list(GATEWAYS))
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"null", b"{}", b"\xff\xfe", ANET_BODY[:60], b"NaN", b"[" * 100_000,
     b'{"data": [], "event": 5}', b'{"order_id": "", "transaction_status": ""}'],
)  # fmt: skip
def test_a_body_that_is_none_of_the_providers(code: str, body: bytes) -> None:
    with pytest.raises(ValueError):
        GATEWAYS[code].read({}, body)
    assert not GATEWAYS[code].is_genuine(ACCOUNTS[code], {}, body)


# ---- from the sandbox, over HTTP


def test_a_payment_is_called_back_genuine_and_read(bench: Bench, calls: Receiver) -> None:
    charge = bench.paid()
    call = calls.wait_for(1)[0]
    assert call.path == f"/webhooks/{bench.name}"
    assert bench.gateway.is_genuine(bench.account, call.headers, call.body)
    heard = bench.gateway.read(call.headers, call.body)
    assert (heard.reference, bool(heard.event_id)) == (charge.reference, True)
    news = bench.gateway.ask(bench.account, heard.reference, heard.external_id)
    assert news is not None and (news.status, news.amount_minor) == (S.paid, charge.amount_minor)


def test_twice_is_the_same_event(bench: Bench, calls: Receiver) -> None:
    bench.desk.chaos(bench.name, "duplicate", times=1)
    bench.paid()
    heard = {bench.gateway.read(call.headers, call.body).event_id for call in calls.wait_for(2)}
    assert len(calls.calls) == 2 and len(heard) == 1


def test_a_forged_call_is_known(bench: Bench, calls: Receiver) -> None:
    bench.desk.chaos(bench.name, "forged", times=1)
    bench.paid()
    call = calls.wait_for(1)[0]
    assert not bench.gateway.is_genuine(bench.account, call.headers, call.body)


def test_a_lost_call_is_seen_by_asking(bench: Bench, calls: Receiver) -> None:
    bench.desk.chaos(bench.name, "lost", times=1)
    charge = bench.paid()
    pause(0.4)
    assert calls.calls == []
    news = bench.ask(charge)
    assert news is not None and news.status is S.paid


def test_a_late_call_comes(bench: Bench, calls: Receiver) -> None:
    bench.desk.chaos(bench.name, "late", seconds=0.6, times=1)
    bench.paid()
    pause(0.3)
    assert calls.calls == []
    assert len(calls.wait_for(1)) == 1


@pytest.mark.parametrize("bench", ["authorizenet", "midtrans"], indirect=True)
def test_calls_overtake_each_other(bench: Bench, calls: Receiver) -> None:
    charge = bench.started()
    bench.desk.chaos(bench.name, "reordered", seconds=0.6, times=1)
    bench.act(charge, "hold")
    bench.act(charge, "approve")
    about = [bench.gateway.read(call.headers, call.body).about for call in calls.wait_for(2)]
    wanted = {
        "authorizenet": ["payment.fraud.approved", "payment.fraud.held"],
        "midtrans": ["capture", "capture"],
    }
    assert about == wanted[bench.name]
    news = bench.ask(charge)
    assert news is not None and news.status is S.paid


def test_another_amount_and_another_currency_are_told_as_they_are(bench: Bench, calls: Receiver) -> None:
    bench.desk.chaos(bench.name, "wrong_amount", times=1)
    less = bench.paid(500_000)
    bench.desk.chaos(bench.name, "wrong_currency", times=1)
    other = bench.paid(500_000)
    first, second = bench.ask(less), bench.ask(other)
    assert first is not None and (first.status, first.currency) == (S.paid, bench.currency)
    assert first.amount_minor < 500_000
    assert second is not None and second.currency not in {bench.currency, ""}


@pytest.mark.parametrize("bench", ["authorizenet", "midtrans"], indirect=True)
def test_a_refund_is_called_back_under_its_own_name(bench: Bench, calls: Receiver) -> None:
    charge = bench.settled(100_000)
    before = len(calls.wait_for(1))
    pause(0.2)
    before = len(calls.calls)
    bench.gateway.refund(bench.account, bench.refunding(charge, 40_000))
    call = calls.wait_for(before + 1)[-1]
    assert bench.gateway.is_genuine(bench.account, call.headers, call.body)
    heard = bench.gateway.read(call.headers, call.body)
    own = f"{charge.order_code}_ref1" if bench.name == "authorizenet" else charge.reference
    assert heard.reference == own
