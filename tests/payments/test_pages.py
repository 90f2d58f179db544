"""The page on which an order is paid, without a script; the API's part; and staff at their desks."""

import re

import pytest

from app import orders
from app.core.db import db, release_connection
from app.core.outside import OutcomeUnknown
from app.orders import paying
from app.payments import methods
from app.payments.models import PaymentAttempt, PaymentMethod, PaymentReceipt, ReceiptStatus, WebhookMessage
from tests.admin.conftest import PASSWORD, sign_in  # noqa: F401 - a fixture
from tests.payments.bank import ACCOUNT, CODE, SIGNED, call_of
from tests.payments.conftest import buy
from tests.storefront.conftest import Guest


@pytest.fixture
def guest(committed):
    return Guest(committed)


@pytest.fixture
def order(crew):
    placed = buy(crew)
    found = placed.code, placed.due_minor, f"/pay/{placed.code}?t={orders.token('pay', placed.code)}"
    release_connection()
    return found


def test_the_link_alone_opens_it(guest, order):
    code, _due, page = order
    assert guest.get(page).status_code == 200
    assert guest.page.headers["Cache-Control"] == "private, no-store"
    assert guest.send("GET", f"/pay/{code}?t=wrong").status_code == 404
    assert guest.send("GET", f"/pay/{code}").status_code == 404


def test_from_the_button_to_the_provider_and_back(guest, order, bank):
    code, due, page = order
    guest.get(page)
    answer = guest.submit(page, method=CODE)
    assert (answer.status_code, answer.location) == (303, f"{page}&go=1")
    going = guest.get(answer.location)
    assert 'action="https://pay.test/hosted"' in going.text
    assert "form-action 'self' https://pay.test" in going.headers["Content-Security-Policy"]
    assert "pay.test" not in guest.get("/").headers["Content-Security-Policy"]
    bank.pay(f"{code}_pay1", due)
    assert "Paid, thank you" in guest.get(f"{page}&back=1").text


def test_a_page_that_waits_is_told_when_something_changed(guest, order, bank):
    code, due, page = order
    guest.get(page)
    guest.submit(page, method=CODE)
    waiting = guest.get(page)
    look = re.search(r'id="pay-wait" hx-get="([^"]+)"', waiting.text).group(1).replace("&amp;", "&")
    same = guest.send("GET", look)
    assert "HX-Refresh" not in same.headers and look.replace("&", "&amp;") in same.text
    tried = bank.started[0]
    bank.pay(tried, due)
    attempt = db.session.query(PaymentAttempt).filter_by(reference=tried).one()
    paying.accept_news(attempt.id, bank.knows[tried], source="webhook")
    assert code in tried and guest.send("GET", look).headers["HX-Refresh"] == "true"


def test_a_provider_that_is_away_is_said_and_the_order_stands(guest, order, bank):
    _code, _due, page = order
    guest.get(page)
    bank.away = OutcomeUnknown("ReadTimeout")
    answer = guest.submit(page, method=CODE)
    assert answer.status_code == 503
    assert "Your order is kept" in answer.text
    bank.away = None
    assert guest.submit(page, method=CODE).status_code == 303


def test_a_way_that_is_not_offered_is_refused(guest, order):
    _code, _due, page = order
    guest.get(page)
    assert guest.submit(page, method="cash").status_code == 422
    assert guest.submit(page, method="xendit").status_code == 409


def test_a_manager_decides_about_money_that_does_not_fit(crew, order, bank, sign_in):  # noqa: F811
    code, due, _page = order
    tried = paying.begin(code, actor=crew["ana"])
    bank.pay(tried.reference, due - 100)
    paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
    pk = db.session.query(PaymentReceipt).one().id
    release_connection()
    staff = sign_in("manager")
    assert code in staff.page("/console/payment-review/list/")
    refused = staff.post(f"/console/payment-review/accept/{pk}", {"reason": "ok"})
    assert refused.status_code == 422 and 'value="ok"' in refused.get_data(as_text=True)
    done = staff.post(f"/console/payment-review/accept/{pk}", {"reason": "The bank took a fee"})
    assert done.status_code == 303
    assert db.session.get(PaymentReceipt, pk).status is ReceiptStatus.applied
    assert staff.post(f"/console/payment-review/wallet/{pk}", {"reason": "Once more"}).status_code == 409
    assert code in staff.page("/console/payments/list/")
    assert sign_in("dispatcher").get("/console/payment-review/list/").status_code == 403


def test_the_inbox_shows_a_call_and_reads_it_again(committed, crew, bank, guest, sign_in):  # noqa: F811
    body = call_of("MIA-20200101-ZZZZ_pay1")
    assert guest.send("POST", f"/webhooks/{CODE}", data=body, headers=SIGNED).status_code == 200
    pk = db.session.query(WebhookMessage).one().id
    release_connection()
    staff = sign_in("manager")
    assert "MIA-20200101-ZZZZ_pay1" in staff.page(f"/console/webhooks/show/{pk}")
    assert staff.post(f"/console/webhooks/replay/{pk}").status_code == 303


def test_secrets_are_written_and_never_shown(crew, bank, sign_in):  # noqa: F811
    release_connection()
    staff = sign_in("store_admin")
    address = f"/console/payment-methods/edit/{CODE}"
    typed = {f"setting-{name}": value for name, value in ACCOUNT.items()}
    typed |= {"active": "y", "secret-transaction_key": "hidden-from-all", "min_minor": "5"}
    asked = staff.post(address, typed)
    assert asked.status_code == 422 and "Enter your password once more." in asked.get_data(as_text=True)
    typed |= {"password": PASSWORD}
    assert staff.post(address, typed).status_code == 303
    page = staff.page(address)
    assert "hidden-from-all" not in page
    assert methods.credentials(CODE).secrets == {"transaction_key": "hidden-from-all", "signature_key": "s"}
    row = db.session.query(PaymentMethod).filter_by(code=CODE).one()
    assert (row.min_minor, b"hidden" in row.secrets) == (500, False)
    assert staff.post(address, typed | {"setting-api_login_id": ""}).status_code == 422
    assert sign_in("manager").get(address).status_code == 403
