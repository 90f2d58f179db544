"""What is still missing from a checkout, field by field, in the words of the rules that will judge the order."""

from collections.abc import Mapping
from datetime import datetime

from app import promise, shipping
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.identity.models import Person
from app.identity.profile import read_birth_date
from app.orders.cart_view import CartView
from app.orders.errors import TooYoung
from app.orders.request import Address, PlaceRequest, address_errors, check_age, choice_errors
from app.orders.states import Kind
from app.promise.reasons import Money, Reason, ReasonCode


def what_is_wrong(
    typed: Mapping[str, str],
    offered: promise.Options | None,
    slot: promise.Slot | None,
    cart: CartView,
    person: Person | None,
) -> dict[str, str]:
    """Every field that stands in the way of the order, with what to say about it."""
    wanted = as_request(typed, cart.items)
    wrong = _wrong_contact(typed, person) | address_errors(wanted) | choice_errors(wanted)
    if offered is not None and wanted.kind == Kind.courier:
        wrong |= _wrong_courier(typed, offered)
    elif offered is not None:
        wrong |= _wrong_promise(typed, offered, slot)
    elif wanted.kind == Kind.courier:
        wrong["courier"] = _("Enter your address first.")
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
        return {"slot": _no_time(typed, offered)}
    return {"slot": slot.reason.message} if slot.reason else {}


def _wrong_courier(typed: Mapping[str, str], offered: promise.Options) -> dict[str, str]:
    if not offered.couriers:
        field = "address.zip" if offered.place is None or _is_about_zip(offered) else "courier"
        return {field: offered.message, "courier": offered.message}
    if not typed["courier"]:
        return {"courier": offered.message or _("Choose a courier.")}
    reason = promise.check_courier(offered, shipping.key_of(typed["courier"]))
    return {"courier": reason.message} if reason else {}


def _is_about_zip(offered: promise.Options) -> bool:
    return offered.reason is not None and offered.reason.code is ReasonCode.zip_malformed


def _no_time(typed: Mapping[str, str], offered: promise.Options) -> str:
    if read_time(typed["slot"]) is not None:
        return _("The time you chose is not offered any more. Please choose another one.")
    return offered.slots_reason.message if offered.slots_reason else _("Choose a time slot.")


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


def as_request(typed: Mapping[str, str], items: list[tuple[str, int]], fingerprint: str = "") -> PlaceRequest:
    """The form as an order request; what does not read as a date or a time is left out."""
    is_pickup = typed["kind"] == Kind.pickup
    by_driver = typed["kind"] not in {Kind.pickup, Kind.courier}
    try:
        born = read_birth_date(typed["birth_date"])
    except InvalidInput:
        born = None
    return PlaceRequest(
        items=tuple(items),
        kind=typed["kind"],
        mode=typed["mode"] or "asap" if by_driver else "asap",
        slot=read_time(typed["slot"]) if typed["mode"] == promise.Mode.slot and by_driver else None,
        address=Address(typed["line1"], typed["line2"], typed["city"], typed["zip"]),
        branch=typed["branch"] if is_pickup else "",
        courier=typed["courier"] if typed["kind"] == Kind.courier else "",
        payment_method=typed["payment_method"],
        contact_name=typed["contact_name"],
        contact_phone=typed["contact_phone"],
        birth_date=born,
        customer_note=typed["customer_note"],
        quote_fingerprint=fingerprint,
    )


def read_time(text: str) -> datetime | None:
    """A slot's start as the form carries it; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
