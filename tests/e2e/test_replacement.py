"""Something ran out: Carla asks from the board, Ana says yes by the link in her message, and orders the same again."""

import random
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, Product, sign_in, visiting
from tests.e2e.test_carts import confirm_phone, open_shelf, put_in

pytestmark = pytest.mark.e2e


def order_something(page: Page, product: Product, phone: str) -> str:
    """One thing from the shelf to the door; gives the order's code."""
    open_shelf(page, product)
    put_in(page)
    page.wait_for_timeout(800)
    page.locator('[data-opens="cart"]:visible').first.click()
    page.locator("[data-checkout]:visible").first.click()
    page.locator("#step-contact input[name=phone]").wait_for()
    confirm_phone(page, product, phone)
    page.locator("input[name=contact_name]:visible").fill("Ana Ruiz")
    page.locator("#step-contact button:visible").last.click()
    page.locator("#step-where input[name=line1]").fill("901 Brickell Plaza")
    page.locator("#step-where input[name=zip]").fill("33130")
    page.locator("#step-where button:visible").last.click()
    page.locator("#step-when label:has(#mode-slot)").click()
    page.locator("#step-when label.slot:has(input:not([disabled])):visible").first.click()
    expect(page.locator("#step-when input[name=slot]:checked")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    page.fill("#step-payment input[name=birth_date]", "1980-05-17")
    page.locator("button:visible", has_text="Place order").click()
    page.wait_for_url(re.compile(r"/orders/MIA-"))
    found = re.search(r"MIA-\d{8}-\w{4}", page.url)
    assert found is not None
    return found[0]


def test_a_replacement_from_the_board_to_the_door(product: Product, browser: Browser):
    phone = f"+1305555{random.randint(2000, 8999)}"
    with visiting(browser, PHONE) as ana, visiting(browser) as carla:
        page = ana.page
        code = order_something(page, product, phone)
        desk = carla.page
        sign_in(desk, product, "dispatcher", then="/dispatch/")
        desk.goto(product.url(f"/dispatch/?order={code}"))
        question = desk.locator("#panel section section", has=desk.get_by_role("heading", name="Replacement"))
        desk.wait_for_load_state("networkidle")
        question.locator("summary").first.click()
        question.get_by_role("button", name="Ask the customer").click()
        expect(question.get_by_text("waiting for the answer")).to_be_visible()

        asked = product.wait_for_message(to=phone, channel="whatsapp", q="replacement")
        link = re.search(r"/replacement/\S+", asked["body"])
        assert link is not None
        page.goto(product.url(link[0]))
        page.get_by_role("button", name="Yes, send this").click()
        expect(page.get_by_role("status").filter(has_text="We send the replacement")).to_be_visible()
        desk.reload()
        expect(question.get_by_text("accepted").first).to_be_visible()

        page.goto(product.url(f"/account/orders/{code}"))
        page.get_by_role("button", name="Order again").click()
        page.wait_for_url(re.compile(r"/cart\?brought"))
        expect(page.locator("[data-cart-count]:visible").first).to_have_text("1")
