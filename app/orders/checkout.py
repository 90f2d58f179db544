"""Checkout: what was typed so far, what it comes to at this moment, and the step from a cart to an order.

Everything typed is kept with the cart, right or wrong, so that nothing is lost by going away, back or wrong. What
it means (zone, times, total, what is missing) is worked out anew each time it is looked at.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError

from app import identity, inventory, promise
from app.core import clock, crypto
from app.core.actor import SYSTEM, Actor
from app.core.db import db, transaction
from app.core.errors import InvalidInput, SignInRequired, StillRunning
from app.core.events import emit
from app.core.i18n import active_locale
from app.core.idempotency import LOCK_NOT_AVAILABLE, IdempotencyKey
from app.identity.models import Person
from app.orders import carriage
from app.orders.cart import Owner, empty_cart, find_cart, items_of, lock_cart
from app.orders.cart_view import CartView, store_has, view_cart
from app.orders.changes import Look, look_at, merge_looks, what_changed
from app.orders.checkout_view import STEP_OF, CheckoutView, Day, Pending
from app.orders.errors import ChangesToAccept, EmptyCart
from app.orders.events import CheckoutReached
from app.orders.missing import as_request, read_time, what_is_wrong
from app.orders.models import Cart, Order
from app.orders.placing import place_order
from app.orders.purse import CASH, choose_method, first_method, read_purse, wrong_money
from app.orders.states import Kind
from app.payments import methods
from app.promise.reasons import ReasonCode

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
    "courier": 120,
    "wallet": 24,
    "payment_method": 24,
    "customer_note": 600,
    "birth_date": 10,
}
"""What a checkout form may say, and how much of it is kept."""
TICKS = ("wallet_on", "keep_card")
"""Boxes: a form that shows one says so (`<name>_asked`), for an empty box is not sent."""
KEPT_AFTERWARDS = ("contact_name", "contact_phone", "line1", "line2", "city", "zip", "kind", "birth_date")
JUDGED_AT_PLACING = frozenset({"items", "mode", "slot", "courier"})
"""What place_order refuses in its own words: the minimum order, and times that have gone."""


@transaction()
def save_typed(owner: Owner, form: Mapping[str, str]) -> None:
    """Keep what a form says, each field cut to its length; fields it does not have stay as they were."""
    cart = lock_cart(owner)
    typed = {name: form[name].strip()[:length] for name, length in FIELDS.items() if name in form}
    typed |= {name: "1" if form.get(name) == "1" else "" for name in TICKS if f"{name}_asked" in form}
    if "remind_asked" in form:
        cart.remind = form.get("remind") == "1"
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


@transaction()
def keep_look(view: CheckoutView) -> None:
    """Remember what was just shown, so that a later change of the world can be told from the customer's own.

    Comes after the page is made. Also says, once for each cart, which step was reached.
    """
    reached = view.kept.get("reached", [])
    new = {"look": view.look.dump() if view.look else None, "reached": reached}
    if view.cart.lines and view.current not in reached:
        new["reached"] = [*reached, view.current]
    if view.cart_id is None or all(view.kept.get(name) == value for name, value in new.items()):
        return
    # Merged by the database: another tab may have saved what was typed there in the meantime.
    merged = Cart.checkout.concat(literal(new, JSONB))
    db.session.execute(update(Cart).where(Cart.id == view.cart_id).values(checkout=merged))
    if new["reached"] != reached:
        emit(CheckoutReached(cart_id=view.cart_id, step=view.current), actor=SYSTEM)


@transaction()
def accept_changes(owner: Owner, person: Person | None, accepted: str) -> bool:
    """Take what changed since the last look as it is now. False when it has changed once more since it was shown."""
    view = _view(lock_cart(owner), person)
    if view.changes and view.accept != accepted:
        return False
    keep_look(replace(view, look=look_at(view.typed, view.cart)))
    return True


def load_checkout(owner: Owner, person: Person | None) -> CheckoutView:
    """The owner's checkout as it stands; prices, stock and times are those of this moment."""
    cart, asked = ask_couriers(owner)
    return _view(cart, person, asked)


def ask_couriers(owner: Owner) -> tuple[Cart | None, carriage.Asked | None]:
    """The cart, with fresh prices of couriers where one of them would bring it, and what was read for that.

    Must not run inside a transaction.
    """
    cart = find_cart(owner)
    typed = cart.checkout.get("typed", {}) if cart else {}
    if _kind_of(typed) == Kind.courier and typed.get("zip"):
        return cart, carriage.ask_couriers_for(items_of(cart), typed["zip"])
    return cart, None


def _view(cart: Cart | None, person: Person | None, asked: carriage.Asked | None = None) -> CheckoutView:
    kept = cart.checkout if cart else {}
    said = kept.get("typed", {})
    rows, method = methods.standing_methods(), said.get("payment_method", "")
    typed = _with_defaults(said, person) | {"payment_method": first_method(rows, method)}
    items = list(asked.items) if asked else items_of(cart)
    offered = _ask(typed, items, asked)
    if offered is not None:
        _choose_first(typed, offered)
    purse = read_purse(typed, cart.customer_id if cart else None)
    view = _price(cart, items, typed, offered, asked, purse.wish_minor)
    paying = choose_method(rows, method, view.quote, typed["kind"])
    if paying.chosen is not None:
        typed["payment_method"] = paying.chosen.method.code
    wanted = read_time(typed["slot"])
    slot = promise.find_slot(offered, wanted) if offered is not None and wanted is not None else None
    before, now = Look.load(kept.get("look")), look_at(typed, view)
    return CheckoutView(
        typed=typed,
        cart=view,
        offered=offered,
        days=_days(offered),
        slot=slot,
        courier=carriage.chosen(offered, typed["courier"]),
        pending=Pending.load(kept.get("otp")),
        person=person,
        key=kept.get("key", ""),
        joined=kept.get("joined", ""),
        purse=purse,
        paying=paying,
        wrong=what_is_wrong(typed, offered, slot, view, person) | wrong_money(purse, paying),
        changes=what_changed(before, now, view),
        remind=bool(cart and cart.remind),
        cart_id=cart.id if cart else None,
        look=merge_looks(before, now),
        kept=kept,
    )


def _choose_first(typed: dict[str, str], offered: promise.Options) -> None:
    """Where nothing was chosen yet, what most people would."""
    if offered.pickup and not typed["branch"]:
        first = next((c for c in offered.pickup if c.offered), offered.pickup[0])
        typed["branch"] = first.place.code
    if offered.area and not typed["mode"]:
        typed["mode"] = "asap" if offered.express.offered or not offered.slots else "slot"


def _price(
    cart: Cart | None,
    items: list[tuple[str, int]],
    typed: Mapping[str, str],
    offered: promise.Options | None,
    asked: carriage.Asked | None,
    wallet_minor: int,
) -> CartView:
    courier = carriage.chosen(offered, typed["courier"])
    place = _place(offered, typed)
    return view_cart(
        items,
        area=offered.area if offered else None,
        branch_id=place.id if place else None,
        customer_id=cart.customer_id if cart else None,
        courier=courier.courier if courier else None,
        known={variant.sku: variant for variant, _quantity in asked.lines} if asked else None,
        wallet_minor=wallet_minor,
    )


def _with_defaults(said: Mapping[str, str], person: Person | None) -> dict[str, str]:
    typed = dict.fromkeys((*FIELDS, *TICKS), "") | dict(said)
    typed["kind"] = _kind_of(typed)
    if person is not None:
        typed["contact_name"] = typed["contact_name"] or person.full_name
        if person.birth_date and not typed["birth_date"]:
            typed["birth_date"] = person.birth_date.isoformat()
    return typed


def _kind_of(typed: Mapping[str, str]) -> str:
    """How the goods come: as typed, else the first way this store has."""
    for kind, needs in ((Kind.driver, "delivery"), (Kind.courier, "courier")):
        if not typed.get("kind") and store_has(needs):
            return kind.value
    return typed.get("kind") or Kind.pickup.value


def _ask(
    typed: Mapping[str, str], items: list[tuple[str, int]], asked: carriage.Asked | None
) -> promise.Options | None:
    """What can be had there; None while nobody has said where."""
    kind = typed["kind"] if typed["kind"] in set(promise.HandOver) else promise.HandOver.driver
    if kind != promise.HandOver.pickup and not typed["zip"]:
        return None
    now = clock.now()
    if kind == promise.HandOver.courier:
        world = asked.world if asked else promise.load_world(now)
        cash = typed["payment_method"] == CASH
        ask = carriage.courier_ask(world, now, items, typed["zip"], cash=cash, asked=asked)
        return promise.options(world, ask)
    spot = promise.known_spot(typed["zip"], typed["line1"], typed["city"])
    ask = promise.Ask(now=now, zip=typed["zip"], kind=promise.HandOver(kind), spot=spot)
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


# --- placing ---------------------------------------------------------------------------------------------------


@transaction()
def place_cart(
    owner: Owner, person: Person | None, *, key: str, fingerprint: str, actor: Actor, accepted: str = ""
) -> Order:
    """Order what is in the cart and empty it. `key` and `fingerprint` are those of the page that was looked at,
    `accepted` says which changes since the last look the customer has agreed to.

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
    if view.changes and accepted != view.accept:
        raise ChangesToAccept(changes=[vars(change) for change in view.changes])
    wanted = as_request(view.typed, view.cart.items, fingerprint)
    if view.cart.quote is not None:
        wanted = replace(wanted, wallet_minor=view.cart.quote.wallet_minor)
    order, _fresh = place_order(wanted, key=view.key or key, actor=actor)
    _introduce(person, view.typed)
    empty_cart(cart)
    cart.remind, cart.reminded_at = False, None
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
