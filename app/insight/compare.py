"""Two replays of the same orders side by side, as the JSON that the result page draws. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from app.insight.past import Fate, Outcome, Replay, Terms
from app.promise import World
from app.promise.grid import grid_of

MOST_LISTED = 60
Pair = tuple[Outcome, Outcome]


def compare(
    before: Replay, after: Replay, *, worlds: tuple[World, World], terms: tuple[Terms, Terms]
) -> dict[str, Any]:
    """What the change would have meant. An order is lost when it was not before, moved when its time is another."""
    pairs = [
        (was, now)
        for was, now in zip(before.outcomes, after.outcomes, strict=True)
        if was.past.given_back_at is None
    ]
    lost = [pair for pair in pairs if _is_lost(pair)]
    won = [pair for pair in pairs if _is_lost((pair[1], pair[0]))]
    moved = [pair for pair in pairs if _is_moved(pair)]
    days = _days(before, worlds[0])
    return {
        "orders": len(pairs),
        "days": len(days),
        "before": _side([was for was, _now in pairs], before, worlds[0], terms[0], days),
        "after": _side([now for _was, now in pairs], after, worlds[1], terms[1], days),
        "lost": len(lost),
        "lost_minor": sum(now.past.goods_minor for _was, now in lost),
        "won": len(won),
        "won_minor": sum(now.past.goods_minor for _was, now in won),
        "moved": len(moved),
        "moved_minutes": round(median(_shift(pair) for pair in moved)) if moved else 0,
        "reasons": Counter(now.why.value for _was, now in (*lost, *moved) if now.why).most_common(),
        "zones": _zones(pairs),
        "listed": [_listed(pair, worlds[1]) for pair in sorted([*lost, *moved], key=_by_day)[:MOST_LISTED]],
    }


def _is_lost(pair: Pair) -> bool:
    return pair[0].fate is not Fate.lost and pair[1].fate is Fate.lost


def _is_moved(pair: Pair) -> bool:
    was, now = pair
    served = Fate.lost not in {was.fate, now.fate}
    return served and (was.mode, was.starts_at) != (now.mode, now.starts_at)


def _shift(pair: Pair) -> float:
    was, now = pair
    assert was.starts_at is not None  # both are served
    assert now.starts_at is not None
    return abs(now.starts_at - was.starts_at) / timedelta(minutes=1)


def _by_day(pair: Pair) -> datetime:
    return pair[0].past.placed_at


def _days(replay: Replay, world: World) -> list[date]:
    """Every local day from the first order to the last."""
    if not replay.outcomes:
        return []
    first, last = (
        replay.outcomes[place].past.placed_at.astimezone(world.timezone).date() for place in (0, -1)
    )
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _side(
    outcomes: Sequence[Outcome], replay: Replay, world: World, terms: Terms, days: Sequence[date]
) -> dict[str, Any]:
    late = [one.late_minutes for one in outcomes if one.late_minutes >= 1]
    booked, places = _filled(replay, world, days)
    hours = {hour for hour in places if places[hour]}
    open_minutes = (
        60 * sum(1 for day in days for _d, _h in hours if _d == day.weekday()) * max(1, terms.drivers)
    )
    return {
        "served": sum(one.fate is not Fate.lost for one in outcomes),
        "late": len(late),
        "late_minutes": round(median(late)) if late else 0,
        "drivers": terms.drivers,
        "on_road": _percent(sum(replay.busy.values()), open_minutes),
        "fill": _matrix(booked, places),
        "filled": _percent(sum(booked.values()), sum(places.values())),
        "busy": _matrix(
            replay.busy,
            {
                hour: 60 * terms.drivers * sum(day.weekday() == hour[0] for day in days)
                for hour in hours | {*replay.busy}
            },
        ),
    }


def _filled(
    replay: Replay, world: World, days: Sequence[date]
) -> tuple[Mapping[tuple[int, int], float], Mapping[tuple[int, int], float]]:
    """Places taken and places there were, by local (weekday, hour), over all branches and days."""
    booked: dict[tuple[int, int], float] = defaultdict(float)
    places: dict[tuple[int, int], float] = defaultdict(float)
    if not days:
        return booked, places
    for place in world.places:
        rows = {start: row for (branch, start), row in replay.booked.items() if branch == place.id}
        long_ago = datetime.min.replace(tzinfo=UTC)
        grid = grid_of(world, place, first=days[0], days=len(days), now=long_ago, booked=rows)
        for cell in grid.cells:
            hour = cell.starts_at.weekday(), cell.starts_at.hour
            booked[hour] += cell.booked
            places[hour] += cell.capacity
    return booked, places


def _matrix(
    part: Mapping[tuple[int, int], float], whole: Mapping[tuple[int, int], float]
) -> list[list[int | None]]:
    """Percent by weekday and hour; None where there is nothing to fill."""
    return [
        [_percent(part.get((day, hour), 0), whole.get((day, hour), 0)) for hour in range(24)]
        for day in range(7)
    ]


def _percent(part: float, whole: float) -> int | None:
    return round(100 * part / whole) if whole else None


def _zones(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    zones: dict[str, dict[str, Any]] = {}
    for was, now in pairs:
        name = was.zone or now.zone
        row = zones.setdefault(
            name, {"name": name, "orders": 0, "lost": 0, "moved": 0, "late_before": 0, "late_after": 0}
        )
        row["orders"] += 1
        row["lost"] += _is_lost((was, now))
        row["moved"] += _is_moved((was, now))
        row["late_before"] += was.late_minutes >= 1
        row["late_after"] += now.late_minutes >= 1
    return sorted(zones.values(), key=lambda row: (-row["orders"], row["name"]))


def _listed(pair: Pair, world: World) -> dict[str, Any]:
    was, now = pair
    told = lambda at: at.astimezone(world.timezone).isoformat(timespec="minutes") if at else None  # noqa: E731
    return {
        "code": was.past.code,
        "zone": was.zone,
        "zip": was.past.zip,
        "goods_minor": was.past.goods_minor,
        "placed": told(was.past.placed_at),
        "was": told(was.starts_at),
        "was_express": was.mode == "asap",
        "now": told(now.starts_at),
        "lost": now.fate is Fate.lost,
        "why": now.why.value if now.why else "",
    }
