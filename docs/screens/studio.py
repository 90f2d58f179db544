"""Where the pictures are taken: a browser, the looks each page is taken in, and how a picture is kept."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Error, Page  # noqa: E402

from tests.e2e.conftest import DESKTOP, PHONE, Product  # noqa: E402

SIZES = {"phone": PHONE, "desktop": DESKTOP}
THEMES = {"light": "theriac", "dark": "theriac-dark"}
QUALITY = 80
HERE_WE_STAND = (25.7655, -80.1985)
"""Brickell, where the driver of the pictures has come to."""
Prepare = Callable[[Page], None]


def nothing(_page: Page) -> None:
    """The page is ready as it opens."""


@dataclass(frozen=True)
class Look:
    """How a page is looked at; an empty language is the page's own."""

    size: str
    theme: str = "light"
    language: str = ""

    @property
    def label(self) -> str:
        """The part of the picture's name after the page's: `phone.dark`, `phone.ru`."""
        return f"{self.size}.{self.language or self.theme}"


LOOKS = tuple(Look(size, theme) for size in SIZES for theme in THEMES)
LANGUAGES = (Look("phone", language="ru"), Look("phone", language="es"))


@dataclass
class Studio:
    """Where pictures are taken, and of which pages (all, unless some are named)."""

    browser: Browser
    product: Product
    only: frozenset[str] = frozenset()
    folder: Path = HERE
    looks: tuple[Look, ...] = LOOKS
    languages: tuple[Look, ...] = LANGUAGES
    missed: list[str] = field(default_factory=list)

    def wants(self, *names: str) -> bool:
        """Is one of these pages to be taken?"""
        return not self.only or bool(self.only.intersection(names))

    @contextmanager
    def person(self, what: str, cookies: Any = None) -> Iterator[Page]:
        """A browser of somebody's own, standing in Brickell; `cookies` of who is signed in already. What fails in it is
        told at the end, and others go on."""
        latitude, longitude = HERE_WE_STAND
        context = self.browser.new_context(
            viewport=DESKTOP,  # type: ignore[arg-type]
            device_scale_factor=2,
            reduced_motion="reduce",
            permissions=["geolocation"],
            geolocation={"latitude": latitude, "longitude": longitude},
            storage_state=cookies,
        )
        context.set_default_timeout(30_000)
        try:
            yield context.new_page()
        except (Error, AssertionError) as error:
            self.missed.append(f"{what}: {str(error).splitlines()[0]}")
        finally:
            context.close()

    def shoot(
        self, page: Page, name: str, url: str, prepare: Prepare = nothing, *, translated: bool = False
    ) -> None:
        """The page on a phone and on a desk, by day and by night; translated: on a phone in the other languages too."""
        if not self.wants(name):
            return
        for look in self.looks + (self.languages if translated else ()):
            self._picture(page, name, url, prepare, look)

    def _picture(self, page: Page, name: str, url: str, prepare: Prepare, look: Look) -> None:
        page.context.add_cookies([{"name": "theme", "value": THEMES[look.theme], "url": url}])
        scheme = "dark" if look.theme == "dark" else "light"
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(SIZES[look.size])  # type: ignore[arg-type]
        joint = "&" if "?" in url else "?"
        page.goto(f"{url}{joint}lang={look.language}" if look.language else url)
        page.wait_for_load_state("load")
        prepare(page)
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(500)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        if look.size == "desktop":  # a phone's picture keeps both pixels of each
            shot = shot.resize((DESKTOP["width"], DESKTOP["height"]), Image.Resampling.LANCZOS)
        shot.save(self.folder / f"{name}.{look.label}.webp", quality=QUALITY, method=6)
        print(f"{name}.{look.label}.webp", flush=True)


def opened(page: Page) -> None:
    """The panel of the address stands open, and what it holds has come."""
    page.locator("[data-drawer] .drw:not([aria-busy=true]) [data-panel]").first.wait_for()
    page.wait_for_load_state("networkidle")


def scrolled_to(selector: str) -> Prepare:
    """Prepare: bring this part of the page to the window's top."""

    def prepare(page: Page) -> None:
        page.locator(selector).first.evaluate("it => it.scrollIntoView({block: 'start'})")
        page.evaluate("scrollBy(0, -96)")

    return prepare
