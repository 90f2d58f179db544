"""Takes the pictures of docs/screens/ from a running demo: `python docs/screens/take.py PORT SANDBOX_PORT`.

Places a few orders of its own through the API, so run it on data that nobody needs. Every picture is what the
window shows, as `<page>.<phone|desktop>.<light|dark>.webp`, and `<page>.phone.<language>.webp` in another
language. `--only checkout,home` takes some of the pages again, `--to FOLDER` puts them elsewhere. What could not be
taken is named at the end, and then the exit code is 1.
"""

import argparse
import sys
from pathlib import Path

from console import take_console
from money import take_money
from playwright.sync_api import sync_playwright
from road import take_road
from shop import take_shop
from studio import HERE, Studio

from launch.browser import find_chromium
from tests.e2e.conftest import FLAGS, Product


def main() -> int:
    """Take them all."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    reader.add_argument("port", type=int)
    reader.add_argument("sandbox_port", type=int)
    reader.add_argument("--only", default="", help="names of pages, with commas")
    reader.add_argument("--to", type=Path, default=HERE, help="the folder of the pictures")
    asked = reader.parse_args()
    product = Product(asked.port, asked.sandbox_port, HERE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=[*FLAGS, "--font-render-hinting=none"]
        )
        only = frozenset(filter(None, asked.only.split(",")))
        studio = Studio(browser, product, only, folder=asked.to)
        for take in (take_shop, take_road, take_console, take_money):
            take(studio)
        browser.close()
    for missed in studio.missed:
        print(f"not taken: {missed}", file=sys.stderr)
    return 1 if studio.missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
