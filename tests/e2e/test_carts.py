"""The cart in real browsers: closed and opened again, of an older version, in two tabs, denied storage, no script."""

import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine, text

from launch.browser import find_chromium
from tests.e2e.conftest import FLAGS, PHONE, Product, visiting
from tests.e2e.test_journey import pass_age_gate

pytestmark = pytest.mark.e2e
SHELF = "/c/vitamins?in_stock=1&sort=price_desc"
BADGE = "[data-cart-count]:visible"


_phones = count(2000)


def phone_number() -> str:
    """Nobody's yet."""
    return f"+1305555{next(_phones)}"


def open_shelf(page: Page, product: Product) -> None:
    page.goto(product.url(SHELF))
    if "/age" in page.url:
        pass_age_gate(page)
    page.locator("html[data-cart-ready]").wait_for(state="attached")


def put_in(page: Page, which: int = 0) -> str:
    """Press the button of a card; gives its SKU."""
    form = page.locator("form[data-add-to-cart]:visible").nth(which)
    sku = form.locator("input[name=sku]").input_value()
    form.locator("button").click()
    return sku


def stored(page: Page) -> Any:
    """The document in IndexedDB."""
    return page.evaluate(READ)


READ = """() => new Promise((done) => { const open = indexedDB.open('theriac');
open.onsuccess = () => { const db = open.result;
const all = db.transaction('cart').objectStore('cart').getAll();
all.onsuccess = () => { db.close(); done(all.result[0] ?? null); }; }; })"""
STORE_OLD = """(old) => new Promise((done) => { const open = indexedDB.open('theriac');
open.onsuccess = () => { const db = open.result; const cart = db.transaction('cart', 'readwrite');
const store = cart.objectStore('cart'); const keys = store.getAllKeys();
keys.onsuccess = () => { store.put(old, keys.result[0]); };
cart.oncomplete = () => { db.close(); done(null); }; }; })"""


def test_it_survives_the_browser_and_a_new_version_of_the_shop(
    product: Product, browser: Browser, tmp_path: Path
):
    options: dict[str, Any] = {"executable_path": str(find_chromium()), "args": FLAGS, "viewport": PHONE}
    context = browser.browser_type.launch_persistent_context(str(tmp_path / "profile"), **options)
    page = context.new_page()
    open_shelf(page, product)
    sku = put_in(page)
    expect(page.locator(BADGE).first).to_have_text("1")
    page.wait_for_timeout(600)  # until the quote has been answered and its price kept
    kept = stored(page)
    assert kept["v"] == 3 and kept["lines"][0]["sku"] == sku and kept["lines"][0]["seen"] > 0
    context.close()

    context = browser.browser_type.launch_persistent_context(str(tmp_path / "profile"), **options)
    page = context.new_page()
    open_shelf(page, product)
    expect(page.locator(BADGE).first).to_have_text("1")
    page.evaluate(STORE_OLD, {"v": 1, "lines": [{"sku": sku, "qty": 3}], "updated": 1_790_000_000_000})
    context.close()

    context = browser.browser_type.launch_persistent_context(str(tmp_path / "profile"), **options)
    page = context.new_page()
    open_shelf(page, product)
    expect(page.locator(BADGE).first).to_have_text("3")
    put_in(page, 1)
    expect(page.locator(BADGE).first).to_have_text("4")
    page.wait_for_timeout(600)
    assert stored(page)["v"] == 3
    context.close()


def test_two_tabs_stay_in_step(product: Product, browser: Browser):
    with visiting(browser) as ana:
        left = ana.page
        open_shelf(left, product)
        right = ana.context.new_page()
        open_shelf(right, product)
        put_in(left)
        expect(right.locator(BADGE).first).to_have_text("1")
        put_in(right, 1)
        expect(left.locator(BADGE).first).to_have_text("2")


DENIED = """
const no = () => { throw new DOMException('denied', 'SecurityError'); };
Object.defineProperty(window, 'indexedDB', { get: no });
Object.defineProperty(window, 'localStorage', { get: no });
"""
FULL = """
Object.defineProperty(window, 'indexedDB', { get: () => { throw new DOMException('denied', 'SecurityError'); } });
"""


def test_a_browser_that_keeps_nothing_says_so_and_sells_all_the_same(product: Product, browser: Browser):
    with visiting(browser) as ana:
        page = ana.page
        ana.context.add_init_script(DENIED)
        open_shelf(page, product)
        put_in(page)
        expect(page.locator(BADGE).first).to_have_text("1")
        page.locator('[data-opens="cart"]:visible').first.click()
        expect(page.get_by_text("This browser keeps nothing")).to_be_visible()
        page.locator("[data-checkout]:visible").first.click()
        expect(page.locator("#step-contact input[name=phone]")).to_be_visible()


def test_without_a_database_localstorage_keeps_it(product: Product, browser: Browser):
    with visiting(browser) as ana:
        page = ana.page
        ana.context.add_init_script(FULL)
        open_shelf(page, product)
        put_in(page)
        expect(page.locator(BADGE).first).to_have_text("1")
        page.wait_for_timeout(600)
        page.reload()
        page.locator("html[data-cart-ready]").wait_for(state="attached")
        expect(page.locator(BADGE).first).to_have_text("1")


def confirm_phone(page: Page, product: Product, phone: str) -> None:
    """Send the code and type it; a script sends the sixth digit by itself."""
    page.fill("input[name=phone]", phone)
    page.get_by_role("button", name="Send the code").click()
    page.locator("input[name=code]").wait_for()
    message = product.wait_for_message(to=phone, channel="sms")
    page.fill("input[name=code]", re.findall(r"\b\d{6}\b", message["body"])[0])


def test_checkout_without_a_script_places_an_order(product: Product, browser: Browser):
    with visiting(browser, PHONE, java_script_enabled=False) as ana:
        page = ana.page
        page.goto(product.url(SHELF))
        pass_age_gate(page)
        page.locator("form[data-add-to-cart] button").first.click()
        page.goto(product.url("/checkout"))
        confirm_phone(page, product, phone_number())
        page.get_by_role("button", name="Confirm").click()
        page.locator("input[name=contact_name]:visible").fill("Ana Ruiz")
        page.locator("#step-contact button:visible").last.click()
        page.locator("#step-where input[name=line1]").fill("901 Brickell Plaza")
        page.locator("#step-where input[name=zip]").fill("33130")
        page.locator("#step-where button:visible").last.click()
        page.reload()  # refresh, back and forward lose nothing
        page.go_back()
        page.go_forward()
        expect(page.locator("#step-where")).to_contain_text("901 Brickell Plaza")
        page.locator("#step-when label:has(#mode-slot)").click()
        page.locator("#step-when label.slot:has(input:not([disabled])):visible").first.click()
        page.fill("#step-payment input[name=birth_date]", "1980-05-17")
        page.locator("button:visible", has_text="Place order").click()
        page.wait_for_url(re.compile(r"/orders/MIA-"))
        expect(page.locator("main")).to_contain_text(re.compile(r"MIA-\d{8}-\w{4}"))


def add_to_price(product: Product, sku: str, cents: int) -> None:
    """As if a manager had changed it a moment ago."""
    lines = (product.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    engine = create_engine(f"postgresql+psycopg2://postgres@/postgres?host={lines[4]}")
    with engine.begin() as superuser:
        change = text("UPDATE variant SET price_minor = price_minor + :cents WHERE sku = :sku")
        superuser.execute(change, {"cents": cents, "sku": sku})
    engine.dispose()


def test_a_price_that_changes_is_accepted_where_it_stands(product: Product, browser: Browser):
    with visiting(browser, PHONE) as ana:
        page = ana.page
        open_shelf(page, product)
        sku = put_in(page)
        page.wait_for_timeout(800)
        page.goto(product.url("/checkout"))
        page.locator("#step-contact input[name=phone]").wait_for()
        page.fill("#step-payment textarea[name=customer_note]", "Ring twice")
        add_to_price(product, sku, 100)
        page.locator("#step-contact input[name=phone]").fill(phone_number())
        page.get_by_role("button", name="Send the code").click()
        changes = page.locator("#co-summary").get_by_text("Changed since you last looked")
        expect(changes).to_be_visible()
        expect(page.locator("#co-summary")).to_contain_text("it was $")
        expect(page.locator("#step-payment textarea[name=customer_note]")).to_have_value("Ring twice")
        page.get_by_role("button", name="Accept the changes").click()
        expect(changes).to_have_count(0)
        expect(page.locator("#step-payment textarea[name=customer_note]")).to_have_value("Ring twice")
        add_to_price(product, sku, -100)
