"""Where an order stands and what was missed since a number: the answer to a join and to a poll."""

from datetime import UTC, datetime
from typing import Any

from app import dispatch, orders
from app.core.tenancy import current_store_id
from app.orders import Order, Status
from blueprints.live import feed
from blueprints.live.fanout import last_estimate


def open_order(code: str, signature: str) -> Order:
    """The order of a signed link. Raises NotFound."""
    return orders.get_order_by_link(code, signature)


def view_of(order: Order) -> dispatch.TrackingView:
    """The tracking view with the estimate that was shown last, so that a reload does not move it."""
    return dispatch.tracking_view(order, last_estimate(current_store_id() or 0, order.id))


def state_of(order: Order, after: int) -> dict[str, Any]:
    """Everything a live page needs to go on: state, newest position, estimate and, in `missed`, positions since.

    `seq` is the number to ask from next time. Raises nothing when Valkey is away: PostgreSQL answers then.
    """
    view = view_of(order)
    missed = _missed(order, after) if view.position else []
    seq = max([after, *(entry["seq"] for entry in missed)])
    position = {"lat": view.position[0], "lng": view.position[1]} if view.position else None
    estimate = view.estimate
    return {
        "order": order.code,
        "status": order.status.value,
        "event_seq": order.event_seq,
        "seq": seq,
        "position": position,
        "at": view.fix_at.isoformat() if view.fix_at else None,
        "eta_minutes": view.minutes,
        "arrives_at": estimate.arrives_at.isoformat() if estimate else None,
        "delayed": view.is_delayed,
        "missed": missed,
    }


def _missed(order: Order, after: int) -> list[dict[str, Any]]:
    try:
        return feed.after(current_store_id() or 0, order.id, after)
    except feed.FeedAway:
        return _from_rows(order, after)


def _from_rows(order: Order, after: int) -> list[dict[str, Any]]:
    """Fixes received since, numbered by when they were: near enough for a page that goes on polling."""
    if order.driver_id is None or order.status is not Status.PICKED_UP:
        return []
    since = datetime.fromtimestamp((after // feed.COUNTS + 1) / 1000, UTC) if after else order.status_at
    rows = dispatch.positions_received(order.driver_id, max(since, order.status_at), feed.KEEP)
    return [
        {
            "seq": int(row.received_at.timestamp() * 1000) * feed.COUNTS + index % feed.COUNTS,
            "lat": row.lat,
            "lng": row.lng,
            "at": row.at.isoformat(),
            "eta_minutes": None,
            "arrives_at": None,
            "made_at": None,
            "delayed": False,
            "status": order.status.value,
        }
        for index, row in enumerate(rows, start=1)
    ]
