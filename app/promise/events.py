"""What happens to the promise itself."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class WishMade(Event):
    """Somebody wants to hear when a ZIP is delivered to; the letter with the link to confirm is to be written."""

    aggregate: ClassVar[str] = "wish"
    wish_id: int


@dataclass(frozen=True, kw_only=True)
class WishGranted(Event):
    """A zone delivers to the ZIP now; the one letter that was promised is to be written."""

    aggregate: ClassVar[str] = "wish"
    wish_id: int
