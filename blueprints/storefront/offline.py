"""The shop as an app of the device: its manifest, its service worker, its page without a connection."""

from typing import Any

from flask import Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from app import stores
from app.core.i18n import _, active_locale
from app.web.offline import worker_script
from app.web.rendering import asset
from blueprints.storefront import bp
from blueprints.storefront.age import ungated

PAPER, BOTTLE = "#F6F2E8", "#12382A"


@bp.get("/manifest.webmanifest")
@ungated
def manifest() -> ResponseReturnValue:
    """Name, colours and icons of the store, in the reader's language."""
    response = jsonify(_manifest())
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _manifest() -> dict[str, Any]:
    store = stores.current_store()
    icons = (("app-192", 192, "any"), ("app-512", 512, "any"), ("maskable-512", 512, "maskable"))
    return {
        "id": "/",
        "name": store.name,
        "short_name": store.name[:12].strip(),
        "description": _("Licensed pharmacy with its own riders"),
        "lang": active_locale(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BOTTLE,
        "categories": ["health", "shopping"],
        "icons": [
            {
                "src": asset(f"icons/{name}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in icons
        ],
        "shortcuts": [
            {"name": _("All remedies"), "url": url_for("storefront.listing")},
            {"name": _("Your orders"), "url": url_for("account.orders")},
        ],
    }


@bp.get("/sw.js")
@ungated
def service_worker() -> ResponseReturnValue:
    """The worker of this release. Browsers ask for it anew at each visit, so it is never kept."""
    response = Response(worker_script(url_for("storefront.offline")), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@ungated
def offline() -> ResponseReturnValue:
    """What is shown without a connection; bears nobody's name."""
    return render_template("storefront/offline.html")
