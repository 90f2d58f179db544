"""What a browser may keep to read without a connection: the shop window as strangers see it, and nothing else."""

import hashlib
import json
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, session

from app.web.panels import is_panel
from app.web.rendering import asset

HEADER, KEEP = "X-Offline", "keep"
KEPT = frozenset({"storefront.home", "storefront.listing", "storefront.category", "storefront.product"})
PERSONAL = frozenset({"sid", "_user_id"})
"""What the session of somebody who is signed in holds: their pages bear their name."""
FILES = (
    "store.css",
    "start.js",
    "store.js",
    "search.js",
    "icons.svg",
    "mark.svg",
    "fonts/onest-latin-wght-normal.woff2",
    "fonts/piazzolla-latin-opsz-normal.woff2",
)
DATA = ("/search-index.json",)


def init_app(app: Flask) -> None:
    """Mark the pages that may be kept. Goes before the sharing of pages, whose copies pass here too."""
    app.after_request(_mark)


def _mark(response: Response) -> Response:
    shown = response.status_code == 200 and request.method == "GET" and request.endpoint in KEPT
    if shown and not is_panel() and PERSONAL.isdisjoint(session):
        response.headers[HEADER] = KEEP
    return response


def worker_script(offline: str) -> str:
    """The service worker of this release; `offline` is the path of the page shown without a connection."""
    dist = Path(current_app.static_folder or "") / "dist"
    manifest = (dist / "manifest.json").read_bytes()
    script = dist / json.loads(manifest)["worker.js"]
    setup: dict[str, Any] = {
        "version": hashlib.sha256(manifest).hexdigest()[:12],
        "files": [asset(name) for name in FILES],
        "offline": offline,
        "data": DATA,
    }
    return f"const SETUP = {json.dumps(setup)};\n{script.read_text()}"
