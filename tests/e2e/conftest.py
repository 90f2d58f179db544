"""The product as `make run` starts it, on free ports and a folder of its own, and browsers to use it with."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from sqlalchemy import create_engine, text

from launch.browser import find_chromium
from launch.ports import find_free_port
from launch.probe import wait_ready

if TYPE_CHECKING:
    from tests.e2e.money import Buyer, Counter, Desk

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "theriac-demo"
PATIENCE = 30_000
"""Milliseconds that a page has for what is waited for, on a machine that has other tests to run."""
expect.set_options(timeout=PATIENCE)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
# The last --disable-features counts alone, so Playwright's own come first; then two pages that Chromium would draw in a
# process of their own, behind the address bar of every window: more than half of what a window costs.
OFF = [
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
]
FLAGS = [
    f"--disable-features={','.join(OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@dataclass
class Product:
    """The running product."""

    port: int
    sandbox_port: int
    data_dir: Path

    def url(self, path: str = "/", store: str = "miami") -> str:
        return f"http://{store}.localhost:{self.port}{path}"

    def client(self, store: str = "miami") -> httpx.Client:
        """A program's way in; the store is named by Host."""
        headers = {"Host": f"{store}.localhost:{self.port}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=15)

    def inbox(self, **query: Any) -> list[dict[str, Any]]:
        """The messages that the sandbox has taken, newest first."""
        answer = httpx.get(f"http://127.0.0.1:{self.sandbox_port}/inbox.json", params=query, timeout=10)
        found: list[dict[str, Any]] = answer.json()
        return found

    def let_time_pass(self, event: str) -> None:
        """Make every waiting event of a type due now, as if its hour had come: the clock of a test night is long."""
        lines = (self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
        url = f"postgresql+psycopg2://postgres@/postgres?host={lines[4]}"
        engine = create_engine(url)
        with engine.begin() as superuser:
            superuser.execute(text("UPDATE event SET due_at = now() WHERE type = :type"), {"type": event})
        engine.dispose()

    def wait_for_message(self, seconds: float = 60, **query: Any) -> dict[str, Any]:
        """The newest message that fits, as soon as there is one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.inbox(**query):
                return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no message {query} within {seconds} s: {self.inbox(limit=5)}")


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Everything that `make run` starts, with the demo in it. It ends with this folder: it works also unwatched."""
    data_dir = tmp_path_factory.mktemp("run")
    port, sandbox_port = find_free_port(), find_free_port()
    env = os.environ | {
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "DATA_DIR": str(data_dir),
        "DEMO_HISTORY_DAYS": "4",
    }
    for name in ("DATABASE_URL", "REDIS_URL", "SANDBOX_URL", "SECRET_KEY"):
        env.pop(name, None)
    log = (data_dir / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "launch.run"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        wait_ready(port, 300)
        yield Product(port, sandbox_port, data_dir)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        log.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed after this folder, since its event loop would be in the way of other tests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(find_chromium()), args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own. What the console complained of is kept."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")


@contextmanager
def visiting(browser: Browser, viewport: dict[str, int] = DESKTOP, **options: Any) -> Iterator[Visitor]:
    """A fresh browser profile; fails when the console complained."""
    context = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    visitor = Visitor(context, context.new_page())
    visitor.page.on("console", visitor.listen)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"crash: {error}"))
    yield visitor
    complaints = visitor.complaints
    context.close()
    assert complaints == []


def sign_in(page: Page, product: Product, login: str, store: str = "miami", then: str = "/") -> None:
    """Sign a member of the demo's staff in by e-mail and password."""
    page.goto(product.url(f"/sign-in?next={then}", store))
    page.locator("details:has(input[name=password]) summary").click()
    page.fill("input[name=email]", f"{login}@{store}.test")
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


# ---- money: who pays, who gives back, and the providers' side (tests.e2e.money is made of what stands above)


@pytest.fixture(scope="module")
def desk(product: Product) -> "Iterator[Desk]":
    """The sandbox's payments and chains."""
    from tests.e2e.money import Desk

    with httpx.Client(base_url=f"http://127.0.0.1:{product.sandbox_port}", timeout=15) as client:
        yield Desk(client)


@pytest.fixture(scope="module")
def ana(product: Product, browser: Browser) -> "Buyer":
    """A customer of Miami."""
    from tests.e2e.money import enter_as_buyer

    return enter_as_buyer(product, browser)


@pytest.fixture(scope="module")
def siti(product: Product, browser: Browser) -> "Buyer":
    """A customer of Jakarta."""
    from tests.e2e.money import enter_as_buyer

    return enter_as_buyer(product, browser, "jakarta")


@pytest.fixture(scope="module")
def miami(product: Product, browser: Browser) -> "Counter":
    """The staff of Miami."""
    from tests.e2e.money import enter_as_staff

    return enter_as_staff(product, browser)


@pytest.fixture(scope="module")
def jakarta(product: Product, browser: Browser) -> "Counter":
    """The staff of Jakarta."""
    from tests.e2e.money import enter_as_staff

    return enter_as_staff(product, browser, "jakarta")
