"""The goods of the demo stores: `load_catalog("miami")`, typed and checked, the same on every machine.

The words and prices stand in one TOML file per store, cautions that products share in phrases.toml.
Whatever nobody would want to type (barcodes, costs, ratings, everyday stock) follows from the SKU.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from app.demo.catalog.wording import set_spaces, write_quantity

FOLDER = Path(__file__).parent
LOCALES = ("en", "ru", "es")

Texts = Mapping[str, str]  # locale → text, every locale of LOCALES


@dataclass(frozen=True, slots=True)
class Category:
    """A drawer of the cabinet. `hue` is the OKLCH hue of everything in it; min_age 0 means none."""

    slug: str
    position: int
    icon: str
    hue: int
    min_age: int
    name: Texts
    description: Texts


@dataclass(frozen=True, slots=True)
class PackShot:
    """What `packshots.render_packshot` draws: the container, its label, and the words printed on it."""

    shape: str
    style: str
    ornament: str
    glass: str | None
    hue: int
    name: str
    strength: str
    quantity: str
    number: int


@dataclass(frozen=True, slots=True)
class Variant:
    """What is sold. Amounts in minor units of the store's currency; `stock` is branch code → units at opening."""

    sku: str
    label: Texts
    price_minor: int
    compare_at_minor: int | None
    cost_minor: int
    barcode: str
    weight_g: int
    tax_class: str
    stock: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Product:
    """One remedy as the customer knows it. `rating_centi` is the average × 100; min_age 0 means none."""

    slug: str
    category: str
    brand: str
    name: Texts
    subtitle: Texts
    description: Texts
    tags: tuple[str, ...]
    hue: int
    rx_required: bool
    min_age: int
    max_per_order: int
    rating_centi: int
    rating_count: int
    tax_class: str
    pack: PackShot
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that a store sells. `branches` are the codes that `Variant.stock` counts by."""

    store: str
    currency: str
    branches: tuple[str, ...]
    categories: tuple[Category, ...]
    products: tuple[Product, ...]


@lru_cache(maxsize=4)
def load_catalog(store: str) -> Catalog:
    """The catalogue of a demo store, "miami" or "jakarta"; FileNotFoundError for any other."""
    source, phrases = _read(f"{store}.toml"), _read("phrases.toml")
    drawers = {drawer["slug"]: drawer for drawer in source["categories"]}
    reader = _Reader(source, phrases, drawers)
    return Catalog(
        store=store,
        currency=source["currency"],
        branches=tuple(source["branches"]),
        categories=tuple(_read_category(drawer, i) for i, drawer in enumerate(drawers.values(), start=1)),
        products=tuple(
            reader.read_product(slug, row, number)
            for number, (slug, row) in enumerate(source["products"].items(), start=1)
        ),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def _read_category(row: dict[str, Any], position: int) -> Category:
    return Category(
        slug=row["slug"],
        position=position,
        icon=row["icon"],
        hue=row["hue"],
        min_age=row.get("age", 0),
        name={locale: row[locale][0] for locale in LOCALES},
        description={locale: set_spaces(row[locale][1], locale) for locale in LOCALES},
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns the rows of one store's file into products."""

    source: dict[str, Any]
    phrases: dict[str, Any]
    drawers: dict[str, dict[str, Any]]

    def read_product(self, slug: str, row: dict[str, Any], number: int) -> Product:
        category, brand, look = row["in"].split(" / ")
        drawer = self.drawers[category]
        tax_class = row.get("tax", drawer["tax"])
        labels = [write_quantity(sold[1]) for sold in row["sold"]]
        rating, count = row.get("rated") or _usual_rating(slug)
        return Product(
            slug=slug,
            category=category,
            brand=brand,
            name={locale: row[locale][0] for locale in LOCALES},
            subtitle={
                locale: f"{set_spaces(row[locale][1], locale)} · {labels[0][locale]}" for locale in LOCALES
            },
            description={locale: self._describe(row, locale) for locale in LOCALES},
            tags=tuple(row["tags"]),
            hue=drawer["hue"],
            rx_required=row.get("rx", False),
            min_age=max(row.get("age", 0), drawer.get("age", 0)),
            max_per_order=row.get("max", drawer["max"]),
            rating_centi=rating,
            rating_count=count,
            tax_class=tax_class,
            pack=_read_pack(row, look, drawer["hue"], number),
            variants=tuple(
                self._read_variant(sold, label, tax_class, drawer["cost_bp"])
                for sold, label in zip(row["sold"], labels, strict=True)
            ),
        )

    def _describe(self, row: dict[str, Any], locale: str) -> str:
        shared = self.phrases["about"][row["about"]] if "about" in row else {}
        opening = shared[locale] if shared else row[locale][2]
        cares = row.get("care") or shared.get("care", [])
        sentences = [opening, *(self.phrases["care"][care][locale] for care in cares)]
        return set_spaces(" ".join(sentences), locale)

    def _read_variant(self, sold: list[Any], label: Texts, tax_class: str, cost_bp: int) -> Variant:
        sku, _, price, before, weight = sold
        branches = self.source["branches"]
        opening = self.source["stock"].get(sku) or [_usual_stock(f"{sku}@{branch}") for branch in branches]
        return Variant(
            sku=sku,
            label=label,
            price_minor=price,
            compare_at_minor=before or None,
            cost_minor=price * (cost_bp + _draw(sku, 1200) - 600) // 10_000,
            barcode=make_barcode(self.source["barcode_prefix"], sku),
            weight_g=weight,
            tax_class=tax_class,
            stock=dict(zip(branches, opening, strict=True)),
        )


def _read_pack(row: dict[str, Any], look: str, hue: int, number: int) -> PackShot:
    shape, style, ornament, *glass = look.split()
    words: list[str] = [*row["en"][:2], row["sold"][0][1]]
    printed: list[str] = row.get("print", [])
    name, strength, quantity = printed + words[len(printed) :]
    return PackShot(
        shape, style, ornament, glass[0] if glass else None, hue, name, strength, quantity, number
    )


def make_barcode(prefix: str, sku: str) -> str:
    """An EAN-13 in the range that GS1 leaves to stores (20–29), so that it names nobody else's goods."""
    digits = f"{prefix}{crc32(sku.encode()):010d}"
    weighted = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def _draw(key: str, below: int) -> int:
    return crc32(key.encode()) % below


def _usual_stock(key: str) -> int:
    return 14 + _draw(key, 67)


def _usual_rating(slug: str) -> tuple[int, int]:
    return 430 + _draw(slug, 7) * 10, 24 + _draw(f"{slug}#", 380)
