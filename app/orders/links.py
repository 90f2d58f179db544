"""Signed links to an order: whoever holds one may follow (or review) that order and nothing else."""

from app import stores
from app.core import crypto
from app.core.tenancy import current_store_id


def token(purpose: str, code: str) -> str:
    """The signature of a link; `purpose` is `track`, `pay`, `review`, `replace`, `cart` or `stop`."""
    return crypto.sign(purpose, f"{current_store_id()}:{code}")


def is_valid(purpose: str, code: str, signature: str) -> bool:
    """Whether the signature is of this purpose, order and store."""
    return crypto.signature_is_valid(purpose, f"{current_store_id()}:{code}", signature)


def tracking_url(code: str) -> str:
    """The absolute address of the customer's tracking page."""
    return stores.public_url(f"/track/{code}?t={token('track', code)}")


def payment_url(code: str) -> str:
    """The absolute address at which the order is paid, and to which a provider sends the customer back."""
    return stores.public_url(f"/pay/{code}?t={token('pay', code)}")


def review_url(code: str) -> str:
    """The absolute address of the review form."""
    return stores.public_url(f"/review/{code}?t={token('review', code)}")


def substitution_url(substitution_id: int) -> str:
    """The absolute address of the page that asks about a replacement."""
    return stores.public_url(f"/replacement/{substitution_id}?t={token('replace', str(substitution_id))}")


def kept_cart_url(cart_id: int) -> str:
    """The absolute address at which a cart can be taken up again."""
    return stores.public_url(f"/cart/kept/{cart_id}?t={token('cart', str(cart_id))}")


def no_reminders_url(cart_id: int) -> str:
    """The absolute address at which reminders of a cart are stopped."""
    return stores.public_url(f"/cart/reminders/{cart_id}?t={token('stop', str(cart_id))}")
