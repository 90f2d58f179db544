"""How an attempt moves: forward only. A late "pending" never undoes "paid"."""

from app.payments.models import AttemptStatus
from app.payments.ports import NewsStatus

S = AttemptStatus

FORWARD: dict[AttemptStatus, frozenset[AttemptStatus]] = {
    S.started: frozenset({S.pending, S.held, S.paid, S.failed, S.expired, S.cancelled}),
    S.pending: frozenset({S.held, S.paid, S.failed, S.expired, S.cancelled}),
    S.held: frozenset({S.paid, S.failed, S.cancelled}),
    # Money can come after the end: late, or to an attempt that the customer gave up.
    S.failed: frozenset({S.held, S.paid}),
    S.expired: frozenset({S.held, S.paid}),
    S.cancelled: frozenset({S.held, S.paid}),
    S.paid: frozenset(),
}

OPEN = frozenset({S.started, S.pending, S.held})
"""Attempts on which money may be on its way."""

HEARD: dict[NewsStatus, AttemptStatus] = {
    NewsStatus.pending: S.pending,
    NewsStatus.held: S.held,
    NewsStatus.paid: S.paid,
    NewsStatus.failed: S.failed,
    NewsStatus.expired: S.expired,
    NewsStatus.cancelled: S.cancelled,
    # Given back or disputed later: it had been paid.
    NewsStatus.refunded: S.paid,
    NewsStatus.charged_back: S.paid,
}


def moves_to(now: AttemptStatus, news: AttemptStatus) -> bool:
    """Whether the news is news: a step forward from where the attempt stands."""
    return news in FORWARD[now]
