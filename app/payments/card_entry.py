"""Where customers enter a card: on the provider's own page, or in the provider's form over the page of the shop."""

import re
from collections.abc import Mapping

from app.core.errors import InvalidInput
from app.core.i18n import _
from app.payments.errors import NoCardForm
from app.payments.gateways import CARD_FORMS
from app.payments.models import PaymentMethod
from app.payments.ports import CardForm, EnteredCard

ENTRY, KEY = "card_entry", "public_client_key"
"""Settings of a method: which of the two, and the public key by which the form knows the account."""
OVER_PAGE = "over_page"
ENTRIES = frozenset({"", OVER_PAGE})
"""Empty: on the provider's page."""
TOKEN = "card_form"
"""The field that speaks of what the form has given."""
_KEY = re.compile(r"[A-Za-z0-9]{20,200}\Z")


def form_of(row: PaymentMethod) -> CardForm | None:
    """What opens the provider's form for this method; None when its cards are entered on the provider's page."""
    if row.code not in CARD_FORMS or row.settings.get(ENTRY) != OVER_PAGE or not row.settings.get(KEY):
        return None
    return CARD_FORMS[row.code].form(row.settings)


def read_token(row: PaymentMethod | None, descriptor: str, token: str) -> EnteredCard:
    """The card that the form has given to the page. NoCardForm: the store takes none so; InvalidInput for no token."""
    if row is None or form_of(row) is None:
        raise NoCardForm
    try:
        return CARD_FORMS[row.code].read_token(descriptor, token)
    except ValueError:
        raise InvalidInput(
            {
                TOKEN: _(
                    "The card form has not given us your card. Nothing was charged: please enter it again."
                )
            }
        ) from None


def check_settings(code: str, plain: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Refuse a way to enter cards that is none, a form without a key, and a secret in the place of the public key.

    InvalidInput by field.
    """
    if code not in CARD_FORMS:
        return
    key, errors = plain.get(KEY, ""), {}
    if plain.get(ENTRY, "") not in ENTRIES:
        errors[ENTRY] = _("Choose one of the list.")
    if key and key in {value.strip() for value in secrets.values()}:
        errors[KEY] = _(
            "This is a secret of the account. It was not kept: every customer can read this field."
        )
    elif key and not _KEY.match(key):
        errors[KEY] = _("A public client key is at least 20 letters and figures.")
    elif not key and plain.get(ENTRY) == OVER_PAGE:
        errors[KEY] = _("Needed for the form over the shop’s page.")
    if errors:
        raise InvalidInput(errors)
