"""One contract for every channel, run against the sandbox; and what is particular to each."""

from datetime import timedelta

import pytest

from app.core import clock, settings
from app.notifications.channels import channel, siren
from app.notifications.ports import Message, OutcomeUnknown, Refused, TryLater
from tests.jobs.harness import PROVIDERS, SECRETS, until
from tests.sandbox.conftest import Sandbox

ADDRESSES = {
    "pushover": "carla-pushover-key",
    "telegram": "700001",
    "whatsapp": "+13055551234",
    "sms": "+13055551234",
    "email": "ana@people.test",
}
SWITCH = {"sms": "twilio", "email": "sendgrid"}
each = pytest.mark.parametrize("name", list(ADDRESSES))


@pytest.fixture
def providers(outside: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, empty and well, as the adapters' settings name it. No database, no application."""
    outside.http.delete("/inbox.json").raise_for_status()
    outside.chaos("all", "ok")
    values = {name: outside.url + path for name, path in PROVIDERS.items()} | SECRETS
    monkeypatch.setattr(settings, "_values", values)
    return outside


def message(name: str, **changes: object) -> Message:
    """New order MIA-1, for this channel's recipient."""
    values: dict = {
        "delivery_id": 1,
        "to": ADDRESSES[name],
        "title": "New order MIA-1",
        "body": "Brickell, $34.66",
        "url": "http://miami.localhost:8000/x?order=MIA-1",
        "url_title": "Open the order",
        "created_at": clock.now(),
    }
    return Message(**values | changes)


@each
def test_a_message_arrives_once_with_an_id(name: str, providers: Sandbox) -> None:
    sent = channel(name).send(message(name))
    assert sent.provider_id
    [arrived] = providers.inbox()
    assert (arrived["channel"], arrived["to"]) == (name, ADDRESSES[name])
    assert "Brickell, $34.66" in arrived["body"]


@each
@pytest.mark.parametrize("fault", ["429", "500"])
def test_a_busy_provider_is_tried_later(name: str, fault: str, providers: Sandbox) -> None:
    providers.chaos(SWITCH.get(name, name), fault, seconds=7, times=1)
    with pytest.raises(TryLater) as trouble:
        channel(name).send(message(name))
    assert trouble.value.retry_after == (7 if fault == "429" else None)
    assert providers.inbox() == []
    channel(name).send(message(name))
    assert len(providers.inbox()) == 1


@each
def test_a_line_that_breaks_without_an_answer_leaves_the_outcome_unknown(
    name: str, providers: Sandbox
) -> None:
    providers.chaos(SWITCH.get(name, name), "down", times=1)
    with pytest.raises(OutcomeUnknown):
        channel(name).send(message(name))


@each
def test_a_slow_provider_costs_five_seconds_and_certainty(name: str, providers: Sandbox) -> None:
    providers.chaos(SWITCH.get(name, name), "slow", seconds=6, times=1)
    with pytest.raises(OutcomeUnknown):
        channel(name).send(message(name))
    assert until(lambda: len(providers.inbox()), 5) == 1


@each
def test_a_provider_that_is_not_there_has_certainly_got_nothing(
    name: str, providers: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = dict.fromkeys(PROVIDERS, "http://127.0.0.1:9")
    monkeypatch.setattr(settings, "_values", SECRETS | nowhere)
    with pytest.raises(TryLater):
        channel(name).send(message(name))


@each
def test_without_a_secret_nothing_is_tried(
    name: str, providers: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = dict.fromkeys(SECRETS, "")
    monkeypatch.setattr(settings, "_values", dict.fromkeys(PROVIDERS, providers.url) | empty)
    with pytest.raises(Refused):
        channel(name).send(message(name))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        pytest.param("pushover", "no", id="malformed Pushover key"),
        pytest.param("telegram", "nobody", id="unknown chat"),
        pytest.param("sms", "12", id="not a number"),
        pytest.param("sms", "+15005550009", id="a landline"),
        pytest.param("whatsapp", "12", id="not a number on WhatsApp"),
        pytest.param("email", "nobody", id="not an e-mail address"),
    ],
)
def test_a_wrong_address_is_refused_for_good(name: str, address: str, providers: Sandbox) -> None:
    with pytest.raises(Refused):
        channel(name).send(message(name, to=address))
    assert providers.inbox() == []


def test_who_wrote_stop_is_not_written_to(providers: Sandbox) -> None:
    number = "+13055557777"
    providers.http.post("/twilio/inbound", json={"from": number, "to": "+13055550000", "body": "STOP"})
    with pytest.raises(Refused, match="21610"):
        channel("sms").send(message("sms", to=number))


@pytest.mark.parametrize("name", ["sms", "whatsapp"])
def test_twilio_is_asked_for_a_message_that_may_have_arrived(name: str, providers: Sandbox) -> None:
    adapter, wanted = channel(name), message(name)
    assert adapter.find(wanted, known=()) is None
    sent = adapter.send(wanted)
    assert adapter.find(wanted, known=()) == sent
    assert adapter.find(wanted, known=[sent.provider_id]) is None
    assert adapter.find(message(name, body="another text"), known=()) is None
    later = message(name, created_at=clock.now() + timedelta(minutes=10))
    assert adapter.find(later, known=()) is None


def test_twilio_says_how_far_a_message_is(providers: Sandbox) -> None:
    good = channel("whatsapp").send(message("whatsapp"))
    lost = channel("whatsapp").send(message("whatsapp", to="+13055550000"))
    until(lambda: channel("whatsapp").status(good.provider_id) == ("read", ""), 5)
    until(lambda: channel("whatsapp").status(lost.provider_id) == ("undelivered", "63016"), 5)


def test_telegram_shows_a_button_that_opens_the_order(providers: Sandbox) -> None:
    channel("telegram").send(message("telegram"))
    [arrived] = providers.inbox()
    assert [(b["text"], b["url"]) for b in arrived["buttons"]] == [
        ("Open the order", "http://miami.localhost:8000/x?order=MIA-1")
    ]


def test_a_siren_rings_until_it_is_acknowledged(providers: Sandbox) -> None:
    sent = channel("pushover").send(message("pushover", priority=2))
    assert sent.receipt
    assert not siren().receipt(sent.receipt).acknowledged
    [arrived] = providers.inbox()
    providers.http.post(f"/inbox/{arrived['id']}/acknowledge").raise_for_status()
    receipt = siren().receipt(sent.receipt)
    assert (receipt.acknowledged, receipt.acknowledged_by) == (True, "carla-pushover-key")
    assert abs(receipt.acknowledged_at - clock.now()) < timedelta(seconds=5)


def test_a_siren_can_be_stopped(providers: Sandbox) -> None:
    sent = channel("pushover").send(message("pushover", priority=2))
    siren().cancel(sent.receipt)
    assert siren().receipt(sent.receipt).expired
    with pytest.raises(Refused):
        siren().cancel("f" * 30)


def test_a_letter_carries_its_subject_its_button_and_nobody_elses_markup(providers: Sandbox) -> None:
    words = {"title": "Confirm\nyour e-mail", "body": "Hello <b>Ana</b>\n\n123456", "url_title": "Confirm"}
    channel("email").send(message("email", **words))
    [arrived] = providers.inbox()
    assert arrived["title"] == "Confirm your e-mail"
    assert "Hello <b>Ana</b>" in arrived["body"]
    assert "Confirm: http://miami.localhost:8000/x?order=MIA-1" in arrived["body"]
    page = providers.http.get(f"/mail/{arrived['id']}").text
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page
    assert 'href="http://miami.localhost:8000/x?order=MIA-1"' in page


def test_a_letter_may_name_its_sender(providers: Sandbox) -> None:
    extra = {"sender": "Theriac Miami", "headers": {"List-Unsubscribe": "<http://miami.localhost/u>"}}
    channel("email").send(message("email", extra=extra))
    [arrived] = providers.inbox()
    assert "Theriac Miami" in providers.http.get(f"/mail/{arrived['id']}").text
