"""/tracking: the customer's page follows one order, by its signed link or as its owner."""

from typing import Any

from flask_socketio import join_room, leave_room

from app import orders
from app.core.errors import NotFound
from app.core.tenancy import current_store_id
from app.dispatch.rooms import TRACKING, order_room
from app.orders import Order
from app.web.actor import current_actor
from blueprints.live.catchup import open_order, state_of
from blueprints.live.space import StoreSpace, in_store

LONGEST = 64


class TrackingSpace(StoreSpace):
    """`join {order, token, last_seq}` answers state_of; then `position` and `order` messages come."""

    def __init__(self) -> None:
        super().__init__(TRACKING)

    @in_store
    def on_join(self, wanted: Any = None) -> dict[str, Any]:
        """Enter the room first and read the stream after: nothing falls between the two."""
        asked = wanted if isinstance(wanted, dict) else {}
        order = _authorised(asked)
        join_room(order_room(current_store_id() or 0, order.id))
        return state_of(order, _number(asked.get("last_seq")))

    @in_store
    def on_leave(self, wanted: Any = None) -> dict[str, Any]:
        """Follow no more."""
        order = _authorised(wanted if isinstance(wanted, dict) else {})
        leave_room(order_room(current_store_id() or 0, order.id))
        return {"order": order.code}


def _authorised(asked: dict[str, Any]) -> Order:
    code, token = str(asked.get("order", ""))[:LONGEST], str(asked.get("token", ""))[:LONGEST]
    if token:
        return open_order(code, token)
    if not current_actor().is_authenticated:
        raise NotFound
    return orders.get_order(code, actor=current_actor())


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0
