"""What happens in the catalogue that others have to know."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class PicturesDropped(Event):
    """Uploaded pictures no longer belong to a product; their files can go."""

    aggregate: ClassVar[str] = "product"
    product_id: int
    paths: list[str]


@dataclass(frozen=True, kw_only=True)
class ImportAsked(Event):
    """Somebody wants a file checked or written: `step` is check or apply."""

    aggregate: ClassVar[str] = "import"
    import_id: int
    step: str
