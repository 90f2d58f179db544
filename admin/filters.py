"""What a list can be narrowed by. The state of a list is its address: ?q=…&category=3&sort=-price&page=2."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, or_

from app.core.errors import InvalidInput
from app.core.i18n import _

Options = Callable[[], Iterable[tuple[str, object]]]
MAX_PAGE = 100_000
SIZES = (25, 50, 100)


@dataclass(frozen=True)
class Choice:
    """A drop-down: its options, and the condition for the chosen one. An option that is not offered is ignored."""

    name: str
    label: object
    options: Options
    where: Callable[[str], ColumnElement[bool]]


@dataclass(frozen=True)
class Bound:
    """A typed value: `read` turns it into a condition's value or raises InvalidInput."""

    name: str
    label: object
    read: Callable[[str], Any]
    where: Callable[[Any], ColumnElement[bool]]
    kind: str = "text"


Filter = Choice | Bound


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list."""

    q: str
    sort: str
    descending: bool
    page: int
    size: int


def read_asked(args: Mapping[str, str], sortable: Iterable[str], default: str) -> Asked:
    """Read it leniently: an address is typed and shared; what makes no sense is as if it were not there."""
    wanted = args.get("sort", "")
    known = {*sortable}
    sort = wanted if wanted.removeprefix("-") in known else default
    size = _number(args.get("size"), SIZES[0])
    return Asked(
        q=args.get("q", "").replace("\x00", "").strip()[:80],
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=min(max(_number(args.get("page"), 1), 1), MAX_PAGE),
        size=size if size in SIZES else SIZES[0],
    )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else default


def narrow(
    query: Select[Any], filters: Iterable[Filter], args: Mapping[str, str]
) -> tuple[Select[Any], dict[str, str]]:
    """The query with the filters of the address, and the message beside each filter that cannot be read."""
    errors: dict[str, str] = {}
    for one in filters:
        typed = args.get(one.name, "").replace("\x00", "").strip()
        if not typed:
            continue
        if isinstance(one, Choice):
            if typed in {str(value) for value, _label in one.options()}:
                query = query.where(one.where(typed))
            continue
        try:
            query = query.where(one.where(one.read(typed)))
        except InvalidInput as error:
            errors[one.name] = next(iter(error.errors.values()))
    return query, errors


def search(query: Select[Any], columns: Iterable[Any], words: str) -> Select[Any]:
    """Rows in which every word is found in one of the columns, whatever its case."""
    for word in words.split()[:6]:
        query = query.where(or_(*(cast(column, Text).icontains(word, autoescape=True) for column in columns)))
    return query


def yes_no(name: str, label: object, column: Any, on: object, off: object) -> Choice:
    """A drop-down over a boolean column."""
    return Choice(name, label, lambda: (("yes", on), ("no", off)), lambda value: column.is_(value == "yes"))


def one_of(name: str, label: object, column: Any, words: Mapping[Any, object]) -> Choice:
    """A drop-down over a column whose values have words; `words` is keyed by the members of its enumeration."""
    kind = type(next(iter(words)))
    return Choice(
        name,
        label,
        lambda: [(member.value, word) for member, word in words.items()],
        lambda value: column == kind(value),
    )


def read_id(typed: object) -> int | None:
    """The number of a row out of an address; None when no row can have it."""
    text = str(typed)
    ok = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if ok else None


def read_number(typed: str) -> int:
    """A whole number of a filter."""
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise InvalidInput({"": _("Write a whole number.")})
    return int(typed)
