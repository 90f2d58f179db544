"""Cards that the provider keeps: kept once, charged once, declined, held, unanswered, forgotten."""

import pytest

from app.payments.gateways import CARD_KEEPERS
from app.payments.ports import (
    CardKeeper,
    CardNumbers,
    CardOwner,
    KeptCard,
    NewsStatus,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from tests.payments.gateways.conftest import Bench, new_code, short
from tests.sandbox.conftest import wait_until

S = NewsStatus
NOBODY = CardNumbers("99999999", "88888888")


@pytest.fixture
def bench(desk) -> Bench:
    return Bench("authorizenet", desk)


@pytest.fixture
def keeper(bench: Bench) -> CardKeeper:
    return CARD_KEEPERS[bench.name]


def owner(**changes: str) -> CardOwner:
    return CardOwner(**{"reference": f"1-{new_code()[-4:]}", "email": "ana@miami.test"} | changes)


def paid_by(bench: Bench, card: str = "1111") -> str:
    """The provider's number of a payment that was made by this card."""
    charge = bench.started()
    form = {"do": "pay", "card": card}
    bench.desk.http.post(f"/money/pay/{bench.name}/{bench.kept(charge)[0]['id']}", data=form)
    news = bench.ask(charge)
    assert news is not None
    return news.external_id


def kept(bench: Bench, keeper: CardKeeper, card: str = "1111") -> CardNumbers:
    return keeper.keep(bench.account, paid_by(bench, card), owner()).numbers


@pytest.mark.parametrize(
    ("card", "brand", "expires"), [("1111", "Visa", "2029-08"), ("4444", "MasterCard", "2028-03")]
)
def test_a_card_is_known_by_what_its_owner_knows(bench, keeper, card, brand, expires) -> None:
    found = keeper.keep(bench.account, paid_by(bench, card), owner())
    assert (found.brand, found.last_four, found.expires) == (brand, card, expires)


def test_one_owner_has_one_profile_and_each_card_once(bench, keeper) -> None:
    ana = owner()
    first = keeper.keep(bench.account, paid_by(bench), ana)
    # The customer is known (E00039 names the profile in its words), and so is the card.
    assert keeper.keep(bench.account, paid_by(bench), ana) == first
    other = keeper.keep(bench.account, paid_by(bench, "4444"), ana)
    assert other.numbers.profile_id == first.numbers.profile_id
    assert other.numbers.payment_profile_id != first.numbers.payment_profile_id
    known = CardOwner("somebody", profile_id=first.numbers.profile_id)
    assert keeper.keep(bench.account, paid_by(bench), known) == first


def test_a_profile_that_is_gone_over_there_is_made_anew(bench, keeper) -> None:
    found = keeper.keep(bench.account, paid_by(bench), owner(profile_id=NOBODY.profile_id))
    assert isinstance(found, KeptCard) and found.numbers.profile_id != NOBODY.profile_id


def test_a_payment_that_nobody_knows_has_no_card(bench, keeper) -> None:
    for who in (owner(), owner(profile_id=kept(bench, keeper).profile_id)):
        with pytest.raises(Refused):
            keeper.keep(bench.account, "99999999999", who)


def test_a_kept_card_pays_once_a_reference(bench, keeper) -> None:
    card, charge = kept(bench, keeper), bench.charge(125_049)
    news = keeper.charge(bench.account, charge, card)
    assert (news.status, news.reference, news.amount_minor) == (S.paid, charge.reference, 125_049)
    assert keeper.charge(bench.account, charge, card) == news
    [row] = bench.kept(charge)
    assert (row["status"], row["ref_id"]) == ("paid", short(charge.reference))


@pytest.mark.parametrize(("card", "status"), [("0002", S.failed), ("0019", S.held)])
def test_a_card_that_is_not_approved(bench, keeper, card, status) -> None:
    charge = bench.charge()
    news = keeper.charge(bench.account, charge, kept(bench, keeper, card))
    assert (news.status, news.reference) == (status, charge.reference)
    told = bench.ask(charge)
    assert told is not None and told.status is status
    if status is S.failed:
        assert "declined" in news.reason


def test_an_answer_that_is_lost_charges_nobody_twice(bench, keeper) -> None:
    card, charge = kept(bench, keeper), bench.charge()
    bench.desk.chaos(bench.name, "slow", seconds=6, times=1)
    with pytest.raises(OutcomeUnknown):
        keeper.charge(bench.account, charge, card)
    bench.desk.chaos(bench.name, "ok")
    wait_until(lambda: bool(bench.kept(charge)) and bench.kept(charge)[0]["status"] == "paid", 10)
    news = bench.ask(charge)
    assert news is not None and news.status is S.paid
    assert keeper.charge(bench.account, charge, card) == news
    assert len(bench.kept(charge)) == 1


def test_an_approval_that_cannot_be_asked_about_is_no_refusal(bench, keeper) -> None:
    card, charge = kept(bench, keeper), bench.charge()
    bench.desk.chaos(bench.name, "500", after=1, times=1)
    with pytest.raises(OutcomeUnknown):
        keeper.charge(bench.account, charge, card)
    assert bench.kept(charge)[0]["status"] == "paid"


def test_an_amount_taken_wrongly_is_told_as_it_is(bench, keeper) -> None:
    card, charge = kept(bench, keeper), bench.charge(125_000)
    bench.desk.chaos(bench.name, "wrong_amount", times=1)
    assert keeper.charge(bench.account, charge, card).amount_minor == 124_900


def test_a_forgotten_card_pays_no_more_and_is_forgotten_again(bench, keeper) -> None:
    card = kept(bench, keeper)
    for numbers in (card, card, NOBODY):
        keeper.forget(bench.account, numbers)
    with pytest.raises(Refused):
        keeper.charge(bench.account, bench.charge(), card)


@pytest.mark.parametrize(("fault", "error"), [("429", TryLater), ("500", TryLater), ("down", OutcomeUnknown)])
@pytest.mark.parametrize("what", ["keep", "charge", "forget"])
def test_trouble_is_sorted(bench, keeper, what, fault, error) -> None:
    charge = bench.charge()
    asked = {
        "keep": lambda: keeper.keep(bench.account, "1", owner()),
        "charge": lambda: keeper.charge(bench.account, charge, NOBODY),
        "forget": lambda: keeper.forget(bench.account, NOBODY),
    }
    bench.desk.chaos(bench.name, fault, seconds=3)
    with pytest.raises(error):
        asked[what]()
