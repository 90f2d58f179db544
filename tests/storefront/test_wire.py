"""Files for ever and small, pages small, and nothing to be learnt from how small."""

# ruff: noqa: F811 - tests ask for fixtures of another file by their names
import gzip
import re

from tests.storefront.test_panels import ask
from tests.storefront.test_shop_pages import browser, guest, shop  # noqa: F401 - fixtures

BOTH = {"Accept-Encoding": "gzip, br"}


def built(client, name):
    """The address of a built file as pages name it."""
    found = re.search(rf'"(/static/dist/{name}[^"]+)"', ask(client, "/").text)
    assert found is not None
    return found.group(1)


def test_a_built_file_is_kept_for_ever_and_comes_in_the_smallest_form(guest):
    path = built(guest, "store")
    plain, small, smaller = (
        ask(guest, path),
        ask(guest, path, **{"Accept-Encoding": "gzip"}),
        ask(guest, path, **BOTH),
    )
    assert [a.headers.get("Content-Encoding") for a in (plain, small, smaller)] == [None, "gzip", "br"]
    assert len(smaller.data) < len(small.data) < len(plain.data) / 3
    assert gzip.decompress(small.data) == plain.data
    for answer in (plain, small, smaller):
        assert answer.mimetype == "text/css"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding", "the same for every cookie"


def test_a_name_without_a_hash_is_kept_for_a_while(guest):
    answer = ask(guest, "/static/dist/manifest.json", **BOTH)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")


def test_no_copy_is_served_under_a_name_of_its_own_kind(guest):
    assert ask(guest, "/static/dist/nothing.css", **BOTH).status_code == 404
    assert ask(guest, "/static/../config.py", **BOTH).status_code == 404


def test_a_page_comes_small_and_is_the_same_page(guest):
    plain, small = ask(guest, "/shop"), ask(guest, "/shop", **BOTH)
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 3
    assert "Accept-Encoding" in plain.headers["Vary"]
    same = re.sub(r'nonce="[^"]+"|[\w.-]{60,}', "", gzip.decompress(small.data).decode())
    assert same == re.sub(r'nonce="[^"]+"|[\w.-]{60,}', "", plain.text)


def test_a_small_page_does_not_tell_its_length(guest):
    assert len({len(ask(guest, "/shop", **BOTH).data) for _turn in range(12)}) > 4
