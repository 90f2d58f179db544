"""What may stand in the catalogue: plain values, no database."""

import re
from collections.abc import Mapping
from datetime import datetime

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
HIGHEST_PRICE = 10**11
"""In minor units."""
_BARCODE_LENGTHS = (8, 12, 13, 14)


def slug_is_valid(slug: str) -> bool:
    """Small letters, figures and single hyphens: what an address can carry in every language."""
    return bool(_SLUG.fullmatch(slug))


def barcode_is_valid(barcode: str) -> bool:
    """GTIN-8, -12, -13 or -14 with its check digit right (GS1 General Specifications, 7.9: weights 3 and 1)."""
    if len(barcode) not in _BARCODE_LENGTHS or not (barcode.isascii() and barcode.isdigit()):
        return False
    digits = [int(figure) for figure in barcode]
    weighed = sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits[:-1])))
    return (weighed + digits[-1]) % 10 == 0


def struck_price_fits(price_minor: int | None, before_minor: int | None) -> bool:
    """A struck-through price is higher than the price; either may be missing."""
    return price_minor is None or before_minor is None or before_minor > price_minor


def period_fits(start: datetime | None, end: datetime | None) -> bool:
    """A time ends after it begins; either side may be open."""
    return start is None or end is None or end > start


def would_loop(category: int, parent: int | None, parents: Mapping[int, int | None]) -> bool:
    """Whether `category` under `parent` would stand inside itself, given who stands under whom now."""
    seen: set[int] = set()
    while parent is not None and parent not in seen:
        if parent == category:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False


def depth_of(category: int | None, parents: Mapping[int, int | None]) -> int:
    """Levels from the top down to the category: 1 at the top, 0 for none."""
    depth = 0
    while category is not None and depth <= len(parents):
        depth, category = depth + 1, parents.get(category)
    return depth


def depth_below(category: int, parents: Mapping[int, int | None]) -> int:
    """Levels below the category: 0 when nothing stands in it."""
    inside = [child for child, parent in parents.items() if parent == category]
    return max((1 + depth_below(child, parents) for child in inside), default=0)
