"""Checkout: what was typed so far, what it comes to at this moment, and the step from a cart to an order.

Everything typed is kept with the cart, right or wrong, so that nothing is lost by going away, back or wrong. What
it means (zone, times, total, what is missing) is worked out anew each time it is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import identity, inventory, promise
from app.core import clock, crypto
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.errors import InvalidInput, SignInRequired, StillRunning
from app.core.i18n import _, active_locale
from app.core.idempotency import LOCK_NOT_AVAILABLE, IdempotencyKey
from app.identity.models import Person
from app.identity.profile import read_birth_date
from app.orders.cart import Owner, empty_cart, find_cart, items_of, lock_cart
from app.orders.cart_view import CartView, store_has, view_cart
from app.orders.errors import EmptyCart, TooYoung
from app.orders.models import Cart, Order
from app.orders.placing import place_order
from app.orders.request import Address, PlaceRequest, address_errors, check_age, choice_errors
from app.orders.states import Kind
from app.promise.reasons import Money, Reason, ReasonCode
from app.promise.types import Pickup

FIELDS = {
    "phone": 32,
    "contact_name": 120,
    "contact_phone": 32,
    "kind": 10,
    "branch": 32,
    "line1": 160,
    "line2": 120,
    "city": 80,
    "zip": 12,
    "mode": 8,
    "slot": 40,
    "payment_method": 24,
    "customer_note": 600,
    "birth_date": 10,
}
"""What a checkout form may say, and how much of it is kept."""
KEPT_AFTERWARDS = ("contact_name", "contact_phone", "line1", "line2", "city", "zip", "kind", "birth_date")
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
    "birth_date": "payment",
    "customer_note": "payment",
    "payment": "payment",
}
JUDGED_AT_PLACING = frozenset({"items", "mode", "slot"})
"""What place_order refuses in its own words: the minimum order, and times that have gone."""


@dataclass(frozen=True)
class Pending:
    """A one-time code on its way: the phone in E.164, and when another may be asked for."""

    phone: str
    again_at: datetime

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
    pending: Pending | None
    person: Person | None
    key: str
    joined: str
    wrong: Mapping[str, str]

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


@transaction()
def save_typed(owner: Owner, form: Mapping[str, str]) -> None:
    """Keep what a form says, each field cut to its length; fields it does not have stay as they were."""
    cart = lock_cart(owner)
    typed = {name: form[name].strip()[:length] for name, length in FIELDS.items() if name in form}
    cart.checkout = cart.checkout | {
        "typed": cart.checkout.get("typed", {}) | typed,
        "key": cart.checkout.get("key") or crypto.random_token(),
    }


@transaction()
def remember_code(owner: Owner, phone: str = "", again_at: datetime | None = None) -> None:
    """Keep which phone a code was sent to; without one, forget it."""
    cart = lock_cart(owner)
    kept = {name: value for name, value in cart.checkout.items() if name != "otp"}
    if phone and again_at:
        kept["otp"] = {"phone": phone, "again_at": again_at.isoformat()}
    cart.checkout = kept


def load_checkout(owner: Owner, person: Person | None) -> CheckoutView:
    """The owner's checkout as it stands; prices, stock and times are those of this moment."""
    return _view(find_cart(owner), person)


def _view(cart: Cart | None, person: Person | None) -> CheckoutView:
    kept = cart.checkout if cart else {}
    typed = _with_defaults(kept.get("typed", {}), person)
    offered = _ask(typed)
    if offered and offered.pickup and not typed["branch"]:
        first = next((c for c in offered.pickup if c.offered), offered.pickup[0])
        typed["branch"] = first.place.code
    if offered and offered.area and not typed["mode"]:
        typed["mode"] = "asap" if offered.express.offered or not offered.slots else "slot"
    place = _place(offered, typed)
    area = offered.area if offered else None
    view = view_cart(items_of(cart), area=area, branch_id=place.id if place else None)
    days = _days(offered)
    wanted = _read_time(typed["slot"])
    slot = next((s for day in days for s in day.slots if wanted and s.starts_at == wanted), None)
    pending = kept.get("otp")
    return CheckoutView(
        typed=typed,
        cart=view,
        offered=offered,
        days=days,
        slot=slot,
        pending=Pending(pending["phone"], datetime.fromisoformat(pending["again_at"])) if pending else None,
        person=person,
        key=kept.get("key", ""),
        joined=kept.get("joined", ""),
        wrong=_wrong(typed, offered, slot, view, person),
    )


def _with_defaults(said: Mapping[str, str], person: Person | None) -> dict[str, str]:
    typed = dict.fromkeys(FIELDS, "") | dict(said)
    typed["kind"] = typed["kind"] or (Kind.driver if store_has("delivery") else Kind.pickup).value
    typed["payment_method"] = typed["payment_method"] or "cash"
    if person is not None:
        typed["contact_name"] = typed["contact_name"] or person.full_name
        if person.birth_date and not typed["birth_date"]:
            typed["birth_date"] = person.birth_date.isoformat()
    return typed


def _ask(typed: Mapping[str, str]) -> promise.Options | None:
    """What can be had there; None while nobody has said where."""
    kind = typed["kind"] if typed["kind"] in set(promise.HandOver) else promise.HandOver.driver
    if kind == promise.HandOver.driver and not typed["zip"]:
        return None
    now = clock.now()
    ask = promise.Ask(now=now, zip=typed["zip"], kind=promise.HandOver(kind))
    return promise.options(promise.load_world(now), ask)


def _place(offered: promise.Options | None, typed: Mapping[str, str]) -> promise.Place | None:
    if offered is None or typed["kind"] != Kind.pickup:
        return offered.place if offered else None
    return next((c.place for c in offered.pickup if c.place.code == typed["branch"]), None)


def _days(offered: promise.Options | None) -> tuple[Day, ...]:
    """Times too close to be kept are not shown at all; the others are, with why they cannot be had."""
    days: dict[date, list[promise.Slot]] = {}
    for slot in offered.slots if offered else ():
        if slot.reason is None or slot.reason.code is not ReasonCode.slot_lead_time:
            days.setdefault(slot.starts_at.date(), []).append(slot)
    return tuple(Day(day, tuple(slots)) for day, slots in days.items())


def _read_time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


# --- what is missing -------------------------------------------------------------------------------------------


def _wrong(
    typed: Mapping[str, str],
    offered: promise.Options | None,
    slot: promise.Slot | None,
    cart: CartView,
    person: Person | None,
) -> dict[str, str]:
    wanted = _request(typed, cart.items)
    wrong = _wrong_contact(typed, person) | address_errors(wanted) | choice_errors(wanted)
    if offered is not None:
        wrong |= _wrong_promise(typed, offered, slot)
    elif wanted.kind == Kind.driver:
        wrong.setdefault("mode", _("Enter your address first."))
    if offered and cart.quote and cart.quote.below_minimum_minor and offered.area:
        wrong["items"] = _below_minimum(cart, offered.area)
    return wrong | _wrong_payment(typed, cart)


def _wrong_contact(typed: Mapping[str, str], person: Person | None) -> dict[str, str]:
    if person is None:
        return {"phone": _("Confirm your phone number first.")}
    wrong = {}
    if not typed["contact_name"]:
        wrong["contact_name"] = _("Enter your name.")
    if not typed["contact_phone"] and not person.phone:
        wrong["contact_phone"] = _("Enter a phone number for the driver.")
    return wrong


def _wrong_promise(
    typed: Mapping[str, str], offered: promise.Options, slot: promise.Slot | None
) -> dict[str, str]:
    if typed["kind"] == Kind.pickup:
        counter = next((c for c in offered.pickup if c.place.code == typed["branch"]), None)
        if counter is None or counter.reason:
            known = counter.reason.message if counter and counter.reason else ""
            return {"branch": known or Reason(ReasonCode.branch_unknown).message}
        return {}
    if offered.area is None:
        return {"address.zip": offered.message, "mode": _("Enter your address first.")}
    if typed["mode"] == promise.Mode.asap:
        return {"mode": offered.express.reason.message} if offered.express.reason else {}
    if slot is None:
        reason = offered.slots_reason.message if offered.slots_reason else _("Choose a time slot.")
        return {"slot": reason}
    return {"slot": slot.reason.message} if slot.reason else {}


def _below_minimum(cart: CartView, area: promise.Area) -> str:
    assert cart.quote is not None  # the caller has looked
    missing = Money(cart.quote.below_minimum_minor, cart.quote.currency)
    minimum = Money(area.minimum_minor, cart.quote.currency)
    facts = {"missing": missing, "minimum": minimum, "zone": area.name}
    return Reason(ReasonCode.below_minimum, facts).message


def _wrong_payment(typed: Mapping[str, str], cart: CartView) -> dict[str, str]:
    wrong: dict[str, str] = {}
    try:
        check_age(cart.min_age, read_birth_date(typed["birth_date"]))
    except InvalidInput as error:
        wrong |= error.errors
    except TooYoung as error:
        wrong["birth_date"] = str(error)
    if len(typed["customer_note"]) > 500:
        wrong["customer_note"] = _("Keep the note under 500 characters.")
    return wrong


# --- placing ---------------------------------------------------------------------------------------------------


def _request(typed: Mapping[str, str], items: list[tuple[str, int]], fingerprint: str = "") -> PlaceRequest:
    """The form as an order request; what does not read as a date or a time is left out."""
    is_pickup = typed["kind"] == Kind.pickup
    try:
        born = read_birth_date(typed["birth_date"])
    except InvalidInput:
        born = None
    return PlaceRequest(
        items=tuple(items),
        kind=typed["kind"],
        mode="asap" if is_pickup else typed["mode"] or "asap",
        slot=_read_time(typed["slot"]) if typed["mode"] == promise.Mode.slot and not is_pickup else None,
        address=Address(typed["line1"], typed["line2"], typed["city"], typed["zip"]),
        branch=typed["branch"] if is_pickup else "",
        payment_method=typed["payment_method"],
        contact_name=typed["contact_name"],
        contact_phone=typed["contact_phone"],
        birth_date=born,
        customer_note=typed["customer_note"],
        quote_fingerprint=fingerprint,
    )


@transaction()
def place_cart(owner: Owner, person: Person | None, *, key: str, fingerprint: str, actor: Actor) -> Order:
    """Order what is in the cart and empty it. `key` and `fingerprint` are those of the page that was looked at.

    The same page sent again gives the order it made. Raises what place_order raises, and InvalidInput with every
    field that is missing; the cart and everything typed stay then.
    """
    if actor.customer_id is None or person is None:
        raise SignInRequired
    cart = _lock_or_wait(owner)
    if (order := find_placed(key, actor)) is not None:
        return order
    view = _view(cart, person)
    _require_complete(view)
    wanted = _request(view.typed, view.cart.items, fingerprint)
    order, _fresh = place_order(wanted, key=view.key or key, actor=actor)
    _introduce(person, view.typed)
    empty_cart(cart)
    kept = {name: view.typed[name] for name in KEPT_AFTERWARDS}
    cart.checkout = {
        "typed": kept,
        "key": crypto.random_token(),
        "browsers": cart.checkout.get("browsers", []),
    }
    return order


def _introduce(person: Person, typed: Mapping[str, str]) -> None:
    """Somebody who came by a code has no name yet: the one on the first order is theirs."""
    first, _space, last = typed["contact_name"].partition(" ")
    if not person.full_name:
        names = {"first_name": first[:64], "last_name": last.strip()[:64]}
        identity.update_profile(person, **names, locale=active_locale(), birth_date=typed["birth_date"])


def _lock_or_wait(owner: Owner) -> Cart:
    """The cart is locked by a twin of this request for as long as that one places the order."""
    try:
        return lock_cart(owner)
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise StillRunning from error
        raise


def _require_complete(view: CheckoutView) -> None:
    if view.cart.messages:
        raise inventory.OutOfStock(items=[], messages=list(view.cart.messages))
    if not view.cart.lines:
        raise EmptyCart
    if not view.wrong.keys() <= JUDGED_AT_PLACING:
        raise InvalidInput({field: text for field, text in view.wrong.items() if field in STEP_OF})


def find_placed(key: str, actor: Actor) -> Order | None:
    """The order that this actor made with this key, None when there is none."""
    if not key or actor.user_id is None:
        return None
    query = select(IdempotencyKey.answer).where(
        IdempotencyKey.scope == "order",
        IdempotencyKey.actor_key == f"user:{actor.user_id}",
        IdempotencyKey.key == key,
    )
    answer = db.session.scalar(query)
    return db.session.get(Order, answer["order_id"]) if answer else None
