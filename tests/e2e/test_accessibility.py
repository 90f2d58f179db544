"""Every kind of page by day and by night: nothing serious for axe, no sideways scroll on a narrow phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.api import customer, order_for, staff
from tests.e2e.axe import grave_findings
from tests.e2e.conftest import DESKTOP, Product, Visitor, sign_in, visiting

pytestmark = pytest.mark.e2e
NARROW = {"width": 360, "height": 780}
PHONE_NUMBER = "+13055550191"


@pytest.fixture(scope="module")
def road(product: Product) -> dict[str, str]:
    """An order on the road and one that rings: the paths that show them."""
    ana, carla, boris = (
        customer(product, PHONE_NUMBER),
        staff(product, "dispatcher"),
        staff(product, "driver1"),
    )
    boris.call("POST", "/driver/shift/start")
    driver_id = boris.call("GET", "/me")["driver_id"]
    code = ana.call("POST", "/orders", order_for(ana), expect=201)["code"]
    for action, body in (("confirm", None), ("ready", None), ("assign", {"driver_id": driver_id})):
        carla.call("POST", f"/dispatch/orders/{code}/{action}", body)
    boris.call("POST", f"/driver/orders/{code}/pick-up")
    ringing = ana.call("POST", "/orders", order_for(ana), expect=201)["code"]
    tracking = ana.call("GET", f"/orders/{code}")["tracking_url"]
    return {"code": code, "ringing": ringing, "tracking": tracking}


def look(page: Page, product: Product, paths: list[str]) -> None:
    """Axe on a desk in the dark and on a narrow phone in the light; the phone is not scrolled sideways."""
    found: dict[str, list[str]] = {}
    for path in paths:
        url = path if path.startswith("http") else product.url(path)
        for theme, size in (("theriac-dark", DESKTOP), ("theriac", NARROW)):
            page.context.add_cookies([{"name": "theme", "value": theme, "url": product.url()}])
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.goto(url)
            page.wait_for_load_state("load")
            lines = grave_findings(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                lines.append(f"scrolls sideways at {size['width']} px")
            if lines:
                found[f"{path} {theme}"] = lines
    assert found == {}


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody whose console must stay quiet, and who lets the page know where they are."""
    here = {"latitude": 25.7655, "longitude": -80.197}
    with visiting(browser, permissions=["geolocation"], geolocation=here) as somebody:
        yield somebody


def pass_age_gate(page: Page) -> None:
    page.fill("input[name=day]", "30")
    page.select_option("select[name=month]", "4")
    page.fill("input[name=year]", "1986")
    page.click("main button")
    page.wait_for_url(lambda url: "/age" not in url)


def test_the_store(product: Product, visitor: Visitor):
    page = visitor.page
    look(page, product, ["/age"])
    page.goto(product.url("/"))
    pass_age_gate(page)
    look(page, product, ["/", "/c/vitamins", "/p/magnesium", "/cart", "/sign-in", "/track"])


def test_the_cart_and_the_checkout(product: Product, visitor: Visitor):
    page = visitor.page
    page.goto(product.url("/c/vitamins?stock=1"))
    pass_age_gate(page)
    page.locator("form[data-add-to-cart] button").first.click()
    page.locator("[data-cart-count]:visible").first.wait_for()
    page.locator('[data-opens="cart"]:visible').first.click()
    page.locator("[data-drawer] [data-checkout]").wait_for()
    page.wait_for_timeout(400)  # the drawer's way in
    assert grave_findings(page) == []
    page.locator("[data-drawer] [data-checkout]").click()  # the device's cart becomes the store's
    page.wait_for_url(re.compile("[/=]checkout"))
    page.wait_for_load_state("networkidle")
    look(page, product, ["/cart", "/checkout"])


def test_the_customer_follows(product: Product, visitor: Visitor, road: dict[str, str]):
    look(visitor.page, product, [road["tracking"]])


def test_the_driver(product: Product, visitor: Visitor, road: dict[str, str]):
    sign_in(visitor.page, product, "driver1", then="/driver")
    here = f"/driver?stop={road['code']}"
    look(visitor.page, product, [here, f"{here}&panel=door", f"{here}&panel=fail"])


def test_the_dispatcher(product: Product, visitor: Visitor, road: dict[str, str]):
    sign_in(visitor.page, product, "dispatcher", then="/dispatch/")
    look(visitor.page, product, ["/dispatch/", f"/dispatch/?order={road['ringing']}"])


def test_the_console(product: Product, visitor: Visitor):
    page = visitor.page
    sign_in(page, product, "owner", then="/console/")
    products = page.locator("nav a", has_text="Products").first.get_attribute("href") or ""
    page.goto(product.url(products))
    form = page.locator("a[href*='/edit/']").first.get_attribute("href") or ""
    look(page, product, ["/console/", products, form])


def test_the_inbox(product: Product, visitor: Visitor, road: dict[str, str]):
    product.wait_for_message(q=road["code"])
    look(visitor.page, product, [f"http://127.0.0.1:{product.sandbox_port}/"])
