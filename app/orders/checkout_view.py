"""A checkout as a page sees it: what was typed, what it comes to now, and which steps lack something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from app import promise
from app.core import clock
from app.identity.models import Person
from app.orders.cart_view import CartView
from app.orders.changes import Change, Look, digest_of
from app.orders.missing import read_time
from app.orders.purse import Choice, Purse
from app.orders.states import Kind
from app.promise.types import Pickup

STEPS = ("contact", "where", "when", "payment")
STEP_OF = {
    "phone": "contact",
    "code": "contact",
    "contact_name": "contact",
    "contact_phone": "contact",
    "kind": "where",
    "branch": "where",
    "address.line1": "where",
    "address.zip": "where",
    "mode": "when",
    "slot": "when",
    "courier": "when",
    "wallet": "payment",
    "birth_date": "payment",
    "customer_note": "payment",
    "payment": "payment",
}


@dataclass(frozen=True)
class Pending:
    """A one-time code on its way: the phone in E.164, and when another may be asked for."""

    phone: str
    again_at: datetime

    @classmethod
    def load(cls, kept: Mapping[str, str] | None) -> Self | None:
        """As it was kept with the cart; None when no code is awaited."""
        return cls(kept["phone"], datetime.fromisoformat(kept["again_at"])) if kept else None

    @property
    def seconds(self) -> int:
        return max(0, int((self.again_at - clock.now()).total_seconds()))


@dataclass(frozen=True)
class Day:
    """The times of one day that a customer is shown."""

    date: date
    slots: tuple[promise.Slot, ...]


@dataclass(frozen=True)
class CheckoutView:
    """A checkout at this moment. `wrong` is every field that still stands in the way, with what to say about it."""

    typed: Mapping[str, str]
    cart: CartView
    offered: promise.Options | None
    days: tuple[Day, ...]
    slot: promise.Slot | None
    courier: promise.CourierOffer | None
    pending: Pending | None
    person: Person | None
    key: str
    joined: str
    purse: Purse
    paying: Choice
    wrong: Mapping[str, str]
    changes: tuple[Change, ...] = ()
    remind: bool = False
    cart_id: int | None = None
    look: Look | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def accept(self) -> str:
        """What the customer sends to accept exactly these changes."""
        return digest_of(self.changes)

    @property
    def lost_time(self) -> str:
        """Why the time that was chosen cannot be had any more; empty while it can, or none was chosen."""
        return self.wrong.get("slot", "") if read_time(self.typed["slot"]) else ""

    @property
    def done(self) -> frozenset[str]:
        """The steps that nothing is missing from."""
        return frozenset(STEPS) - {STEP_OF[field] for field in self.wrong if field in STEP_OF}

    @property
    def current(self) -> str:
        """The first step with something missing; `review` when there is none."""
        return next((step for step in STEPS if step not in self.done), "review")

    @property
    def counter(self) -> Pickup | None:
        """The counter where the order would wait, for pickup."""
        if self.typed["kind"] != Kind.pickup or self.offered is None:
            return None
        return next((c for c in self.offered.pickup if c.place.code == self.typed["branch"]), None)
