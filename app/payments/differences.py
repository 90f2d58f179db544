"""What staff do about a difference that needs nothing of an order: explain it, or write its amount off."""

from sqlalchemy import select

from app import ledger
from app.core import audit, clock
from app.core.actor import Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.i18n import _
from app.core.money import Minor
from app.ledger import AccountKind
from app.payments import matching
from app.payments.errors import RefundMoved
from app.payments.reconciliation import source_of
from app.payments.settlement_models import (
    DifferenceSort,
    DifferenceStatus,
    SettlementDifference,
    SettlementLine,
)

A = AccountKind
SETTLERS = ("manager", "store_admin", "platform_admin")
OWNERS = ("store_admin", "platform_admin")
Sort = DifferenceSort


def hold(difference_id: int, actor: Actor) -> SettlementDifference:
    """A difference that is still open, held with its line. Forbidden, NotFound, RefundMoved once it is over."""
    if not actor.has(*SETTLERS):
        raise Forbidden
    line_id = select(SettlementDifference.line_id).where(SettlementDifference.id == difference_id)
    db.session.scalar(
        for_update(select(SettlementLine).where(SettlementLine.id == line_id.scalar_subquery()))
    )
    query = select(SettlementDifference).where(SettlementDifference.id == difference_id)
    found = db.session.scalar(for_update(query))
    if found is None:
        raise NotFound
    if found.status is not DifferenceStatus.open:
        raise RefundMoved
    return found


def end(
    difference: SettlementDifference, status: DifferenceStatus, actor: Actor, *, how: str, reason: str = ""
) -> None:
    """Write down how it was settled, and let its line agree."""
    difference.status, difference.how, difference.reason = status, how, reason
    difference.ended_at, difference.ended_by = clock.now(), actor.name[:128]
    audit.record(
        "settlement.difference",
        actor=actor,
        subject=f"difference:{difference.id}",
        how=how,
        reason=reason,
        ours_minor=difference.ours_minor,
        theirs_minor=difference.theirs_minor,
    )
    db.session.flush()
    source = source_of(difference.method)
    if difference.line is not None and source is not None and source.ended is not None:
        source.ended(difference.line, reason)
    if status is DifferenceStatus.settled and difference.line is not None:
        matching.match_line(difference.line, pays_out=source is not None and source.pays_out)


@transaction()
def explain(difference_id: int, reason: str, *, actor: Actor) -> None:
    """Nothing is to be posted, and this is why. Forbidden, NotFound, InvalidInput, RefundMoved."""
    found = hold(difference_id, actor)
    end(found, DifferenceStatus.explained, actor, how="explained", reason=check_reason(reason))


@transaction()
def explain_line(method: str, external_id: str, reason: str, *, actor: Actor) -> bool:
    """Explain what is open about a list's line: staff have said elsewhere what it is. Whether anything was."""
    line_id = select(SettlementLine.id).where(
        SettlementLine.method == method, SettlementLine.external_id == external_id
    )
    query = select(SettlementDifference.id).where(
        SettlementDifference.line_id.in_(line_id), SettlementDifference.status == DifferenceStatus.open
    )
    open_ids = db.session.scalars(query).all()
    for difference_id in open_ids:
        found = hold(difference_id, actor)
        end(found, DifferenceStatus.explained, actor, how="explained", reason=reason[:200])
    return bool(open_ids)


@transaction()
def write_off(difference_id: int, reason: str, *, actor: Actor) -> None:
    """Take the provider's amount as it is: what is short or over is the store's, the rest is in the bank.

    For other amounts, and for what never arrived. Forbidden unless the actor administers the store; NotFound,
    InvalidInput, RefundMoved.
    """
    if not actor.has(*OWNERS):
        raise Forbidden
    found = hold(difference_id, actor)
    said = check_reason(reason)
    if found.sort not in {Sort.amount, Sort.missing_there}:
        raise InvalidInput({"how": _("This difference has no amount to write off.")})
    over = (found.theirs_minor or 0) - (found.ours_minor or 0)
    found.written_off_minor = over
    _post_over(found, over, said, actor)
    if found.line is not None:
        source = source_of(found.method)
        matching.book(found.line, pays_out=source is not None and source.pays_out)
    end(found, DifferenceStatus.settled, actor, how="written_off", reason=said)


def _post_over(found: SettlementDifference, over: Minor, reason: str, actor: Actor) -> None:
    fact = ledger.Fact(
        reference=f"difference:{found.id}",
        currency=found.ours_currency or found.theirs_currency,
        actor=actor,
        document="settlement",
        document_id=found.line_id,
        note=reason,
    )
    moment = "settlement_over" if over > 0 else "settlement_short"
    ledger.post(moment, fact, {"amount": abs(over)}, {A.clearing: found.method})


def check_reason(reason: str) -> str:
    """The reason without blanks around it; InvalidInput when it says nothing."""
    said = reason.replace("\x00", "").strip()
    if not 3 <= len(said) <= 200:
        raise InvalidInput({"reason": _("Say why, in 3 to 200 characters.")})
    return said
