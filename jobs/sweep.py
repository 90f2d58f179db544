"""Rows that have done their duty: used codes, keys of requests answered long ago, periods run."""

from datetime import timedelta

from sqlalchemy import delete

from app.core import clock
from app.core.db import db, transaction
from app.core.idempotency import IdempotencyKey
from app.core.periodic import PeriodicRun
from app.identity.models import LoginSession, OtpChallenge, RefreshToken, SignInFailure
from app.promise.roads import sweep_roads
from app.promise.spots import sweep_spots

KEEP = timedelta(days=7)
KEEP_RUNS = timedelta(days=1)


@transaction()
def sweep_store() -> None:
    """Idempotency keys of this store older than a week: no client repeats a request that late. Old points of
    addresses."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEEP))
    sweep_spots()
    sweep_roads()


@transaction()
def sweep_people() -> None:
    """One-time codes, failed sign-ins and ended sessions, a week after they lost their meaning."""
    before = clock.now() - KEEP
    db.session.execute(delete(OtpChallenge).where(OtpChallenge.expires_at < before))
    db.session.execute(delete(SignInFailure).where(SignInFailure.at < before))
    db.session.execute(delete(LoginSession).where(LoginSession.expires_at < before))
    db.session.execute(delete(RefreshToken).where(RefreshToken.expires_at < before))


@transaction()
def sweep_runs() -> None:
    """Periods older than a day."""
    db.session.execute(delete(PeriodicRun).where(PeriodicRun.started_at < clock.now() - KEEP_RUNS))
