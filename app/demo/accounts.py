"""The demo stores' accounts with the gateways: those that the sandbox has. Without a sandbox nothing is opened."""

import hashlib

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import db, transaction
from app.core.settings import setting
from app.payments import methods
from app.payments.catalogue import METHODS
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


def open_gateways(currency: str) -> None:
    """Open the gateways that take the store's currency. What somebody has set up is left alone."""
    if not setting("SANDBOX_URL"):
        return
    with transaction():
        known = set(db.session.scalars(select(PaymentMethod.code)))
        for code, (settings, secrets) in ACCOUNTS.items():
            if code not in known and currency in METHODS[code].currencies:
                methods.configure(code, settings, secrets, actor=OWNER).active = True
