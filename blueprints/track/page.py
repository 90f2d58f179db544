"""The tracking page's words: what is expected and when, and what its script is given."""

from typing import Any

from flask import url_for
from flask_babel import format_time

from app import orders, stores
from app.core.i18n import _, _n, active_locale
from app.dispatch import TrackingView
from app.orders import Kind, Status
from app.orders.labels import status_label
from app.orders.states import UNPAID
from blueprints.live.words import map_settings, show_distance
from blueprints.storefront.order_lines import show_lines


def page_of(view: TrackingView, token: str) -> dict[str, Any]:
    """The context of the page and of its sheet."""
    store = stores.current_store()
    lead, figure = _headline(view)
    return {
        "view": view,
        "order": view.order,
        "lead": lead,
        "figure": figure,
        "left": _left(view),
        "aside": _aside(view),
        "lines": show_lines(view.order),
        "phone": view.order.branch.phone or store.support_phone,
        "distance": show_distance,
        "paying": orders.payment_url(view.order.code)
        if view.is_live and view.order.payment_status in UNPAID
        else "",
        "map": map_settings(),
        "data": _script_data(view, token),
    }


def _clock(at: Any) -> str:
    return str(format_time(at.astimezone(stores.current_store().zone), "short", rebase=False))


def _headline(view: TrackingView) -> tuple[str, str]:
    """A line and the big figure under it."""
    order = view.order
    if order.status in {Status.DELIVERED, Status.COLLECTED}:
        return status_label(order.status), _clock(order.status_at)
    if not view.is_live:
        return _("Order %(code)s", code=order.code), status_label(order.status)
    if order.kind is Kind.pickup and order.status is Status.READY:
        return _("Your pickup code"), order.pickup_code or order.code[-4:]
    if view.estimate is not None:
        return _("Arriving around"), _clock(view.estimate.arrives_at)
    if order.promised_until is not None:
        ready = _("Ready by") if order.kind is Kind.pickup else _("With you by")
        return ready, _clock(order.promised_until)
    return _("Order %(code)s", code=order.code), status_label(order.status)


def _left(view: TrackingView) -> str:
    if view.minutes is None:
        return ""
    minutes = _("%(minutes)s min", minutes=view.minutes)
    return f"{minutes}, {show_distance(view.distance_m)}" if (view.distance_m or 0) > 30 else minutes


def _aside(view: TrackingView) -> str:
    """One honest sentence under the bar."""
    order = view.order
    if not view.is_live:
        return order.why if order.status in {Status.CANCELLED, Status.FAILED} else ""
    if view.is_delayed and order.promised_until:
        return _(
            "Later than promised: it should have been with you by %(time)s. We are sorry.",
            time=_clock(order.promised_until),
        )
    parts = []
    if order.mode == "slot" and order.promised_from and order.promised_until:
        inside = view.estimate is not None and view.estimate.arrives_at >= order.promised_from
        window = f"{_clock(order.promised_from)}–{_clock(order.promised_until)}"
        said = _("Inside your %(window)s slot.") if inside else _("Your slot is %(window)s.")
        parts.append(said % {"window": window})
    elif order.promised_until and view.estimate:
        parts.append(_("Promised by %(time)s.", time=_clock(order.promised_until)))
    if view.stops_before:
        parts.append(_n("%(num)s stop before yours.", "%(num)s stops before yours.", view.stops_before))
    return " ".join(parts)


def _script_data(view: TrackingView, token: str) -> dict[str, Any]:
    order = view.order
    return {
        "order": order.code,
        "token": token,
        "status": order.status.value,
        "eventSeq": order.event_seq,
        "live": view.is_live,
        "branch": view.branch,
        "door": view.door,
        "path": view.path,
        "position": view.position,
        "at": view.fix_at.isoformat() if view.fix_at else None,
        "locale": active_locale(),
        "timeZone": stores.current_store().timezone,
        "imperial": stores.current_store().country == "US",
        "events": url_for("track.events", code=order.code, t=token),
        "sheet": url_for("track.sheet", code=order.code, t=token),
    }
