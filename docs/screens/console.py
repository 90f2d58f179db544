"""The staff's console by area, and the sandbox's inbox."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page
from road import speak_english
from studio import Prepare, Studio, nothing, scrolled_to

from tests.e2e.conftest import DESKTOP, Product, sign_in

PAGES: tuple[tuple[str, str, Prepare], ...] = (
    ("console", "/console/", nothing),
    ("console-products", "/console/products/list/", nothing),
    ("console-tree", "/console/categories/tree", nothing),
    ("console-prices", "/console/prices/list/", nothing),
    ("console-words", "/console/words/list/", nothing),
    ("console-searches", "/console/searches/list/", nothing),
    ("console-limits", "/console/limits/list/", nothing),
    ("console-stock", "/console/stock/list/", nothing),
    ("console-lots", "/console/lots/list/", nothing),
    ("console-transfers", "/console/transfers/list/", nothing),
    ("console-zones", "/console/zones/list/", nothing),
    ("console-times", "/console/times/list/", nothing),
    ("console-usual", "/console/usual/list/", nothing),
    ("console-hours", "/console/hours/list/", nothing),
    ("console-wishes", "/console/wishes/list/", nothing),
    ("console-delivery", "/console/delivery-settings/edit", nothing),
    ("console-texts", "/console/templates/list/", nothing),
)
GOODS = """sku,product,category,name_en,price
GIN-CH-1,ginger-chews,digestion,Ginger chews,7.90
GIN-TE-1,ginger-tea,digestion,Ginger tea,cheap
"""


def take_console(studio: Studio) -> None:
    """Everything an owner opens, then the pages that want something done first."""
    with studio.person("the console") as page:
        sign_in(page, studio.product, "owner", then="/console/")
        speak_english(page, studio.product)
        for name, path, prepare in PAGES:
            studio.shoot(page, name, studio.product.url(path), prepare)
    for name, take in MADE:
        if studio.wants(*name):
            with studio.person(name[0]) as page:
                sign_in(page, studio.product, "owner", then="/console/")
                speak_english(page, studio.product)
                page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
                take(studio, page)
    with studio.person("the inbox") as page:
        studio.shoot(page, "inbox", f"http://localhost:{studio.product.sandbox_port}/")


def _take_product(studio: Studio, page: Page) -> None:
    """The form of a remedy, and its pictures further down."""
    form = _first(page, studio.product, "/console/products/list/", "a[href*='/edit/']")
    studio.shoot(page, "console-product", form)
    studio.shoot(page, "console-photos", form, scrolled_to("#photos"))


def _take_zone(studio: Studio, page: Page) -> None:
    studio.shoot(
        page, "console-zone", _first(page, studio.product, "/console/zones/list/", "a[href*='/edit/']")
    )


def _take_traffic(studio: Studio, page: Page) -> None:
    """A rule being written, with what it would close."""
    form = _first(page, studio.product, "/console/traffic/list/", "a[href*='/edit/']")
    studio.shoot(page, "console-traffic", form, scrolled_to("#preview"))


def _take_whatif(studio: Studio, page: Page) -> None:
    """A question put to the last weeks, and its answer."""
    page.goto(studio.product.url("/console/what-if/list/"))
    page.locator("form.th-what .btn-primary").click()
    page.wait_for_url(re.compile("/show/"))
    page.locator(".th-kpis").wait_for(timeout=60_000)
    studio.shoot(page, "console-what-if", page.url)


def _take_import(studio: Studio, page: Page) -> None:
    """A list of goods with one line that is wrong."""
    page.goto(studio.product.url("/console/imports/list/"))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "goods.csv"
        file.write_text(GOODS)
        page.set_input_files("input[type=file]", file)
        page.locator("form.th-drop button").first.click()
        page.wait_for_load_state("load")
    page.wait_for_timeout(3000)
    studio.shoot(page, "console-import", page.url)


MADE = (
    (("console-product", "console-photos"), _take_product),
    (("console-zone",), _take_zone),
    (("console-traffic",), _take_traffic),
    (("console-what-if",), _take_whatif),
    (("console-import",), _take_import),
)


def _first(page: Page, product: Product, path: str, link: str) -> str:
    page.goto(product.url(path))
    return product.url(page.locator(link).first.get_attribute("href") or "")
