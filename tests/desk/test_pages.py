"""The pages for transfers by hand, without a script: what people type, also wrongly, twice, or in a stranger's name."""

import io
import re

import pytest
from sqlalchemy import func, select

from app import orders
from app.core.db import db, release_connection
from app.core.tenancy import store_scope
from app.desk.models import BankLine, BankStatement, LineStatus, TransferClaim, TransferConfirmation
from app.orders.models import Order
from app.orders.states import Action, PaymentStatus
from app.payments.models import PaymentAttempt, PaymentReceipt
from tests.admin.conftest import sign_in  # noqa: F401 - a fixture
from tests.desk.conftest import furnish, screenshot
from tests.factories import JAKARTA, MIAMI, place
from tests.storefront.conftest import Guest

DESK, LISTS = "/console/transfer-desk", "/console/bank-lists"


@pytest.fixture
def shop(committed):
    with store_scope(MIAMI):
        cast = furnish()
        order = place(("VITC", 1), actor=cast["ana"], payment_method="zelle")
        db.session.commit()
        attempt = db.session.scalars(select(PaymentAttempt)).one()
        page = f"/pay/{order.code}?t={orders.token('pay', order.code)}"
        found = {"code": order.code, "attempt": attempt.id, "due": attempt.amount_minor, "page": page} | cast
        release_connection()
        yield found


@pytest.fixture
def guest(shop, committed):
    guest = Guest(committed)
    guest.get(shop["page"])
    return guest


def say(guest, shop, *, photo=None, name="proof.png", **form):
    path = shop["page"].replace("?", "/manual?")
    typed = {"reference": "", "payer": "Ana Ruiz", "csrf_token": guest.token} | form
    if photo is not None:
        typed["photo"] = (io.BytesIO(photo), name)
    return guest.send("POST", path, data=typed, content_type="multipart/form-data")


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_the_page_says_where_how_much_and_with_which_word(guest, shop):
    text = guest.page.text
    memo = re.search(r'id="send-memo"[^>]*>([^<]+)<', text).group(1)
    assert memo.replace("-", "") in shop["code"].replace("-", "")
    assert "pay@zelle.example" in text and f"${shop['due'] / 100:.2f}" in text
    assert 'data-copy="' in text and "<svg" in text


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "Type the confirmation number, or add a screenshot."),
        ({"reference": "   "}, "Type the confirmation number, or add a screenshot."),
        ({"reference": "7" * 61}, "At most 60 characters"),
        ({"reference": "WFCT1", "payer": "A" * 121}, "At most 120 characters"),
        ({"photo": b"GIF89a"}, "no JPEG, PNG or WebP"),
        ({"photo": b"I paid, I swear", "name": "proof.png"}, "no JPEG, PNG or WebP"),
        ({"photo": screenshot()[:2000]}, "damaged"),
        ({"photo": b"\x89PNG" + bytes(10 * 1024 * 1024)}, "larger than 10 MB"),
    ],
    ids=["nothing", "blanks", "long", "long name", "gif", "text as png", "half a picture", "eleven MB"],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(guest, shop, said, message):
    answer = say(guest, shop, **{"payer": "Olga <b>"} | said)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="Olga &lt;b&gt;"' in answer.text or "payer" in said
    assert count(TransferClaim) == 0


def test_twenty_megabytes_are_refused_before_they_are_read(guest, shop):
    answer = say(guest, shop, photo=bytes(20 * 1024 * 1024))
    assert (answer.status_code, "too large" in answer.text) == (413, True)
    assert count(TransferClaim) == 0


def test_a_word_with_a_picture_reaches_the_desk_and_pays_once(guest, shop, sign_in):  # noqa: F811
    assert say(guest, shop, photo=screenshot(), reference="WFCT0ABC12").status_code == 303
    assert "We are looking for your" in guest.get(shop["page"]).text
    clerk, other = sign_in("manager"), sign_in("store_admin")
    page = clerk.page(f"{DESK}/list/")
    picture = re.search(rf'src="({DESK}/proof/\d+)"', page).group(1)
    shown = clerk.get(picture)
    assert (shown.status_code, shown.mimetype, shown.data[:4]) == (200, "image/webp", b"RIFF")
    assert shown.headers["Cache-Control"] == "no-store"
    sent = {"amount": f"{shop['due'] / 100:.2f}"}
    assert clerk.post(f"{DESK}/confirm/{shop['attempt']}", sent).status_code == 303
    twice = clerk.post(f"{DESK}/confirm/{shop['attempt']}", sent)
    assert twice.status_code == 409 and "settled already" in twice.get_data(as_text=True)
    assert other.post(f"{DESK}/confirm/{shop['attempt']}", sent).status_code == 409
    assert other.post(f"{DESK}/refuse/{shop['attempt']}", {"reason": "Nothing came"}).status_code == 409
    assert count(PaymentReceipt) == 1
    assert db.session.scalars(select(Order)).one().payment_status is PaymentStatus.PAID
    assert "Paid, thank you" in guest.get(shop["page"]).text
    assert say(guest, shop, reference="once more").status_code == 409


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "-5", "-21.45", "0", "0.00", "10000.001", "1,23,4", "1e3", "１２", "9" * 30, "12.345"],
)
def test_an_amount_that_is_none_is_refused_beside_its_field(shop, sign_in, typed):  # noqa: F811
    clerk = sign_in("manager")
    answer = clerk.post(f"{DESK}/confirm/{shop['attempt']}", {"amount": typed})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="amount-{shop["attempt"]}-error"' in text and f'value="{typed}"' in text
    assert count(TransferConfirmation) == 0


def test_ten_thousand_where_twenty_were_asked_waits_for_a_second_person(shop, sign_in):  # noqa: F811
    """ "10000.00" is an amount; the store's limit keeps one slip from becoming a customer's money."""
    clerk = sign_in("manager")
    done = clerk.post(f"{DESK}/confirm/{shop['attempt']}", {"amount": "10000.00", "note": "Typed in a hurry"})
    assert done.status_code == 303 and count(PaymentReceipt) == 0
    made = db.session.scalars(select(TransferConfirmation)).one().id
    refused = clerk.post(f"{DESK}/second/{made}")
    assert refused.status_code == 403 and "somebody else" in refused.get_data(as_text=True)
    again = clerk.post(f"{DESK}/confirm/{shop['attempt']}", {"amount": "10"})
    assert again.status_code == 409
    assert sign_in("store_admin").post(f"{DESK}/drop/{made}").status_code == 303
    assert clerk.post(f"{DESK}/second/{made}").status_code == 409
    assert count(PaymentReceipt) == 0


def test_a_refusal_needs_a_reason_that_the_customer_reads(guest, shop, sign_in):  # noqa: F811
    say(guest, shop, reference="WFCT1")
    clerk = sign_in("manager")
    empty = clerk.post(f"{DESK}/refuse/{shop['attempt']}", {"reason": " "})
    assert empty.status_code == 422 and "Tell the customer why" in empty.get_data(as_text=True)
    assert clerk.post(f"{DESK}/refuse/{shop['attempt']}", {"reason": "No such number"}).status_code == 303
    assert "No such number" in guest.get(shop["page"]).text


def cancel(shop):
    orders.act(shop["code"], Action.cancel, actor=shop["carla"], details=orders.Details(reason="Late"))
    release_connection()


def test_of_a_cancelled_order_the_money_is_still_looked_for(guest, shop, sign_in):  # noqa: F811
    cancel(shop)
    page = guest.get(shop["page"]).text
    assert "You sent the money already?" in page and "/manual?t=" in page
    wrong = say(guest, shop)
    assert wrong.status_code == 422 and "<details" in wrong.text and " open" in wrong.text
    assert say(guest, shop, reference="WFCT1").status_code == 303
    assert "We are looking for your money" in guest.get(shop["page"]).text
    clerk = sign_in("manager")
    assert shop["code"] in clerk.page(f"{DESK}/list/")
    clerk.post(f"{DESK}/confirm/{shop['attempt']}", {"amount": f"{shop['due'] / 100:.2f}"})
    receipt = db.session.scalars(select(PaymentReceipt)).one()
    assert (receipt.applied_minor, receipt.wallet_minor) == (0, shop["due"])
    done = guest.get(shop["page"]).text
    assert "It is in your wallet" in done and "You sent the money already?" not in done


def test_an_order_cancelled_with_a_card_asks_for_no_transfer(guest, shop):
    attempt = db.session.get(PaymentAttempt, shop["attempt"])
    attempt.method = "authorizenet"
    db.session.commit()
    cancel(shop)
    assert "You sent the money already?" not in guest.get(shop["page"]).text
    assert say(guest, shop, reference="WFCT1").status_code == 404


CSV = "Date,Amount,Memo,Name,ID\n11/21/2026,99.10,rent,BOB ROE,T1\n11/21/2026,5.00,who knows,ANN LEE,T2\n"


def bring(clerk, content=CSV, name="list.csv", method="zelle"):
    data = {"method": method, "file": (io.BytesIO(content.encode()), name)}
    return clerk.post(f"{LISTS}/upload", data, content_type="multipart/form-data")


@pytest.mark.parametrize(
    ("content", "method", "name"),
    [
        ("", "zelle", "empty.csv"),
        ("\x00\x01\x02" * 400, "zelle", "noise.csv"),
        (CSV, "cash", "list.csv"),
        (CSV, "", "list.csv"),
    ],
    ids=["empty", "no table", "not by hand", "no method"],
)
def test_what_is_no_list_is_refused(shop, sign_in, content, method, name):  # noqa: F811
    answer = bring(sign_in("manager"), content, name, method)
    assert answer.status_code == 422 and "th-error" in answer.get_data(as_text=True)
    assert count(BankStatement) == 0


def test_no_file_at_all_is_said(shop, sign_in):  # noqa: F811
    answer = sign_in("manager").post(f"{LISTS}/upload", {"method": "zelle"})
    assert answer.status_code == 422 and "th-error" in answer.get_data(as_text=True)


def test_lines_that_are_left_are_settled_by_hand_and_mistakes_are_said(shop, sign_in):  # noqa: F811
    clerk = sign_in("manager")
    assert bring(clerk).status_code == 303
    made = db.session.scalars(select(BankStatement)).one().id
    columns = clerk.post(f"{LISTS}/columns/{made}", {"date": "1", "amount": ""})
    assert columns.status_code == 422 and "Say which column is which" in columns.get_data(as_text=True)
    assert clerk.post(f"{LISTS}/apply/{made}").status_code == 303
    assert clerk.post(f"{LISTS}/apply/{made}").status_code == 409
    assert clerk.post(f"{LISTS}/discard/{made}").status_code == 409
    first, second = db.session.scalars(select(BankLine.id).order_by(BankLine.id))
    for code in ("", "NOPE", "<script>", "x" * 500, "\x00"):
        wrong = clerk.post(f"{LISTS}/match/{first}", {"code": code})
        text = wrong.get_data(as_text=True)
        assert wrong.status_code == 422 and f'id="line-{first}-error"' in text and "<script>x" not in text
    note = clerk.post(f"{LISTS}/ignore/{second}", {"note": "  "})
    assert note.status_code == 422 and "Say what this money is" in note.get_data(as_text=True)
    assert clerk.post(f"{LISTS}/ignore/{second}", {"note": "A gift"}).status_code == 303
    assert clerk.post(f"{LISTS}/ignore/{second}", {"note": "A gift"}).status_code == 409
    assert clerk.post(f"{LISTS}/match/{first}", {"code": shop["code"].lower()}).status_code == 303
    assert db.session.get(BankLine, first).status is LineStatus.matched
    assert clerk.post(f"{LISTS}/match/{first}", {"code": shop["code"]}).status_code == 409


def test_another_stores_rows_are_nowhere(guest, shop, sign_in):  # noqa: F811
    say(guest, shop, photo=screenshot())
    clerk = sign_in("manager")
    bring(clerk)
    claim, made = (
        db.session.scalars(select(TransferClaim.id)).one(),
        db.session.scalars(select(BankStatement.id)).one(),
    )
    clerk.post(f"{DESK}/confirm/{shop['attempt']}", {"amount": "10000.00"})
    waits = db.session.scalars(select(TransferConfirmation.id)).one()
    clerk.post(f"{LISTS}/apply/{made}")
    line = db.session.scalars(select(BankLine.id)).first()
    release_connection()
    with store_scope(JAKARTA):
        felix = sign_in("manager", JAKARTA)
    for path in (f"{DESK}/proof/{claim}", f"{LISTS}/show/{made}"):
        assert felix.get(path).status_code == 404, path
    posts = {
        f"{DESK}/confirm/{shop['attempt']}": {"amount": "1"},
        f"{DESK}/refuse/{shop['attempt']}": {"reason": "Gone"},
        f"{DESK}/second/{waits}": {},
        f"{DESK}/drop/{waits}": {},
        f"{LISTS}/apply/{made}": {},
        f"{LISTS}/match/{line}": {"code": shop["code"]},
        f"{LISTS}/ignore/{line}": {"note": "Mine"},
    }
    for path, data in posts.items():
        assert felix.post(path, data).status_code == 404, path
    for path in (f"{DESK}/proof/x", f"{DESK}/proof/999999", f"{DESK}/confirm/9" + "9" * 30):
        assert clerk.get(path).status_code in {404, 405}, path
    assert (
        guest.send(
            "POST", shop["page"].replace("?t=", "/manual?t=0"), data={"csrf_token": guest.token}
        ).status_code
        == 404
    )
