"""The context of the driver's page."""

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for

from app import dispatch, stores
from app.core import crypto
from app.core.actor import Actor
from app.core.amounts import show_plain
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import active_locale
from app.core.money import decimal_mark, exponent, format_money, language_tag
from app.dispatch import Stop
from app.orders.change import COIN_BELOW
from blueprints.live.words import map_settings, show_distance

NOTES = {"USD": (500, 1000, 2000, 5000, 10000), "IDR": (5000, 10000, 20000, 50000, 100000)}
"""Bank notes people pay with, in minor units."""
FIELDS = {"cash_received_minor": "cash_received", "change_to_wallet_minor": "change_to_wallet"}


def page_of(
    actor: Actor,
    code: str = "",
    panel: str = "next",
    refusal: DomainError | None = None,
    form: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything the page shows. A code that is not among the stops falls back to the first."""
    driver = dispatch.driver_of(actor)
    stops = dispatch.stops_of(actor)
    day = dispatch.day_of(driver)
    current = next((stop for stop in stops if stop.code == code), stops[0] if stops else None)
    found = refusal is not None and current is not None and current.code == code
    return {
        "driver": day,
        "stops": stops,
        "current": current,
        "panel": panel if panel in {"next", "door", "fail"} and (not code or current) else "next",
        "errors": errors_of(refusal) if found else {},
        "notice": "" if found and not _is_general(refusal) else str(refusal or ""),
        "form": form or {},
        "notes": {stop.code: suggest_notes(stop.cash_due_minor, stop.currency) for stop in stops},
        "major": show_major,
        "whole": show_note,
        "coin_below": lambda currency: COIN_BELOW.get(currency, 1),
        "new_key": crypto.random_token,
        "distance": show_distance,
        "map": map_settings(),
        "data": _script_data(driver.last_seq, dispatch.bag_version(actor), day, stops, current),
    }


def errors_of(refusal: DomainError | None) -> dict[str, str]:
    """Field of the form → what is wrong with it."""
    if isinstance(refusal, InvalidInput):
        return dict(refusal.errors)
    if refusal is None or refusal.field is None:
        return {}
    return {FIELDS.get(refusal.field, refusal.field): str(refusal)}


def _is_general(refusal: DomainError | None) -> bool:
    return refusal is not None and not errors_of(refusal)


def suggest_notes(due_minor: int, currency: str) -> list[int]:
    """What people hand over for an amount: up to three round sums above it, smallest first."""
    if not due_minor:
        return []
    sums = {-(-due_minor // note) * note for note in NOTES.get(currency, (100, 500, 1000, 5000))}
    return sorted(amount for amount in sums if amount > due_minor)[:3]


def show_major(minor: int, currency: str) -> str:
    """An amount as the reader types it: 34.66 or 34,66, 150000."""
    return show_plain(minor, currency, decimal_mark(active_locale()))


def show_note(minor: int, currency: str) -> str:
    """A round sum without its empty decimals: $40, Rp 50,000."""
    text = format_money(minor, currency, active_locale())
    return re.sub(r"[.,]00(?=\D|$)", "", text) if exponent(currency) else text


def _script_data(
    last_seq: int, version: str, day: dispatch.DriverLine, stops: list[Stop], current: Stop | None
) -> dict[str, Any]:
    store = stores.current_store()
    return {
        "version": version,
        "current": current.code if current else None,
        "stops": [
            {
                "code": stop.code,
                "number": stop.number,
                "name": stop.name,
                "pickedUp": stop.is_picked_up,
                "branch": stop.branch,
                "branchName": stop.branch_name,
                "door": stop.door,
                "path": stop.path,
            }
            for stop in stops
        ],
        "me": [day.lat, day.lng] if day.lat is not None else None,
        "lastSeq": last_seq,
        "home": url_for("driver.home"),
        "state": url_for("driver.state"),
        "positions": url_for("driver.positions"),
        "currency": store.currency,
        "digits": exponent(store.currency),
        "locale": language_tag(active_locale()),
        "timeZone": store.timezone,
        "imperial": store.country == "US",
    }
