"""Money in a browser: a customer who pays, the sandbox's desk that takes it, and staff who give it back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import httpx
from playwright.sync_api import Browser, Frame, FrameLocator, Locator, Page, expect

from tests.e2e.api import Program, staff
from tests.e2e.conftest import PASSWORD, PHONE, Product, Visitor, sign_in, visiting
from tests.e2e.desk import at_the_desk, enter_console, require_fit

COUNTERS = {"miami": "mia-main", "jakarta": "jkt-menteng"}
PHONES = {"miami": "+13055550101", "jakarta": "+6281255501001"}
NAMES = {"miami": "Ana Reyes", "jakarta": "Ana Lestari"}
SOON, LATER = 30_000, 60_000
"""Milliseconds: a page that waits looks every three seconds; a chain is followed every ten, twice for some coins."""


@dataclass
class Desk:
    """The sandbox's payments and chains, by its API."""

    client: httpx.Client

    def switch(self, provider: str, mode: str) -> None:
        """Let the provider's next call back, or payment, go wrong; "ok" sets it right."""
        self._post("/chaos", {"provider": provider, "mode": mode, "times": None if mode == "ok" else 1})

    def payments(self, order: str) -> list[dict[str, Any]]:
        """What was opened for an order, newest first."""
        found = self.client.get("/money/payments.json").raise_for_status().json()
        return [
            row
            for row in found
            if order in f"{row['reference']} {row.get('order_id')} {row.get('description')}"
        ]

    def act(self, payment: dict[str, Any], action: str) -> None:
        """Pay, decline, settle and so on."""
        self._post(f"/money/payments/{payment['provider']}/{payment['id']}", {"action": action})

    def send(self, coin: str, to: str, amount: str) -> None:
        """Coins to an address, from somebody's own wallet."""
        self._post("/chain/sandbox/send", {"coin": coin, "to": to, "amount": amount})

    def mine(self, chain: str, blocks: int = 20) -> None:
        """Blocks, so that what was sent is final."""
        self._post("/chain/sandbox/mine", {"chain": chain, "blocks": blocks})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()


@dataclass
class Buyer:
    """A customer of one store: a program that orders, and the cookies of a browser that is signed in."""

    product: Product
    store: str
    phone: str
    program: Program
    cookies: Any
    shelf: Iterator[tuple[str, str]]

    def order(self, method: str, **payment: Any) -> dict[str, Any]:
        """An order to be collected at the counter; not a step of it is walked."""
        asked = {
            "items": [{"sku": next(self.shelf)[1], "qty": 2}],
            "fulfilment": {"kind": "pickup", "branch": COUNTERS[self.store], "mode": "asap"},
            "payment": {"method": method} | payment,
            "contact": {"name": NAMES[self.store]},
            "birth_date": "1980-05-17",
        }
        made: dict[str, Any] = self.program.call("POST", "/orders", asked, expect=201)
        return made

    @contextmanager
    def browsing(self, browser: Browser) -> Iterator[Visitor]:
        """A telephone in this customer's hand; its console must stay quiet."""
        with visiting(browser, PHONE, storage_state=self.cookies, reduced_motion="reduce") as visitor:
            yield visitor

    def url(self, path: str) -> str:
        return self.product.url(path, self.store)


def enter_as_buyer(product: Product, browser: Browser, store: str = "miami") -> Buyer:
    """The demo's customer of the store, signed in on both sides."""
    with visiting(browser) as visitor:
        sign_in(visitor.page, product, "ana", store)
        pass_gate(visitor.page, product.url("/", store))
        program, kept = staff(product, "ana", store), visitor.context.storage_state()
        return Buyer(product, store, PHONES[store], program, kept, goods(program))


def goods(program: Program) -> Iterator[tuple[str, str]]:
    """(name in addresses, SKU) of things to buy two of, others each time: nobody may have too much of one."""
    listed = program.call("GET", "/products?category=vitamins&sort=price_desc")["items"]
    sold = [product for product in listed if not product["rx_required"]]
    first = [(product["slug"], product["variants"][0]) for product in sold]
    return cycle([(slug, row["sku"]) for slug, row in first if row["available"] >= 10])


def pass_gate(page: Page, address: str) -> None:
    """Born in 1980."""
    page.goto(address)
    if "/age" not in page.url:
        return
    page.fill("input[name=day]", "17")
    page.select_option("select[name=month]", "5")
    page.fill("input[name=year]", "1980")
    page.click("main button")
    page.wait_for_url(lambda url: "/age" not in url)


# ---- the customer


def to_pay(page: Page) -> Locator:
    """The plate with the amount and what to do now."""
    return page.locator("section.plate")


def require_paid(page: Page, within: int = SOON) -> None:
    """The page turned to paid without anybody's doing, and is in order."""
    expect(page.locator("[data-pay]")).to_have_attribute("data-state", "paid", timeout=within)
    expect(page.locator("h1")).to_have_text("Paid, thank you")
    require_fit(page)


def pay_by_form(page: Page, wish: str = "pay") -> None:
    """On the provider's own page: pay, decline, hold or close."""
    page.locator(f"button[name=do][value={wish}]").click()


def snap_window(page: Page) -> Frame:
    """The provider's window over the page."""
    handle = page.wait_for_selector("#snap-midtrans")
    frame = handle.content_frame()
    assert frame is not None
    frame.wait_for_selector("button[name=do]")
    return frame


def card_form(page: Page) -> FrameLocator:
    """The provider's card form over the page, open."""
    frame = page.frame_locator("#AcceptUIContainer.show iframe")
    frame.locator("[data-pay]").wait_for()
    return frame


def asked_coins(page: Page) -> tuple[str, str]:
    """(address, amount) as the page shows them, the amount without the coin's name."""
    page.locator("#pay-coin .pay-qr svg").wait_for()
    return page.locator("#coin-address").inner_text(), page.locator("#coin-amount").inner_text().split()[0]


# ---- staff


@dataclass
class Counter:
    """Staff of one store: a program that hands over, and an owner at the console."""

    product: Product
    store: str
    program: Program
    cookies: Any

    def hand_over(self, order: dict[str, Any]) -> None:
        """Check, pack and give the goods to the customer."""
        code = order["code"]
        for action, body in (("acknowledge", None), ("confirm", None), ("ready", None)):
            self.program.call("POST", f"/dispatch/orders/{code}/{action}", body)
        said = {"pickup_code": order["pickup_code"], "id_checked": True, "birth_date": "1980-05-17"}
        self.program.call("POST", f"/dispatch/orders/{code}/collect", said)

    @contextmanager
    def sitting(self, browser: Browser) -> Iterator[Visitor]:
        """The owner at the console."""
        with at_the_desk(browser, self.cookies) as visitor:
            yield visitor

    def url(self, path: str) -> str:
        return self.product.url(path, self.store)

    def open_order(self, page: Page, code: str) -> None:
        """The order's page, found by its code."""
        page.goto(self.url(f"/console/orders/list/?q={code}"))
        page.locator("table a", has_text=code).first.click()
        page.locator("h1", has_text=code).wait_for()


def enter_as_staff(product: Product, browser: Browser, store: str = "miami") -> Counter:
    """The dispatcher's program and the owner's browser."""
    cookies = enter_console(browser, product, store=store)
    return Counter(product, store, staff(product, "dispatcher", store), cookies)


def give_back(counter: Counter, page: Page, code: str, fill: Callable[[Page], None], to: str) -> str:
    """Refund an order on the console's page, as `fill` chooses what, and gives what the page says that comes to."""
    counter.open_order(page, code)
    page.locator("#refunds a[href*='/refunds/give/']").click()
    fill(page)
    page.locator(f"input[name=to][value={to}]").check()
    page.fill("input[name=reason]", "The pack was damaged")
    page.locator("input[name=reason]").blur()
    button = page.locator("#refund-sum .btn-primary")
    button.wait_for()
    page.wait_for_load_state("networkidle")
    require_fit(page)
    confirm(page)
    button.click()
    page.locator("#refunds ul.th-backs li").first.wait_for()
    require_fit(page)
    return page.locator("#refunds ul.th-backs li b").first.inner_text()


def everything(page: Page) -> None:
    """All that is left."""
    page.locator("input[name=what][value=all]").check()


def first_line(page: Page) -> None:
    """One unit of the first line, back to the shelf."""
    page.locator("input[name=what][value=lines]").check()
    page.locator("input[name^=units-]").first.fill("1")
    page.locator("input[name^=shelved-]").first.fill("1")


def by_amount(typed: str) -> Callable[[Page], None]:
    """So much and no more."""

    def fill(page: Page) -> None:
        page.locator("input[name=what][value=amount]").check()
        page.fill("input[name=amount]", typed)

    return fill


def require_money_back(page: Page, buyer: Buyer, code: str, amount: str, state: str) -> None:
    """The order's page tells the customer what went back."""
    page.goto(buyer.url(f"/account/orders/{code}"))
    card = page.locator("#money-back")
    for _turn in range(20):  # a refund through a provider is done by a job
        if state in card.inner_text():
            break
        page.wait_for_timeout(300)
        page.reload()
    expect(card).to_contain_text(state)
    expect(card).to_contain_text(amount)
    expect(card).to_contain_text("The pack was damaged")
    require_fit(page)


# ---- the checkout


def walk_checkout(page: Page, buyer: Buyer, method: str = "", wallet: str | None = None) -> dict[str, Any]:
    """Two of something, collected at the counter, placed with the one button; gives the order.

    `wallet`: so much of it pays, '' for as much as goes. Without a method the wallet pays for all.
    """
    page.goto(buyer.url(f"/p/{next(buyer.shelf)[0]}"))
    page.locator("html[data-cart-ready]").wait_for(state="attached")
    page.locator("form[data-add-to-cart]:visible button:not([type=button])").first.click()
    page.locator("[data-cart-count]:visible").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.goto(buyer.url("/checkout"))
    page.locator("#step-payment").wait_for()  # the device's cart becomes the store's first
    page.wait_for_load_state("networkidle")
    settle_steps(page, buyer)
    if wallet is not None:
        page.locator("#step-payment label:has(#wallet-on)").click()
        page.wait_for_load_state("networkidle")
        if wallet:
            page.fill("#step-payment input[name=wallet]", wallet)
            page.locator("#step-payment input[name=wallet]").blur()
            page.wait_for_load_state("networkidle")
    if method:
        page.locator(f"#step-payment label:has(#pay-{method})").click()
        page.wait_for_load_state("networkidle")
        expect(page.locator(f"#pay-{method}")).to_be_checked()
    require_fit(page)
    return place(page, buyer)


def settle_steps(page: Page, buyer: Buyer) -> None:
    """Who, and at which counter; what is known already is not asked again."""
    name = page.locator("#step-contact input[name=contact_name]:visible")
    if name.count():
        name.fill(NAMES[buyer.store])
        page.locator("#step-contact button:visible").last.click()
        expect(name).to_have_count(0)
    branch = COUNTERS[buyer.store]
    if page.locator("#step-where label:has(#kind-pickup)").count():
        page.locator("#step-where label:has(#kind-pickup)").click()
        page.locator(f"#step-where label:has(#branch-{branch})").click()
        page.locator("#step-where button:visible").last.click()
        expect(page.locator("#kind-pickup")).to_have_count(0)


def place(page: Page, buyer: Buyer) -> dict[str, Any]:
    """The one button. Gives the order as the customer's program sees it."""
    birth = page.locator("#step-payment input[name=birth_date]")
    if birth.count():
        birth.fill("1980-05-17")
    page.wait_for_load_state("networkidle")
    before = page.url
    page.locator("button[formaction$='/place']:visible", has_text="Place order").click()
    page.wait_for_url(lambda url: url != before)
    newest = buyer.program.call("GET", "/me/orders")["items"][0]["code"]
    found: dict[str, Any] = buyer.program.call("GET", f"/orders/{newest}")
    return found


# ---- the console


def enter_cards(counter: Counter, page: Page, where: str) -> None:
    """Have cards entered in the form "over_page", or, by "", on the provider's page. The key is asked for by itself."""
    page.goto(counter.url("/console/payment-methods/edit/authorizenet"))
    page.select_option("[name=setting-card_entry]", where)
    require_fit(page)
    confirm(page)
    page.locator("form .btn-primary").last.click()
    page.wait_for_url(lambda url: "/list" in url)


# ---- the wallet


def fill_wallet(counter: Counter, page: Page, buyer: Buyer, typed: str) -> None:
    """The owner puts money into a customer's wallet, with a reason and the password once more."""
    page.goto(counter.url(f"/console/customers/list/?q={buyer.phone[1:]}"))
    page.locator("table a[href*='/customers/show/']").first.click()
    page.locator("a[href*='/console/wallets/show/']").click()
    page.fill("#w-amount", typed)
    page.fill("#w-reason", "For the wait last week")
    require_fit(page)
    confirm(page)
    page.locator("#correct form .btn-primary").click()
    page.get_by_text("is in the wallet now").wait_for()


def confirm(page: Page) -> None:
    """The password, where it is asked for once more."""
    password = page.locator("input[name=password]:visible")
    if password.count():
        password.fill(PASSWORD)
