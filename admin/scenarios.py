"""The what-if form read: only what differs from the settings of now becomes part of a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin.hours import read_clock
from app import promise, stores
from app.core import clock
from app.core.amounts import parse_money, parse_percent
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.insight.scenario import Scenario
from app.promise import Area, Place, SlotPolicy
from app.promise.models import TrafficWindow
from app.promise.usual import SLOT_LENGTHS

FLAGS = ("active", "express", "slots")
_DAYS = {str(day) for day in range(7)}


@dataclass(frozen=True)
class Settings:
    """The settings of now that a scenario can differ from."""

    areas: Sequence[Area]
    places: Sequence[Place]
    policy: SlotPolicy
    windows: Sequence[TrafficWindow]
    lengths: Sequence[int] = SLOT_LENGTHS


def read_settings() -> Settings:
    """From the tables as they are."""
    world = promise.load_world(clock.now())
    rows = db.session.scalars(select(TrafficWindow).where(TrafficWindow.active).order_by(TrafficWindow.id))
    return Settings(world.areas, world.places, world.policy, rows.all())


def read_scenario(form: MultiDict[str, str], now: Settings, drivers: int) -> Scenario:
    """The scenario of a sent form. InvalidInput beside each field that makes no sense."""
    reader = _Reader(form)
    usual_drivers = reader.number("usual_drivers", 1, 200, drivers)
    scenario = Scenario(
        weeks=reader.number("weeks", 1, 12, 4),
        usual_drivers=usual_drivers,
        drivers=reader.number("drivers", 1, 200, usual_drivers),
        patience_minutes=reader.number("patience_minutes", 0, 2880, 120),
        capacity_percent=reader.number("capacity_percent", 0, 1000, 100),
        band=reader.band(),
        policy=reader.policy(now.policy),
        zones={str(area.id): changed for area in now.areas if (changed := reader.zone(area))},
        windows_off=tuple(
            row.id for row in now.windows if "windows" in form and f"{row.id}" not in reader.kept
        ),
        window=reader.window({area.id for area in now.areas}),
    )
    if reader.errors:
        raise InvalidInput(reader.errors)
    return scenario


class _Reader:
    """Reads field after field and keeps what is wrong."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self.form = form
        self.kept = set(form.getlist("window"))
        self.errors: dict[str, str] = {}

    def number(self, name: str, least: int, most: int, otherwise: int) -> int:
        typed = self.form.get(name, "").strip()
        if not typed:
            return otherwise
        if not (typed.isascii() and typed.isdigit() and len(typed) < 9 and least <= int(typed) <= most):
            self.errors[name] = _("A whole number from %(least)s to %(most)s.", least=least, most=most)
            return otherwise
        return int(typed)

    def days(self, name: str) -> list[int]:
        return sorted({int(day) for day in self.form.getlist(name) if day in _DAYS})

    def band(self) -> dict[str, Any] | None:
        if not self.form.get("band_capacity", "").strip():
            return None
        start, until = self.number("band_from", 0, 23, 0), self.number("band_until", 1, 24, 24)
        days = self.days("band_day")
        if start >= until or not days:
            self.errors["band_capacity"] = _("Tick days and choose the hours of the band.")
        capacity = self.number("band_capacity", 0, 10_000, 0)
        return {"weekdays": days, "from_hour": start, "until_hour": until, "capacity": capacity}

    def policy(self, now: SlotPolicy) -> dict[str, int]:
        values = {
            "slot_minutes": (self.number("slot_minutes", 10, 60, now.length_minutes), now.length_minutes),
            "lead_minutes": (self.number("lead_minutes", 0, 1440, now.lead_minutes), now.lead_minutes),
            "horizon_days": (self.number("horizon_days", 1, 14, now.horizon_days), now.horizon_days),
            "express_share_bp": (self._share(now.express_share_bp), now.express_share_bp),
        }
        if values["slot_minutes"][0] not in SLOT_LENGTHS:
            self.errors["slot_minutes"] = _("Choose one of the lengths shown: a slot divides an hour.")
        return {name: tried for name, (tried, current) in values.items() if tried != current}

    def _share(self, now: int) -> int:
        typed = self.form.get("express_share", "").strip()
        if not typed:
            return now
        try:
            share = parse_percent(typed, "express_share")
        except InvalidInput as error:
            self.errors |= error.errors
            return now
        if not 0 <= share <= 10_000:
            self.errors["express_share"] = _("A whole number from %(least)s to %(most)s.", least=0, most=100)
        return share

    def zone(self, area: Area) -> dict[str, Any]:
        if f"zone-{area.id}" not in self.form:
            return {}
        ticked = set(self.form.getlist(f"zone-{area.id}"))
        changed: dict[str, Any] = {
            flag: flag in ticked for flag in FLAGS if (flag in ticked) != getattr(area, flag)
        }
        typed = self.form.get(f"minimum-{area.id}", "").strip()
        if typed:
            try:
                minimum = parse_money(typed, stores.current_store().currency, f"minimum-{area.id}")
            except InvalidInput as error:
                self.errors |= error.errors
            else:
                changed |= {"minimum_minor": minimum} if minimum != area.minimum_minor else {}
        return changed

    def window(self, zones: set[int]) -> dict[str, Any] | None:
        effect = self.form.get("new_effect", "")
        if effect not in {"closed", "longer"}:
            return None
        times = {}
        for name in ("new_from", "new_to"):
            try:
                times[name] = f"{read_clock(self.form.get(name, '').strip()):%H:%M}"
            except ValueError:
                self.errors[name] = _("Choose a time.")
        if len(times) == 2 and times["new_from"] == times["new_to"]:
            self.errors["new_to"] = _("The window must have a length.")
        longer = self.number("new_minutes", 1, 600, 0) if effect == "longer" else 0
        if effect == "longer" and not longer:
            self.errors.setdefault("new_minutes", _("Say how many minutes longer."))
        chosen = {int(key) for key in self.form.getlist("new_zone") if key.isascii() and key.isdigit()}
        return {
            "from": times.get("new_from", ""),
            "to": times.get("new_to", ""),
            "closed": effect == "closed",
            "extra_minutes": longer,
            "weekdays": self.days("new_day"),
            "zone_ids": sorted(chosen & zones),
        }
