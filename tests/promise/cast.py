"""A small Miami and a small Jakarta to ask promises of."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from app.promise import (
    Area,
    Ask,
    Booking,
    HandOver,
    Mode,
    Options,
    Place,
    Reason,
    ReasonCode,
    Slot,
    Window,
    World,
    check_choice,
    options,
)

NEW_YORK = ZoneInfo("America/New_York")
JAKARTA = ZoneInfo("Asia/Jakarta")

NINE_TO_NINE = {day: ((time(9), time(21)),) for day in range(7)}
ALL_DAY = {day: ((time(0), time(0)),) for day in range(7)}

MAIN = Place(1, "main", "Brickell", 25.76, -80.19, NINE_TO_NINE)
GROVE = Area(
    1,
    "Brickell–Coconut Grove",
    frozenset({"33129", "33133", "33145"}),
    branch_id=1,
    fee_minor=590,
    minimum_minor=2500,
    free_from_minor=7500,
    eta_minutes=(35, 50),
)
BEACH = Area(2, "Miami Beach", frozenset({"33139"}), branch_id=1, fee_minor=790)
RUSH_HOUR = Window(
    time(17),
    time(19),
    weekdays=frozenset(range(5)),
    zips=frozenset({"33129"}),
    note={"en": "No deliveries to 33129 from 5 to 7 PM on weekdays."},
)
MIAMI = World(NEW_YORK, "US", "USD", (MAIN,), (GROVE, BEACH), windows=(RUSH_HOUR,))


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """A wall-clock time of the store: at("2026-11-20 10:03"); 2026-11-20 is a Friday."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def ask(now: str | datetime = "2026-11-20 10:03", zip: str = "33133", **more: Any) -> Ask:
    """A question at a local time; goods above every minimum unless told otherwise."""
    moment = at(now) if isinstance(now, str) else now
    return Ask(**{"now": moment, "zip": zip, "goods_minor": 5000, **more})


def pickup(now: str = "2026-11-20 10:03", **more: Any) -> Ask:
    """The same at the counter."""
    return ask(now, zip="", kind=HandOver.pickup, **more)


def opened(world: World, hours: dict, **more: Any) -> World:
    """The world with other hours at every branch."""
    return replace(world, places=tuple(replace(p, weekly=hours, **more) for p in world.places))


def booked(world: World, **counts: Booking) -> World:
    """The world with counts at local times given as `d20_1100`, day and time of November 2026, branch 1."""
    rows = {
        (1, datetime(2026, 11, int(k[1:3]), int(k[4:6]), int(k[6:]), tzinfo=NEW_YORK).astimezone(UTC)): v
        for k, v in counts.items()
    }
    return replace(world, booked=rows)


def slot_of(found: Options, text: str) -> Slot:
    """The slot that starts at a wall-clock time."""
    return next(slot for slot in found.slots if slot.starts_at == at(text))


def code(reason: Reason | None) -> ReasonCode | None:
    """The code of a reason, None for none."""
    return reason.code if reason else None


def choose(world: World, asked: Ask, mode: Mode, slot: datetime | None = None) -> Reason | None:
    """Why a choice of what the world offers is refused; None when it is not."""
    return check_choice(options(world, asked), mode, slot, now=asked.now)
