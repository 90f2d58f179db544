"""What a buyer says of an order and of what was in it."""

from typing import Any

from app import marketing, orders
from app.core.actor import Actor
from app.core.errors import NotFound
from app.marketing import Rating
from app.marketing.reviews import products_of
from app.orders import Order
from app.web.actor import require
from blueprints.api import once
from blueprints.api.problems import fields_named, refuse_field
from blueprints.api.schemas import orders as shapes
from blueprints.api.section import Section

bp = Section("reviews", "Reviews", "Read by staff before others see them.", guard=require)


@bp.call(
    "POST", "/orders/{code}/review", signed_in=True, summary="Review an order", parameters=[once.KEY_WELCOME]
)
@bp.arguments(shapes.ReviewAsked)
@bp.response(201, shapes.ReviewList)
@bp.alt_response(200, schema=shapes.ReviewList, description="The key had kept this review before.")
def review_order(asked: dict[str, Any], code: str) -> Any:
    """Once, by its buyer, after it came. 409 `not-reviewable` before, `already-reviewed` the second time."""
    actor = require()
    order = _own(code, actor)
    ratings, names = _ratings(order, asked)
    with fields_named(names):
        fresh = once.do_once(
            "review", actor, {"code": order.code, **asked}, lambda: marketing.submit_review(order, ratings)
        )
    return _said(order), 201 if fresh else 200


def _own(code: str, actor: Actor) -> Order:
    order = orders.get_order(code, actor=actor)
    if order.customer_id != actor.customer_id:
        raise NotFound
    return order


def _ratings(order: Order, asked: dict[str, Any]) -> tuple[list[Rating], dict[str, str]]:
    """The ratings, and the service's names of their fields → ours."""
    ratings = [Rating(asked["stars"], asked["body"])]
    names = {"stars-order": "stars", "body-order": "body"}
    bought = {product.slug: product.id for product in products_of(order)}
    for number, rating in enumerate(asked["products"]):
        if (product_id := bought.get(rating["product"])) is None:
            refuse_field(f"products.{number}.product")
        ratings.append(Rating(rating["stars"], rating["body"], product_id))
        names |= {f"{field}-{product_id}": f"products.{number}.{field}" for field in ("stars", "body")}
    return ratings, names


def _said(order: Order) -> dict[str, Any]:
    slugs = {product.id: product.slug for product in products_of(order)}
    items = [
        {
            "product": slugs.get(review.product_id) if review.product_id else None,
            "stars": review.stars,
            "body": review.body,
            "status": review.status.value,
            "created_at": review.created_at,
        }
        for review in sorted(marketing.reviews_of(order).values(), key=lambda kept: kept.product_id or 0)
    ]
    return {"items": items, "next_cursor": None}
