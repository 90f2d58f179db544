"""Every URL of the product, by audience. Reads like a table of contents."""

from flask import Flask

from blueprints import account, ops, storefront, webhooks


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    app.register_blueprint(ops.bp)
    app.register_blueprint(storefront.bp)
    app.register_blueprint(account.bp)
    app.register_blueprint(webhooks.bp)
