"""Search as you type in a real browser: from the key's event to the list laid out, at 500 products."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, sync_playwright

from launch.browser import find_chromium

PRODUCTS = 500
LIMIT_MS = 16
ROUNDS = 5
WORDS = ("magnesium", "vitmain c", "ibuprofn tablets", "sleep", "omega", "throat spray", "zzzzzz")
MEASURE = Path(__file__).with_name("keystroke.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def measure(url: str, cookies: str) -> dict[str, float]:
    """Milliseconds a keystroke: `p50`, `p95` and `worst` over every letter of WORDS.

    Of each letter the best of ROUNDS counts: what else the machine does is not the search's.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([_cookie(pair, url) for pair in cookies.split("; ")])
        few = _few_goods(url, cookies)
        page.route("**/search-index.json", lambda route: route.fulfill(json=few))
        rounds = _type(page, url)
        browser.close()
    letters = len(rounds) // ROUNDS
    times = sorted(min(rounds[place::letters]) for place in range(letters))
    return {"p50": times[len(times) // 2], "p95": times[int(len(times) * 0.95)], "worst": times[-1]}


def _type(page: Page, url: str) -> list[float]:
    page.goto(url)
    page.click("#q-wide")
    page.wait_for_function("document.querySelector('#q-wide').getAttribute('role') === 'combobox'")
    page.keyboard.press("a")
    page.wait_for_selector(".sug:not([hidden])")
    found: list[float] = page.evaluate(MEASURE, list(WORDS) * ROUNDS)
    return found


def _few_goods(url: str, cookies: str) -> dict[str, Any]:
    """The first 500 products of what the server says. By number: of programs, a browser alone knows *.localhost."""
    where = urlsplit(url)
    headers = {"Host": where.netloc, "Accept": "application/json", "Cookie": cookies}
    answer: dict[str, Any] = httpx.get(
        f"http://127.0.0.1:{where.port}/search-index.json", headers=headers
    ).json()
    if len(answer["goods"]) < PRODUCTS:
        raise ValueError(f"{len(answer['goods'])} products are too few")
    return answer | {"goods": answer["goods"][:PRODUCTS]}


def _cookie(pair: str, url: str) -> Any:
    name, _equals, value = pair.partition("=")
    return {"name": name, "value": value, "domain": urlsplit(url).hostname, "path": "/"}
