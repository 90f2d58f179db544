"""Each defect that the translation check exists for is found, and a clean set is not complained about."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from launch.i18n.__main__ import check
from launch.i18n.catalogues import (
    catalogue_path,
    check_catalogue,
    compile_all,
    extract,
    read_catalogue,
    update,
)
from launch.i18n.templates import find_unmarked

ITEMS = ("%(num)s item", "%(num)s items")


def catalogue(language: str = "es", **changes: object) -> Catalog:
    """A complete Spanish catalogue of three strings; `changes` replace a translation."""
    texts: dict = {
        "Hello, %(name)s": "Hola, %(name)s",
        "Save": "Guardar",
        ITEMS: ("%(num)s artículo", "%(num)s artículos"),
    }
    result = Catalog(locale=language)
    for source, target in texts.items():
        key = source[0] if isinstance(source, tuple) else source
        result.add(source, changes.get(key, target))
    return result


def template() -> Catalog:
    result = Catalog()
    for source in ("Hello, %(name)s", "Save", ITEMS):
        result.add(source)
    return result


def complaints(catalog: Catalog, language: str = "es") -> str:
    return "\n".join(check_catalogue(template(), catalog, language))


def test_complete_catalogue_is_silent():
    assert complaints(catalogue()) == ""


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        pytest.param("Save", "", "not translated: “Save”", id="missing"),
        pytest.param("Hello, %(name)s", "Hola", "lost placeholder name", id="placeholder lost"),
        pytest.param(
            "Hello, %(name)s", "Hola, %(nombre)s", "unknown placeholder nombre", id="placeholder renamed"
        ),
        pytest.param("Hello, %(name)s", "Hola, %(name)", "broken placeholder name", id="placeholder cut"),
        pytest.param("Hello, %(name)s", "100 % %(name)s", "a lone %", id="bare percent"),
        pytest.param("Save", "<b>Guardar</b>", "other HTML tags", id="tags"),
        pytest.param("Save", "Guardar {x}", "unknown {placeholder}", id="braces"),
        pytest.param(ITEMS[0], ("%(num)s artículo", ""), "not translated", id="one plural form empty"),
        pytest.param(ITEMS[0], ("uno", "dos", "tres"), "3 plural forms instead of 2", id="too many forms"),
    ],
)
def test_defect_of_one_translation(source, target, words):
    assert words in complaints(catalogue(**{source: target}))


def test_singular_may_leave_the_number_out():
    assert complaints(catalogue(**{ITEMS[0]: ("un artículo", "%(num)s artículos")})) == ""


def test_fuzzy_is_refused():
    catalog = catalogue()
    catalog["Save"].flags.add("fuzzy")
    assert "fuzzy: “Save”" in complaints(catalog)


def test_out_of_date_in_both_directions():
    catalog = catalogue()
    del catalog._messages["Save"]
    catalog.add("Gone", "Ido")
    said = complaints(catalog)
    assert "lacks “Save”" in said
    assert "“Gone” is no longer in the code" in said


def test_plural_rule_of_another_language():
    assert "Plural-Forms has 2 forms, ru has 3" in complaints(catalogue("es"), "ru")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>{{ _('Save') }}</p>", []),
        ("<p>{% trans %}Save me{% endtrans %}</p>", []),
        ("<p>{% trans n=2 %}One{% pluralize %}Many{% endtrans %}</p>", []),
        ("{# A comment #}<!-- another --><script>var Word = 1;</script><p>{{ price }} · 24/7 ×</p>", []),
        ('<span translate="no">Boris Badenov</span><p>&nbsp;&copy; Theriac</p>', []),
        ("{% if kind == 'Express delivery' %}{{ names['Main thing'] }}{% endif %}", []),
        ("<p>Save</p>", ["Save"]),
        ("<p>\n{{ x }} left in stock</p>", ["left in stock"]),
        ('<img alt="A red box">', ["A red box"]),
        ('<input placeholder="Your name"><input type="submit" value="Send">', ["Your name", "Send"]),
        ('<p translate="no">x</p><p>After</p>', ["After"]),
        ("<svg><path/></svg><br><p>After</p>", ["After"]),
        ("{{ button('Add to cart') }}", ["Add to cart"]),
        ("{{ button(_('Add to cart')) }}{% set x = 'Title here' %}", ["Title here"]),
        ('<a {% if x %}class="Big one"{% endif %}>Open</a>', ["Open"]),
        ("<p>Добавить</p>", ["Добавить"]),
        ('<h{{ level }} class="big one">{{ x }}</h{{ level }}>', []),
        (
            "<body class='{% block body_class %}dark paper{% endblock %}'>{% block x %}Text{% endblock %}",
            ["Text"],
        ),
        ('{% macro refs(id) %}aria-describedby="{{ id }}" aria-invalid="true"{% endmacro %}', []),
        ('<input {{ more }} aria-describedby="{{ id }}-error" aria-invalid="true">', []),
        ("{% if %}", ["the template does not parse: Expected an expression, got 'end of statement block'"]),
    ],
)
def test_unmarked_text(source, found):
    assert [item.text for item in find_unmarked(source)] == found


def test_line_of_unmarked_text():
    source = (
        "{% extends 'base.html' -%}\n{#\n#}\n{%- if x %}{% endif %}\n"
        "{% trans %}a\nb\n{% endtrans %}\n<p>{{\n x }}</p>\n<b>\nHere</b>"
    )
    assert [(item.line, item.text) for item in find_unmarked(source)] == [(11, "Here")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "babel.cfg").write_text((Path(__file__).parents[2] / "babel.cfg").read_text())
    templates = tmp_path / "app/templates/store"
    templates.mkdir(parents=True)
    (templates / "home.html").write_text("<h1>{{ _('Welcome, %(name)s', name=n) }}</h1>")
    (tmp_path / "app/orders.py").write_text(
        "x = _l('Out of stock')\ny = _n('%(num)s day', '%(num)s days', n)\n"
    )
    (tmp_path / "app/ignored.txt").write_text("_('no')")
    return tmp_path


def test_from_code_to_a_compiled_catalogue(project: Path):
    assert {str(message.id) for message in extract(project) if message.id} == {
        "Welcome, %(name)s",
        "Out of stock",
        str(("%(num)s day", "%(num)s days")),
    }
    assert [line for line in check(project) if "is missing" in line]
    update(project)
    assert sum("not translated" in line for line in check(project)) == 6
    for language, plurals in (("ru", 3), ("es", 2)):
        path = catalogue_path(project, language)
        text = path.read_text()
        text = text.replace('"Out of stock"\nmsgstr ""', '"Out of stock"\nmsgstr "X"')
        text = text.replace('"Welcome, %(name)s"\nmsgstr ""', '"Welcome, %(name)s"\nmsgstr "X %(name)s"')
        for number in range(plurals):
            text = text.replace(f'msgstr[{number}] ""', f'msgstr[{number}] "%(num)s d{number}"')
        path.write_text(text)
    assert list(check(project)) == []
    compile_all(project)
    assert catalogue_path(project, "ru").with_suffix(".mo").stat().st_size > 0
    (project / "app/templates/store/home.html").write_text("<p>Bare</p>{{ _('New one') }}")
    said = "\n".join(check(project))
    assert "lacks “New one”" in said
    assert "no longer in the code" in said
    assert "home.html:1: not marked for translation: “Bare”" in said


def test_update_keeps_translations_and_is_stable(project: Path):
    update(project)
    path = catalogue_path(project, "es")
    path.write_text(path.read_text().replace('"Out of stock"\nmsgstr ""', '"Out of stock"\nmsgstr "Agotado"'))
    update(project)
    first = path.read_text()
    update(project)
    assert path.read_text() == first
    assert read_catalogue(path, "es")["Out of stock"].string == "Agotado"
