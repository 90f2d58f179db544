"""Many hands on one key and on one address: no address twice, no transfer twice."""

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db, transaction
from app.orders import coin_watch, paying
from app.orders.models import Order
from app.orders.states import PaymentStatus
from app.payments import attempts, methods
from app.payments.coins.models import CoinAddress, CoinQuote, CoinTransfer
from app.payments.coins.quoting import CoinDesk
from app.payments.models import PaymentReceipt
from app.verify import verify_store
from tests.coins.conftest import chains, open_coins, outside
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place
from tests.races.test_placing import at_once

__all__ = ["chains", "outside"]
pytestmark = pytest.mark.race


@pytest.fixture
def ana(committed, chains):
    branch = make_branch(slot_capacity=1000)
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=500)
    with transaction():
        open_coins(make_staff("Olga", "store_admin"))
    return make_customer("Ana")


def started(attempt_id: int):
    def start() -> int:
        attempt = db.session.get_one(attempts.PaymentAttempt, attempt_id)
        paying.start(attempt, CoinDesk(), methods.credentials("btc"))
        return attempt_id

    return start


def test_addresses_asked_for_at_once_are_all_different(committed, ana):
    orders = [place(("VITC", 1), actor=ana, payment_method="btc") for _ in range(8)]
    tries = [attempts.attempts_of(order.id)[0].id for order in orders]
    at_once(committed, *(started(one) for one in tries))
    addresses = list(db.session.scalars(select(CoinAddress.address)))
    assert len(addresses) == len(set(addresses)) == 8


def test_one_attempt_started_many_times_at_once_has_one_quote(committed, ana):
    order = place(("VITC", 1), actor=ana, payment_method="btc")
    one = attempts.attempts_of(order.id)[0].id
    at_once(committed, *(started(one) for _ in range(6)))
    assert len(list(db.session.scalars(select(CoinQuote)))) == 1


def test_watchers_at_once_count_a_transfer_once(committed, ana, chains):
    order_id = place(("VITC", 1), actor=ana, payment_method="btc").id
    started(attempts.attempts_of(order_id)[0].id)()
    quote = db.session.scalars(select(CoinQuote)).one()
    chains.send("btc", quote.address.address, int(quote.units))
    db.session.rollback()

    def look() -> int:
        with transaction():
            db.session.execute(update(CoinAddress).values(look_at=clock.now()))
        return coin_watch.watch()

    at_once(committed, *(look for _ in range(6)))
    db.session.rollback()
    assert len(list(db.session.scalars(select(CoinTransfer)))) == 1
    assert len(list(db.session.scalars(select(PaymentReceipt)))) == 1
    assert db.session.get_one(Order, order_id).payment_status is PaymentStatus.PAID
    assert not any(verify_store().values())
