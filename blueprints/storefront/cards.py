"""The catalogue's values as templates want them: with addresses, pictures and figures in the reader's language."""

from collections.abc import Iterable
from typing import Any

from babel.numbers import format_decimal
from flask import url_for

from app.catalog import ProductCard
from app.core.i18n import active_locale
from app.web.pictures import picture_url


def show_rating(rating_centi: int) -> str:
    """An average as one figure after the point: 4.9, or 4,9."""
    return format_decimal(rating_centi / 100, format="0.0", locale=active_locale())


def show_cards(cards: Iterable[ProductCard]) -> list[dict[str, Any]]:
    """The cards of a shelf."""
    return [show_card(card) for card in cards]


def show_card(card: ProductCard) -> dict[str, Any]:
    """What the product card of the macros reads."""
    return vars(card) | {
        "url": url_for("storefront.product", slug=card.slug),
        "image_url": picture_url(card.image_path),
        "rating": show_rating(card.rating_centi),
        "review_count": card.rating_count,
        "max_qty": _most(card.available, card.max_per_order),
    }


def _most(available: int, max_per_order: int | None) -> int:
    return min(available, max_per_order) if max_per_order else available
