"""What every template may use: assets by hashed name, money, dates, the store, the person, language and theme."""

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_skeleton
from flask import Flask, current_app, g, has_request_context, request, session, url_for
from flask_babel import format_date, format_number, format_time

from app import stores
from app.core import money
from app.core.i18n import DEFAULT_LOCALE, LOCALES, active_locale, pick
from app.core.tenancy import current_store_id
from app.identity import show_phone
from app.web.actor import current_actor

THEMES = ("", "theriac", "theriac-dark")


def init_app(app: Flask) -> None:
    """Register globals and filters."""
    app.jinja_env.globals.update(
        asset=asset,
        money=show_money,
        fmt_time=show_time,
        fmt_date=show_date,
        fmt_day=show_day,
        fmt_phone=show_phone,
        fmt_number=show_number,
        LOCALES=LOCALES,
        pick=pick,
    )
    app.jinja_env.filters["pick"] = pick
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_context)


def choose_locale() -> str:
    """Language by URL (`?lang=`; X-Lang is that of the page whose script asks), the choice of this browser, the
    profile, Accept-Language, the store's default.

    Outside a request: the store's default, unless a job has forced the recipient's.
    """
    if not has_request_context():
        return stores.current_store().default_locale if current_store_id() else DEFAULT_LOCALE
    wanted = request.args.get("lang") or request.headers.get("X-Lang")
    if wanted in LOCALES:
        return str(wanted)
    if chosen := session.get("lang"):
        return str(chosen) if chosen in LOCALES else DEFAULT_LOCALE
    person = g.get("user")
    if person is not None and getattr(person, "locale", None) in LOCALES:
        return str(person.locale)
    default = g.store.default_locale if "store" in g else DEFAULT_LOCALE
    return request.accept_languages.best_match(list(LOCALES), default) or default


def choose_theme() -> str:
    """'theriac', 'theriac-dark', or '' to follow the device."""
    wanted = request.cookies.get("theme", "")
    return wanted if wanted in THEMES else ""


def asset(name: str) -> str:
    """The URL of a built file by its logical name; its content's hash is in the file's name."""
    return _asset_url(current_app.static_folder or "", name)


@lru_cache(maxsize=256)
def _asset_url(folder: str, name: str) -> str:
    # Asked some 150 times a page: the sprite of icons alone stands on every card.
    built = _manifest(f"{folder}/dist/manifest.json")
    if name not in built:
        raise LookupError(
            f"{name} is not built: the styles and scripts are older than the templates. make setup"
        )
    return url_for("static", filename=f"dist/{built[name]}")


@lru_cache(maxsize=4)
def _manifest(path: str) -> dict[str, str]:
    manifest: dict[str, str] = json.loads(Path(path).read_text())
    return manifest


def show_money(minor: int, currency: str | None = None) -> str:
    """An amount in the reader's language, e.g. $34.66."""
    return money.format_money(minor, currency or stores.current_store().currency, active_locale())


def show_number(count: int) -> str:
    """A whole number in the reader's language: 20,000 in English, 20 000 in Russian, 20.000 in Spanish."""
    return str(format_number(count))


def show_time(at: datetime) -> str:
    """A time of day in the store's zone: 7:15 PM in English, 19:15 elsewhere."""
    return str(format_time(at.astimezone(stores.current_store().zone), "short", rebase=False))


def show_date(at: datetime | date, style: str = "medium") -> str:
    """A date in the store's zone."""
    local = at.astimezone(stores.current_store().zone) if isinstance(at, datetime) else at
    return str(format_date(local, style, rebase=False))


def show_day(at: datetime | date, skeleton: str) -> str:
    """A part of a date in the store's zone: `EEE` gives Sat, `MMMd` Nov 21, in the reader's language."""
    day = at.astimezone(stores.current_store().zone) if isinstance(at, datetime) else at
    return str(format_skeleton(skeleton, day, locale=active_locale()))


def _chat() -> dict[str, str] | None:
    """Where the chat with customers is, None without one."""
    url, token = current_app.config["CHAT_URL"], current_app.config["CHAT_TOKEN"]
    return {"url": url.rstrip("/"), "token": token} if url and token else None


def _context() -> dict[str, object]:
    return {
        "current_store": stores.current_store() if current_store_id() else None,
        "current_actor": current_actor() if current_store_id() else None,
        "locale": active_locale(),
        "theme": choose_theme(),
        "chat": _chat(),
        "now_path": g.get("shared_path") or request.full_path.rstrip("?"),
    }
