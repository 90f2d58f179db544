"""Following an order by its link."""

from typing import Any

from app import dispatch, orders
from blueprints.api.road_shapes import tracking_shape
from blueprints.api.schemas import road
from blueprints.api.section import Section

bp = Section("track", "Tracking", "Whoever holds an order's link may follow it, and nothing else.")


@bp.call("GET", "/track/{code}", summary="Where it is")
@bp.arguments(road.LinkQuery, location="query")
@bp.response(200, road.Tracking)
def track_order(query: dict[str, Any], code: str) -> Any:
    """`t` is the signature of `tracking_url`. 404 without a good one."""
    return tracking_shape(dispatch.tracking_view(orders.get_order_by_link(code, query["t"])))
