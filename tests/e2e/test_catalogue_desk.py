"""The catalogue's screens in a browser: the tree, a file with prices, a picture, a price that holds at once."""

import io
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Product, visiting
from tests.e2e.desk import (
    at_the_desk,
    drag,
    enter_console,
    fetch,
    forgive_refusals,
    middle,
    pass_gate,
    require_fit,
)

pytestmark = pytest.mark.e2e
LEAVES = "[data-tree] > ol > li"
HEAD = "sku,product,category,price,name_en,product_active\n"


@pytest.fixture(scope="module")
def cookies(browser: Browser, product: Product) -> Any:
    return enter_console(browser, product)


@pytest.fixture
def page(browser: Browser, cookies: Any) -> Iterator[Page]:
    with at_the_desk(browser, cookies) as visitor:
        yield visitor.page


def order(page: Page) -> list[str]:
    """The top of the tree."""
    return page.locator(f"{LEAVES} > .th-leaf > a").all_inner_texts()


def test_the_tree_by_hand_and_by_keys(page: Page, product: Product):
    page.goto(product.url("/console/categories/tree"))
    require_fit(page)
    before = order(page)
    moved, above = page.locator(LEAVES).nth(8), page.locator(LEAVES).nth(7)
    grip = moved.locator("[data-tree-handle]").first
    x, y = middle(above.locator("[data-tree-handle]").first)
    with page.expect_response(re.compile("/console/categories/place/")) as saved:
        drag(page, grip, (x, y - 16))
    assert saved.value.status == 204
    page.reload()
    assert order(page) == [*before[:7], before[8], before[7], before[9]]

    arrow = page.locator(LEAVES).nth(7).locator("button[value=down]").first
    arrow.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("moved="))
    assert order(page) == before
    expect(page.locator(LEAVES).nth(8).locator("button[value=down]").first).to_be_focused()

    page.locator(LEAVES).nth(8).locator("button[value=in]").first.focus()
    page.keyboard.press("Enter")
    inner = page.locator(LEAVES).nth(7).locator("ol > li")
    expect(inner.locator("> .th-leaf > a")).to_have_text(before[8])
    require_fit(page)
    x_left, y = middle(page.locator(LEAVES).nth(8).locator("[data-tree-handle]").first)
    with page.expect_response(re.compile("/console/categories/place/")) as saved:
        drag(page, inner.locator("[data-tree-handle]"), (x_left, y - 16))
    assert saved.value.status == 204
    page.reload()
    assert order(page) == before


@pytest.fixture(scope="module")
def balm() -> str:
    """What comes in from the file; another name each time, also on a product that is kept running."""
    return f"balm-{random.randrange(10**6)}"


def bring(page: Page, product: Product, name: str, rows: str) -> None:
    """Choose a file and have it checked; the report is there when the bar is gone."""
    page.goto(product.url("/console/imports/list/"))
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": (HEAD + rows).encode()})
    expect(page.locator("[data-drop-name]")).to_have_text(name)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator(".th-tally")).to_be_visible(timeout=20_000)


def test_a_file_is_tried_then_written(browser: Browser, page: Page, product: Product, balm: str):
    good = f"{balm}-30,{balm},first-aid,12.50,Proof {balm},yes\n"
    bulk = "".join(f"{balm}-b{n},{balm}-bulk,first-aid,5.00,Proof bulk,no\n" for n in range(600))
    page.goto(product.url("/console/imports/list/"))
    require_fit(page)
    bring(page, product, "wrong.csv", good + f"{balm}-60,{balm},no-such-shelf,twelve,Proof {balm},yes\n")
    expect(page.locator(".th-tally .bad b")).to_have_text("1")
    report = page.locator(".th-report .th-error")
    expect(report.filter(has=page.locator("code", has_text="category"))).to_have_count(1)
    expect(report.filter(has=page.locator("code", has_text="price"))).to_have_count(1)
    expect(page.get_by_role("button", name=re.compile("^Write"))).to_have_count(0)
    require_fit(page)

    bring(page, product, "good.csv", good + bulk)
    expect(page.locator(".th-tally")).to_contain_text("601")
    write = page.get_by_role("button", name=re.compile("Write 601 rows"))
    require_fit(page)
    with visiting(browser) as visitor:
        pass_gate(visitor.page, product, "/")
        assert fetch(visitor, product, f"/p/{balm}").status_code == 404  # a trial writes nothing
        write.click()
        expect(page.locator("progress, .alert-success").first).to_be_visible()
        expect(page.get_by_text("The catalogue is as the file says.")).to_be_visible(timeout=30_000)
        visitor.page.goto(product.url(f"/p/{balm}"))
        expect(visitor.page.locator("h1")).to_have_text(re.compile(f"Proof {balm}"))
        expect(visitor.page.locator("main")).to_contain_text("$12.50")


def picture(width: int, height: int) -> bytes:
    """A gradient, as a PNG."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(made, "PNG")
    return made.getvalue()


def upload(page: Page, name: str, kind: str, content: bytes) -> None:
    page.set_input_files("#photo", {"name": name, "mimeType": kind, "buffer": content})
    page.locator(".th-upload").get_by_role("button", name="Upload").click()


def reprice(page: Page, product: Product, sku: str) -> None:
    """Type over the price in the list: nonsense is refused beside it, an amount is taken."""
    page.goto(product.url(f"/console/variants/list/?q={sku}"))
    page.locator("td[data-label=Price] .th-edit").click()
    price = page.locator("input[name=price]")
    expect(price).to_be_focused()
    price.fill("a lot")
    price.press("Enter")
    expect(page.locator("[data-cell] [role=alert]")).to_be_visible()
    require_fit(page)
    price.fill("9.75")
    price.press("Enter")
    expect(page.locator("td[data-label=Price] .th-edit")).to_contain_text("$9.75")


def test_pictures_and_a_price_that_holds_at_once(browser: Browser, cookies: Any, product: Product, balm: str):
    """Depends on the file before: the product is new, nothing of the demo is touched."""
    with at_the_desk(browser, cookies) as visitor, visiting(browser) as anybody:
        page, shop = visitor.page, anybody.page
        page.goto(product.url(f"/console/products/list/?q={balm}"))
        page.get_by_role("link", name=f"Edit Proof {balm}", exact=True).click()

        upload(page, "photo.jpg", "image/jpeg", b"I am a text, whatever my name says.")
        expect(page.locator("#photo-error")).to_have_text(re.compile("no JPEG, PNG or WebP"))
        expect(page.locator("#photo")).to_have_attribute("aria-invalid", "true")
        require_fit(page)
        forgive_refusals(visitor)
        upload(page, "photo.png", "image/png", picture(1600, 1200))
        shown = page.locator("#photos figure img")
        expect(shown).to_have_count(1)
        widths = [part.split() for part in (shown.get_attribute("srcset") or "").split(", ")]
        assert [width for _url, width in widths] == ["320w", "640w", "1280w"]
        for url, width in widths:
            answer = fetch(visitor, product, url)
            assert answer.headers["content-type"] == "image/webp"
            assert f"{Image.open(io.BytesIO(answer.content)).width}w" == width
        require_fit(page)

        pass_gate(shop, product, f"/p/{balm}")
        expect(
            shop.locator(f"main img[src^='{shown.get_attribute('src')}'], main img[srcset]").first
        ).to_be_visible()
        expect(shop.locator("main")).to_contain_text("$12.50")

        reprice(page, product, f"{balm}-30")
        forgive_refusals(visitor)
        shop.reload()
        expect(shop.locator("main")).to_contain_text("$9.75")

        page.locator("td[data-label=Active] [role=switch]").click()  # off the shelf again
        expect(page.locator("td[data-label=Active] [role=switch]")).to_have_attribute("aria-checked", "false")
        assert fetch(anybody, product, f"/p/{balm}").status_code == 404
