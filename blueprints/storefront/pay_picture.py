"""The QR code of a payment as a picture: who pays on the same phone cannot point its camera at its own screen."""

from flask import Response, request

from app import orders
from app.core.errors import NotFound
from app.orders.pay_view import load_pay_view
from app.web.qr import picture_qr
from blueprints.storefront import bp
from blueprints.storefront.age import ungated


@bp.get("/pay/<code>/qr.png", endpoint="pay_picture")
@ungated
def pay_picture(code: str) -> Response:
    """What the try under way lets be scanned. NotFound when that is nothing."""
    view = load_pay_view(orders.get_order_by_link(code, request.args.get("t", ""), "pay"))
    text = view.current.shown.get("qr") if view.current is not None else ""
    if not text:
        raise NotFound
    response = Response(picture_qr(text), mimetype="image/png")
    response.headers["Content-Disposition"] = f'attachment; filename="{view.order.code}.png"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
