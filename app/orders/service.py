"""Acting on orders that exist. Loading is authorising: a stranger gets NotFound."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app import stores
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _
from app.identity.models import Customer
from app.orders import links, projection
from app.orders.events import OrderAcknowledged, ReviewRequested
from app.orders.models import Order, OrderNote
from app.orders.moves import Details, advance
from app.orders.states import Action, Status

QUIET_FROM, QUIET_UNTIL = 21, 9
"""Local hours between which nobody is asked for a review or reminded of a cart."""


def _visible(query: Select[Order], actor: Actor) -> Select[Order]:
    """Narrow to the orders this actor may see."""
    if actor.is_staff:
        return query
    mine = []
    if actor.customer_id is not None:
        mine.append(Order.customer_id == actor.customer_id)
    if actor.driver_id is not None:
        mine.append(Order.driver_id == actor.driver_id)
    if not mine:
        raise NotFound
    return query.where(mine[0] if len(mine) == 1 else mine[0] | mine[1])


def get_order(code: str, *, actor: Actor, lock: bool = False) -> Order:
    """The order with its lines, if this actor may see it; NotFound otherwise, so nobody learns what exists."""
    query = _visible(select(Order).where(Order.code == code.upper()), actor)
    query = for_update(query) if lock else query.options(selectinload(Order.lines), joinedload(Order.branch))
    if (order := db.session.scalar(query)) is None:
        raise NotFound
    return order


def get_order_by_link(code: str, signature: str, purpose: str = "track") -> Order:
    """The order of a signed link, for whoever holds it; NotFound when the signature is not ours."""
    if not links.is_valid(purpose, code.upper(), signature):
        raise NotFound
    query = (
        select(Order)
        .where(Order.code == code.upper())
        .options(selectinload(Order.lines), joinedload(Order.branch))
    )
    if (order := db.session.scalar(query)) is None:
        raise NotFound
    return order


@transaction()
def act(code: str, action: Action, *, actor: Actor, details: Details | None = None) -> Order:
    """Do one action of the table to an order: the way of every page, bot and API call."""
    order = get_order(code, actor=actor, lock=True)
    advance(order, action, actor, details)
    if order.acknowledged_at is None and actor.is_staff:
        _acknowledge(order, actor)
    if order.status in {Status.DELIVERED, Status.COLLECTED}:
        _ask_for_review(order)
    return order


@transaction()
def acknowledge_order(code: str, *, actor: Actor) -> Order:
    """Somebody has seen the order: the siren stops. The first one is kept; again changes nothing."""
    order = get_order(code, actor=actor, lock=True)
    if order.acknowledged_at is None:
        _acknowledge(order, actor)
    return order


def _acknowledge(order: Order, actor: Actor) -> None:
    changes = {"acknowledged_at": projection.encode(clock.now()), "acknowledged_by": actor.user_id}
    order.event_seq += 1
    emit(
        OrderAcknowledged(order_id=order.id, code=order.code, changes=changes),
        actor=actor,
        seq=order.event_seq,
    )
    projection.apply(order, changes)


def is_quiet(local: datetime) -> bool:
    """Whether it is night for the store's customers: nobody is written to about reviews and carts."""
    return local.hour >= QUIET_FROM or local.hour < QUIET_UNTIL


def _ask_for_review(order: Order) -> None:
    store = stores.current_store()
    due = clock.now() + timedelta(minutes=store.review_delay_minutes)
    local = due.astimezone(store.zone)
    if is_quiet(local):
        morning = local.replace(hour=QUIET_UNTIL, minute=0, second=0, microsecond=0)
        due = morning if local.hour < QUIET_UNTIL else morning + timedelta(days=1)
    emit(ReviewRequested(order_id=order.id, code=order.code), actor=SYSTEM, due_in=due - clock.now())


@transaction()
def add_note(code: str, body: str, *, actor: Actor) -> OrderNote:
    """A note of staff to staff."""
    order = get_order(code, actor=actor)
    if not actor.is_staff:
        raise NotFound
    text = body.strip()
    if not 1 <= len(text) <= 1000:
        raise InvalidInput({"body": _("Write between 1 and 1000 characters.")})
    note = OrderNote(order_id=order.id, author_id=actor.user_id, author_name=actor.name, body=text)
    db.session.add(note)
    return note


def notes_of(order: Order) -> list[OrderNote]:
    """The staff's notes, oldest first."""
    return list(
        db.session.scalars(select(OrderNote).where(OrderNote.order_id == order.id).order_by(OrderNote.id))
    )


def orders_of(customer: Customer | int, *, before_id: int | None = None, limit: int = 20) -> list[Order]:
    """A customer's orders, newest first; `before_id` continues a page."""
    customer_id = customer if isinstance(customer, int) else customer.id
    query = select(Order).where(Order.customer_id == customer_id).options(selectinload(Order.lines))
    if before_id is not None:
        query = query.where(Order.id < before_id)
    return list(db.session.scalars(query.order_by(Order.id.desc()).limit(limit)))
