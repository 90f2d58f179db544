"""The lines of an order as the line macro reads them."""

from typing import Any

from flask import url_for

from app.core.i18n import pick
from app.orders import Order
from app.orders.cart_view import order_covers
from app.web.pictures import picture_url


def show_lines(order: Order) -> list[dict[str, Any]]:
    """Names and prices as they were when it was ordered; pictures and addresses as they are now."""
    now = order_covers(order)
    return [
        {
            "sku": line.sku,
            "name": pick(line.name),
            "subtitle": pick(line.label),
            "qty": line.quantity,
            "line_total_minor": line.net_minor,
            "currency": order.currency,
            "image_url": picture_url(now[line.variant_id].path),
            "hue": now[line.variant_id].hue,
            "url": url_for("storefront.product", slug=now[line.variant_id].slug),
        }
        for line in order.lines
    ]
