"""The pages on which a customer pays, and the desk of payments, as a browser meets them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Sandbox

LOGIN = {"name": "5anDb0xLog1n", "transactionKey": "5anDb0xTr4nsKey1"}
SHOP = {"Origin": "http://miami.localhost:8000"}
BACK = "http://miami.localhost:8000/pay/MIA-1?t=x"


@pytest.fixture
def desk(sandbox: Sandbox) -> Sandbox:
    for name in ("authorizenet", "midtrans", "xendit"):
        sandbox.http.post(f"/money/settings/{name}", json={"webhooks": []}).raise_for_status()
    return sandbox


def form_token(desk: Sandbox, reference: str) -> str:
    asked = {
        "merchantAuthentication": LOGIN,
        "refId": reference,
        "transactionRequest": {
            "transactionType": "authCaptureTransaction",
            "amount": "48.75",
            "order": {"invoiceNumber": reference, "description": "MIA-1"},
        },
        "hostedPaymentSettings": {
            "setting": [
                {
                    "settingName": "hostedPaymentReturnOptions",
                    "settingValue": f'{{"url": "{BACK}", "cancelUrl": "{BACK}&cancelled=1"}}',
                }
            ]
        },
    }
    answer = desk.http.post("/authorizenet/xml/v1/request.api", json={"getHostedPaymentPageRequest": asked})
    return str(answer.json()["token"]) if answer.json().get("token") else ""


def window(desk: Sandbox, order_id: str) -> str:
    body = {
        "transaction_details": {"order_id": order_id, "gross_amount": 215_000},
        "callbacks": {"finish": BACK},
    }
    answer = desk.http.post("/midtrans/snap/v1/transactions", json=body, auth=("SB-Mid-server-sandbox", ""))
    return str(answer.raise_for_status().json()["token"])


def kept(desk: Sandbox, reference: str) -> dict[str, Any]:
    [payment] = desk.http.get("/money/payments.json", params={"reference": reference}).json()
    return payment


def test_a_shop_opens_the_form_and_the_customer_pays_on_it(desk: Sandbox):
    token = form_token(desk, "FORM1")
    page = desk.http.post("/authorizenet/payment/payment", data={"token": token}, headers=SHOP)
    assert page.status_code == 200 and "$48.75" in page.text and "Demo mode" in page.text
    assert "form-action 'self' http: https:" in page.headers["Content-Security-Policy"]
    address = f"/money/pay/authorizenet/{token}"
    assert desk.http.post(address, data={"do": "pay"}, headers=SHOP).status_code == 403
    declined = desk.http.post(address, data={"do": "decline"})
    assert declined.status_code == 200 and "The card was declined" in declined.text
    closed = desk.http.post(address, data={"do": "close"})
    assert (closed.status_code, closed.headers["Location"]) == (303, f"{BACK}&cancelled=1")
    paid = desk.http.post(address, data={"do": "pay"})
    assert (paid.status_code, paid.headers["Location"]) == (303, BACK)
    again = desk.http.post(address, data={"do": "pay"})
    assert again.status_code == 200 and "cannot be made any more" in again.text
    assert kept(desk, "FORM1")["status"] == "paid"


def test_a_token_that_is_none(desk: Sandbox):
    for token in ("", "x" * 40):
        assert desk.http.post("/authorizenet/payment/payment", data={"token": token}).status_code == 400
    assert desk.http.get("/midtrans/snap/v4/redirection/nothing").status_code == 404
    assert desk.http.post("/money/pay/nobody/1", data={"do": "pay"}).status_code == 404


def test_the_window_says_in_the_address_how_it_ended(desk: Sandbox):
    token = window(desk, "WIN-1")
    page = desk.http.get(f"/midtrans/snap/v4/redirection/{token}?popup=1")
    assert "Rp 215.000" in page.text
    assert "frame-ancestors http: https:" in page.headers["Content-Security-Policy"]
    later = desk.http.post(f"/money/pay/midtrans/{token}", data={"do": "choose"})
    assert later.headers["Location"].endswith("order_id=WIN-1&status_code=201&transaction_status=pending")
    framed = desk.http.post(f"/money/pay/midtrans/{token}", data={"do": "pay", "popup": "1"})
    assert framed.status_code == 200 and 'data-outcome="success"' in framed.text
    assert kept(desk, "WIN-1")["by"] == "bank_transfer"
    assert desk.http.get("/midtrans/snap/snap.js").headers["Content-Type"].startswith("text/javascript")


def test_the_desk_does_what_its_buttons_say(desk: Sandbox):
    token = window(desk, "DESK-1")
    page = desk.http.get("/money/")
    assert page.status_code == 200 and "DESK-1" in page.text and "Transfer later" in page.text
    asked = {"action": "hold"}
    assert desk.http.post(f"/money/payments/midtrans/{token}", data=asked).headers["Location"] == "/money/"
    assert desk.http.post(f"/money/payments/midtrans/{token}", json=asked).status_code == 409
    desk.http.post(f"/money/payments/midtrans/{token}", json={"action": "approve"}).raise_for_status()
    assert desk.http.post("/money/settle", json={"provider": "midtrans"}).json()["settled"] >= 1
    assert kept(desk, "DESK-1")["settled_at"]


def test_a_switch_of_the_desk_replaces_the_one_before(desk: Sandbox):
    for mode in ("down", "forged"):
        assert desk.http.post("/money/chaos", data={"provider": "xendit", "mode": mode}).status_code == 303
    report = desk.http.get("/chaos").json()["xendit"]
    assert (report["mode"], report["callbacks"]) == ("ok", "forged")
    assert desk.http.post("/money/chaos", data={"provider": "twilio", "mode": "down"}).status_code == 400
    assert desk.http.post("/money/chaos", data={"provider": "xendit", "mode": "odd"}).status_code == 400


def test_a_qris_code_ends_in_its_checksum():
    from sandbox.qris import checksum, qris

    assert checksum("123456789") == 0x29B1  # the check value of CRC-16/CCITT-FALSE
    text = qris("APOTEK NUSANTARA", "JAKARTA", 89_000, "JKT-20261121-A9F3_pay1")
    assert text.startswith("000201010212") and "540589000" in text
    assert text[-4:] == f"{checksum(text[:-4]):04X}"
