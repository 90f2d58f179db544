"""The delivery screens in a browser: a zone on the map, the heat-map, a traffic window, what-if; and what customers
then see. Everything is put back, so that the shop is as it was."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.api import anonymous
from tests.e2e.conftest import Product
from tests.e2e.desk import at_the_desk, drag, enter_console, middle, require_fit

pytestmark = pytest.mark.e2e
KEY = "33149"
"""Key Biscayne, an island that no zone of the demo reaches."""
HOURS = ("10:00", "11:45")


@pytest.fixture(scope="module")
def cookies(browser: Browser, product: Product) -> Any:
    return enter_console(browser, product)


@pytest.fixture
def page(browser: Browser, cookies: Any) -> Iterator[Page]:
    with at_the_desk(browser, cookies) as visitor:
        yield visitor.page


def options(product: Product, zip_code: str) -> Any:
    """What a program is told about a ZIP."""
    return anonymous(product).call("GET", f"/delivery-options?zip={zip_code}&kind=driver")


def see_key(page: Page) -> tuple[float, float]:
    """Zoom out until the island is in sight; the place of its ZIP's middle on the screen."""
    view = page.locator("[data-zone-map]")
    for _step in range(2):
        page.get_by_role("button", name="Zoom out").click()
        page.wait_for_timeout(350)
    x, y = middle(view)
    degree = 256 * 2**11 / 360  # pixels to a degree of longitude at zoom 11
    return x + (-80.1625 + 80.208) * degree, y + (25.7575 - 25.6921) * degree / 0.9006


def pull_corner_in(page: Page) -> None:
    """Take the outline by its north-eastern corner and pull it past the middle."""
    page.locator(".leaflet-pane .m-zone.on").first.wait_for(state="attached")
    page.get_by_role("button", name="Move corners").click()
    before = page.input_value("[data-outline]")
    corners = page.locator(".marker-icon:not(.marker-icon-middle)")
    expect(corners).to_have_count(4)
    box = page.locator(".leaflet-pane path.m-zone.on").bounding_box()
    assert box is not None
    far = max(corners.all(), key=lambda one: middle(one)[0] - middle(one)[1])  # the north-eastern one
    drag(page, far, (box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7))
    expect(page.locator("[data-outline]")).not_to_have_value(before)


def test_a_zone_is_drawn_and_used(page: Page, product: Product):
    assert options(product, KEY)["zone"] is None
    name = f"Key {random.randrange(10**6)}"
    page.goto(product.url("/console/zones/add"))
    page.locator(".leaflet-pane .m-zone").first.wait_for(state="attached")
    require_fit(page)
    page.fill("#name", name)
    x, y = see_key(page)
    page.get_by_role("button", name="Draw the outline").click()
    for dx, dy in ((-30, 30), (30, 30), (30, -30), (-30, -30), (-30, 30)):
        page.mouse.move(x + dx, y + dy, steps=3)
        page.mouse.click(x + dx, y + dy)
    expect(page.locator("[data-outline]")).to_have_value(re.compile('"Polygon"'))
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/zones/list"))
    require_fit(page)
    page.goto(product.url(f"/delivery?zip={KEY}&street=100+Ocean+Drive"))
    if "/age" in page.url:
        page.fill("input[name=day]", "30")
        page.select_option("select[name=month]", "4")
        page.fill("input[name=year]", "1986")
        page.click("main button")
    expect(page.locator("#zone-name")).to_contain_text(name)
    assert options(product, KEY)["zone"]["name"] == name

    page.goto(product.url("/console/zones/list/"))
    page.get_by_role("link", name=name, exact=True).click()
    pull_corner_in(page)
    require_fit(page)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/zones/list"))
    assert options(product, KEY)["zone"] is None
    page.get_by_role("button", name=f"Delete {name}").click()
    expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)


def slot(page: Page, time: str) -> Locator:
    """A delivery time of tomorrow."""
    return page.locator(".th-heat table").nth(1).locator(f"button[value$='T{time}']")


def choose(page: Page) -> str:
    """Drag over two hours of tomorrow; gives the day."""
    first, last = (slot(page, time) for time in HOURS)
    first.scroll_into_view_if_needed()
    drag(page, first, middle(last))
    expect(page.locator("[data-said]")).to_contain_text("10:00–12:00: 8 times")
    expect(page.locator("td[aria-selected=true]")).to_have_count(8)
    return (first.get_attribute("value") or "").split("T")[0]


def offered(product: Product, day: str) -> list[tuple[bool, str]]:
    """How the shop shows those two hours."""
    slots = options(product, "33130")["slots"]
    return [(s["offered"], s["message"]) for s in slots if f"{day}T10:00" <= s["slot"] < f"{day}T12:00"]


def press(page: Page, name: str, said: str) -> None:
    page.locator("#change").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("[data-said]")).to_contain_text(said)


def test_a_storm_on_the_heat_map(page: Page, product: Product):
    page.goto(product.url("/console/times/list/"))
    require_fit(page)
    day = choose(page)
    page.fill("#change [name=capacity]", "3")
    press(page, "Set", "8 times now take 3.")
    for time in HOURS:
        expect(slot(page, time)).to_have_text("0/3")
    assert [free for free, _why in offered(product, day)] == [True] * 8

    choose(page)
    page.locator("#change summary").click()
    page.fill("#note-en", "A storm is coming. Please choose a later time.")
    require_fit(page)
    press(page, "Close for customers", "8 times are closed.")
    expect(slot(page, HOURS[0])).to_have_class(re.compile(r"\bx\b"))
    require_fit(page)
    dark = offered(product, day)
    assert [free for free, _why in dark] == [False] * 8
    assert all("A storm is coming" in why for _free, why in dark)
    choose(page)
    press(page, "Open again", "8 times are open again.")
    choose(page)
    press(page, "Back to usual", "8 times take the usual number again.")
    assert [free for free, _why in offered(product, day)] == [True] * 8


def test_a_traffic_window_is_tried_first(page: Page, product: Product):
    page.goto(product.url("/console/traffic/add"))
    page.fill("#from_time", "13:00")
    page.fill("#to_time", "15:00")
    page.fill("#zips", "33132")
    page.fill("#note-en", "Bridge works.")
    page.fill("#preview_zip", "33132")
    page.get_by_role("button", name="Show the next days").click()
    days = page.locator("#preview .th-heat table")
    expect(days).to_have_count(3)
    assert page.locator("#preview .c.t").count() >= 16  # two whole days at least
    expect(page.locator("#preview [role=status]")).to_contain_text("times change with this window")
    require_fit(page)
    assert not [s for s in options(product, "33132")["slots"] if s["reason"] == "slot_traffic"]

    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/traffic/list"))
    require_fit(page)
    held = [s for s in options(product, "33132")["slots"] if s["reason"] == "slot_traffic"]
    assert len(held) >= 16 and all("Bridge works." in s["message"] for s in held)
    page.get_by_role("button", name="Delete 13:00–15:00").click()
    expect(page.get_by_text("13:00–15:00")).to_have_count(0)


def horizon(page: Page, product: Product) -> str:
    page.goto(product.url("/console/delivery-settings/list/"))
    return page.input_value("#horizon_days")


def test_what_if_is_replayed_and_applied(page: Page, product: Product):
    before = horizon(page, product)
    require_fit(page)
    page.goto(product.url("/console/what-if/list/"))
    require_fit(page)
    page.fill("[name=weeks]", "1")
    page.fill("[name=horizon_days]", str(int(before) + 1))
    page.fill("[name=name]", "A day more")
    page.locator("form.th-what button").last.click()
    apply = page.get_by_role("button", name="Apply these settings")
    expect(apply).to_be_visible(timeout=60_000)
    expect(page.locator(".th-kpi")).to_have_count(6)
    expect(page.locator(".th-told")).to_contain_text(f"Days ahead: {int(before) + 1}")
    require_fit(page)
    assert horizon(page, product) == before  # nothing changes until it is applied
    page.go_back()
    apply.click()
    expect(page.get_by_text(re.compile("^ *Applied by"))).to_be_visible()
    assert horizon(page, product) == str(int(before) + 1)
    page.fill("#horizon_days", before)
    page.get_by_role("button", name="Save").click()
    assert horizon(page, product) == before
