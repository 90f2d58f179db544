"""How each channel behaves when things go wrong: one table, and the pure rules over it."""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.notifications.models import DeliveryStatus


class Unknown(StrEnum):
    """What to do with a message that the provider may or may not have.

    ask: look for it at the provider before sending again. again: at least once, a second copy does no harm.
    never: at most once, a second copy does.
    """

    ask = "ask"
    again = "again"
    never = "never"


@dataclass(frozen=True)
class Policy:
    """`tries` handovers at most. `overdue_after`: not delivered by then means not delivered at all.

    `fall_back_at_once`: the next channel is used at the first trouble, while this one goes on trying.
    """

    unknown: Unknown
    tries: int
    overdue_after: timedelta | None = None
    fall_back_at_once: bool = False


POLICIES: dict[str, Policy] = {
    "pushover": Policy(Unknown.again, tries=6, fall_back_at_once=True),
    "telegram": Policy(Unknown.again, tries=6),
    "whatsapp": Policy(Unknown.ask, tries=3, overdue_after=timedelta(seconds=60)),
    "sms": Policy(Unknown.ask, tries=6),
    "email": Policy(Unknown.again, tries=6),
}
"""One-time codes do not pass here (otp.py): at most once, the person asks for another."""

FIRST_WAIT, LONGEST_WAIT = 2.0, 300.0


def wait_before(attempt: int, retry_after: float | None = None, spread: float | None = None) -> timedelta:
    """Back-off before the next try: 2, 4, 8 … 300 s, plus up to half of it so that a crowd does not return
    at once; never earlier than the provider asked. `spread` (0…1) stands in for chance."""
    base = min(FIRST_WAIT * 2.0 ** max(0, attempt - 1), LONGEST_WAIT)
    part = random.random() if spread is None else spread
    return timedelta(seconds=max(base * (1 + part / 2), retry_after or 0.0))


_RANK = {
    DeliveryStatus.queued: 0,
    DeliveryStatus.sending: 1,
    DeliveryStatus.unknown: 1,
    DeliveryStatus.sent: 2,
    DeliveryStatus.delivered: 4,
    DeliveryStatus.read: 5,
    DeliveryStatus.failed: 3,
    DeliveryStatus.skipped: 6,
}


def may_become(old: DeliveryStatus, new: DeliveryStatus) -> bool:
    """Reports arrive late and out of order: a status only moves forward, and what arrived did not fail."""
    return _RANK[new] > _RANK[old]
