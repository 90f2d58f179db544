"""Secrets at rest: AES-256-GCM under a key from the environment, bound to the store and the purpose.

VAULT_KEYS holds `name:key` pairs, keys as 32 bytes in base64, comma-separated: the first seals, all of them open, so a
new key is put in front and `flask secrets rotate` seals everything anew. Without VAULT_KEYS the key comes from
SECRET_KEY.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core import crypto
from app.core.settings import setting
from app.core.tenancy import current_store_id

KEY_BYTES, NONCE_BYTES, MARK_BYTES = 32, 12, 4
VERSION = b"\x01"


class VaultError(Exception):
    """What was sealed cannot be opened: another key, another store, or it was changed."""


def seal(purpose: str, secrets: Mapping[str, str]) -> bytes:
    """The secrets as bytes that only this store, for this purpose, can open."""
    key = _keys()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, json.dumps(dict(secrets)).encode(), _bound_to(purpose))
    return VERSION + _mark(key) + nonce + sealed


def unseal(purpose: str, sealed: bytes) -> dict[str, str]:
    """What was sealed; VaultError."""
    mark, nonce = sealed[1 : 1 + MARK_BYTES], sealed[1 + MARK_BYTES : 1 + MARK_BYTES + NONCE_BYTES]
    key = next((key for key in _keys() if _mark(key) == mark), None)
    if sealed[:1] != VERSION or key is None:
        raise VaultError("sealed under a key that is not there")
    try:
        plain = AESGCM(key).decrypt(nonce, sealed[1 + MARK_BYTES + NONCE_BYTES :], _bound_to(purpose))
    except InvalidTag as error:
        raise VaultError("sealed for something else, or changed since") from error
    return dict(json.loads(plain))


def is_current(sealed: bytes) -> bool:
    """Whether it is sealed under the first key."""
    return sealed[1 : 1 + MARK_BYTES] == _mark(_keys()[0])


def _bound_to(purpose: str) -> bytes:
    return f"{current_store_id()}:{purpose}".encode()


def _mark(key: bytes) -> bytes:
    """Tells keys apart without saying anything of them."""
    return hashlib.sha256(b"theriac vault key" + key).digest()[:MARK_BYTES]


def _keys() -> list[bytes]:
    named = str(setting("VAULT_KEYS")).strip()
    if not named:
        return [crypto.purpose_key("vault")]
    return [_parse(pair) for pair in named.split(",")]


def _parse(pair: str) -> bytes:
    name, colon, text = pair.strip().partition(":")
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if not colon or len(key) != KEY_BYTES:
        raise VaultError(f"VAULT_KEYS: {name or 'a key'} is not 32 bytes in base64")
    return key
