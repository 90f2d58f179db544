"""How a way to pay is carried out on the page: a template and what it needs, by flow or by method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.core.settings import setting
from app.orders.pay_view import PayView
from app.payments import methods
from app.payments.catalogue import METHODS, Flow
from app.payments.ports import Show
from app.web import security
from app.web.qr import draw_qr

SNAP = "/snap/snap.js"


@dataclass(frozen=True)
class Part:
    """`template` is drawn with `part`, what `context` gives for the view and the signature of the link; `late` in its
    place for an order that is over while money may still come."""

    template: str
    context: Callable[[PayView, str], dict[str, Any]]
    late: str = ""


_PARTS: dict[Flow, Part] = {}


def register_part(flow: Flow, part: Part) -> None:
    """Let `part` carry out what comes by this flow."""
    _PARTS[flow] = part


def part_of(view: PayView, signature: str) -> tuple[str, dict[str, Any]] | None:
    """(template, context) of the try under way, or of one that may still bring money; None when there is none."""
    attempt = view.current or view.late
    part = _PARTS.get(METHODS[attempt.method].flow) if attempt is not None else None
    template = (part.template if view.current is not None else part.late) if part is not None else ""
    return (template, part.context(view, signature)) if part is not None and template else None


def _gateway(view: PayView, signature: str) -> dict[str, Any]:
    """What the provider gave us to show. The page may send the customer to that address and to no other."""
    assert view.current is not None  # part_of has looked
    shown = view.current.shown
    show, url = shown.get("show", ""), shown.get("url", "")
    if show == Show.redirect and shown.get("form"):
        security.allow("form-action", url)
    popup = {}
    if show == Show.popup:
        address = str(setting("MIDTRANS_SNAP_URL"))
        security.allow("frame-src", address)
        account = methods.credentials(view.current.method)
        popup = {"script": address + SNAP, "key": account.settings.get("client_key", "")}
    qr = draw_qr(shown["qr"]) if shown.get("qr") else ""
    return {
        "show": show,
        "url": url,
        "form": shown.get("form", {}),
        "token": shown.get("token", ""),
        "qr": qr,
    } | popup


register_part(Flow.gateway, Part("pay/_gateway.html", _gateway))
