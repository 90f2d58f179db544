"""The group of a branch: what it reads of an order, its two buttons, who may press them, and what the message says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from admin.messages import unknown_places
from app import notifications, orders
from app.core.db import db, transaction
from app.core.events import EventRecord, was_consumed
from app.notifications.defaults import TEXTS
from app.notifications.ports import TryLater
from app.orders import Action, Order
from app.orders.states import Status
from app.shipping import Shipment
from app.stores.models import Branch
from jobs.base import handle
from jobs.fulfilment import follow_courier, tend_shipment
from jobs.notifications import answer_press, refresh_posts
from tests import factories
from tests.fulfilment.conftest import Toko, toko
from tests.jobs.harness import deliveries, give_contacts
from tests.notifications.test_messages import send_all, tell

__all__ = ["toko"]
GROUP = "-1002000000011"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
WORK = (
    ("ButtonPressed", answer_press),
    ("OrderMoved", refresh_posts),
    ("OrderMoved", follow_courier),
    ("ShipmentDue", tend_shipment),
    ("ShipmentMoved", refresh_posts),
)


@dataclass
class Group:
    """Kemang's group in Telegram, with Carla (700001) in it."""

    toko: Toko
    code: str

    @property
    def order(self) -> Order:
        db.session.rollback()
        return db.session.scalars(select(Order).where(Order.code == self.code)).one()

    def post(self) -> dict[str, Any]:
        """The group's one message about the order."""
        found = [m for m in self.toko.desk.inbox(to=GROUP) if m["to"] == GROUP]
        assert len(found) == 1
        return found[0]

    def press(self, words: str, user: int = 700001) -> None:
        """Somebody presses; Telegram tells us, the workers do their part."""
        button = next(b for b in self.post()["buttons"] if b["text"] == words)
        assert self.call(self.update(button["callback_data"], user)) == 200
        self.work()

    def update(self, data: str, user: int = 700001, chat: str = GROUP) -> dict[str, Any]:
        message = {"message_id": 1, "date": 1, "chat": {"id": int(chat), "type": "supergroup"}}
        who = {"id": user, "is_bot": False, "first_name": "Somebody"}
        return {
            "update_id": 1,
            "callback_query": {
                "id": "77",
                "from": who,
                "message": message,
                "data": data,
                "chat_instance": "1",
            },
        }

    def call(self, update: Any, secret: str | None = None) -> int:
        db.session.remove()
        headers = {HEADER: notifications.press_secret() if secret is None else secret}
        headers["Host"] = "miami.localhost:8000"  # one bot, one address: the press belongs to another store
        status = (
            self.toko.app.test_client().post("/webhooks/telegram", json=update, headers=headers).status_code
        )
        db.session.remove()
        return int(status)

    def work(self) -> None:
        for _ in range(12):
            due = [
                (record.id, target)
                for record in db.session.scalars(select(EventRecord).order_by(EventRecord.id))
                for name, target in WORK
                if record.type == name
                and not was_consumed(record.id, target.name)
                and record.payload.get("task") != "ask"
            ]
            if not due:
                return
            for event_id, target in due:
                assert handle(event_id, target)
        raise AssertionError("it never ends")

    def status(self) -> Status:
        return self.order.status


@pytest.fixture
def group(toko: Toko, monkeypatch: pytest.MonkeyPatch) -> Iterator[Group]:
    with transaction():
        for branch in db.session.scalars(select(Branch)):
            branch.telegram_chat = GROUP
    give_contacts(toko.carla, telegram="700001")
    notifications.ensure_defaults()
    order = toko.place()
    tell("OrderPlaced")
    send_all()
    yield Group(toko, order.code)


def moves(order: Order) -> list[tuple[str, str]]:
    query = select(EventRecord).where(EventRecord.type == "OrderMoved", EventRecord.aggregate_id == order.id)
    return [(r.payload["action"], r.actor_name) for r in db.session.scalars(query.order_by(EventRecord.id))]


def test_the_group_reads_what_to_pack_and_where_it_goes(group: Group) -> None:
    post = group.post()
    for part in (group.order.code, "Siti", "Jl. Cikini Raya 5", "1 × Product", "GoSend Instant", "Total: Rp"):
        assert part in post["body"]
    assert [b["text"] for b in post["buttons"]][:2] == ["Prepared", "Contact courier"]
    assert post["buttons"][2]["url"].endswith(f"?order={group.order.code}")


def test_prepared_moves_the_order_and_the_message_says_who(group: Group) -> None:
    group.press("Prepared")
    assert group.status() is Status.READY
    assert moves(group.order) == [("confirm", "Carla Test"), ("ready", "Carla Test")]
    post = group.post()
    assert "✓ Ready: Carla Test, " in post["body"]
    assert [b["text"] for b in post["buttons"]] == ["Contact courier", "Open the order"]


def test_pressed_twice_changes_nothing(group: Group) -> None:
    data = group.post()["buttons"][0]["callback_data"]
    group.press("Prepared")
    before = group.post()["body"]
    assert group.call(group.update(data)) == 200
    group.work()
    assert len(moves(group.order)) == 2
    assert group.post()["body"] == before


def test_contact_courier_calls_one_and_then_says_who_it_is(group: Group) -> None:
    group.press("Contact courier")
    assert group.status() is Status.PENDING  # not packed yet
    group.press("Prepared")
    group.press("Contact courier")
    assert group.status() is Status.HANDED_OVER
    assert group.toko.shipment(group.order).status == "confirmed"
    assert "→ With the courier: Carla Test, " in group.post()["body"]
    group.toko.courier_does(group.toko.shipment(group.order), "allocated")
    group.work()
    assert group.toko.shipment(group.order).driver_name in group.post()["body"]
    bookings = db.session.query(Shipment).count()
    group.press("Contact courier")
    assert (db.session.query(Shipment).count(), group.status()) == (bookings, Status.HANDED_OVER)


def test_only_linked_staff_may_press(group: Group) -> None:
    stranger = factories.make_customer("Budi", phone="+6281211110009")
    give_contacts(stranger, telegram="700009")
    for user in (700009, 700010):
        group.press("Prepared", user)
    assert group.status() is Status.PENDING


@pytest.mark.parametrize(
    "data",
    [
        "",
        "prepared",
        "prepared:0:0",
        "prepared:{store}:999999",
        "prepared:1:{delivery}",
        "cancel:{store}:{delivery}",
    ],
)
def test_made_up_data_is_heard_and_means_nothing(data: str, group: Group) -> None:
    known = group.post()["buttons"][0]["callback_data"].split(":")
    assert group.call(group.update(data.format(store=known[1], delivery=known[2]))) == 200
    group.work()
    assert group.status() is Status.PENDING


def test_a_press_from_another_chat_means_nothing(group: Group) -> None:
    data = group.post()["buttons"][0]["callback_data"]
    assert group.call(group.update(data, chat="700001")) == 200
    group.work()
    assert group.status() is Status.PENDING


@pytest.mark.parametrize("secret", ["", "not the secret", "ключ".encode().decode("latin-1")])
def test_only_telegram_is_heard(secret: str, group: Group) -> None:
    data = group.post()["buttons"][0]["callback_data"]
    assert group.call(group.update(data), secret) == 403
    assert db.session.query(EventRecord).filter_by(type="ButtonPressed").count() == 0


@pytest.mark.parametrize("body", [[], "x", {}, {"callback_query": 5}, {"callback_query": {"message": []}}])
def test_odd_updates_are_taken(body: Any, group: Group) -> None:
    assert group.call(body) == 200


def test_what_the_board_does_is_seen_in_the_group(group: Group) -> None:
    orders.act(group.order.code, Action.confirm, actor=group.toko.carla)
    orders.act(
        group.order.code, Action.cancel, actor=group.toko.carla, details=orders.Details(reason="No stock")
    )
    group.work()
    post = group.post()
    assert post["body"].endswith("Cancelled")
    assert [b["text"] for b in post["buttons"]] == ["Open the order"]


def test_telegram_down_leaves_the_edit_for_later(group: Group) -> None:
    group.toko.desk.chaos("telegram", "500")
    orders.act(group.order.code, Action.confirm, actor=group.toko.carla)
    moved = db.session.scalars(select(EventRecord).where(EventRecord.type == "OrderMoved")).one()
    with pytest.raises(TryLater):
        handle(moved.id, refresh_posts)
    group.toko.desk.chaos("telegram", "ok")
    assert handle(moved.id, refresh_posts)


def test_a_branch_without_a_group_is_told_nothing(toko: Toko) -> None:
    notifications.ensure_defaults()
    toko.place()
    tell("OrderPlaced")
    assert [d for d in deliveries() if d.audience == "branch"] == []


def test_presses_are_listened_for_once(group: Group) -> None:
    notifications.listen_for_presses()
    bot = notifications.team_bot()
    heard_at = bot.listening_at()
    assert heard_at.startswith("http://jakarta.localhost:8000/webhooks/telegram?v=")
    notifications.listen_for_presses()
    assert bot.listening_at() == heard_at


def test_every_placeholder_of_the_first_templates_may_be_kept_when_editing() -> None:
    wrong = {
        (key, locale): words
        for key, texts in TEXTS.items()
        for locale, pair in texts.items()
        if (words := unknown_places(" ".join(pair)))
    }
    assert wrong == {}


def test_the_actor_of_a_press_came_by_the_bot(group: Group) -> None:
    group.press("Prepared")
    sources = {r.source for r in db.session.query(EventRecord).filter_by(type="OrderMoved")}
    assert sources == {"bot"}
