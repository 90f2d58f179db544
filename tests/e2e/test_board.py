"""The dispatcher's board in a browser: it rings, is answered by keys, hears of the next order, fits everybody."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.api import customer, order_for
from tests.e2e.axe import grave_findings
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE, Product, visiting

pytestmark = pytest.mark.e2e
NARROWEST = 360


def open_board(page: Page, product: Product) -> None:
    """Sign the dispatcher in."""
    page.goto(product.url("/sign-in?next=/dispatch/"))
    page.locator("details:has(input[name=email]) > summary").click()
    page.fill("input[name=email]", "dispatcher@miami.test")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[data-board]")


def test_a_new_order_rings_until_it_is_answered(browser: Browser, product: Product):
    ana = customer(product, "+13055550181")
    with visiting(browser) as visitor:
        page = visitor.page
        open_board(page, product)
        expect(page.locator("#live")).to_have_attribute("data-state", "live")

        code = ana.call("POST", "/orders", order_for(ana), expect=201)["code"]
        card = page.locator(f"[data-card='{code}']")
        expect(card).to_have_class(re.compile("ring"), timeout=10_000)
        expect(page.locator("#siren [role=alert]")).to_contain_text("is not acknowledged")
        expect(page).to_have_title(re.compile("^●"))

        while page.locator("[data-acknowledge]").count():
            ringing = page.get_attribute("#siren", "data-ringing")
            page.keyboard.press("a")
            expect(page.locator("#siren")).not_to_have_attribute("data-ringing", ringing or "")
        expect(card).not_to_have_class(re.compile("ring"))

        page.locator(f"#card-{code}").focus()
        page.keyboard.press("Enter")
        drawer = page.locator("#panel [data-order]")
        expect(drawer).to_be_focused()
        expect(drawer).to_contain_text("Acknowledged by Carla Mendez")
        for words, lane in (("Confirm", "CONFIRMED"), ("Mark ready", "READY"), ("Assign driver", "ASSIGNED")):
            drawer.get_by_role("button", name=words).click()
            expect(page.locator(f"#lane-{lane} [data-card='{code}']")).to_have_attribute(
                "aria-current", "true"
            )
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        expect(page.locator(f"#card-{code}")).to_be_focused()
        assert "order=" not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_board_is_fit_for_everybody(
    browser: Browser, product: Product, viewport: dict[str, int], scheme: str
):
    with visiting(browser, viewport, color_scheme=scheme) as visitor:
        page = visitor.page
        open_board(page, product)
        found = grave_findings(page)
        page.locator(".ocard-a").first.click()
        page.wait_for_selector("#panel [data-order]")
        found += grave_findings(page)
        assert found == []
        if viewport is PHONE:
            page.set_viewport_size({"width": NARROWEST, "height": 800})
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_without_scripts_the_forms_do(browser: Browser, product: Product):
    ana = customer(product, "+13055550182")
    code = ana.call("POST", "/orders", order_for(ana), expect=201)["code"]
    with visiting(browser, java_script_enabled=False) as visitor:
        page = visitor.page
        open_board(page, product)
        page.locator(f"#card-{code}").click()
        page.locator("#panel").get_by_role("button", name="Confirm").click()
        assert page.url.endswith(f"/dispatch/?order={code}")
        assert page.locator(f"#lane-CONFIRMED [data-card='{code}']").count() == 1
