"""The rules of trying again, with plain values."""

from itertools import pairwise

import pytest

from app.notifications.defaults import CHANNELS, RULES, TEXTS, group_of
from app.notifications.models import DeliveryStatus as S
from app.notifications.policy import LONGEST_WAIT, POLICIES, may_become, wait_before
from app.notifications.templates import fill

LOCALES = {"en", "ru", "es"}


def test_each_wait_is_longer_up_to_a_limit() -> None:
    waits = [wait_before(attempt, spread=0).total_seconds() for attempt in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT


def test_a_crowd_does_not_return_at_once() -> None:
    assert wait_before(3, spread=1).total_seconds() == 12
    assert len({wait_before(5) for _ in range(20)}) > 1


def test_a_provider_that_names_a_time_is_not_asked_earlier() -> None:
    assert wait_before(1, retry_after=90, spread=1).total_seconds() == 90


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        (S.queued, S.sent, True),
        (S.sending, S.delivered, True),
        (S.sent, S.delivered, True),
        (S.sent, S.failed, True),
        (S.delivered, S.read, True),
        (S.failed, S.delivered, True),
        (S.delivered, S.sent, False),
        (S.read, S.delivered, False),
        (S.delivered, S.failed, False),
        (S.failed, S.sent, False),
        (S.sent, S.sent, False),
        (S.skipped, S.sent, False),
    ],
)
def test_a_status_only_moves_forward(old: S, new: S, may: bool) -> None:
    assert may_become(old, new) is may


def test_every_channel_has_a_policy() -> None:
    assert set(POLICIES) == set(CHANNELS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule[0]}-{rule[1]}-{rule[4]}")
def test_every_rule_has_words_for_each_of_its_channels_in_each_language(rule: tuple) -> None:
    event, audience, channels, _priority, _position = rule
    for channel in channels:
        assert set(TEXTS[event, audience, group_of(channel)]) == LOCALES


@pytest.mark.parametrize("key", TEXTS, ids="-".join)
def test_all_languages_of_a_template_have_the_same_places(key: tuple[str, str, str]) -> None:
    words = {name: f"<{name}>" for name in _places(key)}
    for locale, (title, body) in TEXTS[key].items():
        filled = fill(title, words) + fill(body, words)
        assert "%(" not in filled, locale
        assert {name for name in words if f"<{name}>" in filled} == set(words), locale


def _places(key: tuple[str, str, str]) -> set[str]:
    found: set[str] = set()

    class Watching(dict):
        def __getitem__(self, name: str) -> str:
            found.add(name)
            return ""

    title, body = TEXTS[key]["en"]
    _ = (title % Watching(), body % Watching())
    return found


def test_a_template_with_a_mistake_does_not_keep_the_message_back() -> None:
    assert fill("Order %(code)s for %(nobody)s", {"code": "MIA-1"}) == "Order MIA-1 for"
    assert fill("100% of %(code)s", {"code": "MIA-1"}) == "100% of %(code)s"
