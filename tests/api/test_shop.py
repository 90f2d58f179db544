"""The store, its shelves, the promise and the price, as anybody may ask."""

import pytest

from tests.api.conftest import JAKARTA_HOST, Api, Cast, kind_of


def test_the_store_of_the_host_says_what_it_is(cast: Cast):
    miami = cast.nobody.get("/store").json
    jakarta = cast.nobody.at(host=JAKARTA_HOST).get("/store").json

    assert (miami["slug"], miami["currency"], miami["currency_exponent"]) == ("miami", "USD", 2)
    assert (miami["min_age"], miami["timezone"]) == (21, "America/New_York")
    assert (jakarta["slug"], jakarta["currency"], jakarta["currency_exponent"]) == ("jakarta", "IDR", 0)
    assert miami["branches"][0]["code"] == "brickell"
    assert len(miami["branches"][0]["hours"]) == 7
    assert jakarta["branches"] == []


def test_an_unknown_host_is_no_store(api: Api):
    answer = api.at(host="nobody.example").get("/store")

    assert (answer.status_code, kind_of(answer)) == (404, "not-found")


def test_categories_are_a_tree_with_counts(cast: Cast):
    answer = cast.nobody.get("/categories").json

    assert answer["next_cursor"] is None
    drawer = answer["items"][0]
    assert (drawer["slug"], drawer["name"], drawer["count"], drawer["children"]) == (
        "vitamins",
        "Vitamins",
        2,
        [],
    )


def test_a_product_has_the_shape_that_was_promised(cast: Cast):
    listed = cast.nobody.get("/products?category=vitamins&sort=price_asc").json["items"]
    product = listed[1]

    assert [item["slug"] for item in listed] == ["magnesium", "vitamin-c"]
    assert {"slug", "name", "category", "image_url", "rating", "rx_required", "age_min", "variants"} <= set(
        product
    )
    assert (product["category"], product["image_url"], product["rating"]) == ("vitamins", None, None)
    assert product["variants"] == [
        {
            "sku": "VITC",
            "name": product["name"],
            "price_minor": 1250,
            "compare_at_minor": None,
            "available": 20,
        }
    ]
    assert cast.nobody.get("/products/vitamin-c").json["variants"] == product["variants"]


def test_words_narrow_a_listing(cast: Cast):
    name = cast.nobody.get("/products/magnesium").json["name"]

    found = cast.nobody.get("/products", query_string={"q": name}).json["items"]

    assert [item["slug"] for item in found] == ["magnesium"]


def test_pages_follow_their_cursor_and_no_other(cast: Cast):
    first = cast.nobody.get("/products?sort=price_desc&limit=1").json
    second = cast.nobody.get(f"/products?sort=price_desc&limit=1&cursor={first['next_cursor']}").json

    assert [page["items"][0]["slug"] for page in (first, second)] == ["vitamin-c", "magnesium"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "cursor", ["x", "MQ.0000000000000000000000", "MQ.кккккккккккккккккккккк", "popular:1:1", "." * 60]
)
def test_a_made_up_cursor_is_refused(cast: Cast, cursor: str):
    answer = cast.nobody.get("/products", query_string={"cursor": cursor})

    assert (answer.status_code, kind_of(answer)) == (422, "invalid-input")
    assert list(answer.json["errors"]) == ["cursor"]


def test_a_cursor_of_another_order_or_store_is_refused(cast: Cast):
    cursor = cast.nobody.get("/products?sort=price_desc&limit=1").json["next_cursor"]

    assert cast.nobody.get(f"/products?sort=price_asc&cursor={cursor}").status_code == 422
    assert (
        cast.nobody.at(host=JAKARTA_HOST).get(f"/products?sort=price_desc&cursor={cursor}").status_code == 422
    )


@pytest.mark.parametrize(
    "path", ["/products/nothing", "/products?category=nothing", "/nowhere", "/products/%00"]
)
def test_what_is_not_there_is_404(cast: Cast, path: str):
    answer = cast.nobody.get(path)

    assert answer.status_code in ({404} if "%00" not in path else {400, 404})
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("path", ["/store", "/categories", "/products", "/products/vitamin-c"])
def test_who_has_it_already_gets_304(cast: Cast, path: str):
    first = cast.nobody.get(path)
    again = cast.nobody.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["X-Request-Id"]


def test_the_tag_differs_by_language(cast: Cast):
    tags = {
        cast.nobody.get("/products/magnesium", headers={"Accept-Language": language}).headers["ETag"]
        for language in ("en", "ru-RU,ru;q=0.9", "es")
    }

    assert len(tags) == 3


def test_delivery_options_have_the_shape_that_was_promised(cast: Cast):
    options = cast.nobody.get("/delivery-options?zip=33129&kind=driver").json

    assert options["zone"] == {
        "name": "Brickell",
        "minimum_minor": 500,
        "fee_minor": 499,
        "free_from_minor": None,
        "eta_minutes": [30, 60],
    }
    assert (options["express"]["offered"], options["express"]["reason"]) == (True, None)
    assert {"slot", "left", "offered", "reason"} <= set(options["slots"][0])
    assert options["slots"][0]["reason"] in {None, "slot_lead_time"}
    assert options["message"] == ""


@pytest.mark.parametrize(
    ("query", "reason"),
    [("zip=90210", "zip_outside"), ("zip=abc", "zip_malformed"), ("", "zip_malformed")],
)
def test_what_cannot_be_had_says_why(cast: Cast, query: str, reason: str):
    options = cast.nobody.get(f"/delivery-options?{query}").json

    assert options["zone"] is None
    assert (options["express"]["offered"], options["express"]["reason"]) == (False, reason)
    assert options["message"] == options["express"]["message"] != ""


def test_a_cart_below_the_minimum_is_told_what_is_missing(cast: Cast):
    silent = cast.nobody.get("/delivery-options?zip=33129").json
    told = cast.nobody.get("/delivery-options?zip=33129&goods_minor=100").json

    assert silent["message"] == ""
    assert "$4.00" in told["message"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("kind=balloon", "kind"), ("zip=33129&branch=nowhere", "branch"), ("goods_minor=-1", "goods_minor")],
)
def test_a_wrong_question_names_its_field(cast: Cast, query: str, field: str):
    answer = cast.nobody.get(f"/delivery-options?{query}")

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_quote_prices_goods_delivery_and_tax(cast: Cast):
    quote = cast.nobody.post(
        "/quote", {"items": [{"sku": "VITC", "qty": 2}], "zip": "33129", "kind": "driver"}
    ).json

    assert quote["totals"] == {
        "goods_minor": 2500,
        "discount_minor": 0,
        "delivery_minor": 499,
        "tax_minor": 175,
        "wallet_minor": 0,
        "total_minor": 3174,
        "due_minor": 3174,
    }
    assert [(line["sku"], line["qty"], line["net_minor"]) for line in quote["lines"]] == [("VITC", 2, 2500)]
    assert {(one["reason"], one["label"], one["amount_minor"]) for one in quote["adjustments"]} == {
        ("delivery_fee", "Delivery", 499),
        ("tax_added", "Tax", 175),
    }
    assert len(quote["fingerprint"]) == 32
    assert quote["below_minimum"] is None


def test_a_quote_below_the_minimum_says_what_is_missing(cast: Cast):
    quote = cast.nobody.post("/quote", {"items": [{"sku": "CHEAP", "qty": 1}], "zip": "33129"})

    assert (quote.status_code, kind_of(quote)) == (422, "unknown-item")
    assert list(quote.json["errors"]) == ["items"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": [{"sku": "VITC", "qty": 0}]}, "items.0.qty"),
        ({"items": [{"sku": "VITC", "qty": 1.5}]}, "items.0.qty"),
        ({"items": [{"sku": "VI\0TC", "qty": 1}]}, "items.0.sku"),
        ({"items": [{"sku": "VITC", "qty": 1}], "zip": "1"}, "zip"),
        ({"items": [{"sku": "VITC", "qty": 1}], "zipp": "33129"}, "zipp"),
        ([], "body"),
    ],
)
def test_a_wrong_quote_names_its_field(cast: Cast, body: object, field: str):
    answer = cast.nobody.post("/quote", body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert all(said and isinstance(said, str) for said in answer.json["errors"][field])
