"""Which line of a bank is whose money: by the word in the note, by its cents, by amount and name. Plain values.

What is in doubt is left to people: a line that fits two, a name that fits with another amount, an order that is paid.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.money import Minor
from app.payments.transfers import squash

BEFORE = timedelta(days=1)
"""A bank's day can be behind the store's."""
AFTER = timedelta(days=5)
"""How long after it was asked for an amount still speaks for itself; a note always does."""
MOST_PROPOSED = 3


@dataclass(frozen=True)
class Line:
    """Money in. `key` is the bank's number for it."""

    key: str
    day: date
    amount_minor: Minor
    memo: str = ""
    name: str = ""


@dataclass(frozen=True)
class Wanted:
    """An attempt that money may belong to. `seen`: the amount that staff confirmed before the bank's list came."""

    attempt_id: int
    order_id: int
    memo: str
    amount_minor: Minor
    asked_on: date
    names: tuple[str, ...] = ()
    has_extra: bool = False
    seen_minor: Minor | None = None
    confirmation_id: int | None = None

    @property
    def fits_minor(self) -> Minor:
        """The amount that a line of it has."""
        return self.amount_minor if self.seen_minor is None else self.seen_minor


@dataclass(frozen=True)
class Match:
    """A line and its attempt, and what says so: memo, cents or name."""

    wanted: Wanted
    how: str


def match(lines: Sequence[Line], wanted: Sequence[Wanted]) -> dict[str, Match]:
    """Line key → its match. Each line and each attempt at most once; the surer ways go first."""
    found: dict[str, Match] = {}
    left = list(wanted)
    for how, fits in (("memo", _by_memo), ("cents", _by_cents), ("name", _by_name)):
        for line in lines:
            if line.key in found:
                continue
            one = fits(line, left)
            if one is not None:
                found[line.key] = Match(one, how)
                left.remove(one)
    return found


def _by_memo(line: Line, wanted: Iterable[Wanted]) -> Wanted | None:
    text = squash(line.memo)
    named = [one for one in wanted if one.memo in text and one.asked_on - BEFORE <= line.day]
    if len({one.order_id for one in named}) != 1:
        return None
    if seen := [one for one in named if one.seen_minor is not None]:
        # Money that staff saw before: this line is it, or people have to say what it is.
        same = [one for one in seen if one.seen_minor == line.amount_minor]
        return same[0] if same else None
    exact = [one for one in named if one.amount_minor == line.amount_minor]
    return max(exact or named, key=lambda one: one.attempt_id)


def _by_cents(line: Line, wanted: Iterable[Wanted]) -> Wanted | None:
    same = [one for one in wanted if one.fits_minor == line.amount_minor and _in_time(one, line)]
    return same[0] if len(same) == 1 and same[0].has_extra else None


def _by_name(line: Line, wanted: Iterable[Wanted]) -> Wanted | None:
    same = [
        one
        for one in wanted
        if one.fits_minor == line.amount_minor and _in_time(one, line) and is_named(line.name, one.names)
    ]
    return same[0] if len(same) == 1 else None


def _in_time(wanted: Wanted, line: Line) -> bool:
    return wanted.asked_on - BEFORE <= line.day <= wanted.asked_on + AFTER


def is_named(name: str, names: Collection[str]) -> bool:
    """Whether a bank's name is one of these: two words of it at least, whatever order, accents and middle names."""
    said = _words(name)
    return any(
        len(said) > 1 and len(known) > 1 and (said <= known or known <= said)
        for known in (_words(other) for other in names)
    )


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return frozenset(word for word in letters.split() if len(word) > 1)


def named(line: Line, wanted: Iterable[Wanted]) -> Wanted | None:
    """Whose note a line carries, whatever its amount: what staff saw of it, else the newest try of that order."""
    text = squash(line.memo)
    found = [one for one in wanted if one.memo in text]
    if len({one.order_id for one in found}) != 1:
        return None
    return max(found, key=lambda one: (one.seen_minor is not None, one.attempt_id))


@dataclass(frozen=True)
class Sent:
    """A refund that staff have sent; `proof` is the bank's number for it as they typed it."""

    reference: str
    proof: str
    amount_minor: Minor
    on: date


def match_sent(lines: Sequence[Line], wanted: Sequence[Sent]) -> list[tuple[Line, Sent]]:
    """Which money out is which refund: by the bank's number, else by an amount that fits one line and one refund."""
    by_number = {(one.proof.strip().casefold(), one.amount_minor): one for one in wanted}
    found = [
        (line, one) for line in lines if (one := by_number.get((line.key.casefold(), line.amount_minor)))
    ]
    lines_left = [line for line in lines if line.key not in {one.key for one, _sent in found}]
    left = [one for one in wanted if one not in {sent for _line, sent in found}]
    for one in left:
        fits = [line for line in lines_left if _is_sent(line, one)]
        if len(fits) == 1 and sum(_is_sent(fits[0], other) for other in left) == 1:
            found.append((fits[0], one))
    return found


def _is_sent(line: Line, sent: Sent) -> bool:
    return line.amount_minor == sent.amount_minor and sent.on - AFTER <= line.day <= sent.on + AFTER


def propose(line: Line, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Whom the line could belong to, the likeliest first, for people to choose from."""
    scores: Mapping[int, tuple[int, int]] = {
        one.attempt_id: (
            4 * (one.memo in squash(line.memo))
            + 2 * (one.fits_minor == line.amount_minor)
            + 2 * is_named(line.name, one.names),
            one.attempt_id,
        )
        for one in wanted
    }
    likely = [one for one in wanted if scores[one.attempt_id][0] > 0]
    return sorted(likely, key=lambda one: scores[one.attempt_id], reverse=True)[:MOST_PROPOSED]
