"""Each page has a style sheet of its own kind, and nothing that it shows is styled by another's."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "app" / "templates"
DIST = ROOT / "app" / "static" / "dist"
SHEETS = ("store", "live", "staff", "rider")
COMMON = ("_macros.html", "_parcel.html")
ELSEWHERE = {"map"}
"""Of a macro that only pages with a live map call."""
PAGES = {
    ("store",): (*COMMON, "layouts/store.html", "layouts/plain.html", "layouts/panel.html", "layouts/_*.html",
                 "storefront/*.html", "account/*.html", "errors/*.html", "track/find.html"),
    ("store", "live"): ("track/*.html",),
    ("staff",): ("layouts/portal.html", "dispatch/*.html", "api/*.html"),
    ("rider",): ("layouts/driver.html", "driver/*.html"),
}  # fmt: skip
HEAVIEST = 20 * 1024
"""Bytes of the store's sheet on the wire: a phone waits for it before its first paint."""
ATTRIBUTE = re.compile(r'\bclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', re.S)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
BLOCK = re.compile(r"\{% block (?:body|main)_class %\}(.*?)\{%")


def built(sheet: str) -> Path:
    return DIST / json.loads((DIST / "manifest.json").read_text())[f"{sheet}.css"]


def styled(sheet: str) -> set[str]:
    selectors = " ".join(re.findall(r"([^{};]*)\{", built(sheet).read_text()))
    return {re.sub(r"\\(.)", r"\1", name) for name in re.findall(r"\.((?:\\.|[\w-])+)", selectors)}


def classes(text: str) -> set[str]:
    """What stands in class attributes: plain words, and words between quotes within expressions."""
    words = " ".join(BLOCK.findall(text)).split()
    for value in ATTRIBUTE.findall(text):
        words += EXPRESSION.sub(" ", value).split()
        for part in EXPRESSION.findall(value):
            words += " ".join(re.findall(r"(?:\{\{ |else )'([^']*)'", part)).split()
    return set(words)


@pytest.mark.parametrize("sheets", PAGES, ids="+".join)
def test_what_a_page_wears_is_in_its_own_sheets(sheets):
    own, anywhere = (set.union(*map(styled, names)) for names in (sheets, SHEETS))
    for pattern in PAGES[sheets]:
        for template in TEMPLATES.glob(pattern):
            missing = (classes(template.read_text()) & anywhere) - own - ELSEWHERE
            assert not missing, f"{template.name}: {sorted(missing)}"


def test_the_sheet_of_the_store_is_light():
    assert built("store").with_suffix(".css.br").stat().st_size <= HEAVIEST
