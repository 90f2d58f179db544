"""The documentation page: everything that is in the document, and nothing from elsewhere."""

import re

import pytest

from tests.api.conftest import Cast


@pytest.fixture
def page(cast: Cast) -> str:
    answer = cast.nobody.get("/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].split("style-src-attr")[0]
    return answer.text


def test_the_page_names_every_operation_and_answer(cast: Cast, page: str):
    made = cast.nobody.get("/openapi.json").json
    operations = [
        one for path in made["paths"].values() for key, one in path.items() if key in {"get", "post"}
    ]

    for operation in operations:
        assert f'id="{operation["operationId"]}"' in page
    assert set(re.findall(r'href="#(shape-\w+)"', page)) <= set(re.findall(r'id="(shape-\w+)"', page))
    assert "out-of-stock" in page and "slot-unavailable" in page and "quote-changed" in page


def test_the_page_loads_nothing_from_elsewhere(page: str):
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page)

    assert loaded
    assert all(address.startswith("/") for address in loaded)


def test_every_inner_link_leads_somewhere(page: str):
    anchors = set(re.findall(r'\bid="([^"]+)"', page))

    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_the_document_has_a_tag(cast: Cast):
    first = cast.nobody.get("/openapi.json")
    again = cast.nobody.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
