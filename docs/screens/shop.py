"""A customer's pages: the gate, the shelves, each state of the drawer, cart and checkout, and what follows an order."""

import random
import re

from playwright.sync_api import Page
from studio import Studio, opened

from tests.e2e.conftest import DESKTOP, Product

DOOR = ("901 Brickell Plaza", "33130")
SHELF = "/c/vitamins"
CODE = re.compile(r"\b\d{6}\b")


def take_shop(studio: Studio) -> None:
    """All of it, each part by somebody new."""
    for what, take in PARTS:
        with studio.person(what) as page:
            take(studio, page)


def enter(page: Page, product: Product, store: str = "miami", path: str = "/") -> None:
    """Through the gate, born in 1980."""
    page.goto(product.url(path, store))
    if "/age" in page.url:
        page.fill("input[name=day]", "17")
        page.select_option("select[name=month]", "5")
        page.fill("input[name=year]", "1980")
        page.click("main button")
        page.wait_for_url(lambda url: "/age" not in url)


def _take_shelves(studio: Studio, page: Page) -> None:
    url = studio.product.url
    studio.shoot(page, "age-gate", url("/age"), translated=True)
    enter(page, studio.product)
    studio.shoot(page, "home", url("/"), translated=True)
    studio.shoot(page, "listing", url(SHELF), translated=True)
    studio.shoot(page, "search", url("/shop?q=magnezium"))
    studio.shoot(page, "search-none", url("/shop?q=unobtainium"))
    studio.shoot(page, "product", url("/p/magnesium"), translated=True)
    studio.shoot(page, "delivery", url("/delivery?zip=33130"), translated=True)
    studio.shoot(page, "delivery-outside", url("/delivery?zip=33186"), translated=True)
    studio.shoot(page, "not-found", url("/p/never-was"))
    studio.shoot(page, "track-find", url("/track"))


def _take_drawer(studio: Studio, page: Page) -> None:
    url = studio.product.url
    enter(page, studio.product)
    studio.shoot(page, "menu", url(f"{SHELF}?panel=menu"), opened)
    studio.shoot(page, "quick-look", url(f"{SHELF}?panel=product.magnesium"), opened)
    studio.shoot(page, "cart-empty", url(f"{SHELF}?panel=cart"), opened)
    studio.shoot(page, "sign-in", url("/sign-in"), translated=True)
    studio.shoot(page, "sign-up", url(f"{SHELF}?panel=signup"), opened)
    if studio.wants("verify-email"):
        join(page, studio.product)
        studio.shoot(page, "verify-email", url(f"{SHELF}?panel=verify-email"), opened)


def _take_checkout(studio: Studio, page: Page) -> None:
    product, url = studio.product, studio.product.url
    if not studio.wants("cart", "cart-page", "checkout", "checkout-start", "checkout-drawer", *AFTER):
        return
    enter(page, product)
    fill_cart(page, product)
    studio.shoot(page, "cart", url(f"{SHELF}?panel=cart"), opened)
    studio.shoot(page, "cart-page", url("/cart"), lambda page: page.wait_for_load_state("networkidle"))
    studio.shoot(page, "checkout-start", url("/checkout"), translated=True)
    confirm_phone(page, product, f"+1305555{random.randint(2000, 8999)}", "Ana Ruiz")
    deliver_to(page, *DOOR)
    studio.shoot(page, "checkout", url("/checkout"), translated=True)
    studio.shoot(page, "checkout-drawer", url(f"{SHELF}?panel=checkout"), opened)
    if studio.wants(*AFTER):
        _take_after(studio, page)


AFTER = ("order-placed", "order", "order-drawer", "orders", "account", "wish-of-goods")


def _take_after(studio: Studio, page: Page) -> None:
    """Place what is in the checkout, then look at it from all sides."""
    url = studio.product.url
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(url("/checkout"))
    code = place(page, "MIA")
    studio.shoot(page, "order-placed", page.url)
    studio.shoot(page, "order", url(f"/account/orders/{code}"), translated=True)
    studio.shoot(page, "order-drawer", url(f"{SHELF}?panel=order.{code}"), opened)
    studio.shoot(page, "orders", url("/account/orders"))
    studio.shoot(page, "account", url(f"{SHELF}?panel=account"), opened)


def _take_wish(studio: Studio, page: Page) -> None:
    """The letter of somebody who lives too far away."""
    product, mail = studio.product, f"ana{random.randint(10**6, 10**7)}@people.test"
    if not studio.wants("wish"):
        return
    enter(page, product, path="/delivery?zip=33186")
    page.fill("input[name=wish_email]", mail)
    page.locator("form:has(input[name=wish_email]) button").last.click()
    page.wait_for_load_state("load")
    found = re.search(r"/delivery/wish/[\w.-]+", product.wait_for_message(to=mail, channel="email")["body"])
    assert found is not None
    studio.shoot(page, "wish", product.url(found[0]), translated=True)


def _take_offline(studio: Studio, page: Page) -> None:
    """What is left of the shop in a tunnel."""
    if not studio.wants("offline"):
        return
    enter(page, studio.product)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    for path in ("/", SHELF, "/p/magnesium", "/p/vitamin-c"):
        page.goto(studio.product.url(path))
        page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    studio.shoot(page, "offline", studio.product.url("/cart"))


def _take_jakarta(studio: Studio, page: Page) -> None:
    """Another country: rupiah, couriers by price, a counter to collect at."""
    product = studio.product
    if not studio.wants("jakarta", "jakarta-courier", "jakarta-pickup"):
        return
    enter(page, product, "jakarta")
    studio.shoot(page, "jakarta", product.url("/", "jakarta"))
    fill_cart(page, product, "jakarta")
    page.goto(product.url("/checkout", "jakarta"))
    confirm_phone(page, product, f"+62812{random.randint(10_000_000, 99_999_999)}", "Siti Rahma", "jakarta")
    page.locator("#step-where label:has(#kind-courier)").click()
    page.locator("#step-where input[name=line1]").fill("Jl. Cikini Raya 5")
    page.locator("#step-where input[name=zip]").fill("10310")
    page.locator("#step-where button:visible").last.click()
    page.locator("#step-when label:has(#courier-jne-reg)").click()
    page.wait_for_load_state("networkidle")
    studio.shoot(page, "jakarta-courier", product.url("/checkout", "jakarta"))
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(product.url("/checkout", "jakarta"))
    page.locator("#step-where button[name=edit]").first.click()
    page.locator("#step-where label:has(#kind-pickup)").click()
    page.locator("#step-where label:has(#branch-jkt-menteng)").click()
    page.locator("#step-where button:visible").last.click()
    page.wait_for_load_state("networkidle")
    studio.shoot(page, "jakarta-pickup", product.url("/checkout", "jakarta"))


PARTS = (
    ("the shelves", _take_shelves),
    ("the drawer", _take_drawer),
    ("the checkout", _take_checkout),
    ("the wish", _take_wish),
    ("the tunnel", _take_offline),
    ("Jakarta", _take_jakarta),
)


def join(page: Page, product: Product) -> None:
    """An account by e-mail, up to the letter."""
    page.goto(product.url("/sign-up"))
    page.fill("#join-email", f"ana{random.randint(10**6, 10**7)}@people.test")
    page.fill("#join-password", "a lamp on the counter")
    page.fill("#join-first", "Ana")
    if page.locator("#join-birth").count():
        page.fill("#join-birth", "1980-05-17")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile("verify"))


def fill_cart(page: Page, product: Product, store: str = "miami") -> None:
    """Two goods from one shelf, from two ends."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    for path in (f"{SHELF}?stock=1&sort=price_desc", f"{SHELF}?stock=1"):
        page.goto(product.url(path, store))
        page.locator("html[data-cart-ready]").wait_for(state="attached")
        page.locator("form[data-add-to-cart]:visible button").first.click()
        page.locator("[data-cart-count]:visible").first.wait_for()
        page.wait_for_timeout(1500)


def confirm_phone(page: Page, product: Product, phone: str, name: str, store: str = "miami") -> None:
    """The first card of the checkout, by the code of the message."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(product.url("/checkout", store))
    page.fill("input[name=phone]", phone)
    page.locator("button[formaction$='/send-code']:visible").click()
    page.locator("input[name=code]").wait_for()
    found = CODE.search(product.wait_for_message(to=phone, channel="sms")["body"])
    assert found is not None
    page.fill("input[name=code]", found[0])
    page.locator("input[name=contact_name]:visible").fill(name)
    page.locator("#step-contact button:visible").last.click()
    page.locator("#step-contact").get_by_text(name).wait_for()


def deliver_to(page: Page, line1: str, zip_code: str) -> None:
    """An address and the first free quarter of an hour; the payment is left open."""
    page.locator("#step-where input[name=line1]").fill(line1)
    page.locator("#step-where input[name=zip]").fill(zip_code)
    page.locator("#step-where button:visible").last.click()
    page.locator("#step-when label:has(#mode-slot)").click()
    page.locator("#step-when label.slot:has(input:not([disabled])):visible").first.click()
    page.wait_for_load_state("networkidle")


def place(page: Page, prefix: str) -> str:
    """Send the order; gives its code."""
    birth = page.locator("#step-payment input[name=birth_date]")
    if birth.count():
        birth.fill("1980-05-17")
    page.wait_for_load_state("networkidle")
    page.locator("button[formaction$='/place']:visible").first.click()
    page.wait_for_url(re.compile(rf"/orders/{prefix}-"))
    found = re.search(rf"{prefix}-\d{{8}}-\w{{4}}", page.url)
    assert found is not None
    return found[0]
