"""Something else instead: what may be offered, what an answer does, and that money, stock and history agree."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import loyalty, orders
from app.catalog.models import Product, Variant
from app.core import clock
from app.core.actor import ANONYMOUS
from app.core.db import db, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.events import EventRecord
from app.inventory import OutOfStock
from app.inventory.models import Stock
from app.notifications.contexts import build_context
from app.orders import Action, Details, links, substitutions
from app.orders.alike import find_alike
from app.orders.errors import (
    AlreadyInOrder,
    AlreadyOffered,
    NotReplaceable,
    OfferEnded,
    OfferOpen,
    OverLimit,
    OverPurchaseLimit,
    PrescriptionNeeded,
    UnknownItem,
)
from app.orders.limits import PurchaseLimit
from app.orders.models import Substitution, SubstitutionStatus
from app.orders.states import PaymentStatus
from app.orders.substitutions import Offer
from app.verify import verify_store
from tests.factories import (
    make_branch,
    make_category,
    make_customer,
    make_staff,
    make_variant,
    make_zone,
    place,
)


class Counter:
    """Ana ordered three of A (and one of B); Carla offers C."""

    def __init__(self) -> None:
        self.branch = make_branch()
        make_zone(self.branch, fee_minor=399, free_from_minor=5000)
        drawer = make_category("sleep")
        self.a = make_variant(self.branch, "A", on_hand=5, price_minor=2000, category=drawer)
        self.b = make_variant(self.branch, "B", on_hand=5, price_minor=500)
        self.c = make_variant(self.branch, "C", on_hand=4, price_minor=1500, category=drawer)
        self.ana, self.carla = make_customer(), make_staff()
        self.order = place(("A", 3), ("B", 1), actor=self.ana)

    def offer(self, **changes) -> Substitution:
        said = {"sku": "A", "replacement": "C", "quantity": 3, "replacement_quantity": 3} | changes
        return substitutions.propose_substitution(self.order.code, Offer(**said), actor=self.carla)

    def answer(self, offer: Substitution, accept: bool) -> Substitution:
        signature = links.token("replace", str(offer.id))
        return substitutions.answer_substitution(
            offer.id, accept=accept, signature=signature, actor=ANONYMOUS
        )

    def reserved(self) -> dict[str, int]:
        query = select(Variant.sku, Stock.reserved).join(Variant, Variant.id == Stock.variant_id)
        return {row.sku: row.reserved for row in db.session.execute(query)}


@pytest.fixture
def counter(store):
    yield Counter()
    assert all(not wrong for wrong in verify_store().values()), verify_store()


def lines(order) -> dict[str, int]:
    db.session.expire_all()
    return {line.sku: line.quantity for line in order.lines}


def test_a_yes_changes_goods_money_and_stock(counter):
    before = counter.order.total_minor
    offer = counter.offer()
    assert counter.reserved() == {"A": 3, "B": 1, "C": 3}  # held while she thinks
    counter.answer(offer, True)
    assert lines(counter.order) == {"B": 1, "C": 3}
    assert counter.reserved() == {"A": 0, "B": 1, "C": 3}
    # 3 × 15 + 5 = 50, no delivery fee before and none now, 7 % tax
    assert (before, counter.order.goods_minor, counter.order.tax_minor) == (6955, 5000, 350)
    assert counter.order.due_minor == counter.order.total_minor == 5350


def test_wallet_money_that_a_cheaper_yes_leaves_over_goes_back_once(counter):
    counter.order = order = place(
        ("A", 2), ("B", 1), actor=counter.ana, wallet_minor=fill_wallet(counter, 4500)
    )
    assert (order.wallet_minor, order.due_minor) == (4500, order.total_minor - 4500)
    offer = counter.offer(quantity=2, replacement_quantity=1)
    counter.answer(offer, True)
    counter.answer(offer, True)
    db.session.refresh(order)
    assert order.wallet_minor == order.total_minor < 4500 and order.due_minor == 0
    assert order.payment_status is PaymentStatus.PAID
    assert loyalty.balance_of(counter.ana.customer_id) == 4500 - order.total_minor


def fill_wallet(counter, amount_minor: int) -> int:
    loyalty.correct(
        counter.ana.customer_id,
        amount_minor,
        reason="A gift",
        key="gift",
        actor=make_staff("Olga", "store_admin"),
    )
    return amount_minor


def test_what_ran_out_costs_no_threshold(counter):
    """Delivery was free above 50; the cheaper replacement does not bring the fee back."""
    counter.answer(counter.offer(replacement_quantity=1), True)
    assert (counter.order.goods_minor, counter.order.delivery_minor) == (2000, 0)


def test_part_of_a_line_can_be_replaced(counter):
    counter.answer(counter.offer(quantity=1, replacement_quantity=2), True)
    assert lines(counter.order) == {"A": 2, "B": 1, "C": 2}
    assert counter.order.goods_minor == 2 * 2000 + 500 + 2 * 1500


def test_the_offered_price_holds_and_so_do_the_old_ones(counter):
    offer = counter.offer()
    with transaction():
        db.session.execute(update(Variant).values(price_minor=9900))
    counter.answer(offer, True)
    assert counter.order.goods_minor == 3 * 1500 + 500


@pytest.mark.parametrize("end", ["no", "late", "taken back", "cancelled"])
def test_every_other_end_leaves_the_order_as_it_was(counter, end):
    offer, total = counter.offer(), counter.order.total_minor
    if end == "no":
        counter.answer(offer, False)
    elif end == "late":
        assert substitutions.expire_substitution(offer.id)
        assert not substitutions.expire_substitution(offer.id)
    elif end == "taken back":
        for _again in range(2):
            substitutions.withdraw_substitution(counter.order.code, offer.id, actor=counter.carla)
    else:
        orders.act(counter.order.code, Action.cancel, actor=counter.carla, details=Details(reason="Out"))
    assert lines(counter.order) == {"A": 3, "B": 1} and counter.order.total_minor == total
    assert counter.reserved()["C"] == 0
    assert offer.status is not SubstitutionStatus.proposed
    with pytest.raises(OfferEnded):
        counter.answer(offer, True)


def test_the_same_answer_twice_is_one(counter):
    offer = counter.offer()
    counter.answer(offer, True)
    seq = counter.order.event_seq
    counter.answer(offer, True)
    assert counter.order.event_seq == seq
    with pytest.raises(OfferEnded):
        counter.answer(offer, False)


def test_the_same_question_twice_is_one(counter):
    assert counter.offer().id == counter.offer().id
    with pytest.raises(AlreadyOffered):
        counter.offer(quantity=1)


def test_after_a_quarter_of_an_hour_it_is_too_late_even_before_the_clock_says_so(counter):
    offer = counter.offer()
    assert offer.expires_at - offer.proposed_at == timedelta(minutes=15)
    with transaction():
        offer.expires_at = clock.now() - timedelta(seconds=1)
    with pytest.raises(OfferEnded):
        counter.answer(offer, True)
    assert not substitutions.get_offer(offer.id, links.token("replace", str(offer.id))).is_open


def test_nothing_is_packed_while_a_question_is_open(counter):
    offer = counter.offer()
    orders.act(counter.order.code, Action.confirm, actor=counter.carla)
    with pytest.raises(OfferOpen):
        orders.act(counter.order.code, Action.ready, actor=counter.carla)
    counter.answer(offer, False)
    orders.act(counter.order.code, Action.ready, actor=counter.carla)
    with pytest.raises(NotReplaceable):
        counter.offer()


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        pytest.param({"sku": "NOPE"}, InvalidInput, id="not in the order"),
        pytest.param({"replacement": "NOPE"}, UnknownItem, id="not sold"),
        pytest.param({"replacement": "B"}, AlreadyInOrder, id="in the order already"),
        pytest.param({"quantity": 4}, InvalidInput, id="more than ordered"),
        pytest.param({"quantity": 0}, InvalidInput, id="none"),
        pytest.param({"replacement_quantity": 0}, InvalidInput, id="nothing instead"),
        pytest.param({"replacement_quantity": 9}, OutOfStock, id="not so many left"),
    ],
)
def test_what_cannot_be_offered(counter, said, refused):
    with pytest.raises(refused):
        counter.offer(**said)
    assert counter.reserved()["C"] == 0


@pytest.mark.parametrize(
    ("product", "refused"),
    [
        pytest.param({"rx_required": True}, PrescriptionNeeded, id="prescription"),
        pytest.param({"max_per_order": 2}, OverLimit, id="limit"),
        pytest.param({"min_age": 60}, InvalidInput, id="the buyer is too young"),
    ],
)
def test_rules_of_the_basket_hold_for_replacements(counter, product, refused):
    with transaction():
        db.session.execute(update(Product).where(Product.id == counter.c.product_id).values(**product))
    db.session.expire_all()
    with pytest.raises(refused):
        counter.offer()


def test_only_staff_ask_and_only_the_buyer_answers(counter):
    with pytest.raises(Forbidden):
        said = Offer("A", "C", 1, 1)
        substitutions.propose_substitution(counter.order.code, said, actor=counter.ana)
    offer = counter.offer()
    felix = make_customer("Felix")
    for signature, actor in (("forged", ANONYMOUS), (None, felix), (None, counter.carla), (None, ANONYMOUS)):
        with pytest.raises(NotFound):
            substitutions.answer_substitution(offer.id, accept=True, signature=signature, actor=actor)
    substitutions.answer_substitution(offer.id, accept=True, actor=counter.ana)
    assert offer.status is SubstitutionStatus.accepted


def test_higher_ages_are_asked_for_at_the_door(counter):
    with transaction():
        db.session.execute(update(Product).where(Product.id == counter.c.product_id).values(min_age=25))
    db.session.expire_all()
    counter.answer(counter.offer(), True)
    assert counter.order.min_age == 25


def test_everybody_hears_of_it(counter):
    offer = counter.offer()

    def told(name):
        record = db.session.scalars(select(EventRecord).where(EventRecord.type == name)).one()
        return build_context(record)

    asked = told("SubstitutionProposed")
    words = asked.words("ru")
    assert asked.key == "substitution.proposed" and ":" in words["answer_by"]
    assert f"/replacement/{offer.id}?t=" in asked.links["customer"].url
    assert not {"Product", "Товар"} & set(" ".join(words.values()).split())  # no goods in texts to phones
    counter.answer(offer, True)
    answered = told("SubstitutionAnswered")
    assert answered.words("ru")["answer"] == "принята" and answered.words("ru")["amount"]
    assert told("SubstitutionProposed") is None  # answered: nobody is asked any more


def test_what_might_do_instead_is_of_the_same_drawer_and_on_the_shelf(counter):
    found = find_alike(counter.order)
    assert [one.sku for one in found["A"]] == ["C"] and found["B"] == []
    with transaction():
        db.session.execute(update(Stock).where(Stock.variant_id == counter.c.id).values(reserved=4))
    assert find_alike(counter.order)["A"] == []
    with transaction():
        db.session.execute(update(Stock).where(Stock.variant_id == counter.c.id).values(reserved=0))


# --- as much as one person may buy -----------------------------------------------------------------------------


def limit_to(variant, units: int) -> PurchaseLimit:
    row = PurchaseLimit(product_id=variant.product_id, per_month=units)
    with transaction():
        db.session.add(row)
    return row


def test_an_offer_keeps_to_what_one_person_may_buy(counter):
    limit_to(counter.c, 3)
    place(("C", 1), actor=counter.ana)  # later: what was ordered before the order alone counts for it
    with pytest.raises(OverPurchaseLimit) as refusal:
        counter.offer(replacement_quantity=4)
    assert refusal.value.field == "replacement_quantity"
    assert refusal.value.data["items"] == [{"sku": "C", "requested": 4, "allowed": 3}]
    assert counter.reserved()["C"] == 1
    assert lines(counter.answer(counter.offer(), accept=True).order) == {"B": 1, "C": 3}


def test_two_offers_share_what_one_person_may_buy(counter):
    make_variant(counter.branch, "D", on_hand=9, category=counter.c.product.category)
    with transaction():
        db.session.add(PurchaseLimit(category_id=counter.c.product.category_id, per_order=3))
    counter.offer(quantity=3, replacement_quantity=2)
    with pytest.raises(OverPurchaseLimit):
        counter.offer(sku="B", replacement="D", quantity=1, replacement_quantity=2)
    assert counter.offer(sku="B", replacement="D", quantity=1, replacement_quantity=1).quantity == 1


def test_a_yes_is_judged_by_the_limits_of_its_moment(counter):
    offer = counter.offer()
    row = limit_to(counter.c, 2)
    with pytest.raises(OverPurchaseLimit):
        counter.answer(offer, accept=True)
    assert lines(counter.order) == {"A": 3, "B": 1}
    with transaction():
        row.active = False
    assert counter.answer(offer, accept=True).status is SubstitutionStatus.accepted


def test_a_limit_on_what_is_ordered_already_stops_no_other_offer(counter):
    limit_to(counter.b, 1)
    limit_to(counter.a, 1)  # newer than the order of three
    assert counter.offer().status is SubstitutionStatus.proposed
