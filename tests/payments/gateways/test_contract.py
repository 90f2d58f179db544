"""The contract of a gateway, run on every adapter against its sandbox: pay, fail, wait, refund, settle, be down."""

from datetime import timedelta

import pytest

from app.core import clock, settings
from app.payments.catalogue import METHODS
from app.payments.gateways import GATEWAYS
from app.payments.ports import Credentials, NewsStatus, OutcomeUnknown, Refunding, Refused, Show, TryLater
from tests.payments.gateways.conftest import ACCOUNTS, Bench
from tests.sandbox.conftest import Sandbox, wait_until

S = NewsStatus
SHOWN = {"authorizenet": Show.redirect, "midtrans": Show.popup, "xendit": Show.qr}


def test_every_method_of_a_gateway_has_one_and_takes_its_currency() -> None:
    wanted = {code: method for code, method in METHODS.items() if method.flow.value == "gateway"}
    assert set(GATEWAYS) == set(wanted) == set(ACCOUNTS)
    for code, method in wanted.items():
        gateway = GATEWAYS[code]
        assert (gateway.name, gateway.currencies) == (code, method.currencies)
        assert (tuple(gateway.settings), tuple(gateway.secrets)) == (method.settings, method.secrets)


def test_what_is_paid_is_told_in_full(bench: Bench) -> None:
    charge = bench.charge(125_049)
    started = bench.gateway.start(bench.account, charge)
    assert started.show is SHOWN[bench.name]
    before = bench.ask(charge)
    assert before is None or before.status is S.pending
    bench.act(charge, "pay")
    news = bench.ask(charge)
    assert news is not None
    assert (news.status, news.reference) == (S.paid, charge.reference)
    assert (news.amount_minor, news.currency) == (125_049, bench.currency)
    assert news.external_id
    assert news.at is not None and abs(news.at - clock.now()) < timedelta(minutes=5)
    again = bench.gateway.ask(bench.account, charge.reference, news.external_id)
    assert again is not None and again.external_id == news.external_id


def test_a_payment_that_nobody_knows_is_none(bench: Bench) -> None:
    assert bench.gateway.ask(bench.account, "CTR-20261121-ZZZZ_pay1", "") is None
    unknown = "qr_00000000" if bench.name == "xendit" else "99999999999"
    assert bench.gateway.ask(bench.account, "CTR-20261121-ZZZZ_pay1", unknown) is None


@pytest.mark.parametrize("bench", ["authorizenet", "midtrans"], indirect=True)
def test_a_declined_card_has_failed_and_another_one_pays(bench: Bench) -> None:
    charge = bench.started()
    bench.act(charge, "decline")
    news = bench.ask(charge)
    assert news is not None and news.status is S.failed and news.reason
    bench.act(charge, "pay")
    after = bench.gateway.ask(bench.account, charge.reference, news.external_id)
    assert after is not None and after.status is S.paid


@pytest.mark.parametrize("bench", ["authorizenet", "midtrans"], indirect=True)
@pytest.mark.parametrize(("decision", "status"), [("approve", S.paid), ("deny", S.failed)])
def test_money_that_is_looked_at_is_not_ours_yet(bench: Bench, decision: str, status: NewsStatus) -> None:
    charge = bench.started()
    bench.act(charge, "hold")
    news = bench.ask(charge)
    assert news is not None and news.status is S.held
    bench.act(charge, decision)
    news = bench.ask(charge)
    assert news is not None and news.status is status


@pytest.mark.parametrize("bench", ["midtrans", "xendit"], indirect=True)
def test_a_payment_that_ran_out_is_told(bench: Bench) -> None:
    charge = bench.started()
    if bench.name == "midtrans":  # a window in which nothing was chosen runs out without a word
        bench.act(charge, "choose")
        waiting = bench.ask(charge)
        assert waiting is not None and waiting.status is S.pending
    bench.act(charge, "expire")
    news = bench.ask(charge)
    assert news is not None and news.status is S.expired


def test_a_settled_payment_goes_back_in_parts_never_above_what_it_was(bench: Bench) -> None:
    charge = bench.settled(100_000)
    first = bench.gateway.refund(bench.account, bench.refunding(charge, 30_000))
    assert first.done and not first.voided and first.external_id
    second = bench.gateway.refund(bench.account, bench.refunding(charge, 70_000, number=2))
    assert second.done and second.external_id != first.external_id
    with pytest.raises(Refused):
        bench.gateway.refund(bench.account, bench.refunding(charge, 1, number=3))
    assert [bench.minor(one["amount"]) for one in bench.kept(charge)[0]["refunds"]] == [30_000, 70_000]


def test_the_same_refund_is_sent_once(bench: Bench) -> None:
    charge = bench.settled(100_000)
    asked = bench.refunding(charge, 40_000)
    first, second = (bench.gateway.refund(bench.account, asked) for _time in range(2))
    assert first.external_id == second.external_id
    bench.close_day()
    assert bench.gateway.refund(bench.account, asked).external_id == first.external_id
    assert len(bench.kept(charge)[0]["refunds"]) == 1


def test_a_refund_whose_answer_got_lost_is_found_again(bench: Bench) -> None:
    charge = bench.settled(100_000)
    asked = bench.refunding(charge, 40_000)
    calls_before = {"authorizenet": 4, "midtrans": 1, "xendit": 1}[bench.name]
    lose_answer_of_call(bench, calls_before)
    with pytest.raises(OutcomeUnknown):
        bench.gateway.refund(bench.account, asked)
    bench.desk.chaos(bench.name, "ok")
    wait_until(lambda: len(bench.kept(charge)[0]["refunds"]) == 1, 10)
    assert bench.gateway.refund(bench.account, asked).done
    assert len(bench.kept(charge)[0]["refunds"]) == 1


def lose_answer_of_call(bench: Bench, before: int) -> None:
    """The call that moves money, after `before` that only look, is done and not answered in time."""
    bench.desk.chaos(bench.name, "slow", seconds=6, after=before, times=1)


@pytest.mark.parametrize("bench", ["authorizenet", "midtrans"], indirect=True)
def test_a_card_that_has_not_settled_is_undone_as_a_whole(bench: Bench) -> None:
    charge = bench.paid(100_000)
    part = bench.gateway.refund(bench.account, bench.refunding(charge, 40_000))
    assert not part.done  # asked again when it has settled
    whole = bench.refunding(charge, 100_000, number=2)
    answer = bench.gateway.refund(bench.account, whole)
    assert (answer.done, answer.voided) == (True, True)
    assert bench.gateway.refund(bench.account, whole) == answer
    news = bench.ask(charge)
    assert news is not None and news.status is S.cancelled


def test_a_refund_of_nothing_known_is_refused(bench: Bench) -> None:
    asked = Refunding(
        "CTR-20261121-ZZZZ_ref1", "CTR-20261121-ZZZZ_pay1", "99999999999", 100, 100, bench.currency
    )
    with pytest.raises(Refused):
        bench.gateway.refund(bench.account, asked)


def test_what_has_settled_is_listed_to_the_unit(bench: Bench) -> None:
    since = clock.now() - timedelta(hours=1)
    waiting, charge = bench.paid(77_000, by="credit_card"), bench.settled(100_049)
    bench.gateway.refund(bench.account, bench.refunding(charge, 40_000))
    mine = {charge.reference, f"{charge.order_code}_ref1"}
    lines = [line for line in settled_since(bench, since) if line.reference in mine]
    assert [(line.kind, line.amount_minor) for line in lines] == [("payment", 100_049)]
    bench.close_day()
    lines = settled_since(bench, since)
    found = {line.reference: line for line in lines if line.reference in mine}
    assert {(line.kind, line.amount_minor) for line in found.values()} == {
        ("payment", 100_049),
        ("refund", -40_000),
    }
    paid = found[charge.reference]
    news = bench.ask(charge)
    assert news is not None and (paid.external_id, paid.currency) == (news.external_id, bench.currency)
    assert (paid.fee_minor > 0) is (bench.name != "authorizenet")
    assert waiting.reference in {line.reference for line in lines}
    assert bench.gateway.settlements(bench.account, since - timedelta(days=40), since) == []


def settled_since(bench: Bench, since) -> list:
    return bench.gateway.settlements(bench.account, since, clock.now() + timedelta(minutes=1))


@pytest.mark.parametrize("what", ["start", "ask", "refund", "settlements"])
@pytest.mark.parametrize(("fault", "error"), [("429", TryLater), ("500", TryLater), ("down", OutcomeUnknown)])
def test_trouble_is_sorted(bench: Bench, what: str, fault: str, error: type[Exception]) -> None:
    now = clock.now()
    unknown = Refunding(
        "CTR-20261121-YYYY_ref1", "CTR-20261121-YYYY_pay1", "99999999999", 1, 1, bench.currency
    )
    charge = bench.charge()
    asked = {
        "start": lambda: bench.gateway.start(bench.account, charge),
        "ask": lambda: bench.gateway.ask(bench.account, charge.reference, ""),
        "refund": lambda: bench.gateway.refund(bench.account, unknown),
        "settlements": lambda: bench.gateway.settlements(bench.account, now - timedelta(hours=1), now),
    }
    bench.desk.chaos(bench.name, fault, seconds=3)
    with pytest.raises(error):
        asked[what]()


def test_a_start_without_an_answer_leaves_nobody_sure(bench: Bench) -> None:
    bench.desk.chaos(bench.name, "slow", seconds=6, times=1)
    with pytest.raises(OutcomeUnknown):
        bench.gateway.start(bench.account, bench.charge())


def test_an_account_that_is_wrong_or_not_there(bench: Bench) -> None:
    known = bench.account
    wrong = Credentials(known.settings, dict.fromkeys(known.secrets, "wrong"))
    for account, words in ((wrong, r"401|E00007"), (Credentials(), "not configured")):
        with pytest.raises(Refused, match=words):
            bench.gateway.start(account, bench.charge())
        with pytest.raises(Refused, match=words):
            bench.gateway.ask(account, "CTR-20261121-ZZZZ_pay1", "")


def test_a_provider_that_is_not_there(bench: Bench, desk: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {name: "http://127.0.0.1:9" for name in settings._values if name.endswith("_URL")}
    monkeypatch.setattr(settings, "_values", nowhere)
    with pytest.raises(TryLater):
        bench.gateway.start(bench.account, bench.charge())


def test_secrets_are_in_no_words(bench: Bench) -> None:
    bench.desk.chaos(bench.name, "500", times=1)
    with pytest.raises(TryLater) as caught:
        bench.gateway.start(bench.account, bench.charge())
    told = f"{caught.value} {bench.account!r}"
    assert not [secret for secret in bench.account.secrets.values() if secret in told]
