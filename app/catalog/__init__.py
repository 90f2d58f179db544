"""What the store sells and how it is found: categories, products, variants, photos."""

from app.catalog import freshness  # noqa: F401 - the tables of a page are watched from the first import on
from app.catalog.queries import get_product, list_index, list_products, list_slugs, load_home
from app.catalog.tags import say_tag
from app.catalog.tree import load_tree
from app.catalog.views import (
    BranchStock,
    CategoryView,
    Facet,
    Facets,
    Filters,
    HomeView,
    Page,
    PhotoView,
    ProductCard,
    ProductView,
    Sort,
    Tree,
    VariantView,
)

__all__ = [
    "BranchStock",
    "CategoryView",
    "Facet",
    "Facets",
    "Filters",
    "HomeView",
    "Page",
    "PhotoView",
    "ProductCard",
    "ProductView",
    "Sort",
    "Tree",
    "VariantView",
    "get_product",
    "list_index",
    "list_products",
    "list_slugs",
    "load_home",
    "load_tree",
    "say_tag",
]
