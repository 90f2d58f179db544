"""What staff saw in the bank becomes money: once, by two people from the store's limit on, audited.

Exact pays the order, less asks for the rest, more goes to the customer's wallet: `orders.settling.receive` decides,
as it does for every other method. Lock order: order, attempt, confirmation, line; the ledger last.
"""

from sqlalchemy import select

from app import stores
from app.core import audit, clock
from app.core.actor import MANAGERS, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _
from app.core.money import Minor
from app.desk.errors import AwaitsSecond, LineUsed, SamePerson, TransferSettled
from app.desk.events import SecondPersonAsked, TopUpAsked, TransferNotFound
from app.desk.holding import BY_HAND, hold, say_settled
from app.desk.models import BankLine, ConfirmationStatus, LineStatus, TransferConfirmation
from app.orders import settling
from app.orders.models import Order
from app.payments import attempts
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.receipts import Arrived
from app.payments.states import OPEN

NOTE_LENGTH = 200


def require_clerk(actor: Actor) -> None:
    """Forbidden unless the actor may say that money has come."""
    if not actor.has(*MANAGERS):
        raise Forbidden


@transaction()
def confirm(
    attempt_id: int,
    amount_minor: Minor,
    *,
    actor: Actor,
    note: str = "",
    line_id: int | None = None,
    how: str = "hand",
) -> TransferConfirmation:
    """Say that so much came: it counts, or waits for a second person when it is large. With the bank's line, if any.

    Raises Forbidden, NotFound, InvalidInput on `amount`, AwaitsSecond, LineUsed, and TransferSettled for what was
    confirmed before. A further line of the bank that people give to a paid one is more money, and goes where that
    belongs; never while an equal amount was counted that stands on no list yet: then the line may be that money.
    """
    require_clerk(actor)
    order, attempt = hold(attempt_id)
    by_itself = line_id is None or how != "hand"
    if attempt.status is AttemptStatus.paid and (by_itself or _is_seen(attempt.id, amount_minor)):
        raise TransferSettled(**say_settled(attempt))
    if amount_minor <= 0:
        raise InvalidInput({"amount": _("Write the amount that came.")})
    if _waiting(attempt.id) is not None:
        raise AwaitsSecond
    line = _hold_line(line_id, attempt, amount_minor) if line_id is not None else None
    confirmation = TransferConfirmation(
        attempt_id=attempt.id,
        amount_minor=amount_minor,
        currency=attempt.currency,
        status=ConfirmationStatus.waiting,
        note=note.strip()[:NOTE_LENGTH],
        first_by=actor.user_id,
        first_at=clock.now(),
    )
    db.session.add(confirmation)
    db.session.flush()  # the line and the receipt carry its id
    if line is not None:
        line.confirmation_id, line.status, line.how = confirmation.id, LineStatus.waiting, how
    limit = stores.current_store().transfer_second_from_minor
    if limit and amount_minor >= limit:
        _ask_second(order, attempt, confirmation, actor)
    else:
        _settle(order, attempt, confirmation, line, actor)
    return confirmation


def _waiting(attempt_id: int) -> TransferConfirmation | None:
    query = select(TransferConfirmation).where(
        TransferConfirmation.attempt_id == attempt_id,
        TransferConfirmation.status == ConfirmationStatus.waiting,
    )
    return db.session.scalars(query).first()


def _is_seen(attempt_id: int, amount_minor: Minor) -> bool:
    """Whether this amount was counted by what somebody saw, and the bank's line for it has not come yet."""
    proved = select(BankLine.confirmation_id).where(BankLine.confirmation_id.is_not(None))
    query = select(TransferConfirmation.id).where(
        TransferConfirmation.attempt_id == attempt_id,
        TransferConfirmation.status == ConfirmationStatus.done,
        TransferConfirmation.amount_minor == amount_minor,
        TransferConfirmation.id.not_in(proved),
    )
    return db.session.scalars(query).first() is not None


def _hold_line(line_id: int, attempt: PaymentAttempt, amount_minor: Minor) -> BankLine:
    line = db.session.scalar(for_update(select(BankLine).where(BankLine.id == line_id)))
    if line is None or line.method != attempt.method:
        raise NotFound
    if line.status is not LineStatus.open:
        raise LineUsed
    if line.amount_minor != amount_minor:
        raise InvalidInput({"amount": _("The bank’s line has another amount.")})
    return line


def _ask_second(
    order: Order, attempt: PaymentAttempt, confirmation: TransferConfirmation, actor: Actor
) -> None:
    attempts.move(attempt, AttemptStatus.held, source="staff", note=actor.name)
    fact = SecondPersonAsked(
        attempt_id=attempt.id, order_id=order.id, amount_minor=confirmation.amount_minor, by=actor.name
    )
    emit(fact, actor=actor)
    _record("transfer_seen", order, confirmation, actor)


@transaction()
def confirm_second(confirmation_id: int, *, actor: Actor) -> TransferConfirmation:
    """Somebody else saw it too: it counts. Raises Forbidden, NotFound, SamePerson, TransferSettled."""
    require_clerk(actor)
    order, attempt, confirmation = _hold_waiting(confirmation_id)
    if actor.user_id is None or actor.user_id == confirmation.first_by:
        raise SamePerson
    confirmation.second_by, confirmation.second_at = actor.user_id, clock.now()
    line = db.session.scalar(for_update(select(BankLine).where(BankLine.confirmation_id == confirmation.id)))
    _settle(order, attempt, confirmation, line, actor)
    return confirmation


@transaction()
def drop(confirmation_id: int, *, actor: Actor) -> None:
    """Take back an amount that waits; the line of the bank is free again. Raises Forbidden, NotFound,
    TransferSettled."""
    require_clerk(actor)
    order, _attempt, confirmation = _hold_waiting(confirmation_id)
    line = db.session.scalar(for_update(select(BankLine).where(BankLine.confirmation_id == confirmation.id)))
    if line is not None:
        line.confirmation_id, line.status, line.how = None, LineStatus.open, ""
    confirmation.status = ConfirmationStatus.dropped
    _record("transfer_dropped", order, confirmation, actor)


def _hold_waiting(confirmation_id: int) -> tuple[Order, PaymentAttempt, TransferConfirmation]:
    attempt_id = db.session.scalar(
        select(TransferConfirmation.attempt_id).where(TransferConfirmation.id == confirmation_id)
    )
    if attempt_id is None:
        raise NotFound
    order, attempt = hold(attempt_id)
    query = select(TransferConfirmation).where(TransferConfirmation.id == confirmation_id)
    confirmation = db.session.scalars(for_update(query)).one()
    if confirmation.status is not ConfirmationStatus.waiting:
        raise TransferSettled(**say_settled(attempt))
    return order, attempt, confirmation


def _settle(
    order: Order,
    attempt: PaymentAttempt,
    confirmation: TransferConfirmation,
    line: BankLine | None,
    actor: Actor,
) -> None:
    """The money counts, under the bank's number for it or ours for the confirmation."""
    name = f"bank:{line.line_id}" if line is not None else f"desk:{confirmation.id}"
    arrived = Arrived(name, confirmation.amount_minor, attempt.currency)
    receipt = settling.receive(order, attempt, arrived, exact=False)
    if receipt is None:
        raise LineUsed
    receipt.settled_by = actor.name
    confirmation.status, confirmation.receipt_id = ConfirmationStatus.done, receipt.id
    if line is not None:
        line.status = LineStatus.matched
    attempts.move(attempt, AttemptStatus.paid, source="staff", note=actor.name)
    _record("transfer_confirmed", order, confirmation, actor, line=line.line_id if line else "")
    _ask_for_rest(order, attempt, confirmation.amount_minor, actor)


def _ask_for_rest(order: Order, attempt: PaymentAttempt, received_minor: Minor, actor: Actor) -> None:
    """Less came: a new attempt over the rest, under the same word for the note. All came: nobody waits for more."""
    missing = settling.open_minor(order)
    others = [one for one in attempts.attempts_of(order.id) if one.id != attempt.id and one.status in OPEN]
    if not missing:
        for other in others:
            if other.method in BY_HAND and other.status is AttemptStatus.pending:
                attempts.move(attempts.lock_attempt(other.id), AttemptStatus.cancelled, source="system")
    if not missing or others:
        return
    owed = attempts.Owed(order.id, order.code, missing, order.currency)
    rest = attempts.open_attempt(owed, attempt.method, source="staff")
    fact = TopUpAsked(
        attempt_id=rest.id, order_id=order.id, received_minor=received_minor, missing_minor=rest.amount_minor
    )
    emit(fact, actor=actor)


@transaction()
def refuse(attempt_id: int, reason: str, *, actor: Actor) -> None:
    """Nothing has come: the attempt fails, and the customer is told why and can try again.

    Raises Forbidden, NotFound, InvalidInput on `reason`, AwaitsSecond, TransferSettled.
    """
    require_clerk(actor)
    order, attempt = hold(attempt_id)
    if not reason.strip():
        raise InvalidInput({"reason": _("Tell the customer why.")})
    if _waiting(attempt.id) is not None:
        raise AwaitsSecond
    if not attempts.move(attempt, AttemptStatus.failed, source="staff", note=reason.strip()):
        raise TransferSettled(**say_settled(attempt))
    emit(
        TransferNotFound(attempt_id=attempt.id, order_id=order.id, reason=reason.strip()[:NOTE_LENGTH]),
        actor=actor,
    )
    audit.record(
        "transfer_refused", actor=actor, subject=attempt.reference, reason=reason.strip()[:NOTE_LENGTH]
    )


def _record(
    action: str, order: Order, confirmation: TransferConfirmation, actor: Actor, **more: object
) -> None:
    audit.record(
        action,
        actor=actor,
        subject=order.code,
        amount_minor=confirmation.amount_minor,
        confirmation=confirmation.id,
        note=confirmation.note,
        **more,
    )
