"""A card entered in the provider's form: its token pays once, within minutes, for this account alone."""

import pytest

from app.core.settings import setting
from app.payments.gateways import CARD_FORMS, CARD_KEEPERS
from app.payments.ports import (
    CardKeeper,
    CardOwner,
    CardTokenOver,
    Credentials,
    EnteredCard,
    NewsStatus,
    OutcomeUnknown,
    Refused,
    TryLater,
)
from sandbox.authorizenet_accept import DESCRIPTOR, client_key
from tests.payments.gateways.conftest import Bench, short
from tests.sandbox.conftest import wait_until

S = NewsStatus
FORM = CARD_FORMS["authorizenet"]


@pytest.fixture
def bench(desk):
    yield Bench("authorizenet", desk)
    desk.http.post("/money/settings/authorizenet", json={"token_seconds": 900})


@pytest.fixture
def keeper(bench: Bench) -> CardKeeper:
    return CARD_KEEPERS[bench.name]


def answer_of(bench: Bench, card: str = "1111", **changes: str) -> dict:
    """What the frame of the form gives to the page."""
    asked = {"apiLoginID": "5anDb0xLog1n", "clientKey": client_key(), "card": card} | changes
    return bench.desk.http.post("/authorizenet/v3/tokens", json=asked).raise_for_status().json()


def entered(bench: Bench, card: str = "1111") -> EnteredCard:
    given = answer_of(bench, card)["opaqueData"]
    return FORM.read_token(given["dataDescriptor"], given["dataValue"])


def test_the_page_is_told_what_opens_the_form(bench) -> None:
    form = FORM.form({"api_login_id": "login", "public_client_key": "key"})
    assert (form.method, form.login, form.client_key) == ("authorizenet", "login", "key")
    assert form.script == f"{setting('AUTHORIZENET_JS_URL')}/v3/AcceptUI.js"
    script = bench.desk.http.get("/authorizenet/v3/AcceptUI.js")
    assert script.status_code == 200 and "AcceptUIContainer" in script.text
    frame = bench.desk.http.get("/authorizenet/v3/acceptMain/acceptMain.html")
    assert "frame-ancestors http: https:" in frame.headers["Content-Security-Policy"]


def test_the_account_names_its_key(bench) -> None:
    assert FORM.learn_key(bench.account) == client_key()
    with pytest.raises(Refused):
        FORM.learn_key(Credentials(bench.account.settings, {"transaction_key": "wrong"}))


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"clientKey": ""}, "E_WC_18"), ({"clientKey": "another"}, "E_WC_21"), ({"apiLoginID": "x"}, "E_WC_21")],
)
def test_the_form_of_a_wrong_account_gives_no_token(bench, changes, code) -> None:
    told = answer_of(bench, **changes)
    assert "opaqueData" not in told and told["messages"]["message"][0]["code"] == code


@pytest.mark.parametrize(
    ("descriptor", "token"),
    [
        (DESCRIPTOR, ""),
        ("", "eyJjb2RlIjoiNTAi"),
        ("COMMON.VCO.ONLINE.PAYMENT", "eyJjb2RlIjoiNTAi"),
        (DESCRIPTOR, "4111 1111 1111 1111"),
        (DESCRIPTOR, "eyJjb2RlIjoi\n"),
        (DESCRIPTOR, "é" * 20),
        (DESCRIPTOR, "a" * 2049),
        (DESCRIPTOR, "<script>alert(1)</script>"),
    ],
)
def test_what_is_no_token_is_sent_to_nobody(descriptor, token) -> None:
    with pytest.raises(ValueError, match="no token"):
        FORM.read_token(descriptor, token)


def test_a_token_shows_itself_nowhere() -> None:
    assert "eyJjb2Rl" not in repr(FORM.read_token(DESCRIPTOR, "eyJjb2RlIjoiNTAi"))


def test_an_entered_card_pays_once(bench, keeper) -> None:
    card, charge = entered(bench), bench.charge(125_049)
    news = keeper.charge(bench.account, charge, card)
    assert (news.status, news.reference, news.amount_minor) == (S.paid, charge.reference, 125_049)
    [row] = bench.kept(charge)
    assert (row["status"], row["ref_id"], row["card"]) == ("paid", short(charge.reference), "1111")
    with pytest.raises(CardTokenOver):
        keeper.charge(bench.account, bench.charge(), card)


@pytest.mark.parametrize(("card", "status"), [("0002", S.failed), ("0019", S.held)])
def test_a_card_that_is_not_approved(bench, keeper, card, status) -> None:
    charge, token = bench.charge(), entered(bench, card)
    news = keeper.charge(bench.account, charge, token)
    assert (news.status, news.reference) == (status, charge.reference)
    told = bench.ask(charge)
    assert told is not None and told.status is status
    with pytest.raises(CardTokenOver):  # declined or not, it is used up
        keeper.charge(bench.account, bench.charge(), token)


def test_a_token_that_lay_too_long_and_one_that_nobody_gave(bench, keeper) -> None:
    old = entered(bench)
    bench.configure(token_seconds=0)
    for card in (old, EnteredCard(DESCRIPTOR, "bm90IGEgdG9rZW4="), EnteredCard("ELSE", old.token)):
        charge = bench.charge()
        with pytest.raises(CardTokenOver):
            keeper.charge(bench.account, charge, card)
        assert bench.kept(charge) == []


def test_an_answer_that_is_lost_is_found_by_its_reference(bench, keeper) -> None:
    card, charge = entered(bench), bench.charge()
    bench.desk.chaos(bench.name, "slow", seconds=6, times=1)
    with pytest.raises(OutcomeUnknown):
        keeper.charge(bench.account, charge, card)
    wait_until(lambda: bool(bench.kept(charge)) and bench.kept(charge)[0]["status"] == "paid", 10)
    news = bench.ask(charge)
    assert news is not None and news.status is S.paid and len(bench.kept(charge)) == 1


@pytest.mark.parametrize(("fault", "error"), [("429", TryLater), ("500", TryLater), ("down", OutcomeUnknown)])
def test_trouble_is_sorted(bench, keeper, fault, error) -> None:
    card = entered(bench)
    bench.desk.chaos(bench.name, fault, seconds=3)
    with pytest.raises(error):
        keeper.charge(bench.account, bench.charge(), card)
    with pytest.raises(error):
        FORM.learn_key(bench.account)


def test_its_payment_is_kept_voided_and_sent_back_as_any_other(bench, keeper) -> None:
    charge = bench.charge()
    news = keeper.charge(bench.account, charge, entered(bench, "4444"))
    kept = keeper.keep(bench.account, news.external_id, CardOwner("1-entered", email="ana@miami.test"))
    assert (kept.brand, kept.last_four) == ("MasterCard", "4444")
    voided = bench.gateway.refund(bench.account, bench.refunding(charge, charge.amount_minor))
    assert voided.voided
    settled = bench.charge()
    keeper.charge(bench.account, settled, entered(bench))
    bench.act(settled, "settle")
    back = bench.gateway.refund(bench.account, bench.refunding(settled, 1_000))
    assert (back.done, back.voided) == (True, False)
