"""Reviews: of an order and of each product in it, by its buyer, once, after delivery; read by staff before others.

A product's average and count are those of its published reviews and change in the transaction that publishes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app.catalog.models import Product, Variant
from app.core import audit
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, NotFound
from app.core.i18n import _, _l, active_locale
from app.identity.models import Customer
from app.marketing.models import Review, ReviewStatus
from app.orders import Order, Status

LENGTH = 2000


class NotReviewable(DomainError):
    """The goods are not with the customer yet, or never came."""

    kind, message = ErrorKind.conflict, _l("You can review an order once it is with you.")


class AlreadyReviewed(DomainError):
    """There is a review of this order or product by this buyer; `stars` and `body` are what it says."""

    kind, message = ErrorKind.conflict, _l("You have reviewed this already. Thank you.")


@dataclass(frozen=True)
class Rating:
    """Stars (1–5) and words on one product, or on the order as a whole (no product)."""

    stars: int
    body: str = ""
    product_id: int | None = None


def can_review(order: Order) -> bool:
    """Whether the goods are with the customer."""
    return order.status in {Status.DELIVERED, Status.COLLECTED}


def products_of(order: Order) -> list[Product]:
    """What was bought, each product once, in the order of the lines."""
    ids = [line.variant_id for line in order.lines]
    query = select(Variant).where(Variant.id.in_(ids)).options(joinedload(Variant.product))
    by_id = {variant.id: variant.product for variant in db.session.scalars(query)}
    return list(dict.fromkeys(by_id[variant_id] for variant_id in ids))


def reviews_of(order: Order) -> dict[int | None, Review]:
    """Product id (None: the order as a whole) → what its buyer has said."""
    return {r.product_id: r for r in db.session.scalars(select(Review).where(Review.order_id == order.id))}


@transaction()
def submit_review(order: Order, ratings: Sequence[Rating]) -> list[Review]:
    """Keep what the buyer says of the order and its products, for staff to read. The caller has authorised them.

    Raises NotReviewable before delivery, InvalidInput for stars or words out of bounds (fields `stars-<product>`,
    `body-<product>`, `order` for the whole), NotFound for a product that is not in the order, AlreadyReviewed for
    a second review of the same thing. All of them are kept, or none.
    """
    if not can_review(order):
        raise NotReviewable
    _check(ratings)
    bought = {product.id for product in products_of(order)}
    if any(rating.product_id not in bought for rating in ratings if rating.product_id is not None):
        raise NotFound
    return [_keep(order, rating) for rating in ratings]


def _check(ratings: Sequence[Rating]) -> None:
    if not ratings:
        raise InvalidInput({"stars-order": _("Choose one to five stars.")})
    errors: dict[str, str] = {}
    for rating in ratings:
        name = rating.product_id or "order"
        if not 1 <= rating.stars <= 5:
            errors[f"stars-{name}"] = _("Choose one to five stars.")
        if len(rating.body) > LENGTH:
            errors[f"body-{name}"] = _("Use at most %(count)s characters.", count=LENGTH)
    if errors:
        raise InvalidInput(errors)


def _keep(order: Order, rating: Rating) -> Review:
    values = {
        "order_id": order.id,
        "product_id": rating.product_id,
        "customer_id": order.customer_id,
        "stars": rating.stars,
        "body": rating.body.strip(),
        "locale": active_locale(),
        "status": ReviewStatus.pending,
        "reply": "",
    }
    made = db.session.scalar(insert(Review).values(**values).on_conflict_do_nothing().returning(Review.id))
    same = (
        Review.product_id == rating.product_id
        if rating.product_id is not None
        else Review.product_id.is_(None)
    )
    review = db.session.scalars(select(Review).where(Review.order_id == order.id, same)).one()
    if made is None:
        raise AlreadyReviewed(stars=review.stars, body=review.body)
    return review


@transaction()
def publish_review(review: Review, actor: Actor) -> Review:
    """Show it to everybody and count it in. Forbidden unless the actor is a manager or above."""
    return _moderate(review, ReviewStatus.published, actor)


@transaction()
def reject_review(review: Review, actor: Actor) -> Review:
    """Keep it from others, and take it out of the average if it was in. Forbidden as for publishing."""
    return _moderate(review, ReviewStatus.rejected, actor)


def _moderate(review: Review, status: ReviewStatus, actor: Actor) -> Review:
    if not actor.has(*MANAGERS):
        raise Forbidden
    locked = db.session.scalar(for_update(select(Review).where(Review.id == review.id)))
    if locked is None:
        raise NotFound
    if locked.status is not status:
        locked.status = status
        if locked.product_id is not None:
            _count_again(locked.product_id)
        audit.record(f"review_{status.value}", actor=actor, subject=f"review:{locked.id}")
    return locked


def _count_again(product_id: int) -> None:
    """Average × 100, a half up, and count, from the published reviews alone; two moderators take turns."""
    db.session.scalar(for_update(select(Product.id).where(Product.id == product_id)))
    db.session.flush()
    count, stars = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Review.stars), 0)).where(
            Review.product_id == product_id, Review.status == ReviewStatus.published
        )
    ).one()
    average = (200 * stars + count) // (2 * count) if count else 0
    db.session.execute(
        update(Product).where(Product.id == product_id).values(rating_centi=average, rating_count=count)
    )


def published_reviews(product_id: int, limit: int = 10) -> list[Review]:
    """What others may read about a product, newest first, with their authors loaded; one query."""
    query = (
        select(Review)
        .where(Review.product_id == product_id, Review.status == ReviewStatus.published)
        .options(joinedload(Review.customer).joinedload(Customer.user))
        .order_by(Review.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
