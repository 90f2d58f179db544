"""A refused order said at the right card of the checkout."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app import promise
from app.core.errors import DomainError, InvalidInput, SignInRequired, TooMany
from app.core.i18n import _, _n
from app.inventory import OutOfStock
from app.loyalty import WalletShort
from app.orders.errors import ChangesToAccept, QuoteChanged, SlotUnavailable


@dataclass(frozen=True)
class Refusal:
    """`errors` by field, `notice` for the whole page, `short` for items of which there is less than wanted."""

    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    short: tuple[str, ...] = ()


def say(error: DomainError) -> Refusal:
    """Where each refusal belongs."""
    for kind, place in _PLACES:
        if isinstance(error, kind):
            return place(error)
    return Refusal(errors={error.field: str(error)}) if error.field else Refusal(notice=str(error))


def _short(error: OutOfStock) -> tuple[str, ...]:
    said = error.data.get("messages")
    if isinstance(said, list) and said:
        return tuple(said)
    items = error.data.get("items")
    return tuple(
        _n(
            "%(name)s: %(num)d left, you asked for %(asked)s.",
            "%(name)s: %(num)d left, you asked for %(asked)s.",
            item["available"],
            name=item["name"],
            asked=item["requested"],
        )
        for item in (items if isinstance(items, list) else [])
    )


def _say_pause(error: TooMany) -> str:
    seconds = error.data.get("retry_after")
    if not isinstance(seconds, int):
        return str(error)
    if seconds < 60:
        return _n("Please try again in %(num)d second.", "Please try again in %(num)d seconds.", seconds)
    minutes = -(-seconds // 60)
    return _n("Please try again in %(num)d minute.", "Please try again in %(num)d minutes.", minutes)


_PLACES: tuple[tuple[type[DomainError] | tuple[type[DomainError], ...], Callable[[Any], Refusal]], ...] = (
    (InvalidInput, lambda error: Refusal(errors=dict(error.errors))),
    (OutOfStock, lambda error: Refusal(notice=str(error), short=_short(error))),
    (
        (SlotUnavailable, promise.SlotTaken),
        lambda error: Refusal(errors={error.field or "slot": str(error)}, notice=str(error)),
    ),
    (ChangesToAccept, lambda error: Refusal(errors={"changes": str(error)}, notice=str(error))),
    (WalletShort, lambda error: Refusal(errors={"changes": str(error)}, notice=str(error))),
    (QuoteChanged, lambda error: Refusal(errors={"total": str(error)}, notice=str(error))),
    (SignInRequired, lambda _error: Refusal(errors={"phone": _("Confirm your phone number first.")})),
    (TooMany, lambda error: Refusal(notice=_say_pause(error))),
)
