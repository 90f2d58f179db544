"""The public key of a card form, asked of the provider when staff leave it empty: nobody need look for it."""

from collections.abc import Mapping

from app.core.actor import Actor
from app.core.db import release_connection
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _
from app.payments import methods, terms
from app.payments.card_entry import ENTRY, KEY, OVER_PAGE
from app.payments.gateways import CARD_FORMS
from app.payments.models import PaymentMethod
from app.payments.ports import Credentials, SendError


def complete(
    code: str, settings: Mapping[str, str], secrets: Mapping[str, str], *, actor: Actor
) -> dict[str, str]:
    """The settings as they can be saved: with the form over the page and no key, the key the provider names for the
    account; a key that was there for another login is another account's. Outside any transaction.

    Forbidden, NotFound, InvalidInput when the provider names none.
    """
    if not actor.has(*methods.SETTERS):
        raise Forbidden
    row = terms.find_method(code)
    typed = {name: value.strip() for name, value in settings.items()}
    if (
        code not in CARD_FORMS
        or typed.get(ENTRY) != OVER_PAGE
        or (typed.get(KEY) and not _is_old(typed, row))
    ):
        return dict(settings)
    account = _account(code, typed, secrets)
    release_connection()
    try:
        return {**settings, KEY: CARD_FORMS[code].learn_key(account)}
    except SendError as error:
        why = _(
            "The provider has not named the key (%(why)s). Check the account, or paste the key here.",
            why=error,
        )
        raise InvalidInput({KEY: why}) from error


def _is_old(typed: Mapping[str, str], row: PaymentMethod) -> bool:
    """Whether the login has changed and the key has not."""
    login = "api_login_id"
    return typed.get(KEY) == row.settings.get(KEY) and typed.get(login) != row.settings.get(login)


def _account(code: str, typed: Mapping[str, str], secrets: Mapping[str, str]) -> Credentials:
    try:
        known = methods.credentials(code).secrets
    except NotFound:  # it is set up for the first time
        known = {}
    given = {name: value.strip() for name, value in secrets.items() if value.strip()}
    return Credentials(dict(typed), {**known, **given})
