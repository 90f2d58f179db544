"""Signed links to an order: whoever holds one may follow (or review) that order and nothing else."""

from app import stores
from app.core import crypto
from app.core.tenancy import current_store_id


def token(purpose: str, code: str) -> str:
    """The signature of a link; `purpose` is `track` or `review`."""
    return crypto.sign(purpose, f"{current_store_id()}:{code}")


def is_valid(purpose: str, code: str, signature: str) -> bool:
    """Whether the signature is of this purpose, order and store."""
    return crypto.signature_is_valid(purpose, f"{current_store_id()}:{code}", signature)


def tracking_url(code: str) -> str:
    """The absolute address of the customer's tracking page."""
    return stores.public_url(f"/track/{code}?t={token('track', code)}")


def review_url(code: str) -> str:
    """The absolute address of the review form."""
    return stores.public_url(f"/review/{code}?t={token('review', code)}")
