"""How the demo stores are paid: accounts with the gateways that the sandbox has, and account keys that everybody knows.

Without a sandbox nothing is opened: what came to such an address on a real chain would be gone.
"""

import hashlib

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.settings import setting
from app.payments import methods
from app.payments.catalogue import METHODS, Flow
from app.payments.coins.chains import COINS
from app.payments.coins.published import KEYS
from app.payments.models import PaymentMethod

OWNER = Actor(roles=frozenset({"store_admin"}), name="Demo", source="cli")
ACCOUNTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "authorizenet": (
        {"api_login_id": "5anDb0xLog1n", "signature_encoding": "text"},
        {
            "transaction_key": "5anDb0xTr4nsKey1",
            "signature_key": hashlib.sha512(b"sandbox authorize.net").hexdigest().upper(),
        },
    ),
    "midtrans": (
        {"client_key": "SB-Mid-client-sandbox", "merchant_id": "G000000001"},
        {"server_key": "SB-Mid-server-sandbox"},
    ),
    "xendit": (
        {},
        {"secret_key": "xnd_development_sandbox", "callback_token": "sandbox-xendit-callback-token"},
    ),
}


HANDLES = {
    "zelle": "pay@brickell-apothecary.test",
    "cashapp": "$BrickellApothecary",
    "venmo": "@BrickellApothecary",
}
"""Where money is sent by hand, in the demo."""


def open_methods(currency: str) -> None:
    """Open what takes the store's currency. What somebody has set up is left alone."""
    if not setting("SANDBOX_URL"):
        return
    with transaction():
        known = set(db.session.scalars(select(PaymentMethod.code)))
        for code, method in METHODS.items():
            if code not in known and currency in method.currencies and (account := _account(code)):
                methods.configure(code, *account, actor=OWNER).active = True


def _account(code: str) -> tuple[dict[str, str], dict[str, str]] | None:
    """The settings and secrets of a method; None for one that the demo does not take."""
    if METHODS[code].flow is Flow.manual:
        return {"handle": HANDLES[code], "display_name": "Brickell Apothecary"}, {}
    if METHODS[code].flow is Flow.chain:
        return {"xpub": KEYS[COINS[code].chain]}, {}
    return ACCOUNTS.get(code)
