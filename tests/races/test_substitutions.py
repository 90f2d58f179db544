"""Yes, no, the clock and a cancellation at once: one of them counts, stock and money agree after each."""

import pytest
from sqlalchemy import select

from app import orders
from app.core.actor import ANONYMOUS
from app.core.db import db
from app.orders import Action, Details, links, substitutions
from app.orders.errors import AlreadyOffered
from app.orders.models import Order, Substitution, SubstitutionStatus
from app.orders.substitutions import Offer
from app.verify import verify_store
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place
from tests.races.test_placing import at_once

pytestmark = pytest.mark.race
OFFER = Offer("A", "C", 1, 2)


@pytest.fixture
def desk(committed):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "A", on_hand=9, price_minor=2000)
    make_variant(branch, "C", on_hand=9, price_minor=1500)
    code = place(("A", 3), actor=make_customer()).code
    return committed, code, make_staff()


def answer(offer_id, accept):
    signature = links.token("replace", str(offer_id))

    def run():
        return substitutions.answer_substitution(
            offer_id, accept=accept, signature=signature, actor=ANONYMOUS
        ).status.value

    return run


@pytest.mark.parametrize("round_", range(3))
def test_one_end_counts(desk, round_):
    app, code, carla = desk
    offer_id = substitutions.propose_substitution(code, OFFER, actor=carla).id

    def cancel():
        return orders.act(code, Action.cancel, actor=carla, details=Details(reason="Out")).code

    calls = [
        answer(offer_id, True),
        answer(offer_id, True),
        answer(offer_id, False),
        lambda: substitutions.expire_substitution(offer_id),
        cancel,
    ]
    at_once(app, *calls[round_:], *calls[:round_])
    db.session.rollback()
    db.session.expire_all()
    offer, order = db.session.get(Substitution, offer_id), db.session.scalars(select(Order)).one()
    assert offer.status is not SubstitutionStatus.proposed
    goods = {line.sku: line.quantity for line in order.lines}
    assert goods == ({"A": 2, "C": 2} if offer.status is SubstitutionStatus.accepted else {"A": 3})
    assert all(not wrong for wrong in verify_store().values()), verify_store()


def test_two_dispatchers_ask_once(desk):
    app, code, carla = desk
    other = Offer("A", "C", 2, 2)
    first, second = at_once(
        app,
        lambda: substitutions.propose_substitution(code, OFFER, actor=carla).id,
        lambda: substitutions.propose_substitution(code, other, actor=carla).id,
    )
    refused = [answer for answer in (first, second) if isinstance(answer, AlreadyOffered)]
    assert len(refused) == 1
    assert len(db.session.scalars(select(Substitution)).all()) == 1
    assert all(not wrong for wrong in verify_store().values())
