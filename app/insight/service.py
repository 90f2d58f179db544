"""Asking a what-if, reckoning it, and making its settings the store's."""

from dataclasses import dataclass, replace
from datetime import time
from typing import Any, ClassVar

from sqlalchemy import select

from app import promise
from app.core import audit, clock
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, NotFound
from app.core.events import Event, emit
from app.core.i18n import _, _l
from app.insight.compare import compare
from app.insight.history import count_past, load_past
from app.insight.models import RunStatus, WhatIf
from app.insight.scenario import Scenario, change_world, hourly_of
from app.insight.whatif import replay
from app.promise import usual
from app.promise.models import TrafficWindow, WindowEffect, Zone
from app.promise.queries import active_windows

AT_ONCE = 150
"""Up to so many orders are replayed while the page loads; more are a job."""
MOST_WEEKS = 12


@dataclass(frozen=True, kw_only=True)
class WhatIfAsked(Event):
    """A scenario waits for its replay."""

    aggregate: ClassVar[str] = "what_if"
    what_if_id: int


class NotApplicable(DomainError):
    """It was applied before, is not reckoned yet, or changes nothing."""

    kind, message = (
        ErrorKind.conflict,
        _l("This scenario cannot be applied: it was applied already, or changes nothing."),
    )


@transaction()
def ask_what_if(name: str, scenario: Scenario, *, actor: Actor) -> WhatIf:
    """Keep the scenario and reckon it, at once when the history is short, else by a job. Forbidden, InvalidInput."""
    if not actor.has(*MANAGERS):
        raise Forbidden
    if not 1 <= scenario.weeks <= MOST_WEEKS:
        raise InvalidInput(
            {"weeks": _("A whole number from %(least)s to %(most)s.", least=1, most=MOST_WEEKS)}
        )
    now = clock.now()
    count = count_past(scenario.weeks, now)
    if not count:
        raise InvalidInput(
            {"weeks": _("No deliveries were ordered in these weeks: there is nothing to replay.")}
        )
    run = WhatIf(
        name=name[:80], scenario=scenario.dump(), asked_at=now, asked_by=actor.user_id, asked_name=actor.name
    )
    db.session.add(run)
    db.session.flush()
    if count <= AT_ONCE:
        _reckon(run)
    else:
        emit(WhatIfAsked(what_if_id=run.id), actor=actor)
    return run


@transaction()
def reckon_what_if(what_if_id: int) -> None:
    """Replay the waiting scenario; one that is done stays as it is. NotFound."""
    run = db.session.scalar(for_update(select(WhatIf).where(WhatIf.id == what_if_id)))
    if run is None:
        raise NotFound
    if run.status is RunStatus.waiting:
        _reckon(run)


def _reckon(run: WhatIf) -> None:
    scenario = Scenario.load(run.scenario)
    now = clock.now()
    world = replace(promise.load_world(now), booked={}, closures=())
    tried = change_world(world, scenario, active_windows(but=scenario.windows_off))
    history = load_past(scenario.weeks, run.asked_at)
    terms = scenario.terms(tried=False), scenario.terms(tried=True)
    run.result = compare(
        replay(world, history, terms[0]),
        replay(tried, history, terms[1]),
        worlds=(world, tried),
        terms=terms,
    )
    run.status, run.done_at = RunStatus.done, clock.now()


def get_what_if(what_if_id: int) -> WhatIf:
    """The run of this store. NotFound."""
    if (run := db.session.get(WhatIf, what_if_id)) is None:
        raise NotFound
    return run


@transaction()
def apply_what_if(what_if_id: int, *, actor: Actor) -> WhatIf:
    """Make the scenario's settings the store's, all of them or none, with an audit entry for each and one for all.

    Only what the scenario changed is touched. Raises Forbidden, NotFound, NotApplicable, InvalidInput.
    """
    if not actor.has(*MANAGERS):
        raise Forbidden
    run = db.session.scalar(for_update(select(WhatIf).where(WhatIf.id == what_if_id)))
    if run is None:
        raise NotFound
    scenario = Scenario.load(run.scenario)
    if run.applied_at or run.status is not RunStatus.done or not scenario.changes_settings:
        raise NotApplicable
    if scenario.policy:
        usual.set_policy(scenario.policy, seen=usual.load_policy().version, actor=actor)
    if scenario.capacity_percent != 100 or scenario.band:
        _apply_capacities(scenario, actor)
    _apply_zones(scenario, actor)
    _apply_windows(scenario, actor)
    run.applied_at, run.applied_name = clock.now(), actor.name
    audit.record("what_if_applied", actor=actor, subject=f"what_if:{run.id}", scenario=run.scenario)
    db.session.flush()
    return run


def _apply_capacities(scenario: Scenario, actor: Actor) -> None:
    for place in promise.load_world(clock.now()).places:
        saved = usual.load_usual(place.id)
        stamp = usual.stamp_of(saved, place.slot_capacity)
        hourly, otherwise = hourly_of(replace(place, hourly=saved), scenario)
        usual.set_usual(place.id, hourly, otherwise, seen=stamp, actor=actor)


def _apply_zones(scenario: Scenario, actor: Actor) -> None:
    for key, changes in scenario.zones.items():
        zone = db.session.scalar(for_update(select(Zone).where(Zone.id == int(key))))
        if zone is None:
            raise NotFound
        told: dict[str, list[Any]] = {}
        for name, value in changes.items():
            told[name] = [getattr(zone, name), value]
            setattr(zone, name, value)
        audit.record("zone_changed", actor=actor, subject=f"zone:{zone.id}", changes=told)


def _apply_windows(scenario: Scenario, actor: Actor) -> None:
    for row in db.session.scalars(select(TrafficWindow).where(TrafficWindow.id.in_(scenario.windows_off))):
        row.active = False
        audit.record(
            "traffic_window_changed",
            actor=actor,
            subject=f"traffic_window:{row.id}",
            changes={"active": [True, False]},
        )
    if (kept := scenario.window) is None:
        return
    row = TrafficWindow(
        from_time=time.fromisoformat(kept["from"]),
        to_time=time.fromisoformat(kept["to"]),
        effect=WindowEffect.closed if kept["closed"] else WindowEffect.longer,
        extra_minutes=int(kept.get("extra_minutes", 0)),
        weekdays=[*kept.get("weekdays", ())],
        zone_ids=[*kept.get("zone_ids", ())],
        zips=[],
        note={},
    )
    db.session.add(row)
    db.session.flush()
    audit.record("traffic_window_added", actor=actor, subject=f"traffic_window:{row.id}", window=dict(kept))
