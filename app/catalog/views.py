"""What the shop window shows, as plain values: already in the reader's language, free of the database and of URLs.

Amounts are minor units of the store's currency, `rating_centi` is the average × 100, `available` counts the units
one delivery can take, which is what the best-stocked branch has. `image_path` is below the static folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.money import Minor


class Sort(StrEnum):
    """The order of a listing; each ends with the product's id, so pages never overlap."""

    popular = "popular"
    price_asc = "price_asc"
    price_desc = "price_desc"
    new = "new"
    rating = "rating"


@dataclass(frozen=True)
class Filters:
    """What a listing is narrowed to. Brands widen each other, tags narrow each other; prices are inclusive."""

    category: str = ""
    brands: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    price_low_minor: Minor | None = None
    price_high_minor: Minor | None = None
    in_stock: bool = False
    min_rating_centi: int = 0
    q: str = ""


@dataclass(frozen=True)
class CategoryView:
    """A drawer of the cabinet. `number` is its place in the tree's reading order, `count` includes children."""

    id: int
    parent_id: int | None
    slug: str
    name: str
    description: str
    icon: str
    hue: int
    min_age: int
    number: int
    count: int
    children: tuple["CategoryView", ...] = ()


@dataclass(frozen=True)
class Tree:
    """The active categories. `age_of` and `ids_below` speak of ids; a category below a closed one is not here."""

    top: tuple[CategoryView, ...]
    by_id: Mapping[int, CategoryView]
    by_slug: Mapping[str, CategoryView]

    def ids_below(self, category: CategoryView) -> list[int]:
        """The category's own id and those of everything inside it."""
        return [category.id, *(found for child in category.children for found in self.ids_below(child))]

    def trail(self, category: CategoryView) -> tuple[CategoryView, ...]:
        """From the top of the tree down to the category itself."""
        above = self.by_id.get(category.parent_id) if category.parent_id else None
        return (*(self.trail(above) if above else ()), category)

    def age_of(self, category_id: int) -> int:
        """The highest age that the category or one above it asks for."""
        return max(step.min_age for step in self.trail(self.by_id[category_id]))


@dataclass(frozen=True)
class ProductCard:
    """A product on a shelf, with the variant that its price and its button speak of."""

    id: int
    slug: str
    name: str
    subtitle: str
    brand: str
    category_slug: str
    hue: int
    image_path: str
    image_alt: str
    sku: str
    variant_label: str
    price_minor: Minor
    compare_at_minor: Minor | None
    available: int
    rating_centi: int
    rating_count: int
    rx_required: bool
    age_min: int
    max_per_order: int | None


@dataclass(frozen=True)
class BranchStock:
    """How many units one branch can hand over."""

    branch_id: int
    name: str
    available: int


@dataclass(frozen=True)
class VariantView:
    """What is sold. `stock` lists every active branch, `available` is the best of them."""

    id: int
    sku: str
    label: str
    price_minor: Minor
    compare_at_minor: Minor | None
    tax_class: str
    available: int
    stock: tuple[BranchStock, ...] = ()


@dataclass(frozen=True)
class PhotoView:
    """A picture of the gallery, in the order staff gave it."""

    path: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class ProductView:
    """A product's own page. `lead` is the variant chosen for the reader; `variants` is never empty."""

    id: int
    slug: str
    name: str
    subtitle: str
    description: str
    brand: str
    tags: tuple[str, ...]
    hue: int
    category: CategoryView
    trail: tuple[CategoryView, ...]
    rx_required: bool
    age_min: int
    max_per_order: int | None
    rating_centi: int
    rating_count: int
    variants: tuple[VariantView, ...]
    photos: tuple[PhotoView, ...] = ()
    related: tuple[ProductCard, ...] = ()

    @property
    def lead(self) -> VariantView:
        """The first variant that can be bought, else the first."""
        return next((variant for variant in self.variants if variant.available), self.variants[0])

    @property
    def available(self) -> int:
        """Units of the variant that most can be bought of; 0 when the product is sold out."""
        return max(variant.available for variant in self.variants)

    @property
    def image_path(self) -> str:
        """The cover, '' without one."""
        return self.photos[0].path if self.photos else ""


@dataclass(frozen=True)
class Facet:
    """A value one can filter by, and how many products choosing it would leave."""

    value: str
    count: int


@dataclass(frozen=True)
class Facets:
    """The choices beside a listing. Price bounds are None when nothing is found."""

    brands: tuple[Facet, ...] = ()
    tags: tuple[Facet, ...] = ()
    in_stock: int = 0
    price_low_minor: Minor | None = None
    price_high_minor: Minor | None = None


@dataclass(frozen=True)
class Page:
    """A page of a listing. `next_cursor` continues after the last item, None at the end.

    `instead` are the words that were looked for when those that were typed are nowhere.
    """

    items: tuple[ProductCard, ...]
    total: int
    number: int
    pages: int
    next_cursor: str | None
    facets: Facets = field(default_factory=Facets)
    category: CategoryView | None = None
    trail: tuple[CategoryView, ...] = ()
    instead: str = ""


@dataclass(frozen=True)
class HomeView:
    """The first page: a picture for each drawer, what is bought most, what came last."""

    drawers: tuple[tuple[CategoryView, str], ...]
    popular: tuple[ProductCard, ...]
    new: tuple[ProductCard, ...]
