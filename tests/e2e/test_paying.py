"""Each way to pay from the checkout to paid, handed over and given back: a customer, the provider and staff."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.desk import require_fit
from tests.e2e.money import (
    LATER,
    Buyer,
    Counter,
    Desk,
    asked_coins,
    by_amount,
    card_form,
    enter_cards,
    everything,
    fill_wallet,
    first_line,
    give_back,
    pay_by_form,
    require_money_back,
    require_paid,
    snap_window,
    walk_checkout,
)

pytestmark = pytest.mark.e2e
GIVEN_BACK = "Given back"


def test_a_card(browser: Browser, ana: Buyer, miami: Counter, desk: Desk):
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page = visitor.page
        order = walk_checkout(page, ana, "authorizenet")
        page.locator("button[value=pay]").wait_for()  # the pay page leads on by itself
        pay_by_form(page)
        require_paid(page)
        page.get_by_role("link", name="Order details").click()
        expect(page.locator("main")).to_contain_text("Paid")
        require_fit(page)
        miami.hand_over(order)
        desk.act(desk.payments(order["code"])[0], "settle")
        amount = give_back(miami, owner.page, order["code"], everything, "source")
        require_money_back(page, ana, order["code"], amount, GIVEN_BACK)
        assert len(desk.payments(order["code"])[0]["refunds"]) == 1


def test_a_card_in_the_form_over_the_page(browser: Browser, ana: Buyer, miami: Counter, desk: Desk):
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page, button = visitor.page, visitor.page.locator("[data-card-button]")
        enter_cards(miami, owner.page, "over_page")
        try:
            order = walk_checkout(page, ana, "authorizenet")
            card_form(page).locator("[data-close]").click()  # it opened by itself
            expect(button).to_be_focused()
            require_fit(page)
            page.route("**/AcceptUI.js", lambda route: route.abort())
            page.reload()
            expect(page.locator("#card-problem")).to_contain_text("secure page instead")
            page.unroute("**/AcceptUI.js")
            page.reload()
            button.click()
            card_form(page).locator("[value='0002']").check()
            card_form(page).locator("[data-pay]").click()
            expect(page.get_by_role("alert").first).to_contain_text("The bank declined this card")
            require_fit(page)
            button.click()
            card_form(page).locator("[data-pay]").click()
            require_paid(page)
        finally:
            enter_cards(miami, owner.page, "")
        assert [row["status"] for row in desk.payments(order["code"])] == ["paid", "declined"]
        # The script that was kept away, and the refusal: Chromium puts both on the console.
        told = ("ERR_FAILED", "409")
        visitor.complaints[:] = [
            said for said in visitor.complaints if not any(word in said for word in told)
        ]


def test_the_window_of_snap(browser: Browser, siti: Buyer, jakarta: Counter, desk: Desk):
    with siti.browsing(browser) as visitor, jakarta.sitting(browser) as owner:
        page = visitor.page
        order = walk_checkout(page, siti, "midtrans")
        snap_window(page).click("button[value=pay]")
        require_paid(page)
        jakarta.hand_over(order)
        amount = give_back(jakarta, owner.page, order["code"], by_amount("40000"), "wallet")
        require_money_back(page, siti, order["code"], amount, GIVEN_BACK)
        expect(page.locator("#money-back")).to_contain_text("To your wallet")
        assert desk.payments(order["code"])[0]["refunds"] == []


def test_qris(browser: Browser, siti: Buyer, jakarta: Counter, desk: Desk):
    with siti.browsing(browser) as visitor, jakarta.sitting(browser) as owner:
        page = visitor.page
        order = walk_checkout(page, siti, "xendit")
        page.locator(".pay-qr svg").wait_for()
        require_fit(page)
        desk.act(desk.payments(order["code"])[0], "pay")
        require_paid(page)
        jakarta.hand_over(order)
        amount = give_back(jakarta, owner.page, order["code"], by_amount("30000"), "source")
        assert amount.endswith("30,000")
        require_money_back(page, siti, order["code"], amount, GIVEN_BACK)


@pytest.mark.parametrize(
    ("method", "chain"),
    [
        ("btc", "bitcoin"),
        ("eth", "ethereum"),
        ("usdt_erc20", "ethereum"),
        ("usdc_erc20", "ethereum"),
        ("usdt_trc20", "tron"),
    ],
)
def test_a_coin(browser: Browser, ana: Buyer, miami: Counter, desk: Desk, method: str, chain: str):
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page = visitor.page
        order = walk_checkout(page, ana, method)
        desk.send(method, *asked_coins(page))
        require_fit(page)
        desk.mine(chain)
        require_paid(page, LATER)
        miami.hand_over(order)
        amount = give_back(miami, owner.page, order["code"], everything, "wallet")
        require_money_back(page, ana, order["code"], amount, GIVEN_BACK)


def test_the_wallet_alone(browser: Browser, ana: Buyer, miami: Counter):
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page = visitor.page
        fill_wallet(miami, owner.page, ana, "400")
        page.goto(ana.url("/account/wallet"))
        expect(page.locator("main")).to_contain_text("For the wait last week")
        require_fit(page)
        order = walk_checkout(page, ana, wallet="")
        assert (order["payment_status"], order["totals"]["due_minor"]) == ("PAID", 0)
        expect(page.get_by_text("Everything is paid.")).to_be_visible()
        require_fit(page)
        miami.hand_over(order)
        amount = give_back(miami, owner.page, order["code"], first_line, "wallet")
        require_money_back(page, ana, order["code"], amount, GIVEN_BACK)


def test_the_wallet_and_a_card(browser: Browser, ana: Buyer, miami: Counter, desk: Desk):
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page = visitor.page
        fill_wallet(miami, owner.page, ana, "15")
        order = walk_checkout(page, ana, "authorizenet", wallet="12.34")
        totals = order["totals"]
        assert totals["wallet_minor"] == 1234
        assert totals["due_minor"] == totals["total_minor"] - 1234
        page.locator("button[value=pay]").click()
        require_paid(page)
        assert desk.payments(order["code"])[0]["amount"] == f"{totals['due_minor'] / 100:.2f}"
        miami.hand_over(order)
        desk.act(desk.payments(order["code"])[0], "settle")
        give_back(miami, owner.page, order["code"], everything, "source")
        expect(owner.page.locator("#refunds ul.th-backs li")).to_have_count(2)
        require_money_back(page, ana, order["code"], "$12.34", GIVEN_BACK)
