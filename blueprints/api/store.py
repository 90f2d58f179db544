"""The store, what it can bring where, and what that costs."""

from typing import Any

from app import promise
from app.core import clock
from blueprints.api.asking import Want, quote_for, read_items, say_options
from blueprints.api.conditional import keep_tag
from blueprints.api.schemas import shop
from blueprints.api.section import Section
from blueprints.api.shapes import store_shape

bp = Section("store", "Store", "The store of the host name that was called, its terms and its prices.")


@bp.call("GET", "/store", summary="The store")
@bp.response(200, shop.Store)
@keep_tag
def get_store() -> Any:
    """Money, clock, language, minimum age, branches with their hours."""
    return store_shape(promise.load_world(clock.now()))


@bp.call("GET", "/delivery-options", summary="Delivery options")
@bp.arguments(shop.OptionsQuery, location="query")
@bp.response(200, shop.DeliveryOptions)
def get_delivery_options(query: dict[str, Any]) -> Any:
    """What can be brought where and when. For each thing that is not offered a stable `reason` and a sentence."""
    return say_options(Want(**query | {"items": read_items(query["items"])}))


@bp.call("POST", "/quote", summary="Quote")
@bp.arguments(shop.QuoteAsked)
@bp.response(200, shop.Quote)
def make_quote(asked: dict[str, Any]) -> Any:
    """Prices, delivery and tax of now. Nothing is kept or reserved."""
    items = [(item["sku"], item["qty"]) for item in asked["items"]]
    to = Want(asked["zip"], asked["kind"], line1=asked["line1"], city=asked["city"])
    return quote_for(items, to=to, courier=asked["courier"])
