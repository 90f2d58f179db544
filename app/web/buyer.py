"""Who asks for prices: the customer signed in to the request."""

from flask import g, has_request_context

from app.catalog import prices
from app.web.actor import current_actor
from app.web.sharing import share_by


def asking_buyer() -> prices.Buyer:
    """The customer of this request as a buyer; NOBODY for strangers and outside of requests."""
    if not has_request_context():
        return prices.NOBODY
    customer_id = current_actor().customer_id
    known: tuple[int | None, prices.Buyer] | None = g.get("buyer")
    if known is None or known[0] != customer_id:  # signing in changes who is asking
        g.buyer = known = (customer_id, prices.buyer_of(customer_id))
    return known[1]


def init_app() -> None:
    """Prices ask here who is asking; copies of pages end when everybody's prices change."""
    prices.learn_asker(asking_buyer)
    share_by(prices.next_turn)
