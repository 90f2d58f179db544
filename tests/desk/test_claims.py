"""I have sent it: kept, compared with what others sent, and no money yet."""

import io

import pytest
from PIL import Image, ImageDraw

from app.core.actor import ANONYMOUS
from app.core.errors import InvalidInput, NotFound
from app.desk import claims, confirming, proofs, queue
from app.desk.errors import TransferSettled
from app.orders.states import PaymentStatus
from app.payments.models import AttemptStatus
from tests.desk.conftest import events_of, newest, screenshot
from tests.factories import place


def say(order, *, payer="Ana Test", reference="", picture=b""):
    return claims.say_sent(order.id, payer=payer, reference=reference, picture=picture, actor=ANONYMOUS)


def test_a_word_is_kept_and_staff_are_told(asked):
    order, attempt = asked
    claim = say(order, reference=" WFCT0\x00ABC12 ", picture=screenshot())
    assert (claim.reference, claim.payer, claim.doubts) == ("WFCT0ABC12", "Ana Test", [])
    assert attempt.status is AttemptStatus.held
    assert order.payment_status is PaymentStatus.AWAITING
    assert len(events_of("TransferClaimed")) == 1
    with Image.open(io.BytesIO(proofs.read(claim.picture))) as kept:
        assert kept.format == "WEBP" and not kept.getexif()


def test_the_same_picture_twice(cast, asked):
    order, _attempt = asked
    other = place(("VITC", 1), actor=cast["felix"], payment_method="zelle")
    say(order, picture=screenshot())
    assert say(other, picture=screenshot()).doubts == [{"kind": "same", "code": order.code}]
    packed = screenshot(format="JPEG", quality=60)
    third = place(("VITC", 1), actor=cast["felix"], payment_method="venmo")
    kinds = {(one["kind"], one["code"]) for one in say(third, picture=packed).doubts}
    assert kinds == {("alike", order.code), ("alike", other.code)}
    assert [one.doubts for one in queue.transfers() if one.order.id == order.id] == [[]]


def test_another_payment_on_the_same_kind_of_screen_is_no_copy(cast, asked):
    order, _attempt = asked
    other = place(("VITC", 1), actor=cast["felix"], payment_method="zelle")
    say(order, picture=screenshot())
    different = screenshot("$31.17 to Brickell Apothecary\n22 Nov 2026 18:47\nConfirmation JPM98XKQ77")
    assert say(other, picture=different).doubts == []


def test_the_same_number_on_two_orders(cast, asked):
    order, _attempt = asked
    say(order, reference="WFCT0ABC12")
    other = place(("VITC", 1), actor=cast["felix"], payment_method="venmo")
    assert say(other, reference="wfct0abc12").doubts == [{"kind": "reference", "code": order.code}]
    assert say(order, reference="WFCT0ABC12", picture=screenshot()).doubts == [
        {"kind": "reference", "code": other.code}
    ]


def test_blank_pictures_are_not_alike():
    white = Image.new("RGB", (400, 800), "white")
    file = io.BytesIO()
    white.save(file, "PNG")
    look = proofs.look_at(file.getvalue()).look
    assert not proofs.are_alike(look, look)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "reference"),
        ({"reference": "x" * 61}, "reference"),
        ({"reference": "A1", "payer": "x" * 121}, "payer"),
        ({"picture": b"%PDF-1.7 no picture"}, "photo"),
        ({"picture": screenshot()[:400]}, "photo"),
        ({"picture": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "photo"),
    ],
)
def test_what_is_no_word(asked, said, field):
    order, attempt = asked
    with pytest.raises(InvalidInput) as refused:
        say(order, **said)
    assert list(refused.value.errors) == [field]
    assert attempt.status is AttemptStatus.pending


def test_a_seventh_word_is_refused(asked):
    order, _attempt = asked
    for number in range(claims.MOST_CLAIMS):
        say(order, reference=f"A{number}")
    with pytest.raises(InvalidInput):
        say(order, reference="A9")


def test_too_late_and_the_wrong_order(cast, asked):
    order, attempt = asked
    confirming.confirm(attempt.id, attempt.amount_minor, actor=cast["dmitri"])
    with pytest.raises(TransferSettled):
        say(order, reference="A1")
    with pytest.raises(NotFound):
        say(place(("VITC", 1), actor=cast["ana"]), reference="A1")


def test_the_queue_puts_words_first(cast, asked):
    order, attempt = asked
    later = place(("VITC", 1), actor=cast["felix"], payment_method="zelle")
    say(later, reference="A1")
    assert [one.order.id for one in queue.transfers()] == [later.id, order.id]
    assert queue.counts() == {"waiting": 2, "said": 1, "lines": 0}
    assert queue.transfer(attempt.id).open_minor == order.due_minor
    assert newest(later).status is AttemptStatus.held


def test_pictures_differ_by_what_stands_on_them():
    one = proofs.look_at(screenshot())
    picture = Image.open(io.BytesIO(screenshot())).convert("RGB")
    ImageDraw.Draw(picture).rectangle((0, 560, 585, 1000), fill="black")
    file = io.BytesIO()
    picture.save(file, "PNG")
    assert not proofs.are_alike(one.look, proofs.look_at(file.getvalue()).look)
