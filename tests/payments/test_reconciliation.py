"""Settlement lists against the ledger: what agrees is in the bank, what does not is named once and settled once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import ledger, loyalty
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.ledger import AccountKind, LedgerEntry
from app.orders import reconciling, refunding
from app.orders.refunding import RefundWish, What
from app.orders.states import PaymentStatus
from app.payments import attempts, chargebacks, differences, overview, receipts, reconciliation, refunds
from app.payments.chargebacks import Dispute
from app.payments.errors import RefundMoved
from app.payments.gateways import GATEWAYS
from app.payments.models import RefundStatus, RefundTo
from app.payments.ports import OutcomeUnknown, RefundAnswer, Settled
from app.payments.settlement_models import (
    DifferenceSort,
    DifferenceStatus,
    RunStatus,
    SettlementLine,
)
from tests.factories import (
    make_branch,
    make_cast,
    make_variant,
    make_zone,
    place,
)
from tests.orders.test_books import proved
from tests.payments.money import CARD, TestGateway, days_ago, deliver, open_method, paid_order

A, D, S = AccountKind, DifferenceStatus, DifferenceSort


@pytest.fixture
def gateway(monkeypatch):
    made = TestGateway()
    monkeypatch.setitem(GATEWAYS, CARD, made)
    return made


@pytest.fixture
def cast(store):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=500)
    open_method()
    return make_cast()


@pytest.fixture
def order(cast):
    return deliver(paid_order(("VITC", 2), actor=cast["ana"]), carla=cast["carla"], boris=cast["boris"])


def listed(order, amount=None, *, fee=59, kind="payment", currency="USD", external_id="", reference=""):
    attempt = attempts.attempts_of(order.id)[-1]
    return Settled(
        external_id=external_id or f"tx-{attempt.reference}",
        reference=reference or attempt.reference,
        amount_minor=order.total_minor if amount is None else amount,
        fee_minor=fee,
        currency=currency,
        at=clock.now() - timedelta(minutes=1),
        kind=kind,
    )


def compare(cast, gateway, *lines, since=None):
    gateway.listed = [*lines]
    run = reconciliation.ask_run(CARD, actor=cast["dmitri"], since=since)
    reconciliation.reconcile(run.id)
    db.session.expire_all()
    return run


def balance(kind, subject="") -> int:
    return ledger.balance(kind, "USD", subject)


def only():
    (found,) = reconciliation.open_differences(CARD)
    return found


def test_what_agrees_is_in_the_bank_less_its_fee(cast, order, gateway):
    run = compare(cast, gateway, listed(order))
    assert (run.status, run.lines, run.matched, run.differences) == (RunStatus.done, 1, 1, 0)
    assert balance(A.bank) == order.total_minor - 59
    assert (balance(A.gateway_fees, CARD), balance(A.clearing, CARD)) == (59, 0)
    compare(cast, gateway, listed(order))
    assert balance(A.bank) == order.total_minor - 59
    assert proved() == {}
    (row,) = overview.methods_now()
    assert (row.code, row.left_minor, row.fees_minor, row.sums["came"]) == (CARD, 0, 59, order.total_minor)


def test_refunds_leave_the_bank(cast, order, gateway):
    wish = RefundWish(What.all, RefundTo.source, "Broken bottles")
    (refund,) = refunding.refund_order(order.code, wish, key="k", actor=cast["dmitri"])
    refunds.record_answer(refund.id, RefundAnswer("re-1"))
    back = listed(order, -order.total_minor, fee=10, kind="refund", external_id="re-1")
    compare(cast, gateway, listed(order), back)
    assert (balance(A.clearing, CARD), balance(A.bank), balance(A.gateway_fees, CARD)) == (0, -69, 69)
    assert proved() == {}


def test_a_list_proves_a_refund_that_was_never_answered(cast, order, gateway):
    wish = RefundWish(What.all, RefundTo.source, "Broken bottles")
    (refund,) = refunding.refund_order(order.code, wish, key="k", actor=cast["dmitri"])
    refunds.begin_sending(refund.id)
    compare(
        cast,
        gateway,
        listed(order, -order.total_minor, kind="refund", external_id="re-9", reference=refund.reference),
    )
    assert (refund.status, refund.external_id) == (RefundStatus.done, "re-9")
    assert proved() == {}


def test_a_payment_we_do_not_have_is_posted_and_pays_its_order(cast, gateway):
    order = place(("VITC", 2), actor=cast["ana"], payment_method=CARD)
    compare(cast, gateway, listed(order, external_id="tx-lost"))
    found = only()
    assert (found.sort, found.ours_minor, found.theirs_minor) == (S.missing_here, None, order.total_minor)
    compare(cast, gateway, listed(order, external_id="tx-lost"))
    assert only().id == found.id
    with pytest.raises(Forbidden):
        reconciling.post_missing(found.id, actor=cast["carla"])
    reconciling.post_missing(found.id, actor=cast["dmitri"])
    assert (order.payment_status, found.status, found.how) == (PaymentStatus.PAID, D.settled, "posted")
    assert balance(A.bank) == order.total_minor - 59
    with pytest.raises(RefundMoved):
        reconciling.post_missing(found.id, actor=cast["dmitri"])
    assert proved() == {}


def test_a_second_payment_of_one_attempt_goes_into_the_wallet(cast, order, gateway):
    compare(cast, gateway, listed(order), listed(order, external_id="tx-twice"))
    found = only()
    assert (found.sort, found.line.external_id) == (S.missing_here, "tx-twice")
    reconciling.post_missing(found.id, actor=cast["dmitri"])
    assert loyalty.balance_of(cast["ana"].customer_id) == order.total_minor
    assert proved() == {}


def test_a_line_that_names_nothing_needs_the_order_or_a_reason(cast, gateway):
    order = place(("VITC", 2), actor=cast["ana"], payment_method=CARD)
    stray = listed(order, 4200, external_id="tx-stray", reference="RENT-11")
    compare(cast, gateway, stray)
    with pytest.raises(InvalidInput) as refused:
        reconciling.post_missing(only().id, actor=cast["dmitri"], code="MIA-NONE")
    assert "code" in refused.value.errors
    with pytest.raises(InvalidInput):
        differences.explain(only().id, " ", actor=cast["dmitri"])
    differences.explain(only().id, "The landlord paid here by mistake", actor=cast["dmitri"])
    compare(cast, gateway, stray)
    assert reconciliation.open_differences() == []
    assert balance(A.bank) == 0
    assert proved() == {}


def test_an_order_code_is_enough(cast, gateway):
    order = place(("VITC", 2), actor=cast["ana"], payment_method=CARD)
    compare(cast, gateway, listed(order, external_id="tx-stray", reference="nobody"))
    reconciling.post_missing(only().id, actor=cast["dmitri"], code=order.code.lower())
    assert order.payment_status is PaymentStatus.PAID
    assert proved() == {}


@pytest.mark.parametrize("over", [-100, 250])
def test_another_amount_is_written_off_by_who_owns_the_store(cast, order, gateway, over):
    compare(cast, gateway, listed(order, order.total_minor + over))
    found = only()
    assert (found.sort, found.ours_minor) == (S.amount, order.total_minor)
    with pytest.raises(Forbidden):
        differences.write_off(found.id, "A cent here, a cent there", actor=cast["dmitri"])
    differences.write_off(found.id, "The bank kept it", actor=cast["owner"])
    assert (balance(A.over_short), balance(A.clearing, CARD)) == (-over, 0)
    assert balance(A.bank) == order.total_minor + over - 59
    assert proved() == {}


def test_another_currency_is_only_explained(cast, order, gateway):
    compare(cast, gateway, listed(order, currency="IDR"))
    assert only().sort is S.currency
    with pytest.raises(InvalidInput):
        differences.write_off(only().id, "No idea what this is", actor=cast["owner"])
    differences.explain(only().id, "Their list is wrong; a ticket is open", actor=cast["owner"])
    assert proved() == {}


def test_what_no_list_has_is_named_after_its_grace_and_goes_when_a_list_has_it(cast, order, gateway):
    compare(cast, gateway)
    assert reconciliation.open_differences() == []
    receipt = receipts.receipts_of(order.id)[0]
    receipt.received_at = days_ago(5)
    db.session.flush()
    run = compare(cast, gateway)
    assert (only().sort, only().receipt_id, run.differences) == (S.missing_there, receipt.id, 1)
    found = only()
    compare(cast, gateway, listed(order))
    assert found.status is D.gone
    assert proved() == {}


def test_what_never_arrives_is_written_off(cast, order, gateway):
    receipts.receipts_of(order.id)[0].received_at = days_ago(5)
    db.session.flush()
    compare(cast, gateway)
    differences.write_off(only().id, "The provider went out of business", actor=cast["owner"])
    assert (balance(A.over_short), balance(A.clearing, CARD)) == (order.total_minor, 0)
    assert proved() == {}


def test_a_refund_made_at_the_provider_follows_here(cast, order, gateway):
    back = listed(order, -1000, fee=0, kind="refund", external_id="re-hand")
    compare(cast, gateway, listed(order), back)
    assert only().sort is S.missing_here
    reconciling.post_missing(only().id, actor=cast["dmitri"])
    (refund,) = refunds.refunds_of(order.id)
    assert (refund.status, refund.amount_minor, refund.external_id) == (RefundStatus.done, 1000, "re-hand")
    assert refunding.refundable(order).most_minor == order.total_minor - 1000
    assert balance(A.clearing, CARD) == 0
    assert proved() == {}


def test_a_refund_of_an_order_on_its_way_makes_its_sale_smaller(cast, gateway):
    order = paid_order(("VITC", 2), actor=cast["ana"])
    back = listed(order, -1000, fee=0, kind="refund", external_id="re-hand")
    compare(cast, gateway, listed(order), back)
    reconciling.post_missing(only().id, actor=cast["dmitri"])
    deliver(order, carla=cast["carla"], boris=cast["boris"])
    assert refunding.refundable(order).most_minor == order.total_minor - 1000
    assert proved() == {}


def test_a_chargeback_in_the_list_is_recorded(cast, order, gateway):
    taken = listed(order, -order.total_minor, fee=1500, kind="chargeback", external_id="cb-5")
    compare(cast, gateway, listed(order), taken)
    reconciling.post_missing(only().id, actor=cast["dmitri"])
    (case,) = chargebacks.chargebacks_of(order.id)
    assert (case.case, case.amount_minor, case.fee_minor) == ("cb-5", order.total_minor, 1500)
    assert (balance(A.bank), balance(A.clearing, CARD)) == (-1559, 0)
    assert proved() == {}


def test_a_chargeback_we_know_agrees(cast, order, gateway):
    receipt = receipts.receipts_of(order.id)[0]
    chargebacks.record(receipt.id, Dispute("cb-6", order.total_minor, 1500), actor=cast["dmitri"])
    taken = listed(order, -order.total_minor, fee=1500, kind="chargeback", external_id="cb-6")
    compare(cast, gateway, listed(order), taken)
    assert (balance(A.bank), balance(A.clearing, CARD)) == (-1559, 0)
    (row,) = overview.methods_now()
    assert (row.bank_minor, row.fees_minor) == (-1559, 1559)
    assert proved() == {}


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("where", ["_begin", "_take", "_close"])
def test_killed_in_the_middle_the_next_run_finishes_it(cast, order, gateway, monkeypatch, where):
    monkeypatch.setattr(reconciliation, "AT_ONCE", 1)
    gateway.listed = [listed(order), listed(order, 4200, external_id="tx-x", reference="none")]
    run = reconciliation.ask_run(CARD, actor=cast["dmitri"])
    real, calls = getattr(reconciliation, where), []

    def killed_after(*given, **named):
        answer = real(*given, **named)
        calls.append(1)
        if len(calls) == 1:
            raise Killed
        return answer

    monkeypatch.setattr(reconciliation, where, killed_after)
    with pytest.raises(Killed):
        reconciliation.reconcile(run.id)
    for _again in range(2):
        reconciliation.reconcile(run.id)
    db.session.expire_all()
    assert (run.status, run.matched, run.differences) == (RunStatus.done, 1, 1)
    booked = select(func.count()).where(LedgerEntry.reference.like("settled:%"))
    assert db.session.scalar(booked) == 1
    assert proved() == {}


def test_a_provider_that_is_down_says_so_on_the_page(cast, order, gateway):
    def down(*_given):
        raise OutcomeUnknown("ReadTimeout")

    gateway.settlements = down
    run = reconciliation.ask_run(CARD, actor=cast["dmitri"])
    reconciliation.reconcile(run.id)
    db.session.expire_all()
    assert (run.status, "ReadTimeout" in run.problem) == (RunStatus.failed, True)


def test_every_listed_method_is_compared_at_night(cast, order, gateway):
    assert reconciliation.ask_nightly() == 1
    with pytest.raises(NotFound):
        reconciliation.ask_run("cash", actor=cast["dmitri"])
    with pytest.raises(Forbidden):
        reconciliation.ask_run(CARD, actor=cast["carla"])


def test_lines_are_kept_once(cast, order, gateway):
    for _again in range(3):
        compare(cast, gateway, listed(order))
    assert db.session.scalar(select(func.count()).select_from(SettlementLine)) == 1


def test_a_payment_undone_before_it_settled_is_in_no_list(cast, order, gateway):
    wish = RefundWish(What.all, RefundTo.source, "Broken bottles")
    (refund,) = refunding.refund_order(order.code, wish, key="k", actor=cast["dmitri"])
    refunds.record_answer(refund.id, RefundAnswer("tx-1", voided=True))
    receipts.receipts_of(order.id)[0].received_at = days_ago(5)
    refund.ended_at = days_ago(5)
    db.session.flush()
    assert compare(cast, gateway).differences == 0


def test_a_refund_that_names_only_itself_needs_the_order(cast, order, gateway):
    back = listed(order, -1000, fee=0, kind="refund", external_id="re-hand", reference="nobody")
    compare(cast, gateway, listed(order), back)
    with pytest.raises(InvalidInput):
        reconciling.post_missing(only().id, actor=cast["dmitri"], code="MIA-NONE")
    reconciling.post_missing(only().id, actor=cast["dmitri"], code=order.code)
    assert refunding.refundable(order).most_minor == order.total_minor - 1000
    assert proved() == {}
