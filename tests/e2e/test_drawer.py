"""The drawer in a browser: every state by click, link, Back and keyboard; without a script; without a network."""

import random
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE, Product, visiting

pytestmark = pytest.mark.e2e

SHELF = "/c/vitamins"
STATES = {
    # the state in the address: the page it shows, and what tells that it is there
    "cart": ("/cart", "[data-cart-panel]"),
    "checkout": ("/checkout", "#checkout, [data-cart-missing]"),
    "product.vitamin-c": ("/p/vitamin-c", "form[data-buy]"),
    "login": ("/sign-in", "input[name=phone]"),
    "signup": ("/sign-up", "#join-email"),
    "menu": ("/menu", ".menu-row"),
}
OWN = {
    "account": ("/account", "#about-you"),
    "orders": ("/account/orders", "h2"),
}


def enter(page: Page, product: Product, path: str = SHELF) -> None:
    """Through the age gate, to a page."""
    page.goto(product.url(path))
    if "/age" in page.url:
        page.fill("input[name=day]", "17")
        page.select_option("select[name=month]", "5")
        page.fill("input[name=year]", "1980")
        page.locator("form:has(input[name=year]) button").click()
        page.wait_for_url(lambda url: "/age" not in url)


def drawer(page: Page, what: str = ""):
    return page.locator(f"[data-drawer] .drw {what}".strip()).first


def at(page: Page, state: str | None) -> None:
    """The address says this state, and the body that something is open or not."""
    wanted = f"panel={state}" if state else ""
    page.wait_for_function(
        "wanted => wanted ? location.search.includes(wanted) : !location.search.includes('panel=')",
        arg=wanted,
    )
    expect(page.locator("body.drawer-open")).to_have_count(1 if state else 0)


def put_one_in(page: Page) -> None:
    page.locator("form[data-add-to-cart] button:visible").first.click()
    page.locator("[data-cart-count]:visible").first.wait_for()


def sign_in_here(page: Page) -> None:
    """By password, in the drawer, from wherever one is."""
    page.locator('[data-opens="login"]:visible').first.click()
    drawer(page, "details summary").click()
    page.fill("[data-drawer] input[name=email]", "ana@miami.test")
    page.fill("[data-drawer] input[name=password]", PASSWORD)
    drawer(page, "form:has(input[name=password]) button").click()
    page.locator('[data-opens="account"]:visible').first.wait_for()


def test_each_state_has_an_address_and_a_refresh_keeps_it(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        put_one_in(page)
        for state, (_path, sign) in STATES.items():
            page.goto(product.url(f"{SHELF}?sort=new&panel={state}"))
            expect(drawer(page, sign)).to_be_visible()
            page.wait_for_load_state("networkidle")
            page.reload()
            expect(drawer(page, sign)).to_be_visible()
            assert f"sort=new&panel={state}" in page.url
            page.go_back()  # a sent link has the page itself before it
            at(page, None)
            expect(page.locator("h1")).to_be_visible()


def test_each_state_of_a_person_has_an_address(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        page.goto(product.url(f"{SHELF}?panel=orders"))
        expect(drawer(page, "input[name=phone]")).to_be_visible()  # nobody's orders are the sign-in
        at(page, "login")
        drawer(page, "details summary").click()
        page.fill("[data-drawer] input[name=email]", "ana@miami.test")
        page.fill("[data-drawer] input[name=password]", PASSWORD)
        drawer(page, "form:has(input[name=password]) button").click()
        at(page, "orders")  # and then what was asked for
        for state, (_path, sign) in OWN.items():
            page.goto(product.url(f"{SHELF}?panel={state}"))
            expect(drawer(page, sign)).to_be_visible()
            page.reload()
            at(page, state)
        page.goto(product.url("/?panel=verify-email"))
        at(page, None) if "panel" not in page.url else None


def test_opening_one_closes_the_other_and_back_goes_where_one_was(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        put_one_in(page)
        page.locator('[data-opens="cart"]:visible').first.click()
        drawer(page, "[data-cart-panel] a[href^='/p/']").click()
        at(page, "product.")
        expect(drawer(page, "form[data-buy]")).to_be_visible()
        expect(page.locator("[data-drawer] [data-panel]")).to_have_count(1)
        drawer(page, "[data-panel-back]").click()
        at(page, "cart")
        expect(drawer(page, "[data-checkout]")).to_be_visible()
        page.go_forward()
        at(page, "product.")
        page.go_back()
        page.go_back()
        at(page, None)


def test_closing_goes_all_the_way_and_the_page_does_not_move(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product, "/")
        page.goto(product.url(SHELF))
        page.evaluate("scrollTo(0, 400)")
        page.locator('[data-opens="menu"]:visible').first.dispatch_event("click")
        drawer(page, 'a[href="/sign-in"]').click()
        drawer(page, 'a[href^="/sign-up"]').click()
        at(page, "signup")
        assert page.evaluate("getComputedStyle(document.body).overflow") == "hidden"
        drawer(page, "[data-drawer-close]").click()
        at(page, None)
        assert page.evaluate("scrollY") == 400
        before = page.url
        page.go_back()  # the page before the shelf, not a panel
        page.wait_for_function("before => location.href !== before", arg=before)
        at(page, None)


def test_by_keyboard_alone(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        opener = page.locator('[data-opens="menu"]:visible').first
        opener.focus()
        page.keyboard.press("Enter")
        expect(drawer(page, ".menu-row")).to_be_visible()
        for _turn in range(60):
            page.keyboard.press("Tab")
            assert page.evaluate("document.querySelector('[data-drawer]').contains(document.activeElement)")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.querySelector('[data-drawer]').contains(document.activeElement)")
        page.keyboard.press("Escape")
        at(page, None)
        expect(opener).to_be_focused()
        peek = page.locator(".peek").first
        peek.focus()
        page.keyboard.press("Enter")
        expect(drawer(page, "form[data-buy]")).to_be_visible()
        page.keyboard.press("Escape")
        expect(peek).to_be_focused()


def test_a_slow_answer_is_announced_and_a_lost_one_can_be_tried_again(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        page.route("**/menu", lambda route: route.abort())
        page.locator('[data-opens="menu"]:visible').first.click()
        expect(drawer(page, "[role=alert]")).to_be_visible()
        page.unroute("**/menu")
        drawer(page, "[data-panel-retry]").click()
        expect(drawer(page, ".menu-row")).to_be_visible()
        page.keyboard.press("Escape")
        page.route("**/sign-in", lambda route: (page.wait_for_timeout(400), route.continue_()))
        page.locator('[data-opens="login"]:visible').first.click()
        expect(drawer(page, ".sk")).to_be_visible()
        expect(drawer(page, "input[name=phone]")).to_be_visible()
        visitor.complaints[:] = [said for said in visitor.complaints if "ERR_FAILED" not in said]


def test_joining_by_e_mail_without_leaving_the_shelf(product: Product, browser: Browser):
    mail = f"ana{random.randint(10**6, 10**7)}@people.test"
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        page.locator('[data-opens="login"]:visible').first.click()
        drawer(page, 'a[href^="/sign-up"]').click()
        page.fill("#join-email", mail)
        page.fill("#join-password", "short")
        page.fill("#join-first", "Ana")
        drawer(page, "form button.btn-primary").click()
        expect(drawer(page, "#join-password-error")).to_be_visible()
        expect(page.locator("#join-email")).to_have_value(mail)
        page.fill("#join-password", "a lamp on the counter")
        if page.locator("#join-birth").count():
            page.fill("#join-birth", "1980-05-17")
        drawer(page, "form button.btn-primary").click()
        at(page, "verify-email")
        letter = product.wait_for_message(to=mail, channel="email")
        found = re.search(r"\b\d{6}\b", letter["body"])
        assert found is not None
        page.reload()
        at(page, "verify-email")
        page.fill("#join-code", found[0])  # the sixth digit sends it
        at(page, None)
        assert SHELF in page.url
        expect(page.locator('[data-opens="account"]:visible').first).to_contain_text("Ana")
        visitor.complaints[:] = [said for said in visitor.complaints if "422" not in said]


def test_signing_in_stays_on_the_page_and_leaves_no_panel_behind(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product, "/p/vitamin-c")
        sign_in_here(page)
        at(page, None)
        assert "/p/vitamin-c" in page.url
        page.locator('[data-opens="account"]:visible').first.click()
        drawer(page, 'a[href="/account/orders"]').click()
        at(page, "orders")
        page.go_back()
        at(page, "account")
        expect(drawer(page, "#about-you")).to_be_visible()
        drawer(page, 'form[action="/sign-out"] button').click()
        page.locator('[data-opens="login"]:visible').first.wait_for()


def test_a_phone_checks_out_inside_the_drawer(product: Product, browser: Browser):
    with visiting(browser, PHONE) as visitor:
        page = visitor.page
        enter(page, product)
        put_one_in(page)
        page.locator('[data-opens="cart"]:visible').first.click()
        drawer(page, "[data-checkout]").click()
        at(page, "checkout")
        drawer(page, "input[name=zip]").fill("33130")
        drawer(page, "input[name=line1]").fill("901 Brickell Plaza")
        page.locator("#step-where button:visible").last.click()
        expect(drawer(page, "#step-where")).to_contain_text("33130")
        page.go_back()
        at(page, "cart")
        page.go_forward()
        expect(drawer(page, "#step-where")).to_contain_text("901 Brickell Plaza")
        page.reload()
        expect(drawer(page, "#step-where")).to_contain_text("901 Brickell Plaza")
    with visiting(browser, DESKTOP) as visitor:
        page = visitor.page
        enter(page, product)
        put_one_in(page)
        page.locator('[data-opens="cart"]:visible').first.click()
        drawer(page, "[data-checkout]").click()
        page.wait_for_url(re.compile("/checkout$"))


def test_without_a_script_the_same_addresses_are_pages(product: Product, browser: Browser):
    with visiting(browser, java_script_enabled=False) as visitor:
        page = visitor.page
        enter(page, product)
        for state, (path, sign) in STATES.items():
            page.goto(product.url(f"{SHELF}?panel={state}"))
            page.wait_for_url(product.url(path))
            if state not in {"cart", "checkout"}:
                expect(page.locator(f"main {sign}").first).to_be_visible()
            expect(page.locator("[data-drawer]")).to_be_hidden()
        page.goto(product.url(SHELF))
        for name in ("cart", "login", "menu"):
            link = page.locator(f'[data-opens="{name}"]:visible').first
            assert link.get_attribute("href") == STATES[name][0]


def test_the_chat_yields_to_the_drawer(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        chat = page.locator("[data-chat]")
        expect(chat).to_be_visible()
        chat.locator("button").click()
        widget = page.frame_locator("[data-chat] iframe")
        widget.locator("input").fill("Is zinc good for a cold?")
        widget.locator("button").click()
        expect(widget.locator("li.them")).to_have_count(2)
        page.locator('[data-opens="menu"]:visible').first.click()
        expect(chat).to_be_hidden()
        page.keyboard.press("Escape")
        expect(chat).to_be_visible()


def wait_for_worker(page: Page) -> None:
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def wait_until_kept(page: Page, *addresses: str) -> None:
    """A page is shown before the worker has put it away."""
    kept = "async (all) => (await Promise.all(all.map((url) => caches.match(url, {ignoreVary: true})))).every(Boolean)"
    for _look in range(100):
        if page.evaluate(kept, list(addresses)):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not kept: {addresses}")


def test_the_last_shelf_is_readable_without_a_network_and_the_checkout_is_not(
    product: Product, browser: Browser
):
    with visiting(browser, PHONE) as visitor:
        page = visitor.page
        enter(page, product)
        wait_for_worker(page)
        page.goto(product.url("/p/vitamin-c"))
        page.goto(product.url(f"{SHELF}?sort=price_asc"))
        page.goto(product.url("/checkout"))
        page.wait_for_load_state("networkidle")
        wait_until_kept(page, product.url("/p/vitamin-c"), product.url(f"{SHELF}?sort=price_asc"))
        visitor.context.set_offline(True)
        page.goto(product.url(f"{SHELF}?sort=price_asc"))
        expect(page.locator(".pcard").first).to_be_visible()
        expect(page.locator("[data-offline-line]")).to_be_visible()
        page.goto(product.url("/p/vitamin-c"))
        expect(page.locator("h1")).to_contain_text("Vitamin C")
        for path in ("/checkout", "/account/orders", "/cart", "/p/never-seen"):
            page.goto(product.url(path))
            expect(page.locator("h1")).to_have_text("No connection")
        expect(page.locator("[data-offline-list] a", has_text="Vitamin C")).to_be_visible()
        visitor.context.set_offline(False)
        visitor.complaints[:] = [
            said for said in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in said
        ]


def test_nothing_of_a_person_is_kept_for_reading_offline(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        wait_for_worker(page)
        sign_in_here(page)
        for path in ("/", "/p/vitamin-c", "/account", "/checkout", "/shop?q=zinc"):
            page.goto(product.url(path))
        kept = page.evaluate(
            """async () => {
                const texts = [];
                for (const name of await caches.keys()) {
                    const cache = await caches.open(name);
                    for (const request of await cache.keys()) {
                        const answer = await cache.match(request, { ignoreVary: true });
                        if ((answer.headers.get("content-type") ?? "").includes("html")) {
                            texts.push([new URL(request.url).pathname, await answer.text()]);
                        }
                    }
                }
                return texts;
            }"""
        )
        assert kept, "the shelf of the stranger is kept"
        assert {path for path, _text in kept} <= {"/offline", SHELF}
        assert not [path for path, text in kept if "Ana" in text or "ana@miami.test" in text]


def test_the_shop_can_be_installed(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product, "/")
        client = visitor.context.new_cdp_session(page)
        manifest = client.send("Page.getAppManifest")
        assert manifest["errors"] == []
        wait_for_worker(page)
        assert client.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
            [],
            [{"errorId": "in-incognito", "errorArguments": []}],
        )


def test_a_page_in_another_language_by_its_address_keeps_it_in_the_drawer(product: Product, browser: Browser):
    with visiting(browser) as visitor:
        page = visitor.page
        enter(page, product)
        page.goto(product.url(f"{SHELF}?lang=es"))
        page.locator('[data-opens="menu"]:visible').first.click()
        expect(drawer(page, "[data-panel-title]")).to_have_text("Menú")
        expect(page.locator("html")).to_have_attribute("lang", "es")
        drawer(page, "button[name=locale][value=ru]").click()
        page.wait_for_url(lambda url: "lang=" not in url)
        expect(page.locator("html")).to_have_attribute("lang", "ru")
