"""Buttons under the messages of a branch's group: heard at the webhook, answered by a job, shown to everybody.

Only linked staff count: people of the store whose Telegram chat is among the contact points. What a button does is
an order's own action, so a second press, or one that comes after the board, changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from app import identity, orders, shipping, stores
from app.core import crypto
from app.core.actor import SYSTEM, Actor
from app.core.db import db, release_connection, transaction
from app.core.errors import DomainError, NotFound
from app.core.events import EventRecord, consume, emit
from app.core.i18n import _, speaking
from app.core.tenancy import store_scope
from app.identity.models import Person
from app.notifications import links
from app.notifications.branch_notes import COURIER, PREPARED
from app.notifications.channels import team_bot
from app.notifications.events import ButtonPressed
from app.notifications.models import ContactPoint, Delivery
from app.notifications.order_contexts import driver_of
from app.notifications.ports import SendError
from app.orders.labels import status_label
from app.orders.models import Order
from app.orders.states import Action, Kind, Status
from app.stores.models import Branch

log = structlog.get_logger()
_DATA = re.compile(rf"({PREPARED}|{COURIER}):(\d{{1,18}}):(\d{{1,18}})")


@dataclass(frozen=True)
class Answer:
    """What the one who pressed is told; `alert`: long enough to be closed by hand."""

    text: str
    alert: bool = False


# --- hearing -----------------------------------------------------------------------------------------------


def press_secret() -> str:
    """What Telegram sends along with every pressed button."""
    return crypto.keyed_hash("telegram-webhook", "press")


def hear_press(update: Mapping[str, Any]) -> bool:
    """Keep a pressed button for a job to answer, in the store that sent the message; False when it is none of ours.

    A client may send any data it likes, so the message has to have gone to the very chat that the press comes from.
    """
    query = _dict(update.get("callback_query"))
    found = _DATA.fullmatch(str(query.get("data") or ""))
    chat = _dict(_dict(query.get("message")).get("chat")).get("id")
    sender, query_id = _dict(query.get("from")).get("id"), str(query.get("id") or "")[:64]
    if found is None or not isinstance(sender, int):
        return False
    verb, store_id, delivery_id = found[1], int(found[2]), int(found[3])
    try:
        stores.store_by_id(store_id)
    except NotFound:
        return False
    with store_scope(store_id), transaction():
        delivery = db.session.get(Delivery, delivery_id)
        if delivery is None or delivery.channel != "telegram" or delivery.recipient != str(chat):
            return False
        emit(
            ButtonPressed(delivery_id=delivery_id, verb=verb, sender=str(sender), query_id=query_id),
            actor=SYSTEM,
        )
    return True


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def listen_for_presses() -> None:
    """Have Telegram tell us of pressed buttons. One bot serves many stores and tells one address: the first store
    with a group gives its own, the others find it taken."""
    if not db.session.scalar(select(Branch.id).where(Branch.telegram_chat != "").limit(1)):
        return
    mark = crypto.sign("telegram-webhook", press_secret(), 8)  # another key, another secret to be told
    ours = {f"{links.press_url(store)}?v={mark}" for store in stores.all_stores()}
    mine = f"{links.press_url(stores.current_store())}?v={mark}"
    db.session.rollback()
    try:
        if team_bot().listening_at() not in ours:
            team_bot().listen(mine, press_secret())
    except SendError as trouble:
        log.warning("Telegram was not told where buttons are heard", trouble=str(trouble))


def group_title(chat: str) -> str:
    """The name of a group that the team's bot is in. Raises SendError when it is not, or cannot be asked; not
    inside a transaction (RuntimeError)."""
    release_connection()
    return team_bot().chat_title(chat)


# --- answering ---------------------------------------------------------------------------------------------


def answer_press(record: EventRecord, *, subscriber: str) -> None:
    """Do what the button says and tell the one who pressed it; the message itself follows the order."""
    event_id, payload = record.id, record.payload
    try:
        answer = _do(int(payload["delivery_id"]), str(payload["verb"]), str(payload["sender"]))
    except DomainError as refusal:
        answer = _refusal(int(payload["delivery_id"]), refusal)
    try:
        team_bot().answer(str(payload["query_id"]), answer.text, alert=answer.alert)
    except SendError as trouble:  # the phone shows a spinner that ends by itself; the message tells it anyway
        log.warning("press not answered", event_id=event_id, trouble=str(trouble))
    with transaction():
        consume(event_id, subscriber)


@transaction()
def _do(delivery_id: int, verb: str, sender: str) -> Answer:
    delivery = db.session.get(Delivery, delivery_id)
    order = db.session.get(Order, delivery.order_id) if delivery and delivery.order_id else None
    if delivery is None or order is None:
        raise NotFound
    with speaking(delivery.locale):
        actor = _linked(sender)
        if actor is None or not actor.is_staff:
            return Answer(_("Only staff of the store whose Telegram is linked may press this."), alert=True)
        return _prepare(order, actor) if verb == PREPARED else _find_courier(order, actor)


def _refusal(delivery_id: int, refusal: DomainError) -> Answer:
    delivery = db.session.get(Delivery, delivery_id)
    locale = delivery.locale if delivery else ""
    db.session.rollback()
    with speaking(locale):
        return Answer(str(refusal), alert=True)


def _linked(sender: str) -> Actor | None:
    """The person of this store whose private chat with the bot it is; a chat has the number of its person."""
    query = (
        select(Person)
        .join(ContactPoint, ContactPoint.user_id == Person.id)
        .where(ContactPoint.channel == "telegram", ContactPoint.address == sender)
        .where(ContactPoint.active.is_(True), Person.active.is_(True))
        .order_by(ContactPoint.id)
    )
    person = db.session.scalars(query).first()
    return identity.actor_of(person, source="bot") if person else None


def _prepare(order: Order, actor: Actor) -> Answer:
    if order.status is Status.PENDING:
        order = orders.act(order.code, Action.confirm, actor=actor)
    if order.status is Status.CONFIRMED:
        orders.act(order.code, Action.ready, actor=actor)
        return Answer(_("%(code)s is prepared.", code=order.code))
    return Answer(_("%(code)s already: %(state)s.", code=order.code, state=status_label(order.status)))


def _find_courier(order: Order, actor: Actor) -> Answer:
    """Call the courier for a packed order; once called, say who it is."""
    if order.kind is Kind.driver:
        return Answer(_driver(order), alert=True)
    shipment = shipping.shipment_of(order.id)
    if shipment is None:
        return Answer(_("The customer collects this order."), alert=True)
    if order.status in {Status.PENDING, Status.CONFIRMED}:
        return Answer(_("Pack it first, then press “Prepared”."), alert=True)
    if order.status is Status.READY:
        orders.act(order.code, Action.hand_over, actor=actor)
        return Answer(_("%(courier)s is being called.", courier=shipment.name))
    parts = (shipment.name, shipment.title, shipment.driver_name, shipment.driver_phone)
    return Answer("\n".join(part for part in parts if part), alert=True)


def _driver(order: Order) -> str:
    driver = driver_of(order)
    if driver is None:
        return _("No driver has it yet.")
    return "\n".join(part for part in (driver.user.full_name, driver.user.phone or "") if part)
