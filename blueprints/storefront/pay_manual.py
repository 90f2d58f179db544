"""The part of the payment page for money sent by hand, and "I have sent it"."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import orders
from app.core import clock
from app.core.amounts import show_plain
from app.core.errors import DomainError, ErrorKind, InvalidInput
from app.desk import claims, proofs
from app.desk.ways import ways_to_send
from app.orders.pay_view import PayView, load_pay_view
from app.payments.catalogue import Flow
from app.web.actor import current_actor
from app.web.qr import draw_qr
from blueprints.storefront import bp
from blueprints.storefront.age import ungated
from blueprints.storefront.pay import show_refused
from blueprints.storefront.pay_parts import Part, register_part


def manual_part(view: PayView, _signature: str) -> dict[str, Any]:
    """What pay/_manual.html and pay/_late.html need."""
    attempt = view.current or view.late
    assert attempt is not None  # part_of has looked
    said = claims.claims_of([attempt.id]).get(attempt.id, [])
    ways = ways_to_send(attempt)
    return {
        "attempt": attempt,
        "ways": ways,
        "qr": draw_qr(ways.qr) if ways.qr else "",
        "claims": said,
        "minutes": int((attempt.expires_at - clock.now()).total_seconds() // 60),
        "plain_amount": show_plain(attempt.amount_minor, attempt.currency),
        "most_bytes": proofs.MOST_BYTES,
        "errors": {},
        "typed": {"payer": view.order.contact_name, "reference": ""},
    }


register_part(Flow.manual, Part("pay/_manual.html", manual_part, late="pay/_late.html"))


@bp.post("/pay/<code>/manual", endpoint="say_sent")
@ungated
def say_sent(code: str) -> ResponseReturnValue:
    """I have sent it: with the bank's number, a picture, or both."""
    order = orders.get_order_by_link(code, request.args.get("t", ""), "pay")
    sent = request.files.get("photo")
    picture = sent.stream.read(proofs.MOST_BYTES + 1) if sent else b""
    typed = {name: request.form.get(name, "") for name in ("payer", "reference")}
    try:
        claims.say_sent(order.id, picture=picture, actor=current_actor(), **typed)
    except DomainError as error:
        return _again(code, error, typed)
    return redirect(url_for("storefront.pay", code=code, t=request.args.get("t")), 303)


def _again(code: str, error: DomainError, typed: dict[str, str]) -> ResponseReturnValue:
    """The page with what is wrong beside its field, and with everything that was typed."""
    if error.kind is ErrorKind.not_found:
        raise error
    errors = error.errors if isinstance(error, InvalidInput) else {}
    view = load_pay_view(orders.get_order_by_link(code, request.args.get("t", ""), "pay"))
    return show_refused(view, error, errors=errors, typed=typed)
