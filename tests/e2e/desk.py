"""A manager at the console: signed in once, looked over on each page that is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.axe import grave_findings
from tests.e2e.conftest import Product, Visitor, sign_in, visiting


def enter_console(browser: Browser, product: Product, login: str = "owner", store: str = "miami") -> Any:
    """The cookies of a member of staff, to be used by any number of windows."""
    with visiting(browser) as visitor:
        sign_in(visitor.page, product, login, store, then="/console/")
        return visitor.context.storage_state()


@contextmanager
def at_the_desk(browser: Browser, cookies: Any, **options: Any) -> Iterator[Visitor]:
    """A window of that person; every question is answered with yes, the console must be quiet."""
    with visiting(browser, storage_state=cookies, reduced_motion="reduce", **options) as visitor:
        visitor.page.on("dialog", lambda dialog: dialog.accept())
        yield visitor


def forgive_refusals(visitor: Visitor) -> None:
    """A refused form is a 422, which Chromium puts on the console; nothing else is forgiven."""
    visitor.complaints[:] = [said for said in visitor.complaints if "422" not in said]


def fetch(visitor: Visitor, product: Product, path: str) -> httpx.Response:
    """What the server answers to this visitor's cookies; outside of the browser, whose console a 404 would stain."""
    kept = visitor.context.cookies(product.url())
    cookies = {cookie["name"]: cookie["value"] for cookie in kept}  # type: ignore[typeddict-item]
    with product.client() as client:
        return client.get(path, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})


def require_fit(page: Page) -> None:
    """Nothing serious for axe, no sideways scroll."""
    found = grave_findings(page)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    assert found == [], found


def middle(part: Locator) -> tuple[float, float]:
    """Where a hand would point."""
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, what: Locator, to: tuple[float, float], steps: int = 12) -> None:
    """Press, move there, let go."""
    page.mouse.move(*middle(what))
    page.mouse.down()
    page.mouse.move(*to, steps=steps)
    page.mouse.move(*to)
    page.mouse.up()


def pass_gate(page: Page, product: Product, path: str) -> None:
    """Say a date of birth and land on the page."""
    page.goto(product.url(path))
    page.fill("input[name=day]", "30")
    page.select_option("select[name=month]", "4")
    page.fill("input[name=year]", "1986")
    page.click("main button")
    page.wait_for_url(lambda url: "/age" not in url)
