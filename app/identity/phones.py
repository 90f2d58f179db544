"""Telephone numbers in E.164."""

import phonenumbers

from app import stores
from app.core.errors import InvalidInput
from app.core.i18n import _


def normalise_phone(text: str, *, region: str | None = None, field: str = "phone") -> str:
    """The number in E.164, read as a number of `region` (the store's country by default) when it has no "+".

    Raises InvalidInput on `field`.
    """
    try:
        number = phonenumbers.parse(text.strip(), region or stores.current_store().country)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput({field: _("Enter a phone number with its area code.")}) from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidInput({field: _("This phone number does not exist. Please check its digits.")})
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def show_phone(phone: str) -> str:
    """A number as people write it, e.g. +1 305-555-0101; one of no known country stays as it is."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def mask_phone(phone: str) -> str:
    """The last four digits, for the audit trail."""
    return f"…{phone[-4:]}"
