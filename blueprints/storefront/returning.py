"""Where to go after a form: back to a page of this shop, and nowhere else."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import url_for


def safe_path(wanted: str | None) -> str:
    """`wanted` when it is a path of this host, else the first page. Its `lang` is dropped, a choice replaces it."""
    home = url_for("storefront.home")
    # Browsers read "\" as "/" and skip control characters, so both could hide a foreign host.
    if not wanted or "\\" in wanted or not wanted.isprintable():
        return home
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return home
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or wanted.startswith("//"):
        return home
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "lang"])
    return f"{parts.path}?{query}" if query else parts.path
