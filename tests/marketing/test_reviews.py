"""Reviews: by buyers, after delivery, once, and counted when staff publish them."""

import pytest
from sqlalchemy import update

from app import marketing, orders
from app.catalog.models import Product
from app.core.db import db, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.marketing import AlreadyReviewed, NotReviewable, Rating, ReviewStatus
from app.orders import Status
from app.orders.models import Order
from tests.factories import make_branch, make_customer, make_staff, make_variant, make_zone, place


@pytest.fixture
def bought(store) -> Order:
    """An order of two products, delivered."""
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "A")
    make_variant(branch, "B")
    return deliver(place(("A", 1), ("B", 1), actor=make_customer()))


@transaction()
def deliver(order: Order, status: Status = Status.DELIVERED) -> Order:
    db.session.execute(update(Order).where(Order.id == order.id).values(status=status))
    db.session.refresh(order)
    return order


def product_of(order: Order, line: int = 0) -> Product:
    return order.lines[line].variant.product


def test_the_order_and_its_products(bought):
    said = marketing.submit_review(bought, [Rating(5, " Quick "), Rating(4, "", product_of(bought).id)])
    assert [(r.stars, r.body, r.product_id, r.status) for r in said] == [
        (5, "Quick", None, ReviewStatus.pending),
        (4, "", product_of(bought).id, ReviewStatus.pending),
    ]
    assert product_of(bought).rating_count == 0 and marketing.published_reviews(product_of(bought).id) == []


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.DELIVERED, Status.COLLECTED}])
def test_only_what_has_arrived(bought, status):
    with pytest.raises(NotReviewable):
        marketing.submit_review(deliver(bought, status), [Rating(5)])


def test_once_each(bought):
    marketing.submit_review(bought, [Rating(2, "Late")])
    with pytest.raises(AlreadyReviewed) as refused:
        marketing.submit_review(bought, [Rating(5, "Fine", product_of(bought).id), Rating(5)])
    assert refused.value.data == {"stars": 2, "body": "Late"}


@pytest.mark.parametrize(
    ("rating", "field"),
    [
        pytest.param(Rating(0), "stars-order", id="no stars"),
        pytest.param(Rating(6), "stars-order", id="six stars"),
        pytest.param(Rating(3, "x" * 2001), "body-order", id="a novel"),
    ],
)
def test_bounds(bought, rating, field):
    with pytest.raises(InvalidInput) as refused:
        marketing.submit_review(bought, [rating])
    assert set(refused.value.errors) == {field}


def test_nothing_said(bought):
    with pytest.raises(InvalidInput):
        marketing.submit_review(bought, [])


def test_a_product_that_was_not_bought(bought):
    stranger = make_variant(make_branch("other"), "C").product_id
    with pytest.raises(NotFound):
        marketing.submit_review(bought, [Rating(1, "", stranger)])


def test_publishing_counts_and_rejecting_takes_back(bought):
    carla, product = make_staff(role="manager"), product_of(bought)
    second = deliver(place(("A", 1), actor=make_customer("Bella")))
    for order, stars in ((bought, 5), (second, 4)):
        (review,) = marketing.submit_review(order, [Rating(stars, "", product.id)])
        marketing.publish_review(review, carla)
        marketing.publish_review(review, carla)  # again changes nothing
    db.session.refresh(product)
    assert (product.rating_centi, product.rating_count) == (450, 2)
    assert [r.stars for r in marketing.published_reviews(product.id)] == [4, 5]
    marketing.reject_review(marketing.published_reviews(product.id)[0], carla)
    db.session.refresh(product)
    assert (product.rating_centi, product.rating_count) == (500, 1)


def test_only_managers_moderate(bought):
    (review,) = marketing.submit_review(bought, [Rating(1)])
    for actor in (make_customer("Felix"), make_staff("Boris", role="dispatcher")):
        with pytest.raises(Forbidden):
            marketing.publish_review(review, actor)


def test_a_link_is_of_one_order_and_purpose(bought):
    token = orders.token("review", bought.code)
    assert orders.get_order_by_link(bought.code, token, "review").id == bought.id
    for wrong in ("", token[:-1] + "x", orders.token("track", bought.code)):
        with pytest.raises(NotFound):
            orders.get_order_by_link(bought.code, wrong, "review")
