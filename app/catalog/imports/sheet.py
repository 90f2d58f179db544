"""The columns of the sheet: how a cell is read, shown and put into the catalogue. Import and export use the same list.

A column that a file does not have is left as it is; an empty cell of a column that it has empties the field.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.catalog.imports.files import LONGEST_CELL, FileRefused
from app.catalog.rules import HIGHEST_PRICE, barcode_is_valid, slug_is_valid
from app.core import clock
from app.core.amounts import parse_money, show_plain
from app.core.errors import InvalidInput
from app.core.i18n import LOCALES, _

TRUE = frozenset({"yes", "y", "true", "1", "да", "sí", "si", "x"})
FALSE = frozenset({"no", "n", "false", "0", "нет", ""})


class CellWrong(ValueError):
    """What stands in a cell cannot be taken; says why."""


@dataclass(frozen=True)
class House:
    """What the store brings to reading a sheet. `categories` maps a category's address to its id."""

    currency: str
    zone: ZoneInfo
    default_locale: str
    tax_classes: frozenset[str]
    categories: Mapping[str, int]


class Reader(Protocol):
    def __call__(self, text: str, house: House) -> Any:
        """The value of a cell. Raises CellWrong."""


@dataclass(frozen=True)
class Sheet:
    """One column. `of` is "product" or "variant"; `field` names the attribute, `locale` a part of a text per locale."""

    name: str
    of: str
    field: str
    read: Reader
    show: Callable[[Any, House], str] = lambda value, house: "" if value is None else str(value)
    locale: str = ""

    def get(self, thing: Any) -> Any:
        """What the row of the catalogue holds now."""
        value = getattr(thing, self.field)
        return (value or {}).get(self.locale, "") if self.locale else value

    def put(self, thing: Any, value: Any) -> None:
        """Write the value into the row of the catalogue."""
        if self.locale:
            kept = {k: v for k, v in (getattr(thing, self.field) or {}).items() if k != self.locale}
            value = kept | ({self.locale: value} if value else {})
        setattr(thing, self.field, value)


def words(longest: int, *, needed: bool = False) -> Reader:
    """A text of at most so many characters."""

    def read(text: str, house: House) -> str:
        if needed and not text:
            raise CellWrong(_("This must not be empty."))
        if len(text) > longest:
            raise CellWrong(_("At most %(count)s characters, please.", count=longest))
        return text

    return read


def whole(low: int, high: int, *, optional: bool = False) -> Reader:
    """A whole number between the two."""

    def read(text: str, house: House) -> int | None:
        if not text and optional:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text or "0") or not low <= int(text or "0") <= high:
            raise CellWrong(_("Write a whole number from %(low)s to %(high)s.", low=low, high=high))
        return int(text or "0")

    return read


def money(*, optional: bool = False) -> Reader:
    """An amount in the store's currency, in minor units."""

    def read(text: str, house: House) -> int | None:
        if not text:
            if optional:
                return None
            raise CellWrong(_("This must not be empty."))
        try:
            amount = parse_money(text, house.currency)
        except InvalidInput as error:
            raise CellWrong(error.errors["amount"]) from None
        if amount > HIGHEST_PRICE:
            raise CellWrong(_("This price is out of range."))
        return amount

    return read


def yes_no(text: str, house: House) -> bool:
    """yes or no, in any of our languages."""
    if (word := text.casefold()) in TRUE:
        return True
    if word in FALSE:
        return False
    raise CellWrong(_("Write yes or no."))


def slug(text: str, house: House) -> str:
    """The last part of a page's address."""
    if not slug_is_valid(text) or len(text) > 80:
        raise CellWrong(_("Small letters, figures and hyphens only, for example vitamin-c."))
    return text


def category(text: str, house: House) -> int:
    """A category by its address."""
    if (found := house.categories.get(text)) is not None:
        return found
    near = difflib.get_close_matches(text, house.categories, n=1, cutoff=0.6)
    if near:
        raise CellWrong(_("There is no category %(name)s. Do you mean %(near)s?", name=text, near=near[0]))
    raise CellWrong(_("There is no category %(name)s. Write the last part of its address.", name=text))


def tags(text: str, house: House) -> list[str]:
    """Words with commas between them."""
    found = [word.strip().lower() for word in re.split(r"[,;\n]", text)]
    if any(len(word) > 40 for word in found):
        raise CellWrong(_("At most %(count)s characters a word, please.", count=40))
    return list(dict.fromkeys(word for word in found if word))


def barcode(text: str, house: House) -> str:
    """A GTIN, or nothing."""
    if text and not barcode_is_valid(text):
        raise CellWrong(_("The check digit of this barcode is wrong."))
    return text


def tax_class(text: str, house: House) -> str:
    """One of the store's tax classes."""
    if text not in house.tax_classes:
        known = ", ".join(sorted(house.tax_classes))
        raise CellWrong(_("The store has no such tax class. It has: %(known)s.", known=known))
    return text


def moment(text: str, house: House) -> datetime | None:
    """A date, with or without a time, by the store's clock unless it says its own offset."""
    if not text:
        return None
    try:
        return clock.read_moment(text, house.zone)
    except ValueError:
        raise CellWrong(_("Write the date as 2026-05-31 or 2026-05-31 09:00.")) from None


def show_moment(value: datetime | None, house: House) -> str:
    return value.astimezone(house.zone).isoformat(sep=" ") if value else ""


def show_money(value: int | None, house: House) -> str:
    return show_plain(value, house.currency)


def show_yes(value: bool, house: House) -> str:
    return "yes" if value else "no"


def show_category(value: int | None, house: House) -> str:
    return next((name for name, key in house.categories.items() if key == value), "")


def _texts(name: str, of: str, field: str, longest: int) -> tuple[Sheet, ...]:
    return tuple(Sheet(f"{name}_{code}", of, field, words(longest), locale=code) for code in LOCALES)


COLUMNS: tuple[Sheet, ...] = (
    Sheet("sku", "variant", "sku", words(40, needed=True)),
    Sheet("product", "product", "slug", slug),
    Sheet("category", "product", "category_id", category, show_category),
    Sheet("brand", "product", "brand", words(80)),
    *_texts("name", "product", "name", 120),
    *_texts("subtitle", "product", "subtitle", 160),
    *_texts("description", "product", "description", 8000),
    Sheet("tags", "product", "tags", tags, lambda value, house: ", ".join(value or [])),
    Sheet("hue", "product", "hue", whole(0, 360)),
    Sheet("rx_required", "product", "rx_required", yes_no, show_yes),
    Sheet("min_age", "product", "min_age", whole(0, 99)),
    Sheet("max_per_order", "product", "max_per_order", whole(1, 999, optional=True)),
    Sheet("product_active", "product", "active", yes_no, show_yes),
    Sheet("published_from", "product", "published_from", moment, show_moment),
    Sheet("published_until", "product", "published_until", moment, show_moment),
    *_texts("label", "variant", "label", 80),
    Sheet("barcode", "variant", "barcode", barcode),
    Sheet("price", "variant", "price_minor", money(), show_money),
    Sheet("compare_at", "variant", "compare_at_minor", money(optional=True), show_money),
    Sheet("cost", "variant", "cost_minor", money(), show_money),
    Sheet("tax_class", "variant", "tax_class", tax_class),
    Sheet("weight_g", "variant", "weight_g", whole(0, 100_000)),
    Sheet("position", "variant", "position", whole(0, 9999)),
    Sheet("active", "variant", "active", yes_no, show_yes),
)
BY_NAME = {column.name: column for column in COLUMNS}
DEFAULTS = {
    "hue": 150,
    "rx_required": False,
    "min_age": 0,
    "product_active": True,
    "cost": 0,
    "tax_class": "standard",
    "weight_g": 0,
    "position": 0,
    "active": True,
    "brand": "",
    "barcode": "",
}
"""What a new row has in a column that the file lacks."""


def read_header(header: tuple[str, ...]) -> tuple[Sheet, ...]:
    """The columns of a file. FileRefused naming what is unknown, twice there or missing."""
    unknown = [name for name in header if name not in BY_NAME]
    if unknown:
        raise FileRefused(" ".join(_say_unknown(name) for name in unknown[:5]))
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise FileRefused(_("The column %(name)s is there twice.", name=", ".join(sorted(twice))))
    if "sku" not in header:
        raise FileRefused(_("The column sku is missing: it says which variant a row speaks of."))
    return tuple(BY_NAME[name] for name in header)


def _say_unknown(name: str) -> str:
    if not name:
        return str(_("A column has no heading."))
    near = difflib.get_close_matches(name, BY_NAME, n=1, cutoff=0.6)
    shown = name[:40]
    if near:
        return str(_("There is no column “%(name)s”. Do you mean %(near)s?", name=shown, near=near[0]))
    return str(_("There is no column “%(name)s”.", name=shown))


_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")


def defuse(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: an apostrophe before it. `plain_of` takes it off."""
    return f"'{text}" if text.startswith((*_DANGEROUS, "'")) else text


def plain_of(cell: str) -> str:
    """The text of a cell, without blanks around it and without the apostrophe of `defuse`."""
    text = cell.replace("\r\n", "\n").strip(" \n\u00a0")
    if text.startswith("'") and text[1:].startswith((*_DANGEROUS, "'")):
        text = text[1:]
    if len(text) > LONGEST_CELL:
        raise CellWrong(_("At most %(count)s characters, please.", count=LONGEST_CELL))
    return text
