"""What an adapter makes of each answer: error codes, amounts, statuses, nonsense; a server gives them by the book."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.core import clock, settings
from app.payments.gateways import GATEWAYS
from app.payments.gateways.authorizenet import STATUSES as ANET_STATUSES
from app.payments.gateways.midtrans import STATUSES as MIDTRANS_STATUSES
from app.payments.gateways.midtrans import read_report
from app.payments.ports import Charge, NewsStatus, OutcomeUnknown, Refunding, Refused, TryLater
from tests.payments.gateways.conftest import ACCOUNTS, Bench

S = NewsStatus


@dataclass
class Script:
    """Answers in the order in which they are given, the last one again and again."""

    url: str
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def says(self, *bodies: object, status: int = 200) -> None:
        self.answers = [(status, b if isinstance(b, bytes) else json.dumps(b).encode()) for b in bodies]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A server that answers by the book, and the adapters that ask it."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append((self.path, dict(self.headers.items()), body))
            status, said = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = answer

        def log_message(self, *args: Any) -> None:
            """Nothing: a test's own output is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Script(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    addresses = (
        "AUTHORIZENET",
        "AUTHORIZENET_FORM",
        "MIDTRANS_SNAP",
        "MIDTRANS_API",
        "MIDTRANS_REPORT",
        "XENDIT",
    )
    monkeypatch.setattr(settings, "_values", {f"{name}_URL": told.url for name in addresses})
    yield told
    server.shutdown()
    server.server_close()


def charge() -> Charge:
    until = clock.now() + timedelta(minutes=30)
    return Charge(
        "MIA-20261121-A9F3_pay1", "MIA-20261121-A9F3", 1250, "USD", "http://a.test", "http://b.test", until
    )


def refunding(amount: int = 100) -> Refunding:
    return Refunding("MIA-20261121-A9F3_ref1", "MIA-20261121-A9F3_pay1", "60123", amount, 1250, "USD")


def anet_error(code: str, **more: object) -> dict[str, object]:
    return {"messages": {"resultCode": "Error", "message": [{"code": code, "text": "Words."}]}, **more}


def anet_transaction(**changes: object) -> dict[str, object]:
    transaction = {
        "transId": "60123",
        "transactionStatus": "settledSuccessfully",
        "responseCode": 1,
        "settleAmount": 12.5,
        "order": {"invoiceNumber": "MIA261121A9F3p1"},
        "submitTimeUTC": "2026-11-21T10:00:00Z",
        "payment": {"creditCard": {"cardNumber": "XXXX1111"}},
    } | changes
    return {"transaction": transaction, "messages": {"resultCode": "Ok", "message": []}}


# ---- Authorize.Net


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("E00001", OutcomeUnknown), ("E00003", Refused), ("E00007", Refused), ("E00027", Refused),
        ("E00039", Refused), ("E00053", TryLater), ("E00104", TryLater), ("", OutcomeUnknown),
    ],
)  # fmt: skip
def test_each_error_code_of_authorize_net(code: str, error: type[Exception], script: Script) -> None:
    script.says(anet_error(code))
    with pytest.raises(error):
        GATEWAYS["authorizenet"].ask(ACCOUNTS["authorizenet"], "", "60123")


def test_a_record_that_is_not_found_is_none_of_ours(script: Script) -> None:
    script.says(anet_error("E00040"))
    assert GATEWAYS["authorizenet"].ask(ACCOUNTS["authorizenet"], "", "60123") is None


def test_members_stand_in_order_and_the_mark_before_the_answer_is_stepped_over(script: Script) -> None:
    token = {"token": "abc", "messages": {"resultCode": "Ok", "message": []}}
    script.says(b"\xef\xbb\xbf" + json.dumps(token).encode())
    started = GATEWAYS["authorizenet"].start(ACCOUNTS["authorizenet"], charge())
    assert started.form == {"token": "abc"}
    sent = json.loads(script.asked[0][2])["getHostedPaymentPageRequest"]
    assert list(sent) == ["merchantAuthentication", "refId", "transactionRequest", "hostedPaymentSettings"]
    assert sent["transactionRequest"]["amount"] == "12.50"
    assert sent["refId"] == "MIA261121A9F3p1"


@pytest.mark.parametrize(("word", "status"), list(ANET_STATUSES.items()))
def test_each_status_of_authorize_net(word: str, status: NewsStatus, script: Script) -> None:
    script.says(anet_transaction(transactionStatus=word))
    news = GATEWAYS["authorizenet"].ask(ACCOUNTS["authorizenet"], "", "60123")
    assert news is not None
    assert (news.status, news.reference, news.amount_minor) == (status, "MIA-20261121-A9F3_pay1", 1250)


@pytest.mark.parametrize(
    ("code", "status"), [(1, S.paid), ("1", S.paid), (2, S.failed), (3, S.failed), (4, S.held)]
)
def test_both_verdicts_count(code: object, status: NewsStatus, script: Script) -> None:
    script.says(anet_transaction(responseCode=code))
    news = GATEWAYS["authorizenet"].ask(ACCOUNTS["authorizenet"], "", "60123")
    assert news is not None and news.status is status


@pytest.mark.parametrize(
    "changes", [{"transactionStatus": "new"}, {"settleAmount": 12.505}, {"settleAmount": "x"}]
)
def test_what_does_not_read_is_not_guessed(changes: dict[str, object], script: Script) -> None:
    script.says(anet_transaction(**changes))
    with pytest.raises(OutcomeUnknown):
        GATEWAYS["authorizenet"].ask(ACCOUNTS["authorizenet"], "", "60123")


@pytest.mark.parametrize(
    ("response", "words"),
    [
        ({"responseCode": "2", "errors": [{"errorCode": "2", "errorText": "Declined."}]}, "2 Declined"),
        (
            {"responseCode": "3", "errors": [{"errorCode": "54", "errorText": "Not settled."}]},
            "54 Not settled",
        ),
        ({"responseCode": "4"}, "response code 4"),
    ],
)
def test_a_refund_that_is_answered_ok_and_not_approved(
    response: dict[str, object], words: str, script: Script
) -> None:
    nothing = {"messages": {"resultCode": "Ok", "message": []}}
    script.says(anet_transaction(), nothing, nothing, nothing | {"transactionResponse": response})
    with pytest.raises(Refused, match=words):
        GATEWAYS["authorizenet"].refund(ACCOUNTS["authorizenet"], refunding())


def test_a_duplicate_that_cannot_be_found_is_not_taken_for_done(script: Script) -> None:
    nothing = {"messages": {"resultCode": "Ok", "message": []}}
    twice = {"responseCode": "3", "errors": [{"errorCode": "11", "errorText": "A duplicate."}]}
    script.says(
        anet_transaction(), nothing, nothing, anet_error("E00027", transactionResponse=twice), nothing
    )
    with pytest.raises(Refused, match="duplicate"):
        GATEWAYS["authorizenet"].refund(ACCOUNTS["authorizenet"], refunding())


def test_the_sandbox_minds_the_order_of_members_too(desk) -> None:
    auth = {"transactionKey": "5anDb0xTr4nsKey1", "name": "5anDb0xLog1n"}
    answer = desk.http.post(
        "/authorizenet/xml/v1/request.api", json={"authenticateTestRequest": {"merchantAuthentication": auth}}
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    said = json.loads(answer.content.decode("utf-8-sig"))
    assert said["messages"]["message"][0]["code"] == "E00003"


# ---- Midtrans


def midtrans_said(**changes: object) -> dict[str, object]:
    return {
        "status_code": "200",
        "transaction_status": "settlement",
        "transaction_id": "t-1",
        "order_id": "MIA-20261121-A9F3_pay1",
        "gross_amount": "10000.00",
        "currency": "IDR",
        "fraud_status": "accept",
        "transaction_time": "2026-11-21 17:00:00",
    } | changes


@pytest.mark.parametrize(("word", "status"), list(MIDTRANS_STATUSES.items()))
def test_each_status_of_midtrans(word: str, status: NewsStatus, script: Script) -> None:
    script.says(midtrans_said(transaction_status=word, status_code="407" if word == "expire" else "200"))
    news = GATEWAYS["midtrans"].ask(ACCOUNTS["midtrans"], "MIA-20261121-A9F3_pay1", "")
    assert news is not None and (news.status, news.amount_minor) == (status, 10_000)
    assert news.at == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)  # seven hours east of Greenwich


@pytest.mark.parametrize(("fraud", "status"), [("accept", S.paid), ("challenge", S.held), ("deny", S.failed)])
def test_a_captured_card_counts_when_it_was_accepted(fraud: str, status: NewsStatus, script: Script) -> None:
    script.says(midtrans_said(transaction_status="capture", fraud_status=fraud))
    news = GATEWAYS["midtrans"].ask(ACCOUNTS["midtrans"], "A_pay1", "")
    assert news is not None and news.status is status


@pytest.mark.parametrize(
    "changes",
    [{"transaction_status": "capture", "fraud_status": None}, {"transaction_status": "new"},
     {"gross_amount": "10000.50"}, {"gross_amount": None}, {"gross_amount": "1e999999999"}],
)  # fmt: skip
def test_what_midtrans_has_never_said(changes: dict[str, object], script: Script) -> None:
    script.says(midtrans_said(**changes))
    with pytest.raises(OutcomeUnknown):
        GATEWAYS["midtrans"].ask(ACCOUNTS["midtrans"], "A_pay1", "")


@pytest.mark.parametrize(
    ("code", "error"),
    [("400", Refused), ("401", Refused), ("406", Refused), ("412", Refused), ("429", TryLater), ("500", TryLater),
     ("503", TryLater)],
)  # fmt: skip
@pytest.mark.parametrize("by_http", [True, False])
def test_each_error_code_of_midtrans(
    code: str, error: type[Exception], by_http: bool, script: Script
) -> None:
    said = {"status_code": code, "status_message": "Words."}
    script.says(said, status=int(code) if by_http else 200)
    with pytest.raises(error):
        GATEWAYS["midtrans"].ask(ACCOUNTS["midtrans"], "A_pay1", "")


def test_a_report_of_the_dashboard_is_read_or_refused_by_the_line() -> None:
    heading = "order_id,transaction_id,type,payment_type,amount,fee,settlement_time\n"
    good = "A_pay1,t-1,payment,qris,10000.00,70,2026-11-21 17:00:00\n"
    [line] = read_report(f"\ufeff{heading}{good}")
    assert (line.amount_minor, line.fee_minor, line.at.hour) == (10_000, 70, 10)
    for bad in (good.replace("10000.00", "10000.5"), good.replace("payment,", "gift,"), "A_pay1,t-1\n"):
        with pytest.raises(ValueError, match="line 3"):
            read_report(f"{heading}{good}{bad}")


def test_without_an_address_there_is_no_report(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_values", {"MIDTRANS_REPORT_URL": ""})
    with pytest.raises(Refused, match="file"):
        GATEWAYS["midtrans"].settlements(ACCOUNTS["midtrans"], clock.now(), clock.now())


def test_an_order_is_taken_once_and_its_items_sum_up(desk) -> None:
    bench = Bench("midtrans", desk)
    charge = bench.started()
    with pytest.raises(Refused, match="already been taken"):
        bench.gateway.start(bench.account, bench.charge(reference=charge.reference))


# ---- Xendit


def test_the_same_code_again_is_the_code_that_is_there(desk) -> None:
    bench = Bench("xendit", desk)
    charge = bench.charge()
    first, second = (bench.gateway.start(bench.account, charge) for _time in range(2))
    assert (first.external_id, first.qr) == (second.external_id, second.qr)
    assert first.expires_at is not None and abs(first.expires_at - charge.expires_at) < timedelta(seconds=2)


def test_money_is_found_by_our_reference_alone(desk) -> None:
    bench = Bench("xendit", desk)
    charge = bench.paid()
    news = bench.gateway.ask(bench.account, charge.reference, "")
    assert news is not None and (news.status, news.amount_minor) == (S.paid, charge.amount_minor)


@pytest.mark.parametrize(("well", "ends"), [(True, "end_refunds"), (False, "fail_refunds")])
def test_a_refund_that_waits_is_asked_again(well: bool, ends: str, desk) -> None:
    bench = Bench("xendit", desk)
    bench.configure(refunds_wait=True)
    charge = bench.settled()
    asked = bench.refunding(charge, 40_000)
    first = bench.gateway.refund(bench.account, asked)
    assert not first.done and first.external_id
    bench.act(charge, ends)
    if well:
        assert bench.gateway.refund(bench.account, asked) == type(first)(first.external_id)
    else:
        with pytest.raises(Refused, match="INSUFFICIENT_BALANCE"):
            bench.gateway.refund(bench.account, asked)


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Refused), (401, Refused), (403, Refused), (409, Refused), (429, TryLater), (503, TryLater)],
)
def test_each_error_code_of_xendit(status: int, error: type[Exception], script: Script) -> None:
    script.says({"error_code": "SOMETHING", "message": "Words."}, status=status)
    with pytest.raises(error):
        GATEWAYS["xendit"].ask(ACCOUNTS["xendit"], "A_pay1", "qr_1")


def test_a_list_is_read_to_its_end(script: Script) -> None:
    row = {
        "id": "txn_1",
        "product_id": "qrpy_1",
        "type": "PAYMENT",
        "reference_id": "A_pay1",
        "amount": 10000,
        "currency": "IDR",
        "settlement_status": "SETTLED",
        "updated": "2026-11-21T10:00:00Z",
        "fee": {"xendit_fee": 63, "value_added_tax": 7},
    }
    waiting = row | {"id": "txn_2", "settlement_status": "PENDING"}
    script.says({"data": [row], "has_more": True}, {"data": [waiting], "has_more": False})
    [line] = GATEWAYS["xendit"].settlements(ACCOUNTS["xendit"], clock.now(), clock.now())
    assert (line.amount_minor, line.fee_minor, line.reference) == (10_000, 70, "A_pay1")
    assert "after_id=txn_1" in script.asked[1][0]


@pytest.mark.parametrize("code", list(GATEWAYS))
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff"])
def test_an_answer_that_is_no_json_leaves_nobody_sure(code: str, body: bytes, script: Script) -> None:
    script.says(body)
    with pytest.raises((OutcomeUnknown, Refused)):
        GATEWAYS[code].start(ACCOUNTS[code], charge())
    if body:
        with pytest.raises(OutcomeUnknown):
            GATEWAYS[code].refund(ACCOUNTS[code], refunding())
