"""Every URL of the product, by audience. Reads like a table of contents."""

from flask import Flask

from blueprints import account, api, driver, live, ops, storefront, track, webhooks


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    app.register_blueprint(ops.bp)
    app.register_blueprint(storefront.bp)
    app.register_blueprint(account.bp)
    app.register_blueprint(webhooks.bp)
    api.init_app(app)
    app.register_blueprint(track.bp)
    app.register_blueprint(driver.bp)
    live.init_app(app)
