"""Cards entered in the provider's form over the page: the token pays once, for one order, and stays nowhere."""

import re

import pytest
from sqlalchemy import text

from app import orders
from app.core.db import db, release_connection
from app.orders import card_paying, hearing, paying
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments import attempts, cards, receipts, terms
from app.payments.errors import (
    CardDeclined,
    CardFormExpired,
    GatewayDown,
    MethodClosed,
    NoCardForm,
    NothingToPay,
    StillAsking,
    TooManyCards,
)
from app.payments.models import AttemptStatus, PaymentAttempt, PaymentReceipt
from app.payments.ports import (
    CardTokenOver,
    NewsStatus,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from app.payments.terms import Terms
from jobs.payments import keep_card
from tests.admin.conftest import PASSWORD, sign_in  # noqa: F401 - a fixture
from tests.payments.bank import ACCOUNT, CODE
from tests.payments.conftest import buy, events, hear
from tests.payments.steps import later, proved
from tests.payments.test_card_pages import signed_in
from tests.payments.test_cards import vault  # noqa: F401 - a fixture
from tests.races.test_placing import at_once
from tests.storefront.conftest import NEXT_DOOR, Guest

S = AttemptStatus
KEY = "5anDb0xPub1icC1ientKey"
OVER = ACCOUNT | {"card_entry": "over_page", "public_client_key": KEY}
DESCRIPTOR, TOKEN = "COMMON.ACCEPT.INAPP.PAYMENT", "eyJjb2RlIjoiNTBfMl8wNjAwMCJ9"
GIVEN = {"method": CODE, "data_descriptor": DESCRIPTOR, "data_value": TOKEN}


def enter_over_page(cast):
    """The store has its cards entered in the form."""
    terms.save(CODE, Terms(active=True), OVER, {}, actor=cast["owner"])


def press(order, cast, token=TOKEN, **more):
    return card_paying.pay_by_form(order.code, CODE, DESCRIPTOR, token, actor=cast["ana"], **more)


@pytest.fixture
def shop(cast, vault):  # noqa: F811
    enter_over_page(cast)
    return cast


def test_an_entered_card_pays_the_untouched_try(shop, vault):  # noqa: F811
    order = buy(shop)
    tried = press(order, shop)
    assert (tried.number, tried.status, order.payment_status) == (1, S.paid, PaymentStatus.PAID)
    # The second press of a double press finds it paid, whatever it carries.
    assert press(order, shop, "QW5vdGhlciB0b2tlbg==").id == tried.id
    assert vault.charged == [f"{order.code}_pay1"]
    assert proved() == {}


def test_the_token_stays_nowhere(shop, vault):  # noqa: F811
    order, vault.says = buy(shop), NewsStatus.failed
    with pytest.raises(CardDeclined):
        press(order, shop)
    vault.says = NewsStatus.paid
    press(order, shop, keep_card=True)
    db.session.flush()
    tables = (
        "payment_attempt",
        "payment_attempt_event",
        "event",
        "audit_entry",
        "payment_receipt",
        "saved_card",
    )
    known = set(db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
    assert set(tables) <= known
    for table in tables:
        rows = db.session.scalars(text(f"SELECT row_to_json(one)::text FROM {table} AS one")).all()
        assert not [row for row in rows if TOKEN in row], table


@pytest.mark.parametrize("says", [NewsStatus.failed, NewsStatus.held])
def test_what_the_bank_does_not_approve(shop, vault, says):  # noqa: F811
    order, vault.says = buy(shop), says
    if says is NewsStatus.held:
        assert press(order, shop).status is S.held
        with pytest.raises(StillAsking):
            press(order, shop)
        return
    with pytest.raises(CardDeclined):
        press(order, shop)
    vault.says = NewsStatus.paid
    assert press(order, shop).number == 2
    assert vault.charged == [f"{order.code}_pay1", f"{order.code}_pay2"]


def test_nobody_tries_out_a_list_of_cards(shop, vault, monkeypatch):  # noqa: F811
    order, vault.says = buy(shop), NewsStatus.failed
    for _card in range(card_paying.MOST_DECLINED):
        with pytest.raises(CardDeclined):
            press(order, shop)
    with pytest.raises(TooManyCards):
        press(order, shop)
    assert len(vault.charged) == card_paying.MOST_DECLINED
    assert paying.begin(order.code, actor=shop["ana"]).status is S.pending  # the provider's page is there
    later(monkeypatch, 61)
    vault.says = NewsStatus.paid
    assert press(order, shop).status is S.paid


@pytest.mark.parametrize(
    ("away", "error"),
    [
        (CardTokenOver("E00115 Expired OTS Token."), CardFormExpired),
        (Refused("E00116 OTS Token access violation"), MethodClosed),
        (TryLater("503"), GatewayDown),
    ],
)
def test_a_token_that_charged_nothing_fails_the_try(shop, vault, away, error):  # noqa: F811
    order, vault.away = buy(shop), away
    with pytest.raises(error):
        press(order, shop)
    assert attempts.attempts_of(order.id)[-1].status is S.failed
    vault.away = None
    assert press(order, shop).status is S.paid


def test_a_lost_answer_is_found_and_nothing_is_charged_beside_it(shop, bank, vault):  # noqa: F811
    order, vault.away = buy(shop), OutcomeUnknown("ReadTimeout")
    tried = press(order, shop)
    assert tried.status is S.pending
    for again in (lambda: press(order, shop), lambda: paying.begin(order.code, actor=shop["ana"])):
        with pytest.raises(StillAsking):
            again()
    bank.pay(tried.reference, order.due_minor, number="late")
    for _late_and_twice in range(2):
        paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
        hearing.look(tried.id)
    assert [one.external_id for one in receipts.receipts_of(order.id)] == ["late"]
    assert len(vault.charged) == 1 and proved() == {}


def test_a_webhook_that_comes_first_changes_nothing(shop, bank, vault):  # noqa: F811
    order = buy(shop)
    (tried,) = attempts.attempts_of(order.id)
    bank.pay(tried.reference, order.due_minor, number=f"card-{tried.reference}")
    paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
    with pytest.raises(NothingToPay):
        press(order, shop)
    assert vault.charged == [] and len(receipts.receipts_of(order.id)) == 1


def test_a_card_is_kept_for_its_owner_only(shop, vault):  # noqa: F811
    mine, plain = buy(shop), buy(shop)
    press(mine, shop, keep_card=True)
    press(plain, shop)
    assert [one.payload["customer_id"] for one in events("CardWanted")] == [shop["ana"].customer_id]
    hear(keep_card, "CardWanted")
    assert [payment for payment, _owner in vault.kept] == [f"card-{mine.code}_pay1"]
    assert len(cards.cards_of(shop["ana"].customer_id)) == 1


def test_a_store_that_takes_no_tokens_refuses_them(cast, vault):  # noqa: F811
    order = buy(cast)
    for method in (CODE, "cash", "zelle", ""):
        with pytest.raises(NoCardForm):
            card_paying.pay_by_form(order.code, method, DESCRIPTOR, TOKEN, actor=cast["ana"])
    assert vault.charged == []


def test_presses_of_two_tabs_charge_once(committed, crew, vault):  # noqa: F811
    enter_over_page(crew)
    order = buy(crew)
    code, order_id = order.code, order.id
    db.session.commit()
    release_connection()

    def tab(number):
        def pressed():
            token = f"dG9rZW4gb2YgdGFi{number % 2}"
            return card_paying.pay_by_form(code, CODE, DESCRIPTOR, token, actor=crew["ana"]).status.value

        return pressed

    told = {
        one if isinstance(one, str) else type(one).__name__ for one in at_once(committed, *map(tab, range(8)))
    }
    assert vault.charged == [f"{code}_pay1"]
    assert told <= {"paid", "StillAsking"} and "paid" in told
    assert db.session.get_one(Order, order_id).payment_status is PaymentStatus.PAID
    assert db.session.query(PaymentReceipt).count() == 1


# ---- the page


@pytest.fixture
def order(crew, vault):  # noqa: F811
    enter_over_page(crew)
    placed = buy(crew)
    found = placed.code, placed.due_minor, f"/pay/{placed.code}?t={orders.token('pay', placed.code)}"
    db.session.commit()
    release_connection()
    return found


def test_the_page_opens_the_form_and_leads_away_without_a_script(committed, order, bank):
    _code, _due, page = order
    guest = Guest(committed)
    shown = guest.get(page)
    assert f'data-clientKey="{KEY}"' in shown.text and 'data-apiLoginID="login"' in shown.text
    frames = re.search(r"frame-src ([^;]*)", shown.headers["Content-Security-Policy"]).group(1)
    assert "://" in frames and "unsafe" not in frames
    assert "AcceptUI" not in guest.get("/").text
    guest.get(page)
    answer = guest.submit(page, method=CODE, data_descriptor="", data_value="")
    assert answer.location == f"{page}&go=1" and bank.started


def test_a_guest_pays_by_the_link(committed, order, vault):  # noqa: F811
    code, _due, page = order
    guest = Guest(committed)
    guest.get(page)
    assert guest.submit(page, **GIVEN, keep_card="1").status_code == 303
    assert "Paid, thank you" in guest.get(page).text
    assert vault.charged == [f"{code}_pay1"]
    assert db.session.query(PaymentAttempt).one().keep_card is False
    assert guest.submit("/pay/MIA-20200101-ZZZZ?t=wrong", **GIVEN).status_code == 404
    # Next door the link is nobody's, whatever is sent to it.
    neighbour = Guest(committed, host=NEXT_DOOR)
    neighbour.get("/")
    assert neighbour.submit(page, **GIVEN).status_code == 404
    assert len(vault.charged) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"data_value": ""},
        {"data_descriptor": ""},
        {"data_descriptor": "COMMON.VCO.ONLINE.PAYMENT"},
        {"data_value": "4111111111111111 12/29"},
        {"data_value": "x" * 5000},
        {"data_value": "\0" * 20},
    ],
    ids=repr,
)
def test_what_is_no_token_is_said_beside_the_button(committed, order, wrong, vault):  # noqa: F811
    _code, _due, page = order
    guest = Guest(committed)
    guest.get(page)
    refused = guest.submit(page, **GIVEN | wrong)
    assert refused.status_code == 422
    told = re.search(r'id="card-problem"[^>]*>(.*?)</p>', refused.text, re.S)
    assert "has not given us your card" in told.group(1) and "data-card-form" in refused.text
    assert vault.charged == []


def test_what_the_owner_ticked_stays_ticked(committed, crew, order, vault):  # noqa: F811
    _code, _due, page = order
    ana = signed_in(committed, crew["ana"])
    ana.get(page)
    vault.says = NewsStatus.failed
    refused = ana.submit(page, **GIVEN, keep_card="1")
    assert refused.status_code == 409 and "The bank declined this card" in refused.text
    assert re.search(r'name="keep_card" value="1" checked', refused.text)
    vault.says = NewsStatus.paid
    assert ana.submit(page, **GIVEN, keep_card="1").status_code == 303
    assert "Your card is saved" in ana.get(page).text


def test_a_form_that_lay_too_long_is_said_clearly(committed, order, vault):  # noqa: F811
    _code, _due, page = order
    guest = Guest(committed)
    guest.get(page)
    vault.away = CardTokenOver("E00114 Invalid OTS Token.")
    refused = guest.submit(page, **GIVEN)
    assert refused.status_code == 409 and "please enter the card again" in refused.text.lower()


def test_the_checkout_leads_to_the_page_over_which_it_opens(committed, crew, bank, vault):  # noqa: F811
    enter_over_page(crew)
    db.session.commit()
    release_connection()
    ana = signed_in(committed, crew["ana"])
    ana.submit("/cart/add", sku="VITC", qty="2")
    ana.get("/checkout")
    address = {"line1": "248 SW 23rd Rd", "zip": "33129", "birth_date": "1986-04-30"}
    ana.step("save", contact_name="Ana", kind="driver", mode="asap", payment_method=CODE, **address)
    ana.get("/checkout")
    placed = ana.place(payment_method=CODE, keep_card_asked="1", keep_card="1")
    assert placed.status_code == 303 and bank.started == []
    shown = ana.get(placed.location).text
    assert " data-open " in shown and re.search(r'name="keep_card" value="1" checked', shown)
