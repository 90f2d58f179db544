"""What every HTTP edge shares: the store of the host, the actor, security headers, page globals, errors.

Stands above the domains and below blueprints/ and admin/, which both use it and do not know each other.
"""

from flask import Flask

from app.web import (
    access,
    buyer,
    errors,
    limits,  # noqa: F401 - the storage that RATELIMIT_STORAGE_URI names
    offline,
    panels,
    reading,
    rendering,
    security,
    sharing,
    tenant,
    wire,
)

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Attach the shared edge in the order requests meet it."""
    wire.init_app(app)
    access.init_app(app)
    buyer.init_app()
    tenant.init_app(app)
    security.init_app(app)
    reading.init_app(app)
    panels.init_app(app)
    offline.init_app(app)
    sharing.init_app(app)
    rendering.init_app(app)
    errors.init_app(app)
