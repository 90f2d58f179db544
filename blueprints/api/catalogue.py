"""Categories and products."""

from typing import Any

from app import catalog
from app.catalog.variants import variants_of
from blueprints.api.conditional import keep_tag
from blueprints.api.paging import seal, unseal
from blueprints.api.schemas import shop
from blueprints.api.section import Section
from blueprints.api.shapes import category_shape, listing_shape, product_shape

bp = Section(
    "catalogue",
    "Catalogue",
    "What is on the shelves, in the language of Accept-Language. Answers carry ETags.",
)


@bp.call("GET", "/categories", summary="The tree of categories")
@bp.response(200, shop.CategoryList)
@keep_tag
def list_categories() -> Any:
    """Active categories with how much they hold."""
    return {"items": [category_shape(view) for view in catalog.load_tree().top], "next_cursor": None}


@bp.call("GET", "/products", summary="Products in pages")
@bp.arguments(shop.ListingQuery, location="query")
@bp.response(200, shop.ProductList)
@keep_tag
def list_products(query: dict[str, Any]) -> Any:
    """By category, words and order. 404 for a category that is not there."""
    filters = catalog.Filters(category=query["category"], q=query["q"], in_stock=query["in_stock"])
    listing = f"products:{query['sort']}"
    page = catalog.list_products(
        filters, catalog.Sort(query["sort"]), cursor=unseal(listing, query["cursor"]), size=query["limit"]
    )
    variants = variants_of([card.id for card in page.items])
    return {"items": listing_shape(page, variants), "next_cursor": seal(listing, page.next_cursor)}


@bp.call("GET", "/products/{slug}", summary="One product")
@bp.response(200, shop.ProductDetail)
@keep_tag
def get_product(slug: str) -> Any:
    """With every variant. 404 when it is not for sale."""
    return product_shape(catalog.get_product(slug))
