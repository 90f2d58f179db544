"""Reviews of the history; a product's stars are the average of its published reviews, here as everywhere."""

from datetime import timedelta
from random import Random

from sqlalchemy import func, select

from app.catalog.models import Product, Variant
from app.core.db import db
from app.demo.people import ReviewText, list_reviews
from app.marketing.models import Review, ReviewStatus
from app.orders.models import Order
from app.orders.states import FINAL, Status


def write_reviews(random: Random, made: list[Order]) -> None:
    """About every third buyer says something, in their language; the newest wait for moderation."""
    texts: dict[str, list[ReviewText]] = {}
    for text in list_reviews():
        texts.setdefault(text.locale, []).append(text)
    products = dict(_products())
    done = [order for order in made if order.status in FINAL - {Status.CANCELLED, Status.RETURNED}]
    for place, order in enumerate(done):
        if random.random() > 0.36:
            continue
        status = ReviewStatus.pending if place > len(done) - 12 else ReviewStatus.published
        bought = dict.fromkeys(products[line.variant_id] for line in order.lines)
        spoken = random.sample(texts.get(order.locale) or texts["en"], k=min(2, len(bought)))
        _add(order, None, spoken[0], status)
        for product_id, text in zip(bought, spoken, strict=False):
            _add(order, product_id, text, status, alone=len(spoken) == 1)
    db.session.flush()
    _set_ratings()


def _products() -> list[tuple[int, int]]:
    return [(row.id, row.product_id) for row in db.session.execute(select(Variant.id, Variant.product_id))]


def _add(
    order: Order, product_id: int | None, text: ReviewText, status: ReviewStatus, *, alone: bool = False
) -> None:
    db.session.add(
        Review(
            order_id=order.id,
            product_id=product_id,
            customer_id=order.customer_id,
            stars=text.stars,
            body="" if alone and product_id else text.text,
            locale=order.locale,
            status=status,
            created_at=order.status_at + timedelta(minutes=40),
        )
    )


def _set_ratings() -> None:
    average = (
        select(Review.product_id, func.avg(Review.stars), func.count())
        .where(Review.status == ReviewStatus.published, Review.product_id.is_not(None))
        .group_by(Review.product_id)
    )
    rated = {row[0]: (round(float(row[1]) * 100), row[2]) for row in db.session.execute(average)}
    for product in db.session.scalars(select(Product)):
        product.rating_centi, product.rating_count = rated.get(product.id, (0, 0))
