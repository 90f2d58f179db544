"""The dispatcher's: the board, drivers, and moving orders along."""

from typing import Any

from app import dispatch, orders
from app.core.actor import Actor
from app.dispatch.board import board_view
from app.orders import Action, Details
from app.orders.states import DISPATCH
from app.web.actor import require
from blueprints.api import once
from blueprints.api.road_shapes import board_shape
from blueprints.api.schemas import orders as order_shapes
from blueprints.api.schemas import road
from blueprints.api.section import Section
from blueprints.api.shapes import handed, order_shape


def _dispatcher() -> Actor:
    return require(*DISPATCH)


bp = Section(
    "dispatch",
    "Dispatch",
    "For dispatchers, managers and administrators. An order that has moved on answers 409 with what is `allowed`.",
    guard=_dispatcher,
)
ORDER = "/dispatch/orders/{code}"


def _move(code: str, action: Action, details: Details | None = None) -> dict[str, Any]:
    actor = _dispatcher()
    once.act_once(code, action, actor, details)
    return order_shape(orders.get_order(code, actor=actor), actor)


@bp.call("GET", "/dispatch/board", signed_in=True, summary="The board")
@bp.response(200, road.Board)
def get_board() -> Any:
    """Open orders by status, those that failed, and those that ended today."""
    return board_shape(board_view(_dispatcher()))


@bp.call("GET", "/dispatch/drivers", signed_in=True, summary="Drivers")
@bp.response(200, road.DriverList)
def list_drivers() -> Any:
    """Everybody who drives for this store."""
    _dispatcher()
    return {"items": dispatch.drivers_overview(), "next_cursor": None}


@bp.call("POST", f"{ORDER}/acknowledge", signed_in=True, summary="Seen", parameters=[once.KEY_WELCOME])
@bp.response(200, order_shapes.Order)
def acknowledge_order(code: str) -> Any:
    """The siren stops. The first one is kept; again changes nothing."""
    actor = _dispatcher()
    orders.acknowledge_order(code, actor=actor)
    return order_shape(orders.get_order(code, actor=actor), actor)


@bp.call("POST", f"{ORDER}/confirm", signed_in=True, summary="Confirm", parameters=[once.KEY_WELCOME])
@bp.response(200, order_shapes.Order)
def confirm_order(code: str) -> Any:
    """PENDING → CONFIRMED."""
    return _move(code, Action.confirm)


@bp.call("POST", f"{ORDER}/ready", signed_in=True, summary="Packed", parameters=[once.KEY_WELCOME])
@bp.response(200, order_shapes.Order)
def mark_order_ready(code: str) -> Any:
    """CONFIRMED → READY."""
    return _move(code, Action.ready)


@bp.call("POST", f"{ORDER}/assign", signed_in=True, summary="Give to a driver", parameters=[once.KEY_WELCOME])
@bp.arguments(road.AssignAsked)
@bp.response(200, order_shapes.Order)
def assign_order(asked: dict[str, Any], code: str) -> Any:
    """READY or ASSIGNED → ASSIGNED. 409 when the driver is off shift or full."""
    return _move(code, Action.assign, Details(driver_id=asked["driver_id"]))


@bp.call("POST", f"{ORDER}/unassign", signed_in=True, summary="Take back", parameters=[once.KEY_WELCOME])
@bp.arguments(road.ReasonAsked)
@bp.response(200, order_shapes.Order)
def unassign_order(asked: dict[str, Any], code: str) -> Any:
    """ASSIGNED → READY, with a reason."""
    return _move(code, Action.unassign, Details(reason=asked["reason"]))


@bp.call("POST", f"{ORDER}/collect", signed_in=True, summary="Collected", parameters=[once.KEY_WELCOME])
@bp.arguments(road.HandedAsked)
@bp.response(200, order_shapes.Order)
def hand_order_over_the_counter(asked: dict[str, Any], code: str) -> Any:
    """READY → COLLECTED, for orders that wait at the counter."""
    return _move(code, Action.collect, handed(asked))


@bp.call("POST", f"{ORDER}/take-back", signed_in=True, summary="Back in stock", parameters=[once.KEY_WELCOME])
@bp.response(200, order_shapes.Order)
def take_order_back(code: str) -> Any:
    """FAILED → RETURNED."""
    return _move(code, Action.take_back)


@bp.call("POST", f"{ORDER}/retry", signed_in=True, summary="Deliver again", parameters=[once.KEY_WELCOME])
@bp.response(200, order_shapes.Order)
def retry_order(code: str) -> Any:
    """FAILED → READY."""
    return _move(code, Action.retry)
