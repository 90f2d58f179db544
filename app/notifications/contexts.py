"""From an event to what a message about it needs: the row of the matrix, who, which words, which link.

A builder is registered for each type of event and answers None when nobody is to be told (any more).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.events import EventRecord


@dataclass(frozen=True)
class Recipient:
    """Somebody to be told. `addresses` by channel; a channel that is missing cannot be used for them."""

    addresses: Mapping[str, str]
    locale: str
    user_id: int | None = None


@dataclass(frozen=True)
class Link:
    """Where a message leads, and its words by language for channels that show a button."""

    url: str
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Press:
    """A button that answers us instead of leading somewhere: what it asks for, and its words by language."""

    verb: str
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Context:
    """`words(locale)` fills the placeholders of templates; neither health details nor a whole address are in it.

    `own_words` are one audience's alone, beside the others; `presses` the buttons of channels that have some.
    """

    key: str
    words: Callable[[str], dict[str, str]]
    audiences: Mapping[str, Sequence[Recipient]]
    links: Mapping[str, Link] = field(default_factory=dict)
    order_id: int | None = None
    own_words: Mapping[str, Callable[[str], dict[str, str]]] = field(default_factory=dict)
    presses: Mapping[str, Sequence[Press]] = field(default_factory=dict)

    def words_for(self, audience: str, locale: str) -> dict[str, str]:
        """All that a template for this audience may use."""
        own = self.own_words.get(audience)
        return self.words(locale) | (own(locale) if own else {})


Builder = Callable[[EventRecord], Context | None]
_builders: dict[str, Builder] = {}


def register_context(event_type: str, builder: Builder) -> None:
    """Let `builder` speak for events of this type."""
    _builders[event_type] = builder


def context_for(event_type: str) -> Callable[[Builder], Builder]:
    """`register_context` as a decorator."""

    def register(builder: Builder) -> Builder:
        register_context(event_type, builder)
        return builder

    return register


def build_context(record: EventRecord) -> Context | None:
    """The context of an event; None when its type has no builder or nobody is to be told."""
    builder = _builders.get(record.type)
    return builder(record) if builder else None
