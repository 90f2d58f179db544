"""One's own wallet: what is in it, what ends when, and every operation."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app import identity
from app.orders.wallet_story import view_wallet
from app.web.actor import current_actor, require_person
from blueprints.account import bp

PAGE_SIZE = 20


@bp.get("/account/wallet", endpoint="wallet")
def wallet_page() -> ResponseReturnValue:
    """Newest first; `before` continues."""
    person = require_person()
    customer_id = current_actor().customer_id or identity.customer_of(person).id
    before = request.args.get("before", type=int)
    view = view_wallet(customer_id, before_id=before, limit=PAGE_SIZE)
    return render_template("account/wallet.html", wallet=view, first=before is None, nav="you")
