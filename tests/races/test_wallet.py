"""One wallet spent from many requests at once: never over, nothing lost, every loser told why."""

import pytest
from sqlalchemy import func, select, text

from app import loyalty
from app.core.db import db, transaction
from app.orders.models import Order
from app.verify import verify_store
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone
from tests.races.test_placing import at_once, buy, outcomes

pytestmark = pytest.mark.race
BUYERS = 20


@pytest.fixture
def ana(committed):
    branch = make_branch(slot_capacity=1000)
    make_zone(branch, fee_minor=0)
    make_variant(branch, "VITC", price_minor=1250, on_hand=100)
    actor, owner = make_customer("Ana"), make_staff("Olga", "store_admin")
    loyalty.correct(actor.customer_id, 3500, reason="For the race", key="k", actor=owner)
    return actor


def test_twenty_orders_from_one_wallet(committed, ana):
    results = at_once(committed, *(buy("VITC", ana, f"k{n}", wallet_minor=1000) for n in range(BUYERS)))

    assert outcomes(results) == {"order": 3, "WalletShort": BUYERS - 3}
    short = [one for one in results if isinstance(one, loyalty.WalletShort)]
    assert all(one.data["available_minor"] < 1000 for one in short)
    db.session.rollback()
    assert loyalty.balance_of(ana.customer_id) == 500
    assert db.session.scalar(select(func.sum(Order.wallet_minor))) == 3000
    assert not any(verify_store().values())


def test_the_same_race_without_the_lock_promises_too_much(committed, ana):
    """The race is real: who looks without holding sees money that others are spending."""
    promised = []

    @transaction()
    def careless() -> str:
        if loyalty.balance_of(ana.customer_id) >= 1000:
            db.session.execute(text("SELECT pg_sleep(0.05)"))
            promised.append(1000)
        return "spent"

    at_once(committed, *[careless] * BUYERS)
    assert sum(promised) > 3500


def test_spending_and_correcting_at_once_keep_the_books(committed, ana):
    owner = make_staff("Olga", "store_admin")

    def correct(n: int):
        return lambda: str(
            loyalty.correct(ana.customer_id, -300, reason="Booked twice", key=f"c{n}", actor=owner)
        )

    calls = [buy("VITC", ana, f"k{n}", wallet_minor=500) for n in range(8)] + [correct(n) for n in range(8)]
    at_once(committed, *calls)
    db.session.rollback()
    assert loyalty.balance_of(ana.customer_id) >= 0
    assert not any(verify_store().values())
