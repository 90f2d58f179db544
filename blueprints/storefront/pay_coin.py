"""The part of the payment page for coins, and the same part looked at again while somebody pays."""

from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from app import orders
from app.orders.pay_view import PayView, load_pay_view
from app.payments.catalogue import Flow
from app.payments.coins import showing
from app.web.qr import draw_qr
from blueprints.storefront import bp
from blueprints.storefront.age import ungated
from blueprints.storefront.pay_parts import Part, register_part


def coin_part(view: PayView, _signature: str) -> dict[str, Any]:
    """What pay/_coin.html needs."""
    coin = showing.part_of(view.current) if view.current is not None else None
    return {"coin": coin, "qr": draw_qr(coin.uri) if coin else ""}


register_part(Flow.chain, Part("pay/_coin.html", coin_part))


@bp.get("/pay/<code>/coin", endpoint="pay_coin")
@ungated
def pay_coin(code: str) -> ResponseReturnValue:
    """The part as it is now; when the try is over, nothing: the page itself looks for that."""
    signature = request.args.get("t", "")
    view = load_pay_view(orders.get_order_by_link(code, signature, "pay"))
    if view.current is None or view.method is None or view.method.flow is not Flow.chain:
        return "", 204
    part = coin_part(view, signature)
    response = make_response(render_template("pay/_coin.html", part=part, order=view.order, t=signature))
    response.headers["Cache-Control"] = "private, no-store"
    return response
