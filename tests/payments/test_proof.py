"""Who moves much money, or turns it to another account, proves once more who they are; what was typed stays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import stores
from app.core import clock
from app.core.db import db, release_connection, transaction
from app.core.tenancy import store_scope
from app.orders import paying
from app.payments import methods
from app.payments.models import PaymentReceipt, ReceiptStatus, Refund
from app.payments.settlement_models import (
    Chargeback,
    DifferenceSort,
    DifferenceStatus,
    LineKind,
    SettlementDifference,
)
from tests.admin.conftest import PASSWORD, sign_in  # noqa: F401 - a fixture
from tests.factories import JAKARTA, MIAMI, make_driver
from tests.payments.bank import ACCOUNT, CODE
from tests.payments.conftest import buy
from tests.payments.money import deliver, pay

ASKED = "Enter your password once more."


@pytest.fixture
def large_from(monkeypatch):
    """From this amount on the store wants to be sure."""
    real = stores.current_store

    def set_it(amount_minor: int) -> None:
        monkeypatch.setattr(
            stores, "current_store", lambda: replace(real(), transfer_second_from_minor=amount_minor)
        )

    return set_it


@pytest.fixture
def delivered(crew, bank):
    order = buy(crew)
    pay(order)
    deliver(order, carla=crew["carla"], boris=make_driver("Boris"))
    found = order.code, order.total_minor, db.session.query(PaymentReceipt).one().id
    release_connection()
    return found


def give_back(code, seen, **more):
    return f"/console/refunds/give/{code}", {
        "what": "all",
        "to": "wallet",
        "reason": "Broken in the box",
        "seen": str(seen),
        "key": "once",
    } | more


@pytest.mark.parametrize("above", [True, False])
def test_a_refund_asks_from_the_stores_limit_on(delivered, sign_in, large_from, above):  # noqa: F811
    code, total, _receipt = delivered
    large_from(total if above else total + 1)
    staff = sign_in("manager")
    path, form = give_back(code, total)
    answer = staff.post(path, form)
    if not above:
        assert answer.status_code == 303
        return
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and ASKED in page
    assert 'value="Broken in the box"' in page and f'name="seen" value="{total}"' in page
    assert staff.post(path, form | {"password": "a guess"}).status_code == 422
    assert db.session.query(Refund).count() == 0
    assert staff.post(path, form | {"password": PASSWORD}).status_code == 303
    assert db.session.query(Refund).one().amount_minor == total


def test_a_large_chargeback_asks(delivered, sign_in, large_from):  # noqa: F811
    code, total, receipt = delivered
    large_from(1000)
    staff, path = sign_in("manager"), f"/console/chargebacks/record/{code}"
    form = {"payment": str(receipt), "case": "CB-1", "amount": f"{total / 100:.2f}", "fee": "15"}
    asked = staff.post(path, form)
    assert asked.status_code == 422 and ASKED in (page := asked.get_data(as_text=True))
    assert 'value="CB-1"' in page and db.session.query(Chargeback).count() == 0
    assert staff.post(path, form | {"password": PASSWORD}).status_code == 303


def test_a_large_payment_in_review_asks(crew, bank, sign_in, large_from):  # noqa: F811
    order = buy(crew)
    tried = paying.begin(order.code, actor=crew["ana"])
    bank.pay(tried.reference, order.due_minor - 100)
    paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
    pk = db.session.query(PaymentReceipt).one().id
    release_connection()
    large_from(1000)
    staff, typed = sign_in("manager"), {"reason": "The bank took a fee"}
    assert 'name="password"' in staff.page(f"/console/payment-review/show/{pk}")
    asked = staff.post(f"/console/payment-review/accept/{pk}", typed)
    assert asked.status_code == 422 and ASKED in (page := asked.get_data(as_text=True))
    assert 'value="The bank took a fee"' in page
    done = staff.post(f"/console/payment-review/accept/{pk}", typed | {"password": PASSWORD})
    assert done.status_code == 303
    assert db.session.get_one(PaymentReceipt, pk).status is ReceiptStatus.applied


def test_settling_a_large_difference_asks(delivered, sign_in, large_from):  # noqa: F811
    _code, total, receipt = delivered
    with transaction():
        difference = SettlementDifference(
            method=CODE,
            sort=DifferenceSort.missing_there,
            kind=LineKind.payment,
            key=f"receipt:{receipt}",
            receipt_id=receipt,
            ours_minor=total,
            ours_currency="USD",
            found_at=clock.now() - timedelta(hours=1),
        )
        db.session.add(difference)
        db.session.flush()
        pk = difference.id
    release_connection()
    large_from(1000)
    staff, typed = sign_in("store_admin"), {"reason": "It never arrived"}
    asked = staff.post(f"/console/reconciliation/write-off/{pk}", typed)
    assert asked.status_code == 422 and ASKED in (page := asked.get_data(as_text=True))
    assert 'value="It never arrived"' in page
    assert (
        staff.post(f"/console/reconciliation/write-off/{pk}", typed | {"password": PASSWORD}).status_code
        == 303
    )
    assert db.session.get_one(SettlementDifference, pk).status is DifferenceStatus.settled


def test_terms_are_free_and_the_account_asks(crew, bank, sign_in):  # noqa: F811
    release_connection()
    staff, path = sign_in("store_admin"), f"/console/payment-methods/edit/{CODE}"
    typed = {f"setting-{name}": value for name, value in ACCOUNT.items()} | {
        "active": "y",
        "max_minor": "900",
    }
    assert staff.post(path, typed).status_code == 303
    other = typed | {"setting-api_login_id": "somebody-elses"}
    asked = staff.post(path, other)
    assert asked.status_code == 422 and ASKED in (page := asked.get_data(as_text=True))
    assert 'value="somebody-elses"' in page
    assert methods.credentials(CODE).settings["api_login_id"] == ACCOUNT["api_login_id"]
    assert staff.post(path, other | {"password": PASSWORD}).status_code == 303
    assert methods.credentials(CODE).settings["api_login_id"] == "somebody-elses"


@pytest.mark.parametrize(("store_id", "large_minor"), [(MIAMI, 50_000), (JAKARTA, 7_500_000)])
def test_a_new_store_takes_for_large_what_is_large_in_its_currency(world, store_id, large_minor):
    with store_scope(store_id):
        assert stores.current_store().transfer_second_from_minor == large_minor
