"""Who is told what, what becomes of a message, and the siren's end: on real rows and the sandbox."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import notifications, orders
from app.core import clock
from app.core.db import db, transaction
from app.core.events import EventRecord, was_consumed
from app.notifications import planning
from app.notifications.channels import channel
from app.notifications.models import DeliveryStatus, NotificationRule
from app.orders.models import Order
from app.orders.states import Action
from tests import factories
from tests.jobs.harness import Shop, deliveries, give_contacts, open_shop, until
from tests.sandbox.conftest import Sandbox

S = DeliveryStatus


@pytest.fixture
def shop(committed: Flask, sandbox: Sandbox) -> Shop:
    """A store with Ana and Carla."""
    return open_shop()


def event_of(name: str) -> EventRecord:
    """The newest event of a type."""
    query = select(EventRecord).where(EventRecord.type == name).order_by(EventRecord.id.desc()).limit(1)
    return db.session.scalars(query).one()


def tell(name: str) -> list[int]:
    """Do the `notify` subscriber's work for the newest event of this type."""
    with transaction():
        return notifications.plan(event_of(name))


def send_all() -> None:
    """Hand over every message that waits, as workers would; messages that wait for a later try wait on."""
    query = select(EventRecord).where(EventRecord.type == "DeliveryQueued").order_by(EventRecord.id)
    for record in list(db.session.scalars(query)):
        if record.due_at <= clock.now() and not was_consumed(record.id, "send_delivery"):
            notifications.send(record, subscriber="send_delivery")


def place(shop: Shop) -> Order:
    return factories.place((shop.sku, 2), actor=shop.ana)


def summary() -> list[tuple[str, str, str]]:
    """(audience, channel, status) of each delivery."""
    return sorted((d.audience, d.channel, d.status.value) for d in deliveries())


def test_a_new_order_is_told_to_dispatcher_and_customer(shop: Shop, sandbox: Sandbox) -> None:
    order = place(shop)
    tell("OrderPlaced")
    send_all()
    assert summary() == [
        ("customer", "whatsapp", "sent"),
        ("dispatchers", "pushover", "sent"),
        ("dispatchers", "telegram", "sent"),
    ]
    told = {message["channel"]: message for message in sandbox.inbox()}
    assert orders.tracking_url(order.code) in told["whatsapp"]["body"]
    assert told["telegram"]["buttons"][0]["url"].endswith(f"?order={order.code}")
    assert "Acknowledge" in {button["text"] for button in told["pushover"]["buttons"]}


def test_no_text_names_goods_or_the_address(shop: Shop, sandbox: Sandbox) -> None:
    order = place(shop)
    tell("OrderPlaced")
    send_all()
    texts = " ".join(message["title"] + message["body"] for message in sandbox.inbox())
    assert order.lines[0].name["en"] not in texts
    assert order.address["line1"] not in texts


def test_planned_twice_is_told_once(shop: Shop) -> None:
    place(shop)
    assert len(tell("OrderPlaced")) == 3
    assert tell("OrderPlaced") == []
    assert len(deliveries()) == 3


def test_everybody_reads_their_own_language(shop: Shop, sandbox: Sandbox) -> None:
    with transaction():
        db.session.get(Order, place(shop).id).locale = "ru"
    tell("OrderPlaced")
    send_all()
    told = {message["channel"]: message["body"] for message in sandbox.inbox()}
    assert "спасибо" in told["whatsapp"]
    assert "Items" in told["pushover"]


def test_a_dispatcher_without_pushover_gets_telegram_once(shop: Shop) -> None:
    dora = factories.make_staff("Dora")
    give_contacts(dora, telegram="700002")
    place(shop)
    tell("OrderPlaced")
    reached = sorted((d.channel, d.recipient) for d in deliveries() if d.audience == "dispatchers")
    assert reached == [
        ("pushover", "carla-pushover-key"),
        ("telegram", "700001"),
        ("telegram", "700002"),
    ]


def test_somebody_without_any_address_is_shown_as_skipped(shop: Shop) -> None:
    eve = factories.make_staff("Eve")
    place(shop)
    tell("OrderPlaced")
    skipped = [d for d in deliveries() if d.status is S.skipped]
    assert {d.user_id for d in skipped} == {eve.user_id}
    assert {d.error for d in skipped} == {"no address"}


def test_a_rule_switched_off_is_silent(shop: Shop) -> None:
    with transaction():
        for rule in db.session.scalars(select(NotificationRule)):
            rule.active = rule.audience != "customer"
    place(shop)
    tell("OrderPlaced")
    assert {d.audience for d in deliveries()} == {"dispatchers"}


def test_whatsapp_that_fails_becomes_an_sms(shop: Shop, sandbox: Sandbox) -> None:
    place(shop)
    tell("OrderPlaced")
    send_all()
    [whatsapp] = [d for d in deliveries() if d.channel == "whatsapp"]
    report = ("twilio", whatsapp.provider_id, "undelivered", "63016")
    assert notifications.record_status(*report)
    assert notifications.record_status(*report)  # Twilio repeats itself
    send_all()
    sms = [d for d in deliveries() if d.channel == "sms"]
    assert [(d.status, d.body) for d in sms] == [(S.sent, whatsapp.body)]
    assert len(sandbox.inbox(channel="sms")) == 1


def test_reports_out_of_order_only_move_forward(shop: Shop) -> None:
    place(shop)
    tell("OrderPlaced")
    send_all()
    [whatsapp] = [d for d in deliveries() if d.channel == "whatsapp"]
    for word in ("read", "delivered", "sent", "undelivered", "queued"):
        notifications.record_status("twilio", whatsapp.provider_id, word)
    assert [d.status for d in deliveries() if d.channel in {"whatsapp", "sms"}] == [S.read]


def test_a_report_may_come_before_the_answer(shop: Shop) -> None:
    place(shop)
    tell("OrderPlaced")
    [whatsapp] = [d for d in deliveries() if d.channel == "whatsapp"]
    assert notifications.record_status("twilio", "SM1", "delivered", delivery_id=whatsapp.id)
    assert not notifications.record_status("twilio", "SM2", "delivered", delivery_id=whatsapp.id)
    assert not notifications.record_status("twilio", "SM3", "delivered")


@pytest.mark.parametrize("arrived", [True, False])
def test_an_overdue_message_is_asked_about_before_it_falls_back(
    arrived: bool, shop: Shop, sandbox: Sandbox
) -> None:
    if not arrived:
        sandbox.chaos("whatsapp", "undelivered", times=1)
    place(shop)
    tell("OrderPlaced")
    send_all()
    [whatsapp] = [d for d in deliveries() if d.channel == "whatsapp"]
    until(lambda: channel("whatsapp").status(whatsapp.provider_id)[0] in {"read", "undelivered"}, 5)
    overdue = event_of("DeliveryOverdue")
    assert overdue.due_at - overdue.occurred_at == timedelta(seconds=60)
    notifications.check_overdue(overdue, subscriber="check_overdue")
    assert was_consumed(overdue.id, "check_overdue")
    statuses = {d.channel: d.status for d in deliveries() if d.audience == "customer"}
    assert statuses == ({"whatsapp": S.read} if arrived else {"whatsapp": S.failed, "sms": S.queued})


def test_pushover_down_reaches_the_dispatcher_by_telegram_and_goes_on_trying(
    shop: Shop, sandbox: Sandbox
) -> None:
    with transaction():
        db.session.query(NotificationRule).filter_by(position=1).update({"active": False})
    sandbox.chaos("pushover", "500", times=1)
    place(shop)
    tell("OrderPlaced")
    send_all()
    send_all()
    assert ("dispatchers", "pushover", "queued") in summary()
    assert ("dispatchers", "telegram", "sent") in summary()
    with clock.moved(timedelta(seconds=10)):
        send_all()
    assert ("dispatchers", "pushover", "sent") in summary()
    assert len(sandbox.inbox(channel="telegram")) == 1


def test_a_claim_that_ran_out_is_taken_over_and_the_first_may_not_write(shop: Shop, sandbox: Sandbox) -> None:
    from app.notifications import sending

    place(shop)
    tell("OrderPlaced")
    [sms] = [d for d in deliveries() if d.channel == "whatsapp"]
    [record] = [
        r
        for r in db.session.scalars(select(EventRecord).where(EventRecord.type == "DeliveryQueued"))
        if r.aggregate_id == sms.id
    ]
    slow = sending._claim(record.id, sms.id, "send_delivery")
    assert sending._claim(record.id, sms.id, "send_delivery") is None  # the lease still runs
    taken = sending._hand_over(slow)
    with clock.moved(timedelta(minutes=1)):
        notifications.send(record, subscriber="send_delivery")
    sending._finish(record.id, sms.id, "send_delivery", slow, taken)
    assert len(sandbox.inbox(channel="whatsapp")) == 1
    assert [(d.status, d.attempts) for d in deliveries() if d.id == sms.id] == [(S.sent, 2)]


def test_an_alarm_answered_before_it_was_sent_stays_silent(shop: Shop, sandbox: Sandbox) -> None:
    order = place(shop)
    tell("OrderPlaced")
    orders.acknowledge_order(order.code, actor=shop.carla)
    send_all()
    assert ("dispatchers", "pushover", "skipped") in summary()
    assert sandbox.inbox(channel="pushover") == []


def ringing(sandbox: Sandbox) -> list[bool]:
    """Whether each alarm in the inbox still shows its button."""
    return [
        any(button["text"] == "Acknowledge" for button in message["buttons"])
        for message in sandbox.inbox(channel="pushover")
    ]


def test_acknowledging_on_the_board_stops_the_siren(shop: Shop, sandbox: Sandbox) -> None:
    order = place(shop)
    tell("OrderPlaced")
    send_all()
    assert ringing(sandbox) == [True]
    orders.acknowledge_order(order.code, actor=shop.carla)
    notifications.silence(event_of("OrderAcknowledged"), subscriber="silence_sirens")
    assert ringing(sandbox) == [False]
    assert ("dispatchers", "pushover", "read") in summary()


def test_acknowledging_at_pushover_acknowledges_the_order(shop: Shop, sandbox: Sandbox) -> None:
    order = place(shop)
    tell("OrderPlaced")
    send_all()
    notifications.look_after_sirens()
    assert db.session.get(Order, order.id).acknowledged_at is None
    [alarm] = sandbox.inbox(channel="pushover")
    sandbox.http.post(f"/inbox/{alarm['id']}/acknowledge").raise_for_status()
    notifications.look_after_sirens()
    db.session.expire_all()
    assert db.session.get(Order, order.id).acknowledged_by == shop.carla.user_id
    assert event_of("OrderAcknowledged").source == "pushover"


def test_nobody_answers_first_the_team_then_the_manager(shop: Shop, sandbox: Sandbox) -> None:
    dmitri = factories.make_staff("Dmitri", "manager")
    order = place(shop)
    with transaction():
        planning.watch_alarm(event_of("OrderPlaced"))
    alarms = list(db.session.scalars(select(EventRecord).where(EventRecord.type == "AlarmDue")))
    assert [a.due_at - a.occurred_at for a in alarms] == [timedelta(minutes=5), timedelta(minutes=10)]
    for alarm in alarms:
        with transaction():
            notifications.plan(alarm)
    send_all()
    assert [(m["channel"], order.code in m["title"] + m["body"]) for m in reversed(sandbox.inbox())] == [
        ("telegram", True),
        ("sms", True),
    ]
    assert {d.user_id for d in deliveries() if d.audience == "managers"} == {dmitri.user_id}


def test_an_acknowledged_order_escalates_nothing(shop: Shop) -> None:
    order = place(shop)
    with transaction():
        planning.watch_alarm(event_of("OrderPlaced"))
    orders.act(order.code, Action.confirm, actor=shop.carla)
    tell("AlarmDue")
    assert deliveries() == []


def test_the_code_goes_out_at_once_or_says_so(shop: Shop, sandbox: Sandbox) -> None:
    from app.identity.errors import CodeNotSent

    sender = notifications.TwilioOtpSender()
    sender.send("+13055551234", "123456 is your code", "en")
    assert [m["body"] for m in sandbox.inbox(channel="sms")] == ["123456 is your code"]
    sandbox.chaos("twilio", "500", times=1)
    with pytest.raises(CodeNotSent):
        sender.send("+13055551234", "654321 is your code", "en")


def test_defaults_leave_edited_rows_alone(shop: Shop) -> None:
    assert notifications.ensure_defaults() == 0
    with transaction():
        rule = db.session.scalars(select(NotificationRule).limit(1)).one()
        rule.active = False
        db.session.delete(db.session.scalars(select(NotificationRule).offset(1).limit(1)).one())
        edited = rule.id
    assert notifications.ensure_defaults() == 1
    assert db.session.get(NotificationRule, edited).active is False


def test_another_stores_reports_find_nothing(shop: Shop, committed: Flask) -> None:
    from app.core.tenancy import store_scope

    place(shop)
    tell("OrderPlaced")
    send_all()
    [whatsapp] = [d for d in deliveries() if d.channel == "whatsapp"]
    found = (whatsapp.provider_id, whatsapp.id)
    with committed.app_context(), store_scope(factories.JAKARTA):
        assert not notifications.record_status("twilio", found[0], "failed", delivery_id=found[1])


def test_every_delivery_names_its_order(shop: Shop) -> None:
    order = place(shop)
    tell("OrderPlaced")
    assert {d.order_id for d in deliveries()} == {order.id}
