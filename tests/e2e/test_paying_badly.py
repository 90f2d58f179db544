"""What goes wrong with payments, as those who pay and those who sort it out see it. Orders are placed by the API."""

from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Product
from tests.e2e.desk import require_fit
from tests.e2e.money import (
    LATER,
    SOON,
    Buyer,
    Counter,
    Desk,
    asked_coins,
    pay_by_form,
    require_paid,
    snap_window,
    to_pay,
)

pytestmark = pytest.mark.e2e
UNIT = Decimal("0.000001")


def begin(page: Page, order: dict) -> str:
    """To the pay page of an order and on to the provider; gives the page's address."""
    address: str = order["payment"]["url"]
    page.goto(address)
    to_pay(page).locator("button, a.btn-primary").first.click()
    return address


def test_a_declined_card_and_a_second_try(product: Product, browser: Browser, ana: Buyer, desk: Desk):
    order = ana.order("authorizenet")
    with ana.browsing(browser) as visitor:
        page = visitor.page
        address = begin(page, order)
        pay_by_form(page, "decline")
        expect(page.get_by_role("alert")).to_contain_text("declined")
        pay_by_form(page, "close")
        page.wait_for_url(lambda url: url.startswith(ana.url("/pay/")))
        require_fit(page)
        page.get_by_role("button", name="Start again").click()
        pay_by_form(page, "pay")
        require_paid(page)
        assert page.url.startswith(address.split("?")[0])
        expect(page.locator("[data-pay] ol > li")).to_have_count(2)
        opened = desk.payments(order["code"])
        assert [row["status"] for row in opened] == ["paid", "declined"]


def test_a_window_closed_three_times(product: Product, browser: Browser, siti: Buyer, desk: Desk):
    order = siti.order("midtrans")
    with siti.browsing(browser) as visitor:
        page = visitor.page
        begin(page, order)
        for _time in range(3):
            snap_window(page).click("button[value=close]")
            page.wait_for_url(lambda url: "go=1" not in url)
            expect(page.locator("#snap-midtrans")).to_have_count(0)
            to_pay(page).locator("a.btn-primary").click()
        snap_window(page).click("button[value=pay]")
        require_paid(page)
        assert len(desk.payments(order["code"])) == 1  # an open payment is gone on with


def test_two_tabs_pay_twice(product: Product, browser: Browser, ana: Buyer, miami: Counter, desk: Desk):
    order = ana.order("authorizenet")
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page, other = visitor.page, visitor.context.new_page()
        other.on("console", visitor.listen)
        begin(page, order)
        page.locator("button[name=do]").first.wait_for()
        other.goto(order["payment"]["url"])
        other.get_by_role("button", name="Start again").click()
        other.locator("button[name=do]").first.wait_for()
        pay_by_form(page)
        require_paid(page)
        pay_by_form(other)
        require_paid(other)
        expect(other.get_by_text("more than was needed came in. It is in your wallet.")).to_be_visible()
        require_fit(other)
        product.wait_for_message(q=f"Лишний платёж: {order['code']}")  # the demo's manager reads Russian
        product.wait_for_message(to=ana.phone, q=f"for order {order['code']}, which needed no payment")
        miami.open_order(owner.page, order["code"])
        expect(owner.page.locator("#payments")).to_contain_text("wallet")
        require_fit(owner.page)


def test_a_wrong_amount_is_looked_at(
    product: Product, browser: Browser, ana: Buyer, miami: Counter, desk: Desk
):
    order = ana.order("authorizenet")
    with ana.browsing(browser) as visitor, miami.sitting(browser) as owner:
        page, staff = visitor.page, owner.page
        begin(page, order)
        desk.switch("authorizenet", "wrong_amount")
        pay_by_form(page)
        expect(page.locator("[data-pay]")).to_have_attribute("data-state", "review", timeout=SOON)
        expect(page.locator("h1")).to_have_text("We are checking your payment")
        require_fit(page)
        product.wait_for_message(q=f"не сходится: {order['code']}")
        staff.goto(miami.url("/console/payment-review/list/"))
        require_fit(staff)
        staff.locator("tr", has_text=order["code"]).locator("a[href*='/payment-review/show/']").first.click()
        require_fit(staff)
        staff.fill("input[name=reason]", "The customer pays the rest at the counter")
        staff.get_by_role("button", name="Pay the order with it").click()
        expect(page.locator("[data-pay]")).not_to_have_attribute("data-state", "review", timeout=SOON)
        expect(to_pay(page)).to_contain_text("$1.00")


def test_money_on_an_old_try_pays_the_order(product: Product, browser: Browser, siti: Buyer, desk: Desk):
    order = siti.order("xendit")
    with siti.browsing(browser) as visitor:
        page = visitor.page
        begin(page, order)
        page.locator(".pay-qr").wait_for()
        page.get_by_role("button", name="Card, bank or e-wallet").click()
        snap_window(page).click("button[value=close]")
        old = next(row for row in desk.payments(order["code"]) if row["provider"] == "xendit")
        desk.act(old, "pay")
        require_paid(page)
        expect(page.locator("[data-pay] ol > li").last).to_contain_text("Paid")


def test_a_coin_short_by_one_unit_is_topped_up(browser: Browser, ana: Buyer, desk: Desk):
    order = ana.order("usdt_trc20")
    with ana.browsing(browser) as visitor:
        page = visitor.page
        begin(page, order)
        address, asked = asked_coins(page)
        desk.send("usdt_trc20", address, str(Decimal(asked) - UNIT))
        desk.mine("tron", 1)
        missing = page.get_by_text(f"{UNIT} USDT is still missing. Send it to the same address.")
        expect(missing).to_be_visible(timeout=LATER)
        require_fit(page)
        desk.send("usdt_trc20", address, str(UNIT))
        desk.mine("tron")
        require_paid(page, LATER)
