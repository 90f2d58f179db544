"""After how many confirmations coins count: as the store has set it for the method, else as usual.

Settings are kept as they are typed, in the store's currency; what is empty is as usual.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app import stores
from app.core.amounts import parse_money
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.core.money import Minor
from app.payments.coins.chains import COINS, FOLLOWED, Chain, Coin
from app.payments.models import PaymentMethod

STEP_SETTINGS = ("confirm_0_to", "confirm_1_to", "confirm_2_to")
DEEP_SETTING = "confirmations"
SETTINGS = frozenset({*STEP_SETTINGS, DEEP_SETTING})
BITCOIN_STEPS: tuple[Minor, ...] = (2_000, 50_000, 200_000)
ETHEREUM_DEEP = 12


@dataclass(frozen=True)
class Finality:
    """`steps`: up to the nth of these amounts, in minor units, n confirmations are enough; above the last, one more.
    `deep`: so many blocks whatever the amount, on a chain where that is the question."""

    steps: tuple[Minor, ...] = BITCOIN_STEPS
    deep: int = ETHEREUM_DEEP


USUAL = Finality()


def needed(coin: Coin, amount_minor: Minor, *, finality: Finality = USUAL, replaceable: bool = False) -> int:
    """Confirmations after which this much money at one address counts. `replaceable`: its sender has kept the right to
    take an unconfirmed transfer back (BIP-125)."""
    if coin.chain is Chain.ethereum:
        return finality.deep
    if coin.chain is Chain.tron:
        return FOLLOWED[Chain.tron]
    wanted = next((n for n, most in enumerate(finality.steps) if amount_minor <= most), len(finality.steps))
    return max(wanted, 1) if replaceable else wanted


def read_finality(coin: Coin, settings: Mapping[str, str]) -> Finality:
    """What the settings of a coin's method say. InvalidInput beside what cannot be meant."""
    errors: dict[str, str] = {}
    if coin.chain is Chain.ethereum:
        return Finality(deep=_deep(settings.get(DEEP_SETTING, ""), FOLLOWED[coin.chain]))
    steps = [_step(settings.get(name, ""), name, n, errors) for n, name in enumerate(STEP_SETTINGS)]
    for n in range(1, len(steps)):
        if steps[n] < steps[n - 1] and not errors:
            errors[STEP_SETTINGS[n]] = _("This is below the amount before it.")
    if errors:
        raise InvalidInput(errors)
    return Finality(steps=tuple(steps))


def _step(typed: str, name: str, place: int, errors: dict[str, str]) -> Minor:
    if not typed.strip():
        return BITCOIN_STEPS[place]
    try:
        return parse_money(typed, stores.current_store().currency, name)
    except InvalidInput as error:
        errors |= error.errors
        return 0


def _deep(typed: str, most: int) -> int:
    text = typed.strip()
    if not text:
        return ETHEREUM_DEEP
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= most):
        raise InvalidInput({DEEP_SETTING: _("Write a whole number from 1 to %(most)s.", most=most)})
    return int(text)


def finality_of(method: str) -> Finality:
    """What the current store has set for a coin."""
    kept = db.session.scalar(select(PaymentMethod.settings).where(PaymentMethod.code == method))
    return read_finality(COINS[method], kept or {})
