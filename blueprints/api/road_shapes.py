"""The board, stops and tracking as the API answers them."""

from dataclasses import fields
from typing import Any

from app.dispatch import Stop, TrackingView
from app.dispatch.board import BoardView, Card
from app.dispatch.geo import Point


def point_shape(point: Point | None) -> dict[str, float] | None:
    """A point on the map."""
    return {"lat": point[0], "lng": point[1]} if point else None


def board_shape(board: BoardView) -> dict[str, Any]:
    """The board without its page."""
    figures, wait = board.figures, board.figures.to_confirm
    return {
        "at": board.now,
        "lanes": [
            {"status": lane.status.value, "label": lane.label, "cards": [_card(card) for card in lane.cards]}
            for lane in board.lanes
        ],
        "failed": [_card(card) for card in board.failed],
        "done": [_card(card) for card in board.done],
        "ringing": list(board.ringing),
        "figures": {
            "open_now": figures.open_now,
            "to_confirm_seconds": int(wait.total_seconds()) if wait is not None else None,
            "inside_percent": figures.inside_percent,
            "cash_minor": figures.cash_minor,
        },
    }


def _card(card: Card) -> dict[str, Any]:
    plain = {field.name: getattr(card, field.name) for field in fields(card)}
    return plain | {
        "kind": card.kind.value,
        "status": card.status.value,
        "payment_status": card.payment_status.value,
        "haste": card.haste.value,
        "driver_id": card.driver.id if card.driver else None,
    }


def stop_shape(stop: Stop) -> dict[str, Any]:
    """A stop."""
    plain = {field.name: getattr(stop, field.name) for field in fields(stop)}
    return plain | {
        "status": stop.status.value,
        "branch": point_shape(stop.branch),
        "door": point_shape(stop.door),
    }


def tracking_shape(view: TrackingView) -> dict[str, Any]:
    """What the holder of a link may know."""
    order, position = view.order, point_shape(view.position)
    plain = {
        name: getattr(view, name)
        for name in (
            "is_live",
            "is_delayed",
            "address",
            "courier",
            "distance_m",
            "stops_before",
            "cash_due_minor",
        )
    }
    return plain | {
        "code": order.code,
        "kind": order.kind.value,
        "status": order.status.value,
        "currency": order.currency,
        "promised_from": order.promised_from,
        "promised_until": order.promised_until,
        "steps": [
            {"status": step.status.value, "title": step.title, "state": step.state, "at": step.at}
            for step in view.steps
        ],
        "branch": point_shape(view.branch),
        "door": point_shape(view.door),
        "position": {**position, "at": view.fix_at} if position else None,
        "eta_minutes": view.minutes,
        "arrives_at": view.estimate.arrives_at if view.estimate else None,
    }
