"""The age gate: before the first page of a store with a minimum age, a date of birth.

Kept for 30 days in a cookie of its own that names the store and the age shown, never the date. It is a courtesy
of the shop window; what counts is asked again at checkout and at the door.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

from flask import Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import stores
from app.core import clock, crypto
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.identity.profile import OLDEST, age_on
from app.web.errors import wants_json

COOKIE = "age"
KEPT = timedelta(days=30)
PURPOSE = "age-gate"
V = TypeVar("V", bound=Callable[..., Any])


def ungated(view: V) -> V:
    """Mark a storefront page that is shown before the gate, such as the gate itself."""
    view.is_ungated = True  # type: ignore[attr-defined]
    return view


def send_to_gate() -> ResponseReturnValue | None:
    """Before each storefront page: to the gate and back, unless it was passed. Programs and posts are let by."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method not in {"GET", "HEAD"} or getattr(view, "is_ungated", False) or wants_json():
        return None
    if was_passed():
        return None
    return redirect(url_for("storefront.age_gate", next=request.full_path.rstrip("?")))


def was_passed() -> bool:
    """Whether this browser showed the store's age, no longer ago than KEPT."""
    needed = stores.current_store().min_age
    if not needed:
        return True
    value, _dot, signature = request.cookies.get(COOKIE, "").rpartition(".")
    if not value or not crypto.signature_is_valid(PURPOSE, value, signature):
        return False
    store_id, age, until = (int(part) for part in value.split("."))
    return store_id == stores.current_store().id and age >= needed and clock.now().timestamp() < until


def remember(response: Response) -> None:
    """Set the cookie of a passed gate."""
    until = int((clock.now() + KEPT).timestamp())
    value = f"{stores.current_store().id}.{stores.current_store().min_age}.{until}"
    response.set_cookie(
        COOKIE,
        f"{value}.{crypto.sign(PURPOSE, value)}",
        max_age=KEPT,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )


def read_date(form: Mapping[str, str]) -> date:
    """The date of birth in the fields `year`, `month` and `day`. InvalidInput(birth_date) when it is none."""
    try:
        born = date(*(int(form.get(part, "")) for part in ("year", "month", "day")))
    except (ValueError, OverflowError):
        raise InvalidInput(
            {"birth_date": _("Enter a day, a month and a year that exist, such as 30, April, 1986.")}
        ) from None
    today = stores.local_today()
    if born > today or born.year < today.year - OLDEST:
        raise InvalidInput({"birth_date": _("Check the year: this date is not in anybody's life.")})
    return born


def is_old_enough(born: date) -> bool:
    """Whether somebody born then may see the store today, by the store's own calendar."""
    return age_on(stores.local_today(), born) >= stores.current_store().min_age
