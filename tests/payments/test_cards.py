"""Cards that are kept: by their owner alone, charged once an attempt, forgotten on both sides."""

from dataclasses import dataclass, field, replace

import pytest

from app.core.db import db, release_connection
from app.core.errors import NotFound
from app.core.events import EventRecord
from app.orders import card_paying, hearing, paying
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments import attempts, card_keeping, cards, receipts
from app.payments.card_models import SavedCard
from app.payments.errors import (
    CardDeclined,
    CardExpired,
    GatewayDown,
    MethodClosed,
    NothingToPay,
    StillAsking,
)
from app.payments.gateways import CARD_KEEPERS
from app.payments.models import AttemptStatus, PaymentReceipt
from app.payments.ports import (
    CardNumbers,
    KeptCard,
    News,
    NewsStatus,
    OutcomeUnknown,
    Refused,
    SendError,
    TryLater,
)
from jobs.payments import forget_card, keep_card
from tests.factories import make_customer
from tests.payments.bank import CODE
from tests.payments.conftest import buy, events, hear
from tests.payments.steps import later, proved
from tests.races.test_placing import at_once

S = AttemptStatus
VISA = KeptCard(CardNumbers("100", "1"), "Visa", "1111", "2029-08")


@dataclass
class Vault:
    """Keeps cards and charges them; `away` is raised instead, `says` is the bank's word."""

    away: SendError | None = None
    says: NewsStatus = NewsStatus.paid
    gives: KeptCard = VISA
    kept: list[tuple] = field(default_factory=list)
    charged: list[str] = field(default_factory=list)
    forgot: list[CardNumbers] = field(default_factory=list)

    def keep(self, account, payment_id, owner):
        if self.away:
            raise self.away
        self.kept.append((payment_id, owner))
        return self.gives

    def charge(self, account, charge, card):
        self.charged.append(charge.reference)
        if self.away:
            raise self.away
        number = f"card-{charge.reference}"
        return News(self.says, charge.reference, number, charge.amount_minor, charge.currency)

    def forget(self, account, card):
        if self.away:
            raise self.away
        self.forgot.append(card)


@pytest.fixture
def vault(monkeypatch):
    made = Vault()
    monkeypatch.setitem(CARD_KEEPERS, CODE, made)
    return made


def give_card(actor, card=VISA):
    """The customer has this card with the provider."""
    cards.write_card(actor.customer_id, CODE, card)
    db.session.flush()
    return cards.cards_of(actor.customer_id)[0].id


def test_the_card_of_a_payment_is_kept_when_its_owner_wants_it(cast, bank, vault):
    wanted, plain = buy(cast), buy(cast)
    for order, keeps in ((wanted, True), (plain, False)):
        tried = paying.begin(order.code, actor=cast["ana"], keep_card=keeps)
        bank.pay(tried.reference, order.due_minor, number=f"tx-{order.id}")
        for _again in range(2):
            paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
    assert hear(keep_card, "CardWanted") == 1
    hear(keep_card, "CardWanted")
    ((payment, owner),) = vault.kept
    assert payment == f"tx-{wanted.id}"
    assert owner.reference == f"1-{cast['ana'].customer_id}" and len(owner.reference) <= 20
    (card,) = cards.cards_of(cast["ana"].customer_id)
    assert (card.brand, card.last_four, card.expires) == ("Visa", "1111", "2029-08")


def test_a_card_that_comes_again_is_one_card(cast, vault):
    first = give_card(cast["ana"])
    give_card(cast["ana"], replace(VISA, expires="2031-01"))
    (card,) = cards.cards_of(cast["ana"].customer_id)
    db.session.refresh(card)
    assert (card.id, card.expires) == (first, "2031-01")


def test_a_provider_that_is_away_keeps_it_later(cast, bank, vault, monkeypatch):
    order = buy(cast)
    tried = paying.begin(order.code, actor=cast["ana"], keep_card=True)
    bank.pay(tried.reference, order.due_minor)
    paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
    vault.away = TryLater("500")
    hear(keep_card, "CardWanted")
    first, again = events("CardWanted")
    assert (first.payload["tries"], again.payload["tries"]) == (0, 1)
    assert again.due_at - again.occurred_at == card_keeping.WAITS[0]
    vault.away = None
    hear(keep_card, "CardWanted")
    assert len(cards.cards_of(cast["ana"].customer_id)) == 1
    assert len(events("CardWanted")) == 2


def test_a_kept_card_pays_at_once(cast, vault):
    order, card = buy(cast), give_card(cast["ana"])
    tried = card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    assert (tried.number, tried.status, order.payment_status) == (1, S.paid, PaymentStatus.PAID)
    # Pressed again it is the same payment.
    assert card_paying.pay_by_card(order.code, card, actor=cast["ana"]).id == tried.id
    assert vault.charged == [f"{order.code}_pay1"]
    assert proved() == {}


def test_a_declined_card_leaves_the_order_and_the_next_card_pays(cast, vault):
    order, card = buy(cast), give_card(cast["ana"])
    vault.says = NewsStatus.failed
    with pytest.raises(CardDeclined):
        card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    assert attempts.attempts_of(order.id)[-1].status is S.failed
    vault.says = NewsStatus.paid
    other = give_card(cast["ana"], KeptCard(CardNumbers("100", "2"), "Visa", "4242"))
    card_paying.pay_by_card(order.code, other, actor=cast["ana"])
    assert vault.charged == [f"{order.code}_pay1", f"{order.code}_pay2"]
    assert order.payment_status is PaymentStatus.PAID


@pytest.mark.parametrize(
    ("away", "error"), [(TryLater("503"), GatewayDown), (Refused("E00040"), MethodClosed)]
)
def test_a_provider_that_took_nothing_fails_the_try(cast, vault, away, error):
    order, card, vault.away = buy(cast), give_card(cast["ana"]), away
    with pytest.raises(error):
        card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    assert attempts.attempts_of(order.id)[-1].status is S.failed


def test_nothing_is_charged_beside_a_card_whose_answer_is_awaited(cast, bank, vault):
    order, card, vault.away = buy(cast), give_card(cast["ana"]), OutcomeUnknown("ReadTimeout")
    tried = card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    assert tried.status is S.pending
    for press in (
        lambda: card_paying.pay_by_card(order.code, card, actor=cast["ana"]),
        lambda: paying.begin(order.code, actor=cast["ana"]),
        lambda: paying.begin(order.code, actor=cast["ana"], again=True),
        lambda: paying.next_attempt(order.code, actor=cast["ana"]),
    ):
        with pytest.raises(StillAsking):
            press()
    bank.pay(tried.reference, order.due_minor, number="late")
    hearing.look(tried.id)
    assert order.payment_status is PaymentStatus.PAID and len(vault.charged) == 1
    assert proved() == {}


def test_a_charge_that_the_provider_knows_nothing_of_ends_soon(cast, bank, vault, monkeypatch):
    order, card, vault.away = buy(cast), give_card(cast["ana"]), OutcomeUnknown("ReadTimeout")
    tried = card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    later(monkeypatch, 2)
    hearing.look_after_attempts()
    assert tried.status is S.pending
    later(monkeypatch, 5)
    hearing.look_after_attempts()
    db.session.refresh(tried)
    assert tried.status is S.expired
    vault.away = None
    assert card_paying.pay_by_card(order.code, card, actor=cast["ana"]).number == 2
    # Should the first one have been charged after all, its money is the customer's.
    bank.pay(tried.reference, order.due_minor, number="late")
    paying.accept_news(tried.id, bank.knows[tried.reference], source="webhook")
    assert [one.status.value for one in receipts.receipts_of(order.id)] == ["applied", "to_wallet"]
    assert proved() == {}


def test_only_ones_own_card_pays_only_ones_own_order(cast, vault):
    order, bella = buy(cast), make_customer("Bella")
    mine, hers = give_card(cast["ana"]), give_card(bella, KeptCard(CardNumbers("200", "9"), "Visa", "0009"))
    for card, actor in ((hers, cast["ana"]), (mine, bella), (hers, bella), (hers, cast["dmitri"])):
        with pytest.raises(NotFound):
            card_paying.pay_by_card(order.code, card, actor=actor)
    with pytest.raises(NotFound):
        cards.remove_card(hers, actor=cast["ana"])
    assert vault.charged == []


def test_an_old_card_and_a_paid_order(cast, vault):
    order = buy(cast)
    old = give_card(cast["ana"], replace(VISA, expires="2024-02"))
    with pytest.raises(CardExpired):
        card_paying.pay_by_card(order.code, old, actor=cast["ana"])
    card = give_card(cast["ana"], KeptCard(CardNumbers("100", "3"), "Visa", "0003"))
    other = give_card(cast["ana"], KeptCard(CardNumbers("100", "4"), "Visa", "0004"))
    card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    with pytest.raises(NothingToPay):
        card_paying.pay_by_card(order.code, other, actor=cast["ana"])


def test_a_removed_card_is_gone_at_once_and_forgotten_over_there(cast, vault):
    order, card = buy(cast), give_card(cast["ana"])
    cards.remove_card(card, actor=cast["ana"])
    assert cards.cards_of(cast["ana"].customer_id) == []
    with pytest.raises(NotFound):
        card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    vault.away = OutcomeUnknown("ReadTimeout")
    hear(forget_card, "CardRemoved")
    vault.away = None
    hear(forget_card, "CardRemoved")
    assert vault.forgot == [VISA.numbers]
    row = db.session.get_one(SavedCard, card)
    db.session.refresh(row)
    assert row.forgotten_at is not None


def test_eight_presses_at_once_charge_once(committed, crew, vault):
    order = buy(crew)
    card, code, order_id = give_card(crew["ana"]), order.code, order.id
    db.session.commit()
    release_connection()

    def press():
        try:
            return card_paying.pay_by_card(code, card, actor=crew["ana"]).status.value
        except (StillAsking, NothingToPay) as error:
            return type(error).__name__

    told = at_once(committed, *[press] * 8)
    assert vault.charged == [f"{code}_pay1"]
    assert set(told) <= {"paid", "StillAsking"} and "paid" in told
    assert db.session.get_one(Order, order_id).payment_status is PaymentStatus.PAID
    assert db.session.query(PaymentReceipt).count() == 1
    assert db.session.query(EventRecord).filter_by(type="CardWanted").count() == 0


def test_a_card_that_paid_for_somebody_else_is_named(cast, vault):
    order, card = buy(cast), give_card(cast["ana"])
    tried = card_paying.pay_by_card(order.code, card, actor=cast["ana"])
    db.session.get_one(SavedCard, card).customer_id = make_customer("Bella").customer_id
    assert proved() == {
        "kept cards = their owners' orders": [f"payment {tried.reference}: card {card} is another customer's"]
    }
