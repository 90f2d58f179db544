"""Which ways to pay a store offers, to whom, for what: one rule for every channel."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import audit, vault
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _, active_locale
from app.core.money import Minor, format_money
from app.core.settings import setting
from app.payments import card_entry
from app.payments.catalogue import METHODS, Flow, Method
from app.payments.coins.chains import COINS
from app.payments.coins.derive import KeyNotReadable, PrivateKeyGiven, looks_private, read_key
from app.payments.coins.finality import read_finality
from app.payments.models import PaymentMethod
from app.payments.ports import Credentials

SETTERS = ("store_admin", "platform_admin")
CASH = "cash"


@dataclass(frozen=True)
class Purchase:
    """What is to be paid: how much, how the goods are handed over, and the buyer's tier."""

    amount_minor: Minor
    currency: str
    kind: str
    tier: str = ""


@dataclass(frozen=True)
class Offer:
    """A method for a purchase. `why` says what stands in its way; empty: it is offered."""

    method: Method
    why: str = ""

    @property
    def offered(self) -> bool:
        return not self.why


def all_methods() -> list[PaymentMethod]:
    """A row for every method that fits the store's currency, in the store's order.

    Until somebody sets one up it has no row in the database: cash is open then, the others are not.
    """
    currency = stores.current_store().currency
    kept = {row.code: row for row in db.session.scalars(select(PaymentMethod))}
    fitting = [method for method in METHODS.values() if _takes(method, currency)]
    rows = [kept.get(method.code) or _unwritten(method, place) for place, method in enumerate(fitting)]
    return sorted(rows, key=lambda row: row.position)


def _unwritten(method: Method, position: int) -> PaymentMethod:
    return PaymentMethod(
        code=method.code,
        active=method.flow is Flow.cash,
        position=position,
        settings={},
        kinds=[],
        tiers=[],
        min_minor=0,
    )


def offers(purchase: Purchase) -> list[Offer]:
    """Every method that the store has open, with what stands in its way for this purchase."""
    return judge(open_methods(), purchase)


def judge(rows: Sequence[PaymentMethod], purchase: Purchase) -> list[Offer]:
    """The same of rows that have been read."""
    return [Offer(METHODS[row.code], why_not(row, purchase)) for row in rows]


_WHERE_TO = {Flow.chain: "xpub", Flow.manual: "handle"}
"""The setting without which nobody could be told where to send the money."""


def is_open(row: PaymentMethod) -> bool:
    """Whether customers see the method: it is switched on and set up."""
    needed = _WHERE_TO.get(METHODS[row.code].flow)
    return row.active and (needed is None or bool(str(row.settings.get(needed, "")).strip()))


def open_methods() -> list[PaymentMethod]:
    """The methods that the store has open, in its order."""
    return [row for row in all_methods() if is_open(row)]


_kept: dict[int, tuple[float, list[PaymentMethod]]] = {}


def standing_methods() -> list[PaymentMethod]:
    """The same for looking: as staff set them up a few seconds ago (WORLD_TTL). Whoever takes an order asks anew."""
    store_id = stores.current_store().id
    read_at, rows = _kept.get(store_id, (0.0, []))
    if not rows or time.monotonic() - read_at >= setting("WORLD_TTL"):
        rows = open_methods()
        for row in rows:
            if row in db.session:
                db.session.expunge(row)  # they outlive this session
        _kept[store_id] = time.monotonic(), rows
    return rows


def open_codes() -> list[str]:
    """Their codes."""
    return [row.code for row in open_methods()]


def why_not(row: PaymentMethod, purchase: Purchase) -> str:
    """What forbids the method for this purchase, in the reader's words; empty when nothing does."""
    if row.kinds and purchase.kind not in row.kinds:
        return _("Not for this way of delivery.")
    if row.tiers and purchase.tier not in row.tiers:
        return _("Not for your membership level yet.")
    if purchase.amount_minor < row.min_minor:
        return _("From %(amount)s.", amount=_say(row.min_minor, purchase))
    if row.max_minor is not None and purchase.amount_minor > row.max_minor:
        return _("Up to %(amount)s.", amount=_say(row.max_minor, purchase))
    return ""


def _say(amount_minor: Minor, purchase: Purchase) -> str:
    return format_money(amount_minor, purchase.currency, active_locale())


def _takes(method: Method, currency: str) -> bool:
    return not method.currencies or currency in method.currencies


def is_offered(code: str, purchase: Purchase) -> bool:
    """Whether this method may pay this purchase: what placing asks."""
    return any(offer.method.code == code and offer.offered for offer in offers(purchase))


def find_row(code: str) -> PaymentMethod | None:
    """The row of a method that somebody has set up."""
    return db.session.scalar(select(PaymentMethod).where(PaymentMethod.code == code))


def find_open(code: str) -> PaymentMethod | None:
    """The row of a method that the store has open."""
    return next((row for row in open_methods() if row.code == code), None)


def credentials(code: str) -> Credentials:
    """The store's account with the provider of a method, secrets opened; NotFound when the store has none."""
    row = find_row(code)
    if row is None:
        raise NotFound
    secrets = vault.unseal(_purpose(code), row.secrets) if row.secrets else {}
    return Credentials(settings=dict(row.settings), secrets=secrets)


@transaction()
def configure(
    code: str, settings: Mapping[str, str], secrets: Mapping[str, str], *, actor: Actor
) -> PaymentMethod:
    """Set the plain settings of a method, and those secrets that are given; the others stay as they are.

    Raises Forbidden, NotFound for a method nobody wrote, InvalidInput for a key that is none, or that is private.
    """
    if not actor.has(*SETTERS):
        raise Forbidden
    method = METHODS.get(code)
    if method is None or not _takes(method, stores.current_store().currency):
        raise NotFound
    plain = {name: settings[name].strip() for name in method.settings if name in settings}
    _refuse_private(plain)
    if method.flow is Flow.chain:
        read_finality(COINS[code], plain)
        plain["xpub"] = _account_key(method, plain["xpub"]) if plain.get("xpub") else ""
    row = _held(code)
    given = {name: secrets[name].strip() for name in method.secrets if secrets.get(name, "").strip()}
    known = vault.unseal(_purpose(code), row.secrets) if row.secrets else {}
    card_entry.check_settings(code, plain, known | given)
    row.settings = plain
    if given:
        row.secrets = vault.seal(_purpose(code), known | given)
    audit.record("payment_method.configured", actor=actor, subject=code, secrets=sorted(given))
    return row


def _refuse_private(plain: Mapping[str, str]) -> None:
    """Nobody's private key is kept, whatever field it was pasted into: settings are shown to staff and customers."""
    errors = {name: str(PrivateKeyGiven()) for name, value in plain.items() if looks_private(value)}
    if errors:
        raise InvalidInput(errors)


def _account_key(method: Method, typed: str) -> str:
    """The key as it is kept. InvalidInput for a private one, which is kept nowhere, and for none at all."""
    try:
        return read_key(typed, COINS[method.code].chain).text
    except (PrivateKeyGiven, KeyNotReadable) as error:
        raise InvalidInput({"xpub": str(error)}) from None


def _held(code: str) -> PaymentMethod:
    """The method's row, held; made when it is set up for the first time."""
    fresh = next(row for row in all_methods() if row.code == code)
    columns = {name: getattr(fresh, name) for name in ("code", "active", "position")}
    made = insert(PaymentMethod).values(columns).on_conflict_do_nothing(index_elements=["store_id", "code"])
    db.session.execute(made)
    return db.session.scalars(for_update(select(PaymentMethod).where(PaymentMethod.code == code))).one()


def secret_names(row: PaymentMethod) -> frozenset[str]:
    """Which secrets are set; never what they are."""
    return frozenset(vault.unseal(_purpose(row.code), row.secrets)) if row.secrets else frozenset()


def is_secret(code: str, text: str, given: Mapping[str, str]) -> bool:
    """Whether this is a secret of the method, kept or just given: no setting may show it."""
    row = find_row(code)
    known = vault.unseal(_purpose(code), row.secrets) if row is not None and row.secrets else {}
    return bool(text.strip()) and text.strip() in {
        value.strip() for value in (*known.values(), *given.values())
    }


@transaction()
def rotate_secrets() -> int:
    """Seal what is sealed under an older key anew under the first; how many methods changed."""
    rows = db.session.scalars(for_update(select(PaymentMethod).where(PaymentMethod.secrets.is_not(None))))
    old = [row for row in rows if row.secrets and not vault.is_current(row.secrets)]
    for row in old:
        assert row.secrets is not None  # selected above
        row.secrets = vault.seal(_purpose(row.code), vault.unseal(_purpose(row.code), row.secrets))
    return len(old)


def _purpose(code: str) -> str:
    return f"payment:{code}"
