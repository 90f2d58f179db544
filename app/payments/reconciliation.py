"""Comparing what providers and banks say with what is written here, method by method.

The list is fetched outside any transaction, its lines are kept once, in small transactions; what agrees goes to the
ledger as money in the bank, what does not is a difference for staff. Killed anywhere, the next run finishes it, and
nothing is booked or found twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, release_connection, transaction
from app.core.errors import Forbidden, NotFound
from app.core.events import emit
from app.payments import matching, methods
from app.payments.coins import settlements
from app.payments.coins.chains import COINS
from app.payments.events import ReconciliationAsked
from app.payments.gateways import GATEWAYS
from app.payments.models import PaymentReceipt
from app.payments.ports import SendError, Settled
from app.payments.settlement_models import (
    DifferenceStatus,
    LineKind,
    RunStatus,
    SettlementDifference,
    SettlementLine,
    SettlementRun,
)

ASKERS = ("manager", "store_admin", "platform_admin")
LOOK_BACK = timedelta(days=10)
AT_ONCE = 200
NIGHT = timedelta(hours=12)
Fetch = Callable[[datetime, datetime], Sequence[Settled]]


@dataclass(frozen=True)
class Source:
    """Where a method's list comes from. For `grace` a payment may be missing in it; `pays_out`: what is listed is in
    the store's bank. `covers`: the time in which the list is whole, None when there is none yet.

    `post` writes a missing payment down by rules of the method's own, for an order's code, and says whether it counts
    already. `ended` hears, with the reason, that staff need nothing more of a line.
    """

    fetch: Fetch
    grace: timedelta
    pays_out: bool = True
    covers: Callable[[], tuple[datetime, datetime] | None] | None = None
    post: Callable[[SettlementLine, str, Actor], bool] | None = None
    ended: Callable[[SettlementLine, str], None] | None = None

    def span(self, since: datetime, until: datetime) -> tuple[datetime, datetime]:
        """The part of a time in which a payment that is not listed is missing."""
        covered = self.covers() if self.covers is not None else (since, until)
        if covered is None:
            return since, since
        return max(since, covered[0]), min(until - self.grace, covered[1])


_sources: dict[str, Source] = {}


def register_source(method: str, source: Source) -> None:
    """Let a method that has no gateway be compared: with bank lines, with transfers on a chain."""
    _sources[method] = source


for _coin in COINS:
    # What is listed stays in the store's own wallet: nothing is paid out to a bank.
    register_source(
        _coin, Source(partial(settlements.list_transfers, _coin), settlements.GRACE, pays_out=False)
    )


def source_of(method: str) -> Source | None:
    """The list of a method; None for one that nobody lists."""
    if method in GATEWAYS:
        return Source(lambda since, until: _fetch_from_gateway(method, since, until), timedelta(days=3))
    return _sources.get(method)


def _fetch_from_gateway(method: str, since: datetime, until: datetime) -> list[Settled]:
    account = methods.credentials(method)
    release_connection()
    return GATEWAYS[method].settlements(account, since, until)


def listed_methods() -> list[str]:
    """Methods that have a list and that the store takes or has ever taken money by."""
    used = set(db.session.scalars(select(PaymentReceipt.method).distinct()))
    known = [row.code for row in methods.all_methods() if row.active or row.code in used]
    return [code for code in known if _is_listed(code)]


def _is_listed(method: str) -> bool:
    source = source_of(method)
    return source is not None and (source.covers is None or source.covers() is not None)


@transaction()
def ask_run(
    method: str, *, actor: Actor, since: datetime | None = None, until: datetime | None = None
) -> SettlementRun:
    """Have a method's list compared; a job does it. Forbidden, NotFound for a method without a list."""
    if not actor.has(*ASKERS):
        raise Forbidden
    if method not in listed_methods():
        raise NotFound
    now = clock.now()
    run = SettlementRun(
        method=method,
        since=since or now - LOOK_BACK,
        until=until or now,
        status=RunStatus.running,
        asked_by=actor.name[:128],
        asked_at=now,
    )
    db.session.add(run)
    db.session.flush()  # the event carries its id
    emit(ReconciliationAsked(run_id=run.id), actor=actor)
    return run


@transaction()
def ask_nightly() -> int:
    """Have every method compared that was not asked about this night yet; how many. All of them, or none."""
    tonight = select(SettlementRun.method).where(
        SettlementRun.asked_by == SYSTEM.name, SettlementRun.asked_at > clock.now() - NIGHT
    )
    asked = set(db.session.scalars(tonight))
    codes = [code for code in listed_methods() if code not in asked]
    for code in codes:
        ask_run(code, actor=SYSTEM)
    return len(codes)


def reconcile(run_id: int, source: Source | None = None) -> None:
    """Fetch the list of a run, from the method's own source unless another is given, and compare. A run that has ended
    stays as it is."""
    begun = _begin(run_id)
    if begun is None:
        return
    method, since, until = begun
    source = source or source_of(method)
    assert source is not None  # asked for only with one
    try:
        settled = source.fetch(since, until)
    except NotFound:
        _fail(run_id, "the store has no account with this provider")
        return
    except SendError as error:
        _fail(run_id, f"{type(error).__name__}: {error}")
        return
    for part in _parts(settled):
        _take(method, part, pays_out=source.pays_out)
    _close(run_id, source)


@transaction()
def _begin(run_id: int) -> tuple[str, datetime, datetime] | None:
    run = db.session.get(SettlementRun, run_id)
    if run is None or run.status is not RunStatus.running:
        return None
    return run.method, run.since, run.until


@transaction()
def _fail(run_id: int, problem: str) -> None:
    run = db.session.get_one(SettlementRun, run_id)
    run.status, run.problem, run.ended_at = RunStatus.failed, problem[:200], clock.now()


def _parts(settled: Sequence[Settled]) -> Iterator[Sequence[Settled]]:
    ordered = sorted(settled, key=lambda one: (one.kind, one.external_id))  # two runs lock in one order
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


@transaction()
def _take(method: str, settled: Sequence[Settled], *, pays_out: bool) -> None:
    """Keep lines that are new, and look for each line's counterpart."""
    for one in settled:
        matching.match_line(_keep(method, one), pays_out=pays_out)


def _keep(method: str, one: Settled) -> SettlementLine:
    key = {"method": method, "kind": LineKind(one.kind), "external_id": one.external_id[:120]}
    written = insert(SettlementLine).values(
        **key,
        reference=one.reference[:80],
        amount_minor=one.amount_minor,
        fee_minor=max(0, one.fee_minor),
        currency=one.currency,
        at=one.at,
    )
    said = written.excluded.reference
    db.session.execute(
        written.on_conflict_do_update(  # whom a line is about may be known later only
            index_elements=["store_id", "method", "kind", "external_id"],
            set_={"reference": said},
            where=SettlementLine.booked_at.is_(None) & (said != "") & (SettlementLine.reference != said),
        )
    )
    return db.session.scalars(for_update(select(SettlementLine).filter_by(**key))).one()


@transaction()
def _close(run_id: int, source: Source) -> None:
    """Look again at what is still open, name what the list does not have, and count."""
    run = db.session.scalars(for_update(select(SettlementRun).where(SettlementRun.id == run_id))).one()
    if run.status is not RunStatus.running:
        return
    waiting = select(SettlementLine).where(
        SettlementLine.method == run.method, SettlementLine.booked_at.is_(None)
    )
    for line in db.session.scalars(for_update(waiting.order_by(SettlementLine.id).limit(1000))):
        matching.match_line(line, pays_out=source.pays_out)
    matching.name_missing(run.method, *source.span(run.since, run.until))
    db.session.flush()  # the counts are of the database
    within = (
        SettlementLine.method == run.method,
        SettlementLine.at >= run.since,
        SettlementLine.at <= run.until,
    )
    lines = db.session.scalars(select(SettlementLine).where(*within)).all()
    run.lines = len(lines)
    run.matched = sum(line.booked_at is not None for line in lines)
    run.differences = len(open_differences(run.method))
    run.status, run.ended_at = RunStatus.done, clock.now()


def open_differences(method: str = "") -> Sequence[SettlementDifference]:
    """What waits for staff, oldest first."""
    query = select(SettlementDifference).where(SettlementDifference.status == DifferenceStatus.open)
    if method:
        query = query.where(SettlementDifference.method == method)
    return db.session.scalars(query.order_by(SettlementDifference.found_at)).all()


def last_runs() -> dict[str, SettlementRun]:
    """Method → its latest comparison."""
    latest = select(func.max(SettlementRun.id)).group_by(SettlementRun.method)
    query = select(SettlementRun).where(SettlementRun.id.in_(latest))
    return {run.method: run for run in db.session.scalars(query)}
