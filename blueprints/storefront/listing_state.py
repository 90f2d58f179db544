"""The state of a listing in its URL: read leniently, written back without defaults, undone chip by chip.

`c` category, `brand` and `tag` repeated, `from` and `to` in whole currency units, `stock=1`, `stars`, `q`, `sort`,
`page`. What cannot be read is left out: an old link still shows goods.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from app import stores
from app.catalog import Filters, Sort, say_tag
from app.core.i18n import _
from app.core.money import exponent
from app.web.rendering import show_money

MOST_CHOICES, LONGEST = 20, 80
LARGEST_PRICE = Decimal(10) ** 12
STARS = (450, 400, 300)
"""Averages × 100 that one can ask for at least."""


@dataclass(frozen=True)
class Chip:
    """A filter that is on, with the address of the listing without it."""

    label: str
    url: str


@dataclass(frozen=True)
class ListingState:
    """What a listing shows. `path` is its page: all goods, or one category."""

    path: str
    filters: Filters
    sort: Sort
    page: int

    def url(self, **changes: object) -> str:
        """The address of this listing with some filters changed, on its first page unless `page` is given."""
        page = changes.pop("page", 1)
        state = replace(self, filters=replace(self.filters, **changes))  # type: ignore[arg-type]
        pairs = [*state.pairs()] + ([("page", str(page))] if page != 1 else [])
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The query of this state, without defaults and without the page."""
        chosen = self.filters
        if chosen.q:
            yield "q", chosen.q
        yield from (("brand", brand) for brand in chosen.brands)
        yield from (("tag", tag) for tag in chosen.tags)
        if chosen.price_low_minor is not None:
            yield "from", show_plain(chosen.price_low_minor)
        if chosen.price_high_minor is not None:
            yield "to", show_plain(chosen.price_high_minor)
        if chosen.in_stock:
            yield "stock", "1"
        if chosen.min_rating_centi:
            yield "stars", show_stars(chosen.min_rating_centi)
        if self.sort is not Sort.popular:
            yield "sort", self.sort.value

    @property
    def is_plain_search(self) -> bool:
        """Whether words alone were asked for, with nothing else that could have left their goods out."""
        return bool(self.filters.q) and self.filters == Filters(q=self.filters.q)

    def chips(self) -> list[Chip]:
        """Every filter that is on, for undoing one at a time."""
        chosen = self.filters
        found = [
            Chip(brand, self.url(brands=tuple(other for other in chosen.brands if other != brand)))
            for brand in chosen.brands
        ]
        found += [
            Chip(say_tag(tag), self.url(tags=tuple(other for other in chosen.tags if other != tag)))
            for tag in chosen.tags
        ]
        if chosen.price_low_minor is not None:
            label = _("From %(price)s", price=show_money(chosen.price_low_minor))
            found.append(Chip(label, self.url(price_low_minor=None)))
        if chosen.price_high_minor is not None:
            label = _("Up to %(price)s", price=show_money(chosen.price_high_minor))
            found.append(Chip(label, self.url(price_high_minor=None)))
        if chosen.in_stock:
            found.append(Chip(_("In stock"), self.url(in_stock=False)))
        if chosen.min_rating_centi:
            label = _("%(stars)s stars and up", stars=show_stars(chosen.min_rating_centi))
            found.append(Chip(label, self.url(min_rating_centi=0)))
        return found


def read_state(args: MultiDict[str, str], path: str, category: str = "") -> ListingState:
    """The state of a request's query."""
    stars = args.get("stars", "")
    filters = Filters(
        category=category,
        brands=_choices(args, "brand"),
        tags=_choices(args, "tag"),
        price_low_minor=_price(args.get("from", "")),
        price_high_minor=_price(args.get("to", "")),
        in_stock=args.get("stock") == "1",
        min_rating_centi=next((least for least in STARS if show_stars(least) == stars), 0),
        q=" ".join(args.get("q", "").replace("\0", "").split())[:LONGEST],
    )
    sort = args.get("sort", "")
    page = args.get("page", "")
    return ListingState(
        path=path,
        filters=filters,
        sort=Sort(sort) if sort in list(Sort) else Sort.popular,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
    )


def show_plain(minor: int) -> str:
    """An amount as a number field holds it: 12.50, or 12 when nothing follows the point."""
    amount = Decimal(minor).scaleb(-exponent(stores.current_store().currency))
    return str(int(amount)) if amount == int(amount) else str(amount)


def show_stars(rating_centi: int) -> str:
    """The least average as the URL has it: 4.5, 4."""
    return f"{rating_centi / 100:g}"


def _choices(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    wanted = (value.replace("\0", "").strip()[:LONGEST] for value in args.getlist(name)[:MOST_CHOICES])
    return tuple(dict.fromkeys(value for value in wanted if value))


def _price(text: str) -> int | None:
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < LARGEST_PRICE:
        return None
    return int(amount.scaleb(exponent(stores.current_store().currency)).to_integral_value())
