"""Orders on their way: for the dispatcher, the driver and the customer; and the question about a replacement."""

import random
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Page
from shop import confirm_phone, deliver_to, enter, fill_cart, place
from studio import Studio

from tests.e2e.api import Program, customer, order_for, staff
from tests.e2e.conftest import Product, sign_in

ROUTE = [(25.7655, -80.1940), (25.7655, -80.1955), (25.7655, -80.1970), (25.7655, -80.1985)]
NAMES = ("Ana Ruiz", "Tessa Lindgren", "Omar Haddad")
DOORS = [("901 Brickell Plaza", "33130"), ("1111 Brickell Avenue", "33131"), ("45 SW 9th Street", "33130")]


@dataclass
class Orders:
    """What stands on the board: one on the road, one at the next door, and some not yet sent."""

    driver: Program
    on_road: str
    tracking: str


def take_road(studio: Studio) -> None:
    """The same orders from three sides."""
    product = studio.product
    if studio.wants("replacement"):
        with studio.person("the replacement") as page:
            _take_replacement(studio, page)
    if not studio.wants("dispatch", "driver", "driver-cash", "tracking"):
        return
    placed = place_orders(product)
    drive(placed.driver)
    with studio.person("the driver") as page:
        sign_in(page, product, "driver1", then="/driver")
        speak_english(page, product)
        here = product.url(f"/driver?stop={placed.on_road}")
        studio.shoot(page, "driver", here)
        studio.shoot(page, "driver-cash", f"{here}&panel=door")
    with studio.person("the tracking") as page:
        studio.shoot(page, "tracking", placed.tracking, lambda _page: drive(placed.driver), translated=True)
    with studio.person("the board") as page:
        sign_in(page, product, "dispatcher", then="/dispatch/")
        speak_english(page, product)
        studio.shoot(page, "dispatch", product.url("/dispatch/"))


def _take_replacement(studio: Studio, page: Page) -> None:
    """Something ran out: the board asks, the message leads to the question."""
    product, phone = studio.product, f"+1305555{random.randint(2000, 8999)}"
    enter(page, product)
    fill_cart(page, product)
    confirm_phone(page, product, phone, NAMES[0])
    deliver_to(page, *DOORS[0])
    code = place(page, "MIA")
    with studio.person("the question") as desk:
        sign_in(desk, product, "dispatcher", then="/dispatch/")
        speak_english(desk, product)
        desk.goto(product.url(f"/dispatch/?order={code}"))
        heading = desk.get_by_role("heading", name="Replacement")
        question = desk.locator("#panel section section", has=heading)
        desk.wait_for_load_state("networkidle")
        question.locator("summary").first.click()
        question.get_by_role("button", name="Ask the customer").click()
        question.get_by_text("waiting for the answer").wait_for()
    asked = product.wait_for_message(to=phone, channel="whatsapp", q="replacement")
    link = re.search(r"/replacement/\S+", asked["body"])
    assert link is not None
    studio.shoot(page, "replacement", product.url(link[0]), translated=True)


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
    codes = [send_order(buyers[number % 3], NAMES[number % 3], *DOORS[number % 3]) for number in range(6)]
    for code in codes[:5]:
        carla.call("POST", f"/dispatch/orders/{code}/acknowledge")
    for steps, code in zip((3, 3, 2, 1, 0), codes, strict=False):
        for action, body in (("confirm", None), ("ready", None), ("assign", driver))[:steps]:
            carla.call("POST", f"/dispatch/orders/{code}/{action}", body)
    boris.call("POST", f"/driver/orders/{codes[0]}/pick-up")
    tracking = buyers[0].call("GET", f"/orders/{codes[0]}")["tracking_url"]
    return Orders(boris, codes[0], tracking)


def send_order(buyer: Program, name: str, line1: str, zip_code: str) -> str:
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
