"""The one writer of security headers, CSRF on every unsafe request, and the page's nonce."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()
"""API and provider webhooks are exempted blueprint by blueprint: they carry no cookie authority."""

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def init_app(app: Flask) -> None:
    """Attach CSRF, the origin check and the headers."""
    csrf.init_app(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.before_request(_refuse_foreign_origin)
    app.after_request(_write_headers)


def csp_nonce() -> str:
    """The nonce of this page's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _refuse_foreign_origin() -> None:
    """A browser names the origin of an unsafe request; one that is not this host is not ours."""
    if request.method not in UNSAFE:
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403)


def allow(directive: str, url: str) -> None:
    """Let this page, and no other, reach the origin of an address: `frame-src`, `connect-src` or `form-action`."""
    g.setdefault("csp_more", {}).setdefault(directive, set()).add(_origin(url))


def _policy() -> str:
    more: dict[str, set[str]] = g.get("csp_more", {})
    rules = (" ".join((rule, *sorted(more.get(rule.split(" ", 1)[0], ())))) for rule in _rules())
    return "; ".join(rules)


def _rules() -> tuple[str, ...]:
    nonce = csp_nonce()
    tiles, chat = current_app.config["TILE_URL"], current_app.config["CHAT_URL"]
    images = f"'self' data: blob: {_origin(tiles)}" if tiles else "'self' data: blob:"
    return (
        "default-src 'self'",
        f"script-src 'nonce-{nonce}' 'strict-dynamic'",
        f"style-src 'self' 'nonce-{nonce}'",
        # Custom properties such as --h:66 on product stages, and the admin framework's templates.
        "style-src-attr 'unsafe-inline'",
        f"img-src {images}",
        "font-src 'self'",
        "worker-src 'self'",
        f"frame-src 'self' {_origin(chat)}" if chat else "frame-src 'self'",
        f"connect-src 'self' ws://{request.host} wss://{request.host}",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )


def _origin(url: str) -> str:
    parts = urlsplit(url.replace("{s}.", "*."))
    return f"{parts.scheme}://{parts.netloc}"


def _write_headers(response: Response) -> Response:
    headers = response.headers
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = _policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=(), payment=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
