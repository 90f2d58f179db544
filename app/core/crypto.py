"""Keyed hashes, signed links and random codes; keys come from SECRET_KEY, one per purpose."""

import hashlib
import hmac
import secrets

UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that are not mistaken for one another when read aloud or typed."""

_root: bytes = b""


def configure(secret_key: str) -> None:
    """Set the root key; called once by create_app."""
    global _root  # noqa: PLW0603 - one root key a process, set at start
    _root = secret_key.encode()


def purpose_key(purpose: str) -> bytes:
    """A key of its own for each purpose, so that no signature is valid elsewhere."""
    if not _root:
        raise RuntimeError("SECRET_KEY is not configured")
    return hmac.new(_root, purpose.encode(), hashlib.sha256).digest()


def keyed_hash(purpose: str, value: str) -> str:
    """HMAC-SHA256 in hex: what is kept in place of a code or token."""
    return hmac.new(purpose_key(purpose), value.encode(), hashlib.sha256).hexdigest()


def sign(purpose: str, value: str, length: int = 22) -> str:
    """A short signature for links (hex, `length` characters)."""
    return keyed_hash(f"sign:{purpose}", value)[:length]


def signature_is_valid(purpose: str, value: str, signature: str) -> bool:
    """Compare in constant time."""
    expected = sign(purpose, value, len(signature) or 1)
    # As bytes: of texts, only ASCII can be compared, and a stranger's signature may be anything.
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace")) and len(signature) >= 22


def random_code(length: int, alphabet: str = UNAMBIGUOUS) -> str:
    """A random code of unambiguous characters."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def random_token() -> str:
    """43 URL-safe characters, 256 bits."""
    return secrets.token_urlsafe(32)
