"""What the providers' lists said of the history, and what staff did where they and we did not agree."""

from datetime import datetime, timedelta
from functools import partial

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db
from app.demo.money import coins
from app.demo.money.stage import Stage
from app.orders import reconciling
from app.payments import differences, reconciliation
from app.payments.coins import settlements
from app.payments.reconciliation import Source
from app.payments.settlement_models import DifferenceSort, DifferenceStatus, SettlementDifference

EVERY = timedelta(days=5)
GRACE = timedelta(days=3)
NIGHT = 3
STILL_OPEN = timedelta(days=6)
"""What was found since then waits for whoever tries the demo."""
EXPLAINED = "Paid out with the next batch, says the provider"
TAKEN_AS_IS = "Their rounding; too small to ask about"


def last_night(now: datetime) -> datetime:
    """When the lists were compared last."""
    night = now.replace(hour=NIGHT, minute=10, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def next_night(at: datetime) -> datetime:
    """When a line of this time was compared."""
    return last_night(at) + timedelta(days=1)


def plan(stage: Stage) -> None:
    """Lists were compared every few nights, and in the last ones each night."""
    last = last_night(stage.now)
    for days in (0, 1, 2, *range(7, 92, EVERY.days)):
        stage.timeline.at(last - timedelta(days=days), partial(_compare, stage))


def _compare(stage: Stage) -> None:
    now = clock.now()
    since = now - EVERY - GRACE
    for method in sorted({one.provider for one in stage.book.payments.values() if one.paid_at <= now}):
        fetch = partial(stage.book.settlements, method)
        run = reconciliation.ask_run(method, actor=SYSTEM, since=since, until=now)
        reconciliation.reconcile(run.id, Source(fetch, GRACE))
    for method in coins.used(since):
        came = partial(coins.listed, method)
        run = reconciliation.ask_run(method, actor=SYSTEM, since=since, until=now)
        reconciliation.reconcile(run.id, Source(came, settlements.GRACE, pays_out=False))
    for found in reconciliation.open_differences():
        if now - found.found_at < timedelta(minutes=1) and stage.now - now > STILL_OPEN:
            when = stage.in_office(now + timedelta(hours=stage.random.randint(6, 30)))
            stage.plan(when, partial(_settle, stage, found.id))


def _settle(stage: Stage, difference_id: int) -> None:
    """As a manager would, who looks at it the next day; amounts are the owner's."""
    found = db.session.get_one(SettlementDifference, difference_id)
    if found.status is not DifferenceStatus.open:
        return
    if found.sort is DifferenceSort.missing_here:
        reconciling.post_missing(found.id, actor=stage.manager)
    elif found.sort is DifferenceSort.amount:
        differences.write_off(found.id, TAKEN_AS_IS, actor=stage.owner)
    else:
        differences.explain(found.id, EXPLAINED, actor=stage.manager)
