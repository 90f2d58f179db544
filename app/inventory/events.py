"""What happens on the shelves that others want to hear of."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class StockRanLow(Event):
    """A shelf fell to its threshold; said once until goods arrive."""

    aggregate: ClassVar[str] = "stock"
    stock_id: int
    available: int


@dataclass(frozen=True, kw_only=True)
class VariantCameBack(Event):
    """Somebody waits for this variant, and there may be some of it again."""

    aggregate: ClassVar[str] = "variant"
    variant_id: int


@dataclass(frozen=True, kw_only=True)
class WatchAnswered(Event):
    """The variant is back: tell this one person."""

    aggregate: ClassVar[str] = "watch"
    watch_id: int
