"""Typing is faster than the network: what is written while an answer is on its way is still there after it."""

import random
import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.conftest import PHONE, Product, visiting
from tests.e2e.test_journey import fill_cart

pytestmark = pytest.mark.e2e
PHONE_NUMBER = f"+1786555{random.randint(2000, 8999)}"
SLOW_MS = 900


def test_a_slow_answer_takes_no_letter(browser: Browser, product: Product):
    with visiting(browser, PHONE) as ana:
        page = ana.page
        fill_cart(page, product)
        page.fill("input[name=phone]", PHONE_NUMBER)
        page.get_by_role("button", name="Send the code").click()
        page.locator("input[name=code]").wait_for()
        message = product.wait_for_message(to=PHONE_NUMBER, channel="sms")
        page.fill("input[name=code]", re.findall(r"\b\d{6}\b", message["body"])[0])
        page.locator("input[name=contact_name]:visible").fill("Ana Ruiz")
        page.locator("#step-contact button:visible").last.click()
        expect(page.locator("#step-contact").get_by_text("Ana Ruiz")).to_be_visible()

        def answer_slowly(route: Route) -> None:
            page.wait_for_timeout(SLOW_MS)
            route.continue_()

        page.route("**/checkout/save*", answer_slowly)
        zip_field = page.locator("#step-where input[name=zip]")
        zip_field.fill("33130")
        with page.expect_response("**/checkout/save*"):
            zip_field.blur()  # asks for the zone
            page.locator("#step-where input[name=line1]").fill("901 Brickell Plaza")
            page.locator("#step-payment input[name=birth_date]").fill("1980-05-17")
        expect(page.locator("#co-zone")).to_contain_text("Downtown Miami")
        expect(page.locator("#step-where input[name=line1]")).to_have_value("901 Brickell Plaza")
        expect(page.locator("#step-payment input[name=birth_date]")).to_have_value("1980-05-17")

        page.locator("#step-where button:visible").last.click()
        page.locator("#step-when label:has(#mode-slot)").click()
        free = page.locator("#step-when label.slot:has(input:not([disabled])):visible")
        free.nth(0).click()
        second = free.nth(1).locator("input").get_attribute("value")
        free.nth(1).click()  # a change of mind before the first choice was answered
        page.wait_for_timeout(3 * SLOW_MS)
        assert page.locator("#step-when input[name=slot]:checked").get_attribute("value") == second
