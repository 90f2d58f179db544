"""Paying in each way and state, the wallet, money back, and the desks of staff and of the sandbox that see to it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from playwright.sync_api import Page
from road import speak_english
from studio import Studio

from tests.e2e import money
from tests.e2e.conftest import DESKTOP
from tests.e2e.money import Buyer, Counter, Desk

DESKS = {
    "console-payments": "/console/payments/list/",
    "console-payment-review": "/console/payment-review/list/",
    "console-provider-calls": "/console/webhooks/list/",
    "console-transfers-by-hand": "/console/transfer-desk/list/",
    "console-refunds": "/console/refunds/list/",
    "console-chargebacks": "/console/chargebacks/list/",
    "console-reconciliation": "/console/reconciliation/list/",
    "console-payment-methods": "/console/payment-methods/list/",
    "console-payment-method": "/console/payment-methods/edit/authorizenet",
    "console-wallets": "/console/wallets/list/",
}


@dataclass
class Scene:
    """Who pays, who is paid, and where the sandbox is steered from."""

    studio: Studio
    desk: Desk
    ana: Buyer
    counter: Counter

    def sandbox(self, path: str) -> str:
        return f"http://127.0.0.1:{self.studio.product.sandbox_port}{path}"


def take_money(studio: Studio) -> None:
    """Ana pays in every way; then staff and the sandbox are looked at."""
    if not studio.wants(*(name for names, _take in PARTS for name in names)):
        return
    buyer = money.enter_as_buyer(studio.product, studio.browser)
    counter = money.enter_as_staff(studio.product, studio.browser)
    with httpx.Client(base_url=f"http://127.0.0.1:{studio.product.sandbox_port}", timeout=15) as client:
        scene = Scene(studio, Desk(client), buyer, counter)
        for names, take in PARTS:
            if studio.wants(*names):
                with studio.person(names[0], buyer.cookies) as page:
                    take(scene, page)


def go_on(page: Page, order: dict[str, Any]) -> str:
    """From the page of an order's payment on to where it is paid; gives the page's address."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    address: str = order["payment"]["url"]
    page.goto(address)
    money.to_pay(page).locator("button, a.btn-primary").first.click()
    page.wait_for_load_state("networkidle")
    return address


def _take_card(scene: Scene, page: Page) -> None:
    """A card: asked for, declined, looked at, in a wrong amount."""
    studio, ana, desk = scene.studio, scene.ana, scene.desk
    order = ana.order("authorizenet")
    studio.shoot(page, "pay-card", order["payment"]["url"], translated=True)
    address = go_on(page, order)
    studio.shoot(page, "sandbox-card", scene.sandbox(f"/money/pay/authorizenet/{_opened(desk, order)['id']}"))
    desk.act(_opened(desk, order), "hold")
    page.goto(f"{address}&back=1")
    studio.shoot(page, "pay-checking", address, translated=True)
    wrong = ana.order("authorizenet")
    address = go_on(page, wrong)
    desk.switch("authorizenet", "wrong_amount")
    desk.act(_opened(desk, wrong), "pay")
    page.goto(f"{address}&back=1")
    studio.shoot(page, "pay-in-review", address, translated=True)


def _take_card_form(scene: Scene, page: Page) -> None:
    """A card entered in the provider's form over the page; then cards are entered on its page again."""
    studio, counter = scene.studio, scene.counter
    with studio.person("where cards are entered", counter.cookies) as staff:
        staff.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        money.enter_cards(counter, staff, "over_page")
        try:
            address = scene.ana.order("authorizenet")["payment"]["url"]
            ready = page.locator("[data-card-page]").wait_for
            studio.shoot(page, "pay-card-here", address, lambda _page: ready(), translated=True)
            studio.shoot(page, "pay-card-form", address, _open_form)
        finally:
            money.enter_cards(counter, staff, "")


def _open_form(page: Page) -> None:
    page.locator("[data-card-page]").wait_for()
    page.locator("[data-card-button]").click()
    money.card_form(page)


def _opened(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    return desk.payments(order["code"])[0]


def _take_back(scene: Scene, page: Page) -> None:
    """Paid, handed over, and part of it given back: for the customer and for staff."""
    studio, ana, counter = scene.studio, scene.ana, scene.counter
    order = ana.order("authorizenet")
    address, code = go_on(page, order), order["code"]
    money.pay_by_form(page)
    page.wait_for_url(lambda url: url.startswith(ana.url("/pay/")))
    studio.shoot(page, "pay-paid", address, translated=True)
    counter.hand_over(order)
    with studio.person("the refund", counter.cookies) as staff:
        staff.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        speak_english(staff, studio.product)
        studio.shoot(staff, "console-refund", counter.url(f"/console/refunds/give/{code}"), _fill_refund)
        staff.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        money.give_back(counter, staff, code, money.first_line, "source")
        money.give_back(counter, staff, code, money.by_amount("3"), "wallet")
        studio.shoot(staff, "console-order-money", staff.url.split("#")[0])
    studio.shoot(page, "money-back", ana.url(f"/account/orders/{code}"), _to_money_back, translated=True)
    studio.shoot(page, "wallet", ana.url("/account/wallet"), translated=True)


def _to_money_back(page: Page) -> None:
    page.locator("#money-back").evaluate("it => it.scrollIntoView({block: 'center'})")


def _fill_refund(page: Page) -> None:
    money.first_line(page)
    page.fill("input[name=reason]", "The pack was damaged")
    page.locator("input[name=reason]").blur()
    page.locator("#refund-sum .btn-primary").wait_for()


def _take_coins(scene: Scene, page: Page) -> None:
    """Bitcoin, a token, and a token that came one unit short."""
    studio, ana, desk = scene.studio, scene.ana, scene.desk
    studio.shoot(page, "pay-bitcoin", go_on(page, ana.order("btc")), translated=True)
    address = go_on(page, ana.order("usdt_trc20"))
    studio.shoot(page, "pay-usdt", address, translated=True)
    page.goto(address)
    to, asked = money.asked_coins(page)
    desk.send("usdt_trc20", to, str(Decimal(asked) - Decimal("0.000001")))
    desk.mine("tron", 1)
    page.get_by_text("is still missing").wait_for(timeout=money.LATER)
    studio.shoot(page, "pay-usdt-short", address, translated=True)
    studio.shoot(page, "sandbox-chain", scene.sandbox("/chain/"))


def _take_by_hand(scene: Scene, page: Page) -> None:
    """Zelle: what to send, and what is said once it was sent; staff then have something to look for."""
    with scene.studio.person("opening Zelle", scene.counter.cookies) as staff:
        _open_zelle(scene.counter, staff)
    address = go_on(page, scene.ana.order("zelle"))
    scene.studio.shoot(page, "pay-zelle", address, translated=True)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(address)
    page.fill("input[name=reference]", "ZL40771")
    page.fill("input[name=payer]", "Ana Reyes")
    page.locator("#pay-manual form button").last.click()
    page.wait_for_load_state("networkidle")
    scene.studio.shoot(page, "pay-zelle-sent", address, translated=True)


def _open_zelle(counter: Counter, page: Page) -> None:
    page.goto(counter.url("/console/payment-methods/edit/zelle"))
    if page.locator("[name=setting-handle]").input_value():
        return
    page.fill("[name=setting-handle]", "pay@miami.test")
    page.fill("[name=setting-display_name]", "Brickell Apothecary")
    page.locator("[name=active]").check(force=True)
    money.confirm(page)
    page.locator("form button.btn-primary[type=submit], form .btn-primary").last.click()
    page.wait_for_url(lambda url: "/list" in url)


def _take_jakarta(scene: Scene, _page: Page) -> None:
    """Snap's way, a QR code, and a try whose time ran out."""
    studio = scene.studio
    siti = money.enter_as_buyer(studio.product, studio.browser, "jakarta")
    with studio.person("paying in Jakarta", siti.cookies) as page:
        studio.shoot(page, "pay-qris", go_on(page, siti.order("xendit")), translated=True)
        order = siti.order("midtrans")
        address = go_on(page, order)
        window = money.snap_window(page)
        with page.expect_navigation():  # the page is loaded anew
            window.click("button[value=close]")
        studio.shoot(page, "pay-snap", address, translated=True)
        for step in ("choose", "expire"):  # of what nobody chose a way for, the provider knows nothing
            scene.desk.act(_opened(scene.desk, order), step)
        page.goto(f"{address}&back=1")
        studio.shoot(page, "pay-expired", address, translated=True)


def _take_desks(scene: Scene, _page: Page) -> None:
    studio, counter = scene.studio, scene.counter
    with studio.person("the desks of money", counter.cookies) as page:
        speak_english(page, studio.product)
        for name, path in DESKS.items():
            studio.shoot(page, name, counter.url(path))
        if studio.wants("console-wallet"):
            page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
            page.goto(counter.url(DESKS["console-wallets"]))
            page.locator("table a[href*='/wallets/show/']").first.click()
            studio.shoot(page, "console-wallet", page.url)
        studio.shoot(page, "sandbox-money", scene.sandbox("/money/"))


PARTS: tuple[tuple[tuple[str, ...], Callable[[Scene, Page], None]], ...] = (
    (("pay-card", "sandbox-card", "pay-checking", "pay-in-review"), _take_card),
    (("pay-card-here", "pay-card-form"), _take_card_form),
    (("pay-bitcoin", "pay-usdt", "pay-usdt-short", "sandbox-chain"), _take_coins),
    (("pay-zelle", "pay-zelle-sent"), _take_by_hand),
    (("pay-qris", "pay-snap", "pay-expired"), _take_jakarta),
    (("pay-paid", "console-refund", "console-order-money", "money-back", "wallet"), _take_back),
    ((*DESKS, "console-wallet", "sandbox-money"), _take_desks),
)
