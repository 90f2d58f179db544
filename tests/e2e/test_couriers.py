"""Jakarta in a browser: a courier chosen by price and brought by webhook, and a pickup with its code."""

import random
import re
import time

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, Product, sign_in, visiting

pytestmark = pytest.mark.e2e
STORE = "jakarta"


def somebody() -> str:
    return f"+62812{random.randint(10_000_000, 99_999_999)}"


def fill_cart(page: Page, product: Product) -> None:
    page.goto(product.url("/c/vitamins?in_stock=1&sort=price_desc", STORE))
    page.locator("form[data-add-to-cart] button").first.click()
    page.locator("[data-cart-count]:visible").first.wait_for()
    page.wait_for_timeout(400)
    page.goto(product.url("/checkout", STORE))


def sign_up(page: Page, product: Product, phone: str) -> None:
    page.fill("input[name=phone]", phone)
    page.locator("button[formaction$='/send-code']:visible").click()
    page.locator("input[name=code]").wait_for()
    found = re.search(r"\b\d{6}\b", product.wait_for_message(to=phone, channel="sms")["body"])
    assert found is not None
    page.fill("input[name=code]", found[0])
    page.locator("input[name=contact_name]:visible").fill("Siti Rahma")
    page.locator("#step-contact button:visible").last.click()
    expect(page.locator("#step-contact").get_by_text("Siti Rahma")).to_be_visible()


def place(page: Page) -> str:
    page.wait_for_load_state("networkidle")
    page.locator("button[formaction$='/place']:visible").click()
    page.wait_for_url(re.compile(r"/orders/JKT-"))
    found = re.search(r"JKT-\d{8}-\w{4}", page.url)
    assert found is not None
    return found[0]


def act(board: Page, product: Product, code: str, action: str) -> None:
    board.goto(product.url(f"/dispatch/?order={code}", STORE))
    button = board.locator(f"#panel form[action$='/{action}'] button")
    button.click()
    expect(button).to_have_count(0)


def test_a_courier_is_chosen_called_and_brings_it(product: Product, browser: Browser):
    desk = httpx.Client(base_url=f"http://127.0.0.1:{product.sandbox_port}", timeout=15)
    desk.post("/biteship/sandbox/settings", json={"auto": False}).raise_for_status()
    with visiting(browser) as carla, visiting(browser, PHONE) as siti:
        page = siti.page
        fill_cart(page, product)
        sign_up(page, product, somebody())
        page.locator("#step-where label:has(#kind-courier)").click()
        page.locator("#step-where input[name=line1]").fill("Jl. Cikini Raya 5")
        page.locator("#step-where input[name=zip]").fill("10310")
        page.locator("#step-where button:visible").last.click()
        tiles = page.locator("#step-when label:has(input[name=courier])")
        expect(tiles.first).to_be_visible()
        expect(page.locator("#step-when label:has(#courier-grab-instant)")).to_contain_text("cash")
        chosen = page.locator("#step-when label:has(#courier-jne-reg)")
        expect(chosen).not_to_contain_text(".00")  # rupiah have no cents
        chosen.click()
        expect(page.locator("#courier-jne-reg")).to_be_checked()
        code = place(page)

        sign_in(carla.page, product, "dispatcher", store=STORE, then="/dispatch/")
        for action in ("confirm", "ready", "hand_over"):
            act(carla.page, product, code, action)
        booked = wait_for_parcel(desk, code)
        page.get_by_role("link", name="Follow your order").click()
        page.wait_for_url(re.compile(r"/track/"))
        expect(page.get_by_text(booked["courier"]["waybill_id"])).to_be_visible()
        for status in ("allocated", "picking_up", "picked", "dropping_off", "delivered"):
            desk.post(f"/biteship/sandbox/orders/{booked['id']}", json={"status": status}).raise_for_status()
        expect(page.get_by_text("Delivered").first).to_be_visible(timeout=20_000)
        carla.page.goto(product.url(f"/dispatch/?order={code}", STORE))
        expect(carla.page.locator("#panel")).to_contain_text(booked["courier"]["waybill_id"])


def wait_for_parcel(desk: httpx.Client, code: str) -> dict:
    for _ in range(100):
        for order in desk.get("/biteship/sandbox/orders.json").json():
            if order["reference_id"] == code:
                return order
        time.sleep(0.2)
    raise AssertionError(f"nobody booked {code}")


def test_collected_at_a_branch_with_its_code(product: Product, browser: Browser):
    with visiting(browser) as carla, visiting(browser, PHONE) as siti:
        page = siti.page
        fill_cart(page, product)
        phone = somebody()
        sign_up(page, product, phone)
        page.locator("#step-where label:has(#kind-pickup)").click()
        page.locator("#step-where label:has(#branch-jkt-menteng)").click()
        page.locator("#step-where button:visible").last.click()
        code = place(page)
        shown = page.locator("main").inner_text()
        sign_in(carla.page, product, "dispatcher", store=STORE, then="/dispatch/")
        for action in ("confirm", "ready"):
            act(carla.page, product, code, action)
        told = product.wait_for_message(to=phone, q=code)
        pickup_code = re.search(r"\b\d{6}\b", shown)
        assert pickup_code is not None
        assert product.wait_for_message(to=phone, q=pickup_code[0])["body"]
        assert told
        carla.page.goto(product.url(f"/dispatch/?order={code}", STORE))
        form = carla.page.locator("#panel form[action$='/collect']")
        form.locator("input[name=cash_received]").fill("5000000")
        form.locator("button").last.click()
        page.goto(product.url(f"/account/orders/{code}", STORE))
        expect(page.get_by_text("Collected").first).to_be_visible()
