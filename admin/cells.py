"""How a value is shown in the console's lists and pages: money, times, chips, switches. Every one gives safe markup."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_skeleton
from flask import url_for
from markupsafe import Markup, escape

from app import stores
from app.core import clock
from app.core.i18n import _, active_locale, pick
from app.web.rendering import show_date, show_money, show_time

NOTHING = "\N{EN DASH}"
Cell = Callable[[Any], object]


@dataclass(frozen=True)
class Column:
    """One column of a list, or one line of a page. `sort` is what the database orders by; `css` goes on its cells."""

    name: str
    label: object
    cell: Cell
    sort: Any = None
    css: str = ""


def plain(name: str) -> Cell:
    """The attribute as it is."""
    return lambda row: dig(row, name) if dig(row, name) not in (None, "") else NOTHING


def texts(name: str) -> Cell:
    """A text per locale in the reader's language."""
    return lambda row: pick(dig(row, name)) or NOTHING


def money(name: str, currency: str | None = None) -> Cell:
    """An amount, in the row's currency when it names one, else in the store's."""

    def show(row: Any) -> str:
        amount = dig(row, name)
        return NOTHING if amount is None else show_money(amount, getattr(row, "currency", None) or currency)

    return show


def moment(name: str) -> Cell:
    """Date and time in the store's zone."""
    return lambda row: show_moment(dig(row, name))


def show_moment(at: datetime | None) -> str:
    """Date and time in the store's zone; a dash for never."""
    if at is None:
        return NOTHING
    return f"{show_day(at)}, {show_time(at)}"


def show_day(at: datetime) -> str:
    """A date in the store's zone, the year only when it is not this one."""
    zone = stores.current_store().zone
    local = at.astimezone(zone)
    if local.year != clock.now().astimezone(zone).year:
        return show_date(at)
    return format_skeleton("MMMd", local, tzinfo=zone, locale=active_locale())


def day(name: str) -> Cell:
    """A date."""

    def show(row: Any) -> str:
        value: date | None = dig(row, name)
        return show_date(value) if value else NOTHING

    return show


def yes(name: str) -> Cell:
    """Yes or no."""
    return lambda row: chip(_("Yes"), "success") if dig(row, name) else chip(_("No"), "default")


def listed(name: str) -> Cell:
    """A list in one line."""
    return lambda row: ", ".join(str(part) for part in dig(row, name)) or NOTHING


def linked(name: str, endpoint: str, show: Cell | None = None, key: str = "id") -> Cell:
    """The value as a link to the row's page; the key may be the row's own or a dotted one."""
    shown = show or plain(name)

    def link(row: Any) -> object:
        pk = dig(row, key)
        if pk is None:
            return NOTHING
        return Markup('<a href="{}">{}</a>').format(url_for(endpoint, pk=pk), shown(row))

    return link


def chip(text: object, kind: str = "default") -> Markup:
    """A rounded label: default, success, warning, danger, info or st-STATUS."""
    css = kind if kind.startswith("st-") else f"label-{kind}"
    return Markup('<span class="label {}">{}</span>').format(css, text)


def chips(name: str, words: Mapping[Any, object], kinds: Mapping[Any, str]) -> Cell:
    """A state as a chip."""

    def show(row: Any) -> Markup:
        value = dig(row, name)
        return chip(words.get(value, value), kinds.get(value, "default"))

    return show


def joined(parts: Iterable[object]) -> Markup:
    """Parts one after the other, escaped."""
    return Markup(" ").join(escape(part) for part in parts)


def dig(row: Any, path: str) -> Any:
    """`a.b.c` of a row; None where the way ends."""
    for name in path.split("."):
        if row is None:
            return None
        row = getattr(row, name)
    return row
