"""Where cards are entered, as the owner sets it: the key of the provider's form is learnt, or asked for."""

import re
from dataclasses import dataclass, field

import pytest

from app.core.db import db, release_connection
from app.payments.gateways import CARD_FORMS
from app.payments.models import PaymentMethod
from app.payments.ports import CardForm, EnteredCard, Refused
from tests.admin.conftest import PASSWORD, sign_in  # noqa: F401 - a fixture
from tests.payments.bank import CODE, SECRETS
from tests.payments.test_card_form import KEY


@dataclass
class Forms:
    """Names the key of an account, or does not; `asked` is what it was asked with."""

    key: str = KEY
    away: Exception | None = None
    asked: list = field(default_factory=list)

    def form(self, settings):
        return CardForm(
            CODE,
            "https://js.pay.test/v3/AcceptUI.js",
            settings["api_login_id"],
            settings["public_client_key"],
        )

    def learn_key(self, account):
        self.asked.append((account.settings["api_login_id"], account.secrets["transaction_key"]))
        if self.away:
            raise self.away
        return self.key

    def read_token(self, descriptor, token):
        return EnteredCard(descriptor, token)


@pytest.fixture
def forms(monkeypatch):
    made = Forms()
    monkeypatch.setitem(CARD_FORMS, CODE, made)
    return made


@pytest.fixture
def save(crew, forms, sign_in):  # noqa: F811
    """Save the account on the console's page, with these settings besides."""
    release_connection()
    staff = sign_in("store_admin")

    def post(**typed):
        form = {"setting-api_login_id": "login", "active": "y", "password": PASSWORD} | typed
        return staff.post(f"/console/payment-methods/edit/{CODE}", form)

    return post


def kept():
    db.session.expire_all()
    return db.session.query(PaymentMethod).filter_by(code=CODE).one().settings


def test_an_empty_key_is_asked_of_the_provider(save, forms):
    over = {"setting-card_entry": "over_page"}
    assert save(**over).status_code == 303
    assert kept()["public_client_key"] == KEY and forms.asked == [("login", SECRETS["transaction_key"])]
    assert save(**over, **{"setting-public_client_key": KEY}).status_code == 303
    assert len(forms.asked) == 1  # given, it is not asked for
    # Of another account the old key is no use; the secret typed with it is asked with.
    forms.key = "An0therAcc0untsC1ientKey"
    moved = {
        "setting-api_login_id": "other",
        "secret-transaction_key": "new",
        "setting-public_client_key": KEY,
    }
    assert save(**over, **moved).status_code == 303
    assert kept()["public_client_key"] == forms.key and forms.asked[-1] == ("other", "new")
    assert save(**{"setting-card_entry": ""}).status_code == 303 and kept()["card_entry"] == ""


def test_a_provider_that_names_no_key_is_said_beside_the_field(save, forms):
    forms.away = Refused("E00007 User authentication failed")
    answer = save(**{"setting-card_entry": "over_page"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "E00007" in page and "paste the key here" in page
    assert re.search(r'<option selected value="over_page"', page) and "card_entry" not in kept()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"setting-public_client_key": SECRETS["transaction_key"]}, "a secret of the account"),
        (
            {
                "setting-public_client_key": "typed-now-as-a-secret",
                "secret-signature_key": "typed-now-as-a-secret",
            },
            "secret",
        ),
        ({"setting-public_client_key": "short"}, "at least 20"),
        ({"setting-public_client_key": "with spaces and ‘quotes’ in it"}, "at least 20"),
        ({"setting-public_client_key": "k" * 201}, "200"),
        ({"setting-card_entry": "elsewhere"}, "Not a valid choice"),
    ],
)
def test_a_wrong_setting_is_refused_beside_its_field(save, typed, says):
    answer = save(**{"setting-card_entry": "over_page", "setting-public_client_key": KEY} | typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and says in page and "card_entry" not in kept()
    if says.endswith("secret") or "secret of" in says:
        assert f'value="{typed["setting-public_client_key"]}"' not in page
