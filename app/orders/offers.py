"""Open offers of a replacement: which there are, and how each comes to its end. Below the state table, which ends
them when an order is cancelled and keeps an order from being packed while a question is open."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app import inventory
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, for_update
from app.core.events import Event, emit
from app.orders import projection
from app.orders.events import SubstitutionAnswered
from app.orders.models import Order, Substitution, SubstitutionStatus


def open_offers(order: Order) -> list[Substitution]:
    """The order's unanswered offers, locked; the order is locked before them."""
    query = (
        select(Substitution)
        .where(Substitution.order_id == order.id, Substitution.status == SubstitutionStatus.proposed)
        .order_by(Substitution.id)
    )
    return list(db.session.scalars(for_update(query)))


def end_offer(order: Order, offer: Substitution, answer: SubstitutionStatus, actor: Actor) -> None:
    """Close an open offer without the goods: what was held for it goes back to the shelf."""
    inventory.release(order.branch_id, {offer.variant_id: offer.quantity})
    record_answer(order, offer, answer, actor)


def record_answer(
    order: Order, offer: Substitution, answer: SubstitutionStatus, actor: Actor, **facts: Any
) -> None:
    """Write how the offer ended, and what of the order changed with it."""
    offer.status = answer
    offer.answered_at = clock.now()
    record_fact(
        order,
        SubstitutionAnswered(
            order_id=order.id,
            code=order.code,
            substitution_id=offer.id,
            answer=answer.value,
            **facts,
        ),
        actor,
    )


def record_fact(order: Order, fact: Event, actor: Actor, occurred_at: datetime | None = None) -> None:
    """Put a fact that is no move into the order's numbered history, and fold it into the row."""
    order.event_seq += 1
    emit(fact, actor=actor, seq=order.event_seq, occurred_at=occurred_at)
    projection.apply(order, getattr(fact, "changes", {}))
