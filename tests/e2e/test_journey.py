"""Three people at once: Ana buys, Carla sends, Boris brings. Each in a browser of their own, on the running product."""

import random
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import PHONE, Product, sign_in, visiting

pytestmark = pytest.mark.e2e
ANA = f"+1305555{random.randint(2000, 8999)}"  # a stranger each time, also on a product that is kept running
BRICKELL = {"latitude": 25.7654, "longitude": -80.1936}


def pass_age_gate(page: Page) -> None:
    page.wait_for_url(re.compile("/age"))
    page.fill("input[name=day]", "17")
    page.select_option("select[name=month]", "5")
    page.fill("input[name=year]", "1980")
    page.get_by_role("button", name="Enter the store").click()


def fill_cart(page: Page, product: Product) -> None:
    """Two of something from the vitamins shelf, through the drawer."""
    page.goto(product.url("/c/vitamins?in_stock=1&sort=price_desc"))
    pass_age_gate(page)
    page.locator("form[data-add-to-cart] button").first.click()
    page.locator("[data-cart-count]:visible").first.wait_for()
    drawer = page.locator("[data-drawer] [data-checkout]")
    if not drawer.is_visible():
        page.locator('[data-opens="cart"]:visible').first.click()
    drawer.click()
    page.wait_for_url(re.compile("panel=checkout"))


def check_out(page: Page, product: Product) -> str:
    """Code from the inbox, address, a slot, place; gives the order's code."""
    page.fill("input[name=phone]", ANA)
    page.get_by_role("button", name="Send the code").click()
    page.locator("input[name=code]").wait_for()
    message = product.wait_for_message(to=ANA, channel="sms")
    found = re.search(r"\b\d{6}\b", message["body"])
    assert found is not None
    page.fill("input[name=code]", found[0])  # the sixth digit sends it
    page.locator("input[name=contact_name]:visible").fill("Ana Ruiz")
    page.locator("#step-contact button:visible").last.click()
    expect(page.locator("#step-contact").get_by_text("Ana Ruiz")).to_be_visible()
    page.locator("#step-where input[name=line1]").fill("901 Brickell Plaza")
    page.locator("#step-where input[name=zip]").fill("33130")
    page.locator("#step-where button:visible").last.click()
    page.locator("#step-when label:has(#mode-slot)").click()
    page.locator("#step-when input[name=slot]:not([disabled])").first.wait_for(state="attached")
    page.locator("#step-when label.slot:has(input:not([disabled])):visible").first.click()
    expect(page.locator("#step-when input[name=slot]:checked")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    page.fill("#step-payment input[name=birth_date]", "1980-05-17")
    page.locator("button:visible", has_text="Place order").click()
    page.wait_for_url(re.compile(r"/orders/MIA-"))
    found = re.search(r"MIA-\d{8}-\w{4}", page.url)
    assert found is not None
    return found[0]


def test_from_the_shop_window_to_the_door(product: Product, browser: Browser):
    boris_phone = {"viewport": PHONE, "geolocation": BRICKELL, "permissions": ["geolocation"]}
    with (
        visiting(browser) as carla,
        visiting(browser, PHONE) as ana,
        visiting(browser, **boris_phone) as boris,
    ):
        sign_in(carla.page, product, "dispatcher", then="/dispatch/")
        carla.page.wait_for_url(re.compile("/dispatch"))
        sign_in(boris.page, product, "driver1", then="/driver")
        fill_cart(ana.page, product)
        code = check_out(ana.page, product)

        ringing = carla.page.locator(f'[data-card="{code}"].blink')
        expect(ringing).to_be_visible(timeout=15_000)
        expect(carla.page.locator("#siren [role=alert]")).to_be_visible()
        product.wait_for_message(channel="pushover", q=code)
        acknowledge(carla.page, code)

        for action in ("confirm", "ready"):
            button = press(carla.page, product, code, action)
            expect(button).to_have_count(0)
        carla.page.goto(product.url(f"/dispatch/?order={code}"))
        carla.page.locator("#panel label", has_text="Boris").click()
        carla.page.locator("#panel form[action$='/assign'] button").click()
        expect(carla.page.locator("#lane-ASSIGNED", has_text=code)).to_be_visible()

        bring(boris.page, product, code, ana.page)

        ana.page.reload()
        expect(ana.page.get_by_text("Delivered").first).to_be_visible()
        product.let_time_pass("ReviewRequested")
        asked = product.wait_for_message(to=ANA, q=f"/review/{code}")
        ana.page.goto(re.search(r"http\S+/review/\S+", asked["body"])[0])
        ana.page.locator("label:has(input[name^=stars][value='5'])").first.click()
        ana.page.locator("main form button").last.click()
        expect(ana.page.get_by_text("Thank you").first).to_be_visible()


def acknowledge(board: Page, code: str) -> None:
    """By the key, oldest first, until this order rings no more."""
    for _turn in range(8):
        waiting = board.locator("#siren").get_attribute("data-ringing") or ""
        if code not in waiting.split():
            break
        board.keyboard.press("a")
        expect(board.locator("#siren")).not_to_have_attribute("data-ringing", waiting)
    expect(board.locator(f'[data-card="{code}"].blink')).to_have_count(0)


def press(board: Page, product: Product, code: str, action: str) -> Locator:
    """Open the order beside the board and press an action; its language is Carla's, so it is found by its form."""
    board.goto(product.url(f"/dispatch/?order={code}"))
    button = board.locator(f"#panel form[action$='/{action}'] button")
    button.click()
    return button


def bring(driver: Page, product: Product, code: str, customer: Page) -> None:
    """Boris picks up, moves, is seen moving, and hands over against cash."""
    driver.goto(product.url(f"/driver?stop={code}"))
    slide(driver, f'form[data-tap="pick-up"][data-code="{code}"]')
    customer.get_by_role("link", name="Follow your order").click()
    customer.wait_for_url(re.compile(r"/track/"))
    pins = []
    for step in range(1, 4):
        at = {"latitude": BRICKELL["latitude"] + step * 0.002, "longitude": BRICKELL["longitude"]}
        driver.context.set_geolocation(at)
        driver.wait_for_timeout(4500)
        pin = customer.locator("#track-map .drv").first
        pin.wait_for()
        pins.append(pin.bounding_box())
    assert pins[0] != pins[-1], "the pin did not move"
    driver.goto(product.url(f"/driver?stop={code}&panel=door"))
    form = driver.locator(f'form[data-tap="deliver"][data-code="{code}"]:visible')
    form.locator("input[name=cash_received]").fill("200.00")
    form.locator("input[name=id_checked]").check()
    slide(driver, f'form[data-tap="deliver"][data-code="{code}"]')


def slide(page: Page, form: str) -> None:
    """The keyboard's way of the slider: focus and Enter."""
    button = page.locator(f"{form}:visible button.swipe")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{form}:visible")).to_have_count(0, timeout=15_000)
