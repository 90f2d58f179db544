"""The settings of a what-if: only what differs from the store's own, as JSON and as changes of a World. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

from app.insight.past import Terms
from app.promise import Area, Place, Window, World


@dataclass(frozen=True)
class Scenario:
    """What is tried. None: as it is. Zones and windows by id; `band` is a capacity for hours of weekdays.

    `policy` holds slot_minutes, lead_minutes, horizon_days, express_share_bp; `zones` what differs in a zone: active,
    express, slots, minimum_minor. `window`: one more traffic rule. Drivers are advice: nothing applies them.
    """

    weeks: int = 4
    drivers: int = 3
    usual_drivers: int = 3
    patience_minutes: int = 120
    capacity_percent: int = 100
    band: Mapping[str, Any] | None = None
    policy: Mapping[str, int] = field(default_factory=dict)
    zones: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    windows_off: tuple[int, ...] = ()
    window: Mapping[str, Any] | None = None

    @classmethod
    def load(cls, kept: Mapping[str, Any]) -> "Scenario":
        """The scenario of a kept JSON object."""
        known = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        return cls(**known | {"windows_off": tuple(kept.get("windows_off", ()))})

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {
            "windows_off": [*self.windows_off]
        }

    @property
    def changes_settings(self) -> bool:
        """Whether there is anything that can be applied."""
        return bool(
            self.capacity_percent != 100
            or self.band
            or self.policy
            or self.zones
            or self.windows_off
            or self.window
        )

    def terms(self, *, tried: bool) -> Terms:
        """The assumptions of the replay with the scenario, or of the one without."""
        drivers = self.drivers if tried else self.usual_drivers
        return Terms(drivers=drivers, patience=timedelta(minutes=self.patience_minutes))


def change_world(world: World, scenario: Scenario, kept_windows: tuple[Window, ...]) -> World:
    """The world as the scenario would have it; `kept_windows` are the rules that are not switched off."""
    policy = world.policy
    values = scenario.policy
    policy = replace(
        policy,
        length_minutes=values.get("slot_minutes", policy.length_minutes),
        lead_minutes=values.get("lead_minutes", policy.lead_minutes),
        horizon_days=values.get("horizon_days", policy.horizon_days),
        express_share_bp=values.get("express_share_bp", policy.express_share_bp),
    )
    added = (window_from(scenario.window),) if scenario.window else ()
    return replace(
        world,
        policy=policy,
        places=tuple(_place(place, scenario) for place in world.places),
        areas=tuple(_area(area, scenario.zones.get(str(area.id), {})) for area in world.areas),
        windows=(*kept_windows, *added),
    )


def window_from(kept: Mapping[str, Any]) -> Window:
    """The rule of a scenario."""
    return Window(
        from_time=time.fromisoformat(kept["from"]),
        to_time=time.fromisoformat(kept["to"]),
        closed=bool(kept["closed"]),
        extra_minutes=int(kept.get("extra_minutes", 0)),
        weekdays=frozenset(kept.get("weekdays", ())),
        zone_ids=frozenset(kept.get("zone_ids", ())),
    )


def hourly_of(place: Place, scenario: Scenario) -> tuple[dict[tuple[int, int], int], int]:
    """The usual week and the number of all other hours, as the scenario would have them."""
    scale = lambda number: max(0, round(number * scenario.capacity_percent / 100))  # noqa: E731
    hourly = {hour: scale(number) for hour, number in place.hourly.items()}
    if scenario.band:
        hours = range(scenario.band["from_hour"], scenario.band["until_hour"])
        hourly |= {
            (day, hour): scenario.band["capacity"] for day in scenario.band["weekdays"] for hour in hours
        }
    return hourly, max(1, scale(place.slot_capacity))


def _place(place: Place, scenario: Scenario) -> Place:
    hourly, otherwise = hourly_of(place, scenario)
    return replace(place, hourly=hourly, slot_capacity=otherwise)


def _area(area: Area, changes: Mapping[str, Any]) -> Area:
    return replace(area, **changes) if changes else area
