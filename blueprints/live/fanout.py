"""From one fix of a driver to the pages that follow: the order's own customers, and the board of the store."""

from datetime import datetime
from typing import Any

import structlog
from flask import has_app_context

from app.core import clock
from app.dispatch import (
    DriverMoved,
    Estimate,
    Fix,
    Following,
    ShiftChanged,
    is_delayed,
    next_estimate,
    reckon,
)
from app.dispatch.rooms import BOARD, TRACKING, board_room, order_room
from blueprints.live import feed
from blueprints.live.space import sockets

log = structlog.get_logger()
POSITION, DRIVER, SHIFT = "position", "driver", "shift"
SENT_AT_ONCE = 60
"""Of a long time offline only the last fixes are played to watching pages; all of them are kept."""


def hear(news: DriverMoved | ShiftChanged) -> None:
    """The listener of the dispatch domain. What cannot be sent is lost as a hint only."""
    if not has_app_context():
        return
    if isinstance(news, ShiftChanged):
        change = {"driver_id": news.driver_id, "on_shift": news.on_shift}
        sockets().emit(SHIFT, change, namespace=BOARD, to=board_room(news.store_id))
        return
    fixes = news.fixes[-SENT_AT_ONCE:]
    for following in news.following:
        for message in _messages(news.store_id, following, fixes):
            room = order_room(news.store_id, following.order_id)
            sockets().emit(POSITION, message, namespace=TRACKING, to=room)
    newest = fixes[-1]
    move = {"driver_id": news.driver_id, "lat": newest.lat, "lng": newest.lng, "at": newest.at.isoformat()}
    sockets().emit(DRIVER, move, namespace=BOARD, to=board_room(news.store_id))


def _messages(store_id: int, following: Following, fixes: tuple[Fix, ...]) -> list[dict[str, Any]]:
    estimate = last_estimate(store_id, following.order_id)
    entries = []
    for fix in fixes:
        if following.doors:
            estimate = next_estimate(estimate, reckon(fix.point, following), fix.at)
        entries.append(_entry(following, fix, estimate))
    try:
        numbers = feed.append(store_id, following.order_id, entries)
    except feed.FeedAway as away:
        log.warning("stream of positions away", order_id=following.order_id, error=str(away.__cause__))
        first = feed.clock_seq()
        numbers = [first + i for i in range(len(entries))]
    return [{"seq": seq, **_plain(entry)} for seq, entry in zip(numbers, entries, strict=True)]


def _entry(following: Following, fix: Fix, estimate: Estimate | None) -> dict[str, Any]:
    now = clock.now()
    return {
        "lat": round(fix.lat, 6),
        "lng": round(fix.lng, 6),
        "at": fix.at,
        "eta_minutes": estimate.minutes_left(now) if estimate else None,
        "arrives_at": estimate.arrives_at if estimate else None,
        "made_at": estimate.made_at if estimate else None,
        "delayed": is_delayed(following.promised_until, estimate.arrives_at if estimate else None, now),
        "status": following.status,
    }


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in entry.items()}


def last_estimate(store_id: int, order_id: int) -> Estimate | None:
    """The estimate that was shown last; None when there is none or it cannot be read."""
    try:
        known = feed.last(store_id, order_id)
    except feed.FeedAway:
        return None
    if known is None or not known["arrives_at"] or not known["made_at"]:
        return None
    return Estimate(datetime.fromisoformat(known["arrives_at"]), datetime.fromisoformat(known["made_at"]))
