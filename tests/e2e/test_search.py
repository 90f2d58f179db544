"""Search as you type, in a browser: typos, three languages, the keyboard, and nothing needed of it without a script."""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.axe import grave_findings
from tests.e2e.conftest import DESKTOP, PHONE, Product, visiting
from tests.e2e.test_shop_window import pass_gate

pytestmark = pytest.mark.e2e


def type_into(page: Page, field: str, words: str) -> None:
    page.click(field)
    page.fill(field, "")
    page.locator(field).press_sequentially(words)


def shown(page: Page) -> list[str]:
    page.wait_for_selector(".sug:not([hidden])")
    return page.locator(".sug-row b:first-child").all_text_contents()


def test_a_typo_finds_the_product_and_the_keyboard_opens_it(browser: Browser, product: Product):
    with visiting(browser) as visitor:
        page = visitor.page
        pass_gate(page, product)
        page.keyboard.press("/")
        page.locator("#q-wide").press_sequentially("ibuprofn")
        page.wait_for_selector(".sug-row")
        assert page.get_attribute("#q-wide", "aria-expanded") == "true"
        assert "Ibuprofen" in shown(page)[0]
        assert grave_findings(page) == []
        page.keyboard.press("ArrowDown")
        chosen = page.get_attribute("#q-wide", "aria-activedescendant")
        assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
        page.keyboard.press("Escape")
        assert page.locator(".sug").first.is_hidden()
        page.locator("#q-wide").press_sequentially("e")
        page.wait_for_selector(".sug:not([hidden])")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/p/ibuprofen" in url)


def test_words_and_enter_lead_to_the_page_of_results(browser: Browser, product: Product):
    with visiting(browser, PHONE) as visitor:
        page = visitor.page
        pass_gate(page, product)
        type_into(page, "#q-phone", "magnezium")
        assert any("Magnesium" in name for name in shown(page))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/shop?q=magnezium" in url)
        assert page.locator("article.pcard").count() > 0


def test_a_typo_in_cyrillic_and_in_spanish(browser: Browser, product: Product):
    with visiting(browser, DESKTOP) as visitor:
        page = visitor.page
        pass_gate(page, product)
        for locale, words, found in (
            ("ru", "ветамин", "Витамин"),
            ("ru", "магнй", "Магний"),
            ("es", "vitmina", "Vitamina"),
        ):
            page.context.set_extra_http_headers({"Accept-Language": locale})
            page.goto(product.url("/"))
            type_into(page, "#q-wide", words)
            rows = shown(page)
            assert any(found in name for name in rows), (words, rows)


def test_nothing_found_is_said(browser: Browser, product: Product):
    with visiting(browser) as visitor:
        page = visitor.page
        pass_gate(page, product)
        type_into(page, "#q-wide", "krillkrill")
        page.wait_for_selector(".sug-none")
        assert "krillkrill" in page.text_content(".sug-none")


def test_search_without_a_script(browser: Browser, product: Product):
    with visiting(browser, PHONE, java_script_enabled=False) as visitor:
        page = visitor.page
        pass_gate(page, product)
        page.fill("#q-phone", "ibuprofn")
        page.press("#q-phone", "Enter")
        assert page.locator("article.pcard").count() > 0
        assert "ibuprofen" in page.text_content("main .note").lower()
