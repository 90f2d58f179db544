"""The time for a transfer is over: the attempt ends, and with it, unless somebody claims to have paid, the order."""

from app.core.db import transaction
from app.core.errors import NotFound
from app.desk.holding import hold
from app.payments import attempts
from app.payments.models import AttemptStatus

WAITING = frozenset({AttemptStatus.started, AttemptStatus.pending})


@transaction()
def lapse(attempt_id: int) -> bool:
    """End an attempt for which nobody said that the money is sent; whether it was ended now.

    Money that comes later still pays the order, or goes to the customer's wallet when the order is gone.
    """
    try:
        _order, attempt = hold(attempt_id)
    except NotFound:
        return False
    if attempt.status not in WAITING:
        return False
    return attempts.move(attempt, AttemptStatus.expired, source="system")
