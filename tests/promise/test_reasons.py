"""Every reason has words for customers, with amounts, times and notes as their language writes them."""

from types import SimpleNamespace

import pytest

from app.promise import Reason, ReasonCode, reasons
from app.promise.reasons import Money
from tests.promise.cast import at

FACTS = {
    "zip": "33186",
    "zone": "Doral–Airport",
    "branch": "Brickell",
    "courier": "JNE Reguler",
    "minutes": 30,
    "opens": at("2026-11-21 09:00"),
    "missing": Money(500, "USD"),
    "minimum": Money(2500, "USD"),
}


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_code_has_a_sentence(code):
    said = str(Reason(code, FACTS))
    assert said.endswith(".")
    assert "%" not in said
    assert "!" not in said


@pytest.mark.parametrize(
    ("locale", "money", "opens"),
    [("en", "$5.00", "Sat 9:00 AM"), ("ru", "5,00\xa0$", "сб 09:00"), ("es", "$5.00", "sáb, 9:00")],
)
def test_amounts_and_times_follow_the_reader(monkeypatch, locale, money, opens):
    monkeypatch.setattr(reasons, "active_locale", lambda: locale)
    assert money in Reason(ReasonCode.below_minimum, FACTS).message
    assert opens in Reason(ReasonCode.closed_now, FACTS).message


@pytest.mark.parametrize(
    ("locale", "note", "said"),
    [
        ("en", {"en": "Parade on Ocean Drive.", "es": "Desfile."}, "Parade on Ocean Drive."),
        ("es", {"en": "Parade on Ocean Drive.", "es": "Desfile."}, "Desfile."),
        ("ru", {"en": "Parade on Ocean Drive."}, "Parade on Ocean Drive."),
        ("en", {}, "No deliveries at this time because of traffic. Pick another one."),
        ("en", {"en": ""}, "No deliveries at this time because of traffic. Pick another one."),
    ],
)
def test_the_note_of_the_store_is_the_reason(monkeypatch, locale, note, said):
    monkeypatch.setattr("app.core.i18n.get_locale", lambda: SimpleNamespace(language=locale))
    assert Reason(ReasonCode.slot_traffic, {"note": note}).message == said
