"""Pages that look the same to every stranger are rendered once a minute and shared.

A view says so with `@shared_page(names of its query parameters)`. What is shared depends on the store, the canonical
address, the language and the theme, and on nothing else of the visitor: whoever is signed in, has a cart on the
server or a message to read gets a page of their own. A copy lives for at most PAGE_TTL seconds and is good only while
the store's word of freshness stands (app/core/freshness.py), so a change by staff shows at once.

Three values of a page belong to one answer: the nonce of its policy, the token of its forms, the id of the request.
The first two stand as blanks in a copy and are filled in for every visitor; the last is a header.
"""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from app.core import crypto, freshness
from app.core.i18n import active_locale
from app.core.settings import setting
from app.web.errors import wants_json
from app.web.pages import Page, Pages
from app.web.rendering import asset, choose_theme
from app.web.security import csp_nonce

COMMON = frozenset({"_permanent", "csrf_token", "lang"})
"""What a stranger's session may hold. Anything else may be shown on a page, so it is not shared."""
TRACKING = re.compile(r"utm_\w+|gclid|fbclid|msclkid|yclid|[gw]braid")
"""Parameters that advertisers add and no page reads."""
LONGEST = 512
_NO_BLANKS = re.compile(rb"(?!)")
V = TypeVar("V", bound=Callable[..., Any])

_guards: list[Callable[[], bool]] = []
_personal_cookies: set[str] = set()
_by: list[Callable[[], str]] = []


def shared_page(*parameters: str) -> Callable[[V], V]:
    """Mark a view as one that shows every stranger the same. It may read these query parameters and no others."""

    def mark(view: V) -> V:
        view.shared_parameters = frozenset(parameters)  # type: ignore[attr-defined]
        return view

    return mark


def share_only_if(guard: Callable[[], bool]) -> None:
    """No copy is served to a visitor of whom `guard` says False."""
    _guards.append(guard)


def share_by(part: Callable[[], str]) -> None:
    """A copy is good only while `part` gives the word that it gave when the copy was made."""
    _by.append(part)


def never_share_with(cookie: str) -> None:
    """Whoever sends this cookie gets pages of their own."""
    _personal_cookies.add(cookie)


def share_bytes(name: str, make: Callable[[], bytes]) -> tuple[bytes, str]:
    """What `make` gives, made once a minute for each store and language, and its tag. It must hold nobody's own."""
    ttl, word = setting("PAGE_TTL"), freshness.word(g.store.id)
    pages: Pages = current_app.extensions["pages"]
    key = _key(name, word) if ttl and word else ""
    if not key or (page := pages.find(key, _NO_BLANKS)) is None:
        page = Page.of(make(), _NO_BLANKS)
        if key:
            pages.keep(key, g.store.id, page, ttl)
    return page.content(), page.tag


def init_app(app: Flask) -> None:
    """Answer from the copies before anything else is asked, and keep new ones."""
    app.extensions["pages"] = Pages()
    app.before_request(_answer)
    app.after_request(_keep)


def _answer() -> Response | None:
    if (path := _shared_path()) is None or (word := freshness.word(g.store.id)) is None:
        return None
    key = _key(path, word)
    pages: Pages = current_app.extensions["pages"]
    if (page := pages.find(key, _blanks().pattern)) is not None:
        return _fill(page)
    g.shared_path, g.shared_key = path, key
    blanks = _blanks()
    g.csp_nonce, g.csrf_token = blanks.nonce, blanks.token
    return None


def _keep(response: Response) -> Response:
    """Keep a good page for the next visitors; fill in the blanks of whatever was rendered, also of a refusal."""
    if (key := g.pop("shared_key", None)) is None:
        return response
    g.pop("csp_nonce", None)
    g.pop("csrf_token", None)
    if response.mimetype != "text/html" or response.is_streamed:
        return response
    page = Page.of(response.get_data(), _blanks().pattern)
    if response.status_code != 200 or "Set-Cookie" in response.headers:
        response.set_data(page.filled(csp_nonce(), generate_csrf()))
        return response
    pages: Pages = current_app.extensions["pages"]
    pages.keep(key, g.store.id, page, setting("PAGE_TTL"))
    return _fill(page)


def _fill(page: Page) -> Response:
    token = generate_csrf()
    tag = f"{page.tag}-{crypto.keyed_hash('page-tag', session['csrf_token'])[:8]}"
    if request.if_none_match.contains_weak(tag):
        # Without a policy header: the browser's copy was made under the nonce of the policy it came with.
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        response = Response(page.filled(csp_nonce(), token))
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Accept-Language"))
    return response


def _shared_path() -> str | None:
    """The canonical address, when this request is for a page that is shared and comes from a stranger."""
    view = current_app.view_functions.get(request.endpoint or "")
    parameters = getattr(view, "shared_parameters", None)
    if parameters is None or request.method not in {"GET", "HEAD"} or not setting("PAGE_TTL"):
        return None
    if "HX-Request" in request.headers or wants_json() or not COMMON.issuperset(session):
        return None
    if not _personal_cookies.isdisjoint(request.cookies) or not all(guard() for guard in _guards):
        return None
    return _canonical(request.path, request.args, parameters)


def _canonical(path: str, args: MultiDict[str, str], known: frozenset[str]) -> str | None:
    """The address with its parameters in order and without the advertisers'; None with one that is not known."""
    if not args:
        return path
    names = [name for name in sorted(args) if not TRACKING.fullmatch(name)]
    if not known.issuperset(names):
        return None
    query = urlencode([(name, value) for name in names for value in args.getlist(name)])
    return None if len(query) > LONGEST else f"{path}?{query}" if query else path


def _key(path: str, word: str) -> str:
    known = (str(g.store.id), word, _release(), active_locale(), choose_theme(), path)
    parts = (*known, *(part() for part in _by))
    return "page:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _release() -> str:
    """A copy of the release before names files that are gone."""
    return asset("store.js") + asset("store.css")


class _Blanks:
    """What stands in a copy where a value of the answer goes: nothing that anybody outside can write."""

    def __init__(self) -> None:
        self.nonce = f"n{crypto.keyed_hash('page-blank', 'nonce')[:24]}"
        self.token = f"t{crypto.keyed_hash('page-blank', 'token')[:24]}"
        self.pattern = re.compile(f"({self.nonce}|{self.token})".encode())


@lru_cache(maxsize=1)
def _blanks() -> _Blanks:
    return _Blanks()
