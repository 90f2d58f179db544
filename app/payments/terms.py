"""On what terms a store takes a method: open or not, for whom, for what amounts, at which place; and its account.

Staff save one page; secrets that they leave empty stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.core import audit
from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _
from app.core.money import Minor
from app.payments import methods
from app.payments.card_entry import ENTRY, KEY
from app.payments.catalogue import METHODS, Flow, Method
from app.payments.coins import finality
from app.payments.coins.derive import looks_private
from app.payments.gateways import GATEWAYS
from app.payments.models import PaymentMethod

LONGEST = 200
MAY_BE_EMPTY = frozenset({"display_name", "signature_encoding", ENTRY, KEY}) | finality.SETTINGS
"""Settings without which a method works all the same."""


@dataclass(frozen=True)
class Terms:
    """Whether and for whom a method is offered. `kinds` and `tiers` empty: for all."""

    active: bool
    kinds: Sequence[str] = ()
    tiers: Sequence[str] = ()
    min_minor: Minor = 0
    max_minor: Minor | None = None


def find_method(code: str) -> PaymentMethod:
    """The store's row of a method that fits its currency, or what it begins with. NotFound."""
    row = next((row for row in methods.all_methods() if row.code == code), None)
    if row is None:
        raise NotFound
    return row


def missing(row: PaymentMethod) -> list[str]:
    """Names of the settings and secrets without which the method cannot be opened."""
    method, known = METHODS[row.code], methods.secret_names(row)
    settings = [name for name in method.settings if name not in MAY_BE_EMPTY and not row.settings.get(name)]
    return [*settings, *(name for name in method.secrets if name not in known)]


def can_work(method: Method) -> bool:
    """Whether this version knows how to take money by it."""
    return method.flow is not Flow.gateway or method.code in GATEWAYS


@transaction()
def save(
    code: str, terms: Terms, settings: Mapping[str, str], secrets: Mapping[str, str], *, actor: Actor
) -> PaymentMethod:
    """Set the terms, the plain settings, and those secrets that are given.

    Forbidden, NotFound, InvalidInput by field: nothing is kept then.
    """
    if not actor.has(*methods.SETTERS):
        raise Forbidden
    find_method(code)
    _check(terms, settings, secrets)
    row = methods.configure(code, settings, secrets, actor=actor)
    if terms.active and (lacking := missing(row)):
        raise InvalidInput(dict.fromkeys(lacking, _("Needed before the method can be opened.")))
    before = _terms_of(row)
    row.active, row.kinds, row.tiers = terms.active, list(terms.kinds), list(terms.tiers)
    row.min_minor, row.max_minor = terms.min_minor, terms.max_minor
    if (now := _terms_of(row)) != before:
        audit.record("payment_method.terms", actor=actor, subject=code, was=before, now=now)
    return row


def _terms_of(row: PaymentMethod) -> dict[str, object]:
    names = ("active", "kinds", "tiers", "min_minor", "max_minor")
    return {name: getattr(row, name) for name in names}


def _check(terms: Terms, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    errors = {
        name: _("At most %(count)s characters, please.", count=LONGEST)
        for name, value in (*settings.items(), *secrets.items())
        if len(value) > LONGEST and not looks_private(value)  # that is said of it instead
    }
    if terms.min_minor < 0:
        errors["min_minor"] = _("Write an amount of zero or more.")
    if terms.max_minor is not None and terms.max_minor < terms.min_minor:
        errors["max_minor"] = _("This is below the least amount.")
    if errors:
        raise InvalidInput(errors)


@transaction()
def move_up(code: str, *, actor: Actor) -> None:
    """One place up in the order in which customers see the methods. Forbidden, NotFound."""
    if not actor.has(*methods.SETTERS):
        raise Forbidden
    codes = [row.code for row in methods.all_methods()]
    if code not in codes:
        raise NotFound
    place = codes.index(code)
    if place == 0:
        return
    codes[place - 1 : place + 1] = [code, codes[place - 1]]
    for one in codes:
        methods.configure(one, find_method(one).settings, {}, actor=actor)
    for row in db.session.scalars(select(PaymentMethod).where(PaymentMethod.code.in_(codes))):
        row.position = codes.index(row.code)
    audit.record("payment_method.moved", actor=actor, subject=code, order=codes)
