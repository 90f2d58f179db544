"""Takes the pictures of docs/screens/ from a running demo: `python docs/screens/take.py PORT SANDBOX_PORT`.

Places a few orders of its own through the API, so run it on data that nobody needs. Every picture is what the
window shows, as `<page>.<phone|desktop>.<light|dark>.webp`, and `<page>.phone.<language>.webp` in another
language. `--only checkout,home` takes some of the pages again.
"""

import argparse
import io
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from launch.browser import find_chromium  # noqa: E402
from tests.e2e.api import Program, customer, order_for, staff  # noqa: E402
from tests.e2e.conftest import DESKTOP, FLAGS, PHONE, Product, sign_in  # noqa: E402

SIZES = {"phone": PHONE, "desktop": DESKTOP}
THEMES = {"light": "theriac", "dark": "theriac-dark"}
LANGUAGES = ("ru", "es")
QUALITY = 80
ROUTE = [(25.7655, -80.1940), (25.7655, -80.1955), (25.7655, -80.1970), (25.7655, -80.1985)]
NAMES = ("Ana Ruiz", "Tessa Lindgren", "Omar Haddad")
DOORS = [("901 Brickell Plaza", "33130"), ("1111 Brickell Avenue", "33131"), ("45 SW 9th Street", "33130")]
Prepare = Callable[[Page], None]


def nothing(_page: Page) -> None:
    """The page is ready as it opens."""


@dataclass
class Studio:
    """Where pictures are taken, and of which pages (all, unless some are named)."""

    browser: Browser
    product: Product
    only: frozenset[str]

    def wants(self, *names: str) -> bool:
        """Is one of these pages to be taken?"""
        return not self.only or bool(self.only.intersection(names))

    @contextmanager
    def person(self) -> Iterator[Page]:
        """A browser of somebody's own, standing in Brickell."""
        latitude, longitude = ROUTE[-1]
        context = self.browser.new_context(
            viewport=DESKTOP,
            device_scale_factor=2,
            reduced_motion="reduce",
            permissions=["geolocation"],
            geolocation={"latitude": latitude, "longitude": longitude},
        )
        context.set_default_timeout(30_000)
        yield context.new_page()
        context.close()

    def shoot(self, page: Page, name: str, url: str, prepare: Prepare = nothing) -> None:
        """The page on a phone and on a desk, by day and by night."""
        if not self.wants(name):
            return
        for size in SIZES:
            for theme in THEMES:
                self._picture(page, f"{name}.{size}.{theme}", url, prepare, size, theme)

    def shoot_languages(self, page: Page, name: str, url: str, prepare: Prepare = nothing) -> None:
        """The page on a phone in the other languages."""
        if not self.wants(name):
            return
        joint = "&" if "?" in url else "?"
        for language in LANGUAGES:
            self._picture(page, f"{name}.phone.{language}", f"{url}{joint}lang={language}", prepare)

    def _picture(
        self, page: Page, name: str, url: str, prepare: Prepare, size: str = "phone", theme: str = "light"
    ) -> None:
        page.context.add_cookies([{"name": "theme", "value": THEMES[theme], "url": url}])
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        page.goto(url)
        page.wait_for_load_state("load")
        prepare(page)
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(500)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        if size == "desktop":  # a phone's picture keeps both pixels of each
            shot = shot.resize((DESKTOP["width"], DESKTOP["height"]), Image.Resampling.LANCZOS)
        shot.save(HERE / f"{name}.webp", quality=QUALITY, method=6)
        print(f"{name}.webp", flush=True)


@dataclass
class Orders:
    """What stands on the board: one on the road, one at the next door, and some not yet sent."""

    driver: Program
    on_road: str
    tracking: str


def place_orders(product: Product) -> Orders:
    """Six orders of three customers, one at each step; the last one rings."""
    carla, boris = staff(product, "dispatcher"), staff(product, "driver1")
    for card in (card for lane in carla.call("GET", "/dispatch/board")["lanes"] for card in lane["items"]):
        if card["unacknowledged"]:
            carla.call("POST", f"/dispatch/orders/{card['code']}/acknowledge")
    boris.call("POST", "/driver/shift/start")
    for code in (stop["code"] for stop in boris.call("GET", "/driver/stops")["items"]):
        if carla.call("GET", f"/orders/{code}")["status"] == "PICKED_UP":
            boris.call("POST", f"/driver/orders/{code}/fail", {"reason": "Nobody at the door"})
        else:
            carla.call("POST", f"/dispatch/orders/{code}/unassign", {"reason": "Another round"})
    driver = {"driver_id": boris.call("GET", "/me")["driver_id"]}
    buyers = [customer(product, f"+1305555{random.randint(2000, 8999)}") for _buyer in range(3)]
    codes = [place(buyers[number % 3], NAMES[number % 3], *DOORS[number % 3]) for number in range(6)]
    for code in codes[:5]:
        carla.call("POST", f"/dispatch/orders/{code}/acknowledge")
    for steps, code in zip((3, 3, 2, 1, 0), codes, strict=False):
        for action, body in (("confirm", None), ("ready", None), ("assign", driver))[:steps]:
            carla.call("POST", f"/dispatch/orders/{code}/{action}", body)
    boris.call("POST", f"/driver/orders/{codes[0]}/pick-up")
    tracking = buyers[0].call("GET", f"/orders/{codes[0]}")["tracking_url"]
    return Orders(boris, codes[0], tracking)


def place(buyer: Program, name: str, line1: str, zip_code: str) -> str:
    """One order to this door; gives its code."""
    asked = order_for(buyer, zip_code)
    asked["fulfilment"]["address"]["line1"] = line1
    asked["contact"] = {"name": name}
    code: str = buyer.call("POST", "/orders", asked, expect=201)["code"]
    return code


def drive(boris: Program) -> None:
    """Send the way so far, as the driver's phone would."""
    at = datetime.now(UTC)
    base = int(at.timestamp() * 1000)
    fixes = [
        {"seq": base + number, "lat": lat, "lng": lng, "at": at.isoformat()}
        for number, (lat, lng) in enumerate(ROUTE)
    ]
    boris.call("POST", "/driver/positions", {"positions": fixes})
    time.sleep(1)


def speak_english(page: Page, product: Product) -> None:
    """Whatever the person's own language is; the gate offers all."""
    page.goto(product.url("/age"))
    page.locator("button[name=locale][value=en]:visible").first.click()
    page.wait_for_load_state("load")


def pass_age_gate(page: Page) -> None:
    """Born in 1980."""
    page.fill("input[name=day]", "17")
    page.select_option("select[name=month]", "5")
    page.fill("input[name=year]", "1980")
    page.click("main button")
    page.wait_for_url(lambda url: "/age" not in url)


def fill_cart(page: Page, product: Product) -> None:
    """Two goods from two shelves."""
    for path in ("/c/vitamins?stock=1&sort=price_desc", "/c/vitamins?stock=1"):
        page.goto(product.url(path))
        page.locator("form[data-add-to-cart] button").first.click()
        page.locator("[data-cart-count]:visible").first.wait_for()
        page.wait_for_timeout(1500)


def fill_checkout(page: Page, product: Product) -> None:
    """Contact, address and a slot; the payment is left open."""
    phone = f"+1305555{random.randint(2000, 8999)}"
    page.goto(product.url("/checkout"))
    page.fill("input[name=phone]", phone)
    page.locator("#step-contact button:visible").last.click()
    page.locator("input[name=code]").wait_for()
    found = re.search(r"\b\d{6}\b", product.wait_for_message(to=phone, channel="sms")["body"])
    assert found is not None
    page.fill("input[name=code]", found[0])
    page.locator("input[name=contact_name]:visible").fill("Ana Ruiz")
    page.locator("#step-contact button:visible").last.click()
    page.locator("#step-contact").get_by_text("Ana Ruiz").wait_for()
    page.locator("#step-where input[name=line1]").fill(DOORS[0][0])
    page.locator("#step-where input[name=zip]").fill(DOORS[0][1])
    page.locator("#step-where button:visible").last.click()
    page.locator("#step-when label:has(#mode-slot)").click()
    page.locator("#step-when label.slot:has(input:not([disabled])):visible").first.click()
    page.wait_for_load_state("networkidle")


def open_cart(page: Page) -> None:
    """The drawer, priced. A phone has the cart's page instead of it."""
    page.locator('[data-opens="cart"]:visible').first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def take_store(studio: Studio) -> None:
    """A customer's pages: the gate, the shelves, cart and checkout."""
    product = studio.product
    with studio.person() as page:
        studio.shoot(page, "age-gate", product.url("/age"))
        page.goto(product.url("/"))
        pass_age_gate(page)
        studio.shoot(page, "home", product.url("/"))
        studio.shoot_languages(page, "home", product.url("/"))
        studio.shoot(page, "listing", product.url("/c/vitamins"))
        studio.shoot(page, "product", product.url("/p/magnesium"))
        if studio.wants("cart", "checkout"):
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
            fill_cart(page, product)
            studio.shoot(page, "cart", product.url("/c/vitamins"), open_cart)
        if studio.wants("checkout"):
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
            fill_checkout(page, product)
            studio.shoot(page, "checkout", product.url("/checkout"))
            studio.shoot_languages(page, "checkout", product.url("/checkout"))


def take_road(studio: Studio) -> None:
    """Orders on their way: for the dispatcher, the driver and the customer."""
    product = studio.product
    if not studio.wants("dispatch", "driver", "driver-cash", "tracking"):
        return
    placed = place_orders(product)
    drive(placed.driver)
    with studio.person() as page:
        sign_in(page, product, "driver1", then="/driver")
        speak_english(page, product)
        here = product.url(f"/driver?stop={placed.on_road}")
        studio.shoot(page, "driver", here)
        studio.shoot(page, "driver-cash", f"{here}&panel=door")
    with studio.person() as page:
        studio.shoot(page, "tracking", placed.tracking, lambda _page: drive(placed.driver))
    with studio.person() as page:
        sign_in(page, product, "dispatcher", then="/dispatch/")
        speak_english(page, product)
        studio.shoot(page, "dispatch", product.url("/dispatch/"))


def take_console(studio: Studio) -> None:
    """The staff's console, and the sandbox's inbox."""
    product = studio.product
    with studio.person() as page:
        if studio.wants("console", "console-products", "console-product"):
            sign_in(page, product, "owner", then="/console/")
            studio.shoot(page, "console", product.url("/console/"))
            page.goto(product.url("/console/"))
            products = page.locator("nav a", has_text="Products").first.get_attribute("href") or ""
            studio.shoot(page, "console-products", product.url(products))
            page.goto(product.url(products))
            form = page.locator("a[href*='/edit/']").first.get_attribute("href") or ""
            studio.shoot(page, "console-product", product.url(form))
        studio.shoot(page, "inbox", f"http://localhost:{product.sandbox_port}/")


def main() -> None:
    """Take them all."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    reader.add_argument("port", type=int)
    reader.add_argument("sandbox_port", type=int)
    reader.add_argument("--only", default="", help="names of pages, with commas")
    asked = reader.parse_args()
    product = Product(asked.port, asked.sandbox_port, HERE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=[*FLAGS, "--font-render-hinting=none"]
        )
        studio = Studio(browser, product, frozenset(filter(None, asked.only.split(","))))
        take_store(studio)
        take_road(studio)
        take_console(studio)
        browser.close()


if __name__ == "__main__":
    main()
