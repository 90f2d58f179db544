"""The shop window in a browser: nothing serious for axe, no sideways scroll, a quiet console, no script needed."""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.axe import grave_findings
from tests.e2e.conftest import DESKTOP, PHONE, Product, visiting

pytestmark = pytest.mark.e2e

PAGES = ["/", "/c/vitamins?tag=daily", "/shop?q=nothing+of+the+sort", "/p/magnesium", "/p/cbn-night"]
NARROWEST = 360


def pass_gate(page: Page, product: Product, path: str = "/") -> None:
    """Say a date of birth and land on the page."""
    page.goto(product.url(path))
    page.fill("input[name=day]", "30")
    page.select_option("select[name=month]", "4")
    page.fill("input[name=year]", "1986")
    page.click("main button")
    page.wait_for_url(lambda url: "/age" not in url)


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_are_fit_for_everybody(
    browser: Browser, product: Product, viewport: dict[str, int], scheme: str
):
    with visiting(browser, viewport, color_scheme=scheme) as visitor:
        page = visitor.page
        page.goto(product.url("/"))
        found = {"/age": grave_findings(page)}
        pass_gate(page, product)
        for path in PAGES:
            page.goto(product.url(path))
            found[path] = grave_findings(page)
            assert not scrolls_sideways(page), path
            if viewport is PHONE:
                page.set_viewport_size({"width": NARROWEST, "height": 800})
                assert not scrolls_sideways(page), f"{path} at {NARROWEST}"
                page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_price_follows_the_pack(browser: Browser, product: Product):
    with visiting(browser) as visitor:
        page = visitor.page
        pass_gate(page, product, "/p/magnesium")
        before = page.text_content("[data-buy-price]")
        page.click("label.tile:has-text('180')")
        page.click("[data-buy-step='1']")

        assert page.text_content("[data-buy-price]") != before
        assert page.input_value("input[name=qty]") == "2"
        page.click("form[data-buy] button.btn-primary")
        page.wait_for_function("document.querySelector('[data-cart-count]').textContent === '2'")


def test_a_listing_is_narrowed_without_a_script(browser: Browser, product: Product):
    with visiting(browser, PHONE, java_script_enabled=False) as visitor:
        page = visitor.page
        pass_gate(page, product, "/c/vitamins")
        everything = page.locator("article.pcard").count()
        page.click("details.sheet-d > summary")
        page.check("details.sheet-d input[name=tag][value=daily]")
        page.click("details.sheet-d button.btn-primary")

        assert "tag=daily" in page.url
        assert 0 < page.locator("article.pcard").count() < everything
        page.click("section a[href='/c/vitamins']")
        assert page.locator("article.pcard").count() == everything
