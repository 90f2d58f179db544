"""The driver's: shift, stops, what happens at each, and where they are."""

from typing import Any

from app import dispatch, orders
from app.core.actor import Actor
from app.dispatch import Fix
from app.orders import Action, Details
from app.web.actor import require
from blueprints.api import once
from blueprints.api.road_shapes import stop_shape
from blueprints.api.schemas import orders as order_shapes
from blueprints.api.schemas import road
from blueprints.api.section import Section
from blueprints.api.shapes import handed, order_shape


def _driver() -> Actor:
    return require("driver")


bp = Section(
    "driver",
    "Driver",
    "For drivers. Another driver's order is answered like one that does not exist.",
    guard=_driver,
)
ORDER = "/driver/orders/{code}"


def _tap(code: str, action: Action, details: Details | None = None) -> dict[str, Any]:
    actor = _driver()
    key = once.given_key()
    order, _moved = dispatch.act_at_stop(code, action, actor=actor, details=details, key=key)
    return order_shape(orders.get_order(order.code, actor=actor), actor)


@bp.call("POST", "/driver/shift/start", signed_in=True, summary="Come on shift")
@bp.response(200, road.Driver)
def start_shift() -> Any:
    """Again changes nothing."""
    return dispatch.day_of(dispatch.start_shift(_driver()))


@bp.call("POST", "/driver/shift/end", signed_in=True, summary="Go off shift")
@bp.response(200, road.Driver)
def end_shift() -> Any:
    """409 `deliveries-open` while orders are in the bag. Again changes nothing."""
    return dispatch.day_of(dispatch.end_shift(_driver()))


@bp.call("GET", "/driver/stops", signed_in=True, summary="Stops in order")
@bp.response(200, road.StopList)
def list_stops() -> Any:
    """With time and distance from where the driver was last seen."""
    return {"items": [stop_shape(stop) for stop in dispatch.stops_of(_driver())], "next_cursor": None}


@bp.call("POST", f"{ORDER}/pick-up", signed_in=True, summary="Picked up", parameters=[once.KEY_WELCOME])
@bp.response(200, order_shapes.Order)
def pick_order_up(code: str) -> Any:
    """ASSIGNED → PICKED_UP. A second tap changes nothing."""
    return _tap(code, Action.pick_up)


@bp.call("POST", f"{ORDER}/deliver", signed_in=True, summary="Delivered", parameters=[once.KEY_WELCOME])
@bp.arguments(road.HandedAsked)
@bp.response(200, order_shapes.Order)
def deliver_order(asked: dict[str, Any], code: str) -> Any:
    """PICKED_UP → DELIVERED, with the cash and the ID check it needs. A second tap changes nothing."""
    return _tap(code, Action.deliver, handed(asked))


@bp.call("POST", f"{ORDER}/fail", signed_in=True, summary="Not delivered", parameters=[once.KEY_WELCOME])
@bp.arguments(road.ReasonAsked)
@bp.response(200, order_shapes.Order)
def fail_order(asked: dict[str, Any], code: str) -> Any:
    """PICKED_UP → FAILED, with a reason. A second tap changes nothing."""
    return _tap(code, Action.fail, Details(reason=asked["reason"]))


@bp.call("POST", "/driver/positions", signed_in=True, summary="Where the driver is")
@bp.arguments(road.PositionsAsked)
@bp.response(200, road.Recorded)
def record_positions(asked: dict[str, Any]) -> Any:
    """Send what has not been accepted yet; sent twice, kept once."""
    return dispatch.record_positions(_driver(), [Fix(**fix) for fix in asked["positions"]])
