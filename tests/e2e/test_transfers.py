"""Zelle, Cash App and Venmo in browsers: a customer sends by hand, staff or a bank's list find the money."""

import re
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.desk.conftest import screenshot
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE, Product
from tests.e2e.desk import at_the_desk, enter_console, fetch, forgive_refusals, require_fit
from tests.e2e.money import (
    COUNTERS,
    NAMES,
    Buyer,
    Counter,
    enter_as_staff,
    everything,
    give_back,
    require_money_back,
    require_paid,
    walk_checkout,
)

pytestmark = pytest.mark.e2e
HANDLES = {
    "zelle": "pay@brickell-apothecary.com",
    "cashapp": "$brickellapothecary",
    "venmo": "@brickell-apothecary",
}
LINES, ALONE = 50, 45


@pytest.fixture(scope="module")
def counter(product: Product, browser: Browser) -> Counter:
    """An owner who has said where customers send money to."""
    made = enter_as_staff(product, browser)
    with made.sitting(browser) as owner:
        for code, handle in HANDLES.items():
            open_method(owner.page, made, code, handle)
    return made


def open_method(page: Page, counter: Counter, code: str, handle: str) -> None:
    page.goto(counter.url(f"/console/payment-methods/edit/{code}"))
    page.locator("input[name=active]").check()
    page.fill("input[name=setting-handle]", handle)
    page.fill("input[name=setting-display_name]", "Brickell Apothecary")
    if (password := page.locator("input[name=password]")).count():
        password.fill(PASSWORD)
    page.locator("main form button.btn-primary, form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/payment-methods/list/"))


@pytest.fixture(scope="module")
def marta(product: Product, browser: Browser) -> Any:
    return enter_console(browser, product, "owner")


def transfer(page: Page, code: str) -> Locator:
    """The order's transfer at the desk."""
    return page.locator(".th-transfer", has=page.get_by_role("link", name=code))


def sent_exactly(page: Page) -> str:
    """What the page asks for, as its copy button gives it."""
    given = page.locator(".send-row:has(#send-amount) [data-copy]").get_attribute("data-copy")
    assert given is not None and re.fullmatch(r"\d+\.\d\d", given)
    return given


def say_sent(page: Page, reference: str, picture: bytes | None = None) -> None:
    page.fill("input[name=reference]", reference)
    if picture is not None:
        page.set_input_files("#f-photo", [{"name": "proof.png", "mimeType": "image/png", "buffer": picture}])
        expect(page.locator("[data-picture-name]")).to_have_text("proof.png")
        expect(page.locator("[data-picture] img")).to_be_visible()
    page.get_by_role("button", name="I have sent it").click()
    expect(page.get_by_role("status").filter(has_text="We are looking for your")).to_be_visible()
    require_fit(page)


def test_zelle_from_the_checkout_to_paid_and_refunded(
    product: Product, browser: Browser, ana: Buyer, counter: Counter, marta: Any
):
    with ana.browsing(browser) as customer, at_the_desk(browser, marta) as clerk:
        page, desk = customer.page, clerk.page
        order = walk_checkout(page, ana, "zelle")
        code = order["code"]
        expect(page.get_by_text(HANDLES["zelle"])).to_be_visible()
        amount = sent_exactly(page)
        require_fit(page)
        page.get_by_role("button", name="I have sent it").click()
        expect(page.locator("#f-reference-error")).to_contain_text("Type the confirmation number")
        forgive_refusals(customer)
        say_sent(page, "WFCT0ABC12", screenshot(f"${amount} to Brickell Apothecary"))

        desk.goto(product.url("/console/transfer-desk/list/"))
        mine = transfer(desk, code)
        expect(mine).to_contain_text("Customer says: sent")
        expect(mine).to_contain_text("WFCT0ABC12")
        require_picture(desk, mine)
        mine.locator("input[name=amount]").fill("4x5")
        mine.get_by_role("button", name="Count it").click()
        mine = transfer(desk, code)
        expect(mine.locator("[role=alert]")).to_contain_text("in figures")
        expect(mine.locator("input[name=amount]")).to_have_value("4x5")
        forgive_refusals(clerk)
        mine.locator("input[name=amount]").fill(amount)
        mine.get_by_role("button", name="Count it").click()
        expect(transfer(desk, code)).to_have_count(0)
        require_paid(page)

        counter.hand_over(ana.program.call("GET", f"/orders/{code}"))
        with counter.sitting(browser) as owner:
            back = give_back(counter, owner.page, code, everything, to="source")
            send_back(owner.page, "ZELLE-OUT-1")
        require_money_back(page, ana, code, back, "")


def require_picture(desk: Page, mine: Locator) -> None:
    """The customer's picture stands beside the claim, loaded, and the page is in order."""
    shown = mine.locator(".th-proof img")
    shown.scroll_into_view_if_needed()
    desk.wait_for_function("image => image.complete && image.naturalWidth > 100", arg=shown.element_handle())
    require_fit(desk)


def send_back(page: Page, proof: str) -> None:
    """Staff have sent it from the bank's app, and write its number down."""
    page.locator("#refunds ul.th-backs a").first.click()
    page.locator("input[name=proof]").fill(proof)
    page.get_by_role("button", name="It is sent").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("input[name=proof]").count() == 0
    require_fit(page)


@pytest.mark.parametrize("method", ["cashapp", "venmo"])
def test_the_other_two_are_as_short(
    product: Product, browser: Browser, ana: Buyer, counter: Counter, marta: Any, method: str
):
    """A link opens the app with everything in it; half of the money asks for the rest; the rest pays."""
    order = ana.order(method)
    with ana.browsing(browser) as customer, at_the_desk(browser, marta, viewport=PHONE) as clerk:
        page, desk = customer.page, clerk.page
        page.goto(order["payment"]["url"])
        amount = sent_exactly(page)
        memo = page.locator("#send-memo").inner_text()
        links = page.locator("#pay-manual a").evaluate_all("all => all.map(one => one.href)")
        assert any(amount in link for link in links) and any(
            HANDLES[method].strip("@$") in link for link in links
        )
        assert method != "venmo" or any(memo in link for link in links)
        say_sent(page, f"{method}-7Q2K")
        desk.goto(product.url("/console/transfer-desk/list/"))
        confirm(desk, order["code"], "5.00")
        # The page looks again by itself; loading it here would meet that.
        expect(page.locator("[data-pay]")).to_contain_text("We have $5.00 of it", timeout=20_000)
        rest = sent_exactly(page)
        assert float(rest) < float(amount)
        say_sent(page, f"{method}-8Q2K")
        desk.reload()
        confirm(desk, order["code"], rest)
        require_paid(page)


def confirm(desk: Page, code: str, amount: str) -> None:
    mine = transfer(desk, code).first
    mine.locator("input[name=amount]").fill(amount)
    require_fit(desk)
    mine.get_by_role("button", name="Count it").click()
    expect(desk.get_by_text("The money is counted.")).to_be_visible()


@dataclass
class Asked:
    """What the desk waits for."""

    code: str
    amount: str
    memo: str


def ask_for_many(ana: Buyer, count: int) -> list[str]:
    """Orders by Zelle, each of one thing; their codes."""
    listed = ana.program.call("GET", "/products?category=vitamins&sort=price_desc")["items"]
    rows = [row for product in listed for row in product["variants"] if not product["rx_required"]]
    skus = cycle([row["sku"] for row in rows if row["available"] >= 10])
    codes = []
    for _n in range(count):
        body = {
            "items": [{"sku": next(skus), "qty": 1}],
            "fulfilment": {"kind": "pickup", "branch": COUNTERS["miami"], "mode": "asap"},
            "payment": {"method": "zelle"},
            "contact": {"name": NAMES["miami"]},
            "birth_date": "1980-05-17",
        }
        codes.append(ana.program.call("POST", "/orders", body, expect=201)["code"])
    return codes


def waiting(desk: Page, codes: list[str]) -> list[Asked]:
    rows = desk.locator(".th-transfer").evaluate_all(
        """all => all.map(one => ['.th-facts a', '.th-amount', 'code'].map(
        part => one.querySelector(part).textContent.trim().replace('$', '')))"""
    )
    found = [Asked(*row) for row in rows if row[0] in codes]
    assert len(found) == len(codes)
    return found


def as_list(asked: list[Asked], today: str) -> bytes:
    """Fifty lines: 45 that speak for themselves by note or by amount, and five that people have to look at."""
    rows, bank = ["Date,Amount,Memo,Name,Transaction ID"], asked[0].memo
    for n, one in enumerate(asked[:ALONE]):
        memo = f"order {one.memo}, thanks" if n % 2 else one.code
        rows.append(f'{today},{one.amount},"{memo}",PAYER {n:02d},{bank}-{n:02d}')
    late, unknown = asked[ALONE], asked[ALONE + 1]
    rows += [
        f"{today},{late.amount},,COUSIN OF ANA,{bank}-45",
        f"{today},3.00,no idea,{NAMES['miami'].upper()},{bank}-46",
        f'{today},"1,234.50",rent November,LANDLORD LLC,{bank}-47',
        f"{today},7.77,lunch,BOB ROE,{bank}-48",
        f"{today},{unknown.amount},1199-ZZZZ,SOMEBODY,{bank}-49",
    ]
    return "\n".join([*rows, f"{today},-900.00,electricity,FPL,{bank}-50"]).encode()


def test_fifty_lines_of_which_45_match_by_themselves(
    product: Product, browser: Browser, ana: Buyer, counter: Counter, marta: Any
):
    codes = ask_for_many(ana, ALONE + 2)
    with at_the_desk(browser, marta, viewport=DESKTOP) as clerk:
        desk = clerk.page
        desk.goto(product.url("/console/transfer-desk/list/"))
        asked = waiting(desk, codes)
        today = desk.evaluate("new Date().toLocaleDateString('en-US', {timeZone: 'America/New_York'})")
        desk.goto(product.url("/console/bank-lists/list/"))
        content = as_list(asked, today)
        desk.set_input_files("#file", [{"name": "november.csv", "mimeType": "text/csv", "buffer": content}])
        desk.get_by_role("button", name="Check the list").click()
        desk.wait_for_url(re.compile(r"/bank-lists/show/"))
        tally = desk.locator(".th-tally")
        expect(tally).to_contain_text(re.compile(rf"{LINES}\s*money in"))
        expect(tally).to_contain_text(re.compile(r"1\s*money out"))
        require_fit(desk)
        alone = int(tally.locator("li", has_text="match by themselves").locator("b").inner_text())
        assert alone >= ALONE
        desk.get_by_role("button", name=f"Count {alone} lines").click()
        expect(desk.get_by_text(f"{alone} lines are counted.")).to_be_visible()
        require_fit(desk)
        settle_the_rest(desk, product, asked, LINES - alone)
    for code in codes:
        assert ana.program.call("GET", f"/orders/{code}")["payment_status"] == "PAID", code
    with at_the_desk(browser, marta) as clerk:
        assert "Left for you" not in fetch(clerk, product, "/console/bank-lists/list/").text


def settle_the_rest(desk: Page, product: Product, asked: list[Asked], left: int) -> None:
    """Two lines pay orders, by the button that is offered or by the code; the others are put aside."""
    desk.goto(product.url("/console/bank-lists/list/"))
    lines = desk.locator(".th-line")
    expect(lines).to_have_count(left)
    require_fit(desk)
    for one, words in ((asked[ALONE], "COUSIN OF ANA"), (asked[ALONE + 1], "SOMEBODY")):
        line = lines.filter(has_text=words)
        if line.count() == 0:
            continue  # its cents were its own: the list has counted it
        offered = line.locator("button[name=chosen]", has_text=one.code)
        if offered.count():
            offered.click()
        else:
            line.locator("input[name=code]").fill(one.code.lower())
            line.get_by_role("button", name="It is this order").click()
        expect(lines.filter(has_text=words)).to_have_count(0)
    for words, note in (("no idea", "A gift"), ("LANDLORD", "Rent"), ("BOB ROE", "Lunch")):
        line = lines.filter(has_text=words)
        line.locator("input[name=note]").fill(note)
        line.get_by_role("button", name="Put aside").click()
        expect(lines.filter(has_text=words)).to_have_count(0)
    expect(lines).to_have_count(0)
