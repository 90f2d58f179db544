"""One template, two frames: a view asked with `X-Panel` answers with the inside of the store's drawer.

The address of an open panel is the page behind it plus `?panel=product.vitamin-c`; what the panel shows is a page of
its own, `/p/vitamin-c`, for links, new tabs and browsers without scripts. Here stands which page is which panel.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request, url_for

from app.web import sharing

HEADER, LEAVE, PARAM = "X-Panel", "X-Panel-Leave", "panel"
FRAME = "layouts/panel.html"

PAGES: dict[str, tuple[str, str]] = {
    # panel: endpoint of its page, and the argument that is its key
    "cart": ("storefront.cart", ""),
    "checkout": ("storefront.checkout", ""),
    "product": ("storefront.product", "slug"),
    "menu": ("storefront.menu", ""),
    "login": ("account.sign_in", ""),
    "signup": ("account.sign_up", ""),
    "verify-email": ("account.verify_email", ""),
    "account": ("account.home", ""),
    "wallet": ("account.wallet", ""),
    "orders": ("account.orders", ""),
    "order": ("account.order", "code"),
}
STEPS = {"login.": "account.enter_code"}
"""Pages below a panel's own: the key is the last part of their address."""
ENDPOINTS = frozenset(endpoint for endpoint, _key in PAGES.values()) | frozenset(STEPS.values())
_SPOT = re.compile(r"(?P<name>[a-z-]+)(\.(?P<key>[\w-]+))?(\?(?P<query>.*))?")


def init_app(app: Flask) -> None:
    """Choose the frame, send the drawer away from pages that are none, and keep caches from mixing the two."""
    sharing.share_only_if(lambda: not is_panel())
    app.before_request(_leave)
    app.after_request(_mark)
    app.context_processor(lambda: {"in_panel": is_panel()})
    app.jinja_env.globals.update(frame=choose_frame, panel_paths=panel_paths, panel_page=page_of_panel)


def is_panel() -> bool:
    """Whether the drawer asks."""
    return HEADER in request.headers


def choose_frame(layout: str) -> str:
    """The layout of a page, or the drawer's: `{% extends frame("layouts/store.html") %}`."""
    return FRAME if is_panel() else layout


def panel_paths() -> str:
    """From panel to path as JSON, with `{key}` where the key stands."""
    paths = {}
    for name, (endpoint, key) in PAGES.items():
        values: dict[str, Any] = {key: "KEY"} if key else {}
        paths[name] = url_for(endpoint, **values).replace("KEY", "{key}")
    for name in STEPS:
        paths[name] = f"{paths[name[:-1]]}/{{key}}"
    return json.dumps(paths)


def page_of_panel() -> str:
    """The page that the address's panel shows, for a browser that cannot open it; '' when there is none."""
    found = _SPOT.fullmatch(request.args.get(PARAM, "")[:300])
    paths = json.loads(panel_paths()) if found else {}
    name, key, query = found.group("name", "key", "query") if found else ("", None, None)
    path = paths.get(f"{name}." if key and f"{name}." in paths else name, "")
    if not path or ("{key}" in path) != bool(key):
        return ""
    query_text = f"?{quote(query, safe='=&%+')}" if query else ""
    return path.replace("{key}", quote(key or "")) + query_text


def _leave() -> Response | None:
    """A page that is no panel is gone to; it must not be rendered twice, nor its messages be lost."""
    if request.method != "GET" or not is_panel() or request.endpoint in ENDPOINTS:
        return None
    return Response(status=204, headers={LEAVE: request.full_path.rstrip("?")})


def _mark(response: Response) -> Response:
    if request.endpoint in ENDPOINTS or is_panel():
        response.vary.add(HEADER)
    if is_panel():
        response.headers["Cache-Control"] = "no-store"
    return response
