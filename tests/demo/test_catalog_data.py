"""The demo stores' goods, pictures and people hold together; wrong data would show on the first page."""

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import phonenumbers
import pytest

from app.demo.catalog import LOCALES, Catalog, load_catalog, make_barcode
from app.demo.catalog.wording import NBSP, set_spaces, write_quantity
from app.demo.pack_ink import OUTLINES
from app.demo.packshots import render_packshot, write_packshots
from app.demo.people import list_addresses, list_customers, list_reviews, list_staff

STORES = ("miami", "jakarta")
CYRILLIC, LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-záéíóúñü]", re.IGNORECASE)
INTERNATIONAL = {"B-12", "NAD+"}  # names that Russian leaves in Latin letters


@pytest.fixture(params=STORES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return load_catalog(request.param)


def texts_of(catalog: Catalog) -> list[tuple[str, dict[str, str]]]:
    named = [(c.slug, texts) for c in catalog.categories for texts in (c.name, c.description)]
    for product in catalog.products:
        labels = [variant.label for variant in product.variants]
        named += [(product.slug, t) for t in (product.name, product.subtitle, product.description, *labels)]
    return named


def test_sizes(catalog: Catalog) -> None:
    counted = Counter(product.category for product in catalog.products)
    assert len(catalog.categories) == 10
    assert len(catalog.products) >= (64 if catalog.store == "miami" else 60)
    assert set(counted) == {category.slug for category in catalog.categories}
    assert min(counted.values()) >= 4
    assert [category.position for category in catalog.categories] == list(range(1, 11))


def test_slugs_skus_and_barcodes_are_unique() -> None:
    for catalog in map(load_catalog, STORES):
        slugs = [product.slug for product in catalog.products]
        variants = [variant for product in catalog.products for variant in product.variants]
        assert len(slugs) == len(set(slugs))
        for field in ("sku", "barcode"):
            values = [getattr(variant, field) for variant in variants]
            assert len(values) == len(set(values)), field
        assert all(re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)+", variant.sku) for variant in variants)


def test_every_text_is_there_in_three_languages(catalog: Catalog) -> None:
    for slug, texts in texts_of(catalog):
        assert set(texts) == set(LOCALES), slug
        assert all(text == text.strip() and "  " not in text for text in texts.values()), slug
        assert all(texts.values()), slug


def test_descriptions_are_two_to_eight_sentences_and_differ_by_language(catalog: Catalog) -> None:
    for product in catalog.products:
        assert len(set(product.description.values())) == 3, product.slug
        for text in product.description.values():
            assert text.endswith("."), product.slug
            assert 60 <= len(text) <= 600, (product.slug, len(text))


def test_each_language_keeps_to_its_alphabet(catalog: Catalog) -> None:
    for slug, texts in texts_of(catalog):
        assert not CYRILLIC.search(texts["en"] + texts["es"]), slug
        mixed = [w for w in re.findall(r"\w+", texts["ru"]) if CYRILLIC.search(w) and LATIN.search(w)]
        assert not mixed, (slug, mixed)
        assert CYRILLIC.search(texts["ru"]) or texts["ru"] in INTERNATIONAL, (slug, texts["ru"])


def test_prices_make_sense(catalog: Catalog) -> None:
    step = 500 if catalog.currency == "IDR" else 1
    for product in catalog.products:
        assert 1 <= len(product.variants) <= 3, product.slug
        assert 1 <= product.max_per_order <= 10, product.slug
        assert product.tax_class in {"standard", "exempt"}, product.slug
        for variant in product.variants:
            assert 0 < variant.cost_minor < variant.price_minor, variant.sku
            assert variant.price_minor % step == 0, variant.sku
            assert variant.compare_at_minor is None or variant.compare_at_minor > variant.price_minor, (
                variant.sku
            )
            assert variant.weight_g > 0, variant.sku


def test_larger_packs_cost_more_but_less_apiece(catalog: Catalog) -> None:
    for product in catalog.products:
        packs = sorted((int(v.label["en"].split()[0]), v.price_minor) for v in product.variants)
        for (small, cheap), (large, dear) in pairwise(packs):
            assert cheap < dear, product.slug
            assert dear / large < cheap / small, product.slug


def test_barcodes_carry_their_check_digit(catalog: Catalog) -> None:
    for product in catalog.products:
        for variant in product.variants:
            digits = list(map(int, variant.barcode))
            assert len(digits) == 13
            assert sum(digits[::2]) % 10 == -3 * sum(digits[1::2]) % 10, variant.sku
    assert make_barcode("21", "MAG-200-90").startswith("21")


def test_stock_has_every_branch_some_low_and_a_few_out(catalog: Catalog) -> None:
    variants = [variant for product in catalog.products for variant in product.variants]
    assert all(tuple(variant.stock) == catalog.branches for variant in variants)
    gone = [p.slug for p in catalog.products if not any(q for v in p.variants for q in v.stock.values())]
    assert 2 <= len(gone) <= 4, gone
    assert sum(0 < q <= 5 for v in variants for q in v.stock.values()) >= 5
    assert {"miami": 1, "jakarta": 3}[catalog.store] == len(catalog.branches)


def test_ages_and_prescriptions() -> None:
    miami = load_catalog("miami")
    assert all(p.min_age == 21 for p in miami.products if p.category == "hemp")
    assert all(p.rx_required == p.slug.startswith("rx-") for p in miami.products)
    assert sum(p.rx_required for p in miami.products) == 4
    assert all(p.max_per_order == 1 for p in miami.products if p.rx_required)
    assert not any(p.rx_required for p in load_catalog("jakarta").products)


def test_ratings_are_plausible(catalog: Catalog) -> None:
    for product in catalog.products:
        if product.rx_required:
            assert (product.rating_centi, product.rating_count) == (0, 0), product.slug
        else:
            assert 400 <= product.rating_centi <= 500 and product.rating_count > 0, product.slug


@pytest.mark.parametrize(
    ("quantity", "ru", "es"),
    [
        ("1 test", "1 тест", "1 prueba"),
        ("2 tests", "2 теста", "2 pruebas"),
        ("5 tests", "5 тестов", "5 pruebas"),
        ("21 capsules", "21 капсула", "21 cápsulas"),
        ("12 masks", "12 масок", "12 mascarillas"),
        ("240 mL", "240 мл", "240 mL"),
    ],
)
def test_quantities_are_declined(quantity: str, ru: str, es: str) -> None:
    written = write_quantity(quantity)
    assert written == {"en": quantity, "ru": ru.replace(" ", NBSP), "es": es.replace(" ", NBSP)}


def test_figures_keep_their_units_and_short_words_their_nouns() -> None:
    assert set_spaces("Take 10 mL a day", "en") == f"Take 10{NBSP}mL a day"
    assert set_spaces("гель 8% от боли", "ru") == f"гель 8{NBSP}% от{NBSP}боли"
    assert set_spaces("из-за дождя", "ru") == "из-за дождя"


def test_pictures_are_plain_svg_with_every_glyph(catalog: Catalog) -> None:
    faces = json.loads(OUTLINES.read_text("utf-8")).values()
    outlined = set.intersection(*(set(face) for face in faces))
    for product in catalog.products:
        drawing = render_packshot(product)
        root = ElementTree.fromstring(drawing)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert root.attrib["viewBox"] == "0 0 240 300", product.slug
        assert not tags & {"script", "foreignObject", "image", "use", "text", "style", "a"}, product.slug
        assert not any(name.startswith("on") or "href" in name for e in root.iter() for name in e.attrib)
        drawn = [element.attrib.get("d", "M0 0") for element in root.iter()]
        assert all(re.fullmatch(r"M[-MLHVCSQTAZmlhvcsqtaz0-9. ]*", path) for path in drawn), product.slug
        assert len(drawing) < 40_000, product.slug
        printed = f"{product.pack.name}{product.pack.strength}{product.pack.quantity}"
        assert set(printed) <= outlined, (product.slug, set(printed) - outlined)
        assert product.name["en"] in root.attrib["aria-label"], product.slug


def test_pictures_are_written_once_and_quickly(tmp_path: Path) -> None:
    started = perf_counter()
    for store in STORES:
        write_packshots(tmp_path / store, load_catalog(store).products)
    assert perf_counter() - started < 10
    files = sorted((tmp_path / "miami").iterdir())
    assert {file.stem for file in files} == {product.slug for product in load_catalog("miami").products}

    files[0].write_text("damaged", "utf-8")
    before = [file.stat().st_mtime_ns for file in files[1:]]
    write_packshots(tmp_path / "miami", load_catalog("miami").products)
    assert "<svg" in files[0].read_text("utf-8")
    assert [file.stat().st_mtime_ns for file in files[1:]] == before


@pytest.mark.parametrize("store", STORES)
def test_people_can_be_told_apart_and_called(store: str) -> None:
    staff, customers = list_staff(store), list_customers(store)
    phones = [person.phone for person in (*staff, *customers)]
    assert len(phones) == len(set(phones))
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)
    assert {p.login for p in staff} == {
        "owner",
        "manager",
        "dispatcher",
        "ana",
        *(f"driver{i}" for i in range(1, 7)),
    }
    assert all(bool(person.vehicle) == (person.role == "driver") for person in staff)
    assert len(customers) >= 30
    assert all(customer.first_name and customer.last_name for customer in customers)
    if store == "miami":
        assert next(p.phone for p in staff if p.login == "ana") == "+13055550101"


@pytest.mark.parametrize("store", STORES)
def test_doorsteps_cover_every_area(store: str) -> None:
    addresses = list_addresses(store)
    per_area = Counter(address.area for address in addresses)
    assert len({(address.line1, address.line2) for address in addresses}) == len(addresses)
    assert min(per_area.values()) >= 10
    assert all(re.fullmatch(r"\d{5}", address.postcode) for address in addresses)
    if store == "miami":
        assert len(per_area) == 6
    else:
        assert set(per_area) == set(load_catalog(store).branches)


def test_reviews_are_written_in_three_languages() -> None:
    reviews = list_reviews()
    assert len(reviews) >= 30
    assert Counter(review.locale for review in reviews) == dict.fromkeys(LOCALES, 12)
    assert {review.stars for review in reviews} == {2, 3, 4, 5}
    for review in reviews:
        assert bool(CYRILLIC.search(review.text)) == (review.locale == "ru"), review.text
