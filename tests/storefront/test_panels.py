# ruff: noqa: F811 - tests ask for fixtures of another file by their names
"""The drawer's side of the server: one template in two frames, and what a browser may keep."""

import re
from urllib.parse import urlencode

import pytest

from tests.storefront.test_shop_pages import browser, forget_request, guest, shop  # noqa: F401 - fixtures

PANEL = {"X-Panel": "1"}


def ask(client, path, **headers):
    forget_request()
    return client.get(path, base_url="http://miami.localhost", headers=headers)


def panel(client, path):
    return ask(client, path, **PANEL)


@pytest.mark.parametrize("path", ["/cart", "/checkout", "/menu", "/sign-in", "/sign-up", "/p/zinc"])
def test_a_panel_is_the_page_in_another_frame(guest, path):
    page, part = ask(guest, path), panel(guest, path)
    assert (page.status_code, part.status_code) == (200, 200)
    assert "<html" in page.text
    assert "<html" not in part.text and part.text.lstrip().startswith("<section data-panel")
    assert "<h1" not in part.text, "the panel's head is its title"
    assert not re.search(r"<script|\son[a-z]+=", part.text)
    assert "X-Panel" in page.headers["Vary"] and "X-Panel" in part.headers["Vary"]
    assert part.headers["Cache-Control"] == "no-store"


def test_a_page_that_is_no_panel_is_gone_to(guest):
    for path in ("/", "/shop?q=zinc", "/c/vitamins"):
        answer = panel(guest, path)
        assert (answer.status_code, answer.headers["X-Panel-Leave"]) == (204, path)
        assert "X-Offline" not in answer.headers


def test_orders_of_nobody_are_the_sign_in(guest):
    answer = panel(guest, "/account/orders")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/account/orders")


@pytest.mark.parametrize(
    ("spot", "page"),
    [
        pytest.param("cart", "/cart", id="plain"),
        pytest.param("product.zinc", "/p/zinc", id="with a key"),
        pytest.param("login.code", "/sign-in/code", id="a step of it"),
        pytest.param("orders?before=12", "/account/orders?before=12", id="with a query"),
        pytest.param("product", "", id="key missing"),
        pytest.param("cart.x", "", id="key too many"),
        pytest.param("nothing", "", id="unknown"),
        pytest.param('cart"><script>', "", id="markup"),
        pytest.param("//evil.test", "", id="another host"),
    ],
)
def test_without_a_script_an_address_leads_to_the_panels_page(guest, spot, page):
    text = ask(guest, f"/?{urlencode({'panel': spot})}").text
    found = re.search(r'<noscript><meta http-equiv="refresh" content="0;url=([^"]*)">', text)
    assert (found.group(1) if found else "") == page


def test_an_open_panel_is_no_copy_of_the_page(guest):
    plain = ask(guest, "/c/vitamins").text
    assert "http-equiv" not in plain
    assert "http-equiv" in ask(guest, "/c/vitamins?panel=cart").text
    assert "http-equiv" not in ask(guest, "/c/vitamins").text


def test_the_shop_window_may_be_kept_and_nothing_else(guest):
    for path in ("/", "/shop", "/c/vitamins", "/p/zinc"):
        assert ask(guest, path).headers.get("X-Offline") == "keep", path
        assert ask(guest, path).headers.get("X-Offline") == "keep", "from a shared copy too"
    for path in ("/cart", "/checkout", "/sign-in", "/menu", "/offline", "/p/nothing"):
        assert "X-Offline" not in ask(guest, path).headers, path


def test_the_worker_names_the_files_of_this_release(guest):
    answer = ask(guest, "/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    files = re.findall(r'"(/static/dist/[^"]+)"', answer.text)
    assert any("/store-" in name and name.endswith(".css") for name in files)
    for name in files:
        assert ask(guest, name).status_code == 200


def test_the_manifest_names_the_store_and_its_icons(guest):
    manifest = ask(guest, "/manifest.webmanifest").get_json()
    assert (manifest["start_url"], manifest["display"], manifest["scope"]) == ("/", "standalone", "/")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = ask(guest, icon["src"])
        assert picture.mimetype == "image/png"
        size = int.from_bytes(picture.data[16:20])
        assert icon["sizes"] == f"{size}x{size}"


def test_a_panel_speaks_like_the_page_that_asks(guest):
    answer = ask(guest, "/menu", **PANEL, **{"X-Lang": "es"})
    assert 'data-lang="es"' in answer.text
    assert 'data-lang="en"' in ask(guest, "/menu", **PANEL, **{"X-Lang": "xx"}).text
