"""What a client says when it orders, and everything a form can get wrong about it."""

from dataclasses import dataclass, field
from datetime import date, datetime

import phonenumbers

from app import promise, stores
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.identity.models import Customer
from app.identity.profile import age_on
from app.orders.errors import TooYoung
from app.orders.states import Kind

NOTE_LENGTH = 500


@dataclass(frozen=True)
class Address:
    """Where to. `zip` as typed."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    zip: str = ""


@dataclass(frozen=True)
class PlaceRequest:
    """All that a client says when it orders. Prices are not part of it, but the fingerprint of those seen may be."""

    items: tuple[tuple[str, int], ...]
    kind: str = "driver"
    mode: str = "asap"
    slot: datetime | None = None
    address: Address = field(default_factory=Address)
    branch: str = ""
    courier: str = ""
    payment_method: str = "cash"
    wallet_minor: int = 0
    contact_name: str = ""
    contact_phone: str = ""
    birth_date: date | None = None
    customer_note: str = ""
    quote_fingerprint: str = ""


def check_fields(wanted: PlaceRequest, customer: Customer) -> None:
    """Raise InvalidInput with every wrong field at once."""
    errors = choice_errors(wanted) | address_errors(wanted) | contact_errors(wanted, customer)
    if errors:
        raise InvalidInput(errors)


def choice_errors(wanted: PlaceRequest) -> dict[str, str]:
    errors: dict[str, str] = {}
    if wanted.kind not in {Kind.driver, Kind.pickup, Kind.courier}:
        errors["kind"] = _("Choose delivery or pickup.")
    if wanted.kind == Kind.courier and not wanted.courier:
        errors["courier"] = _("Choose a courier.")
    if wanted.mode not in set(promise.Mode):
        errors["mode"] = _("Choose express or a time slot.")
    if wanted.mode == promise.Mode.slot and wanted.slot is None and wanted.kind == Kind.driver:
        errors["slot"] = _("Choose a time slot.")
    if wanted.slot is not None and wanted.slot.tzinfo is None:
        errors["slot"] = _("The slot needs a time zone.")
    return errors


def address_errors(wanted: PlaceRequest) -> dict[str, str]:
    if wanted.kind not in {Kind.driver, Kind.courier}:
        return {}
    errors: dict[str, str] = {}
    if not 4 <= len(wanted.address.line1.strip()) <= 160:
        errors["address.line1"] = _("Enter the street and house number.")
    if promise.normalize_zip(wanted.address.zip, stores.current_store().country) is None:
        errors["address.zip"] = _("Enter the five digits of your ZIP code.")
    return errors


def contact_errors(wanted: PlaceRequest, customer: Customer) -> dict[str, str]:
    errors: dict[str, str] = {}
    if wanted.wallet_minor < 0:
        errors["wallet"] = _("Write an amount of zero or more.")
    if len(wanted.customer_note) > NOTE_LENGTH:
        errors["customer_note"] = _("Keep the note under 500 characters.")
    if len(wanted.contact_name) > 120:
        errors["contact_name"] = _("Keep the name under 120 characters.")
    if not (wanted.contact_phone or customer.user.phone):
        errors["contact_phone"] = _("Enter a phone number for the driver.")
    if wanted.contact_phone and normalize_phone(wanted.contact_phone) is None:
        errors["contact_phone"] = _("Enter a valid phone number.")
    return errors


def normalize_phone(text: str) -> str | None:
    """E.164 of a phone as typed in the store's country; None when it is none."""
    try:
        number = phonenumbers.parse(text, stores.current_store().country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def check_age(min_age: int, birth_date: date | None) -> None:
    """Raise InvalidInput without a date of birth where one is needed, TooYoung below the age."""
    if not min_age:
        return
    if birth_date is None:
        raise InvalidInput({"birth_date": _("Enter your date of birth.")})
    today = stores.local_today()
    if age_on(today, birth_date) < min_age:
        raise TooYoung(age=min_age)
