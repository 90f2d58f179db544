"""Catalogues: what the code says, what the translators wrote, and where the two do not fit."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

LANGUAGES = ("ru", "es")
SOURCES = ("app", "admin", "blueprints", "jobs")
KEYWORDS = {
    "_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None,
    "_n": (1, 2), "ngettext": (1, 2), "lazy_ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
_PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z]?)")
_STRAY_PERCENT = re.compile(r"(?<!%)(?:%%)*%(?![(%])")
_TAG = re.compile(r"</?([a-z][a-z0-9]*)")


def extract(root: Path) -> Catalog:
    """Every marked string of the code and the templates, with the files it stands in."""
    with (root / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog(project="Theriac", charset="utf-8")
    for top in SOURCES:
        if not (root / top).is_dir():
            continue
        for name, _, message, comments, context in extract_from_dir(
            root / top, methods, options, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            where = [(f"{top}/{name}", 0)]
            catalog.add(message, None, where, auto_comments=comments, context=context)
    return catalog


def catalogue_path(root: Path, language: str) -> Path:
    """Where the translators' file of a language is."""
    return root / "translations" / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(path: Path, language: str) -> Catalog:
    """The catalogue, empty when there is no file yet."""
    if not path.exists():
        return Catalog(locale=language, project="Theriac", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(root: Path) -> None:
    """Add new strings, drop those no longer used. Nothing is guessed; dates and line numbers are left out."""
    template = extract(root)
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        catalog = read_catalogue(path, language)
        created = catalog.creation_date
        catalog.update(template, no_fuzzy_matching=True)
        catalog.creation_date = created
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        with draft.open("wb") as file:
            write_po(file, catalog, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
        draft.rename(path)
        missing = sum(1 for message in catalog if message.id and not all(_forms(message.string)))
        print(f"{language}: {len(catalog)} strings, {missing} to translate ({path.relative_to(root)})")


def compile_all(root: Path) -> None:
    """messages.po → messages.mo, which the product reads."""
    for path in sorted((root / "translations").glob("*/LC_MESSAGES/*.po")):
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read_catalogue(path, path.parts[-3]))


def check_catalogues(root: Path) -> Iterator[str]:
    """One line for every defect of every language."""
    template = extract(root)
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        if not path.exists():
            yield f"{path.relative_to(root)}: is missing; run: make i18n"
            continue
        for complaint in check_catalogue(template, read_catalogue(path, language), language):
            yield f"{path.relative_to(root)}: {complaint}"


def check_catalogue(template: Catalog, catalog: Catalog, language: str) -> Iterator[str]:
    """Defects of one catalogue against the strings of the code."""
    rule = get_plural(language)
    if catalog.num_plurals != rule.num_plurals:
        yield f"Plural-Forms has {catalog.num_plurals} forms, {language} has {rule.num_plurals}"
    wanted = {_key(message): message for message in template if message.id}
    present = {_key(message): message for message in catalog if message.id}
    for key, message in wanted.items():
        if key not in present:
            yield f"out of date, lacks {_show(message)}; run: make i18n"
    for key, message in present.items():
        if key not in wanted:
            yield f"out of date, {_show(message)} is no longer in the code; run: make i18n"
            continue
        yield from _check_message(message, rule.num_plurals)
    for message in catalog.obsolete.values():
        yield f"obsolete entry {_show(message)}; run: make i18n"


def _check_message(message: Message, plurals: int) -> Iterator[str]:
    ids, forms = _forms(message.id), _forms(message.string)
    if message.fuzzy:
        yield f"fuzzy: {_show(message)}"
    if not all(forms):
        yield f"not translated: {_show(message)}"
        return
    if len(ids) > 1 and len(forms) != plurals:
        yield f"{len(forms)} plural forms instead of {plurals}: {_show(message)}"
    for form in forms:
        for complaint in _compare(ids, form):
            yield f"{complaint}: {_show(message)}"


def _compare(ids: tuple[str, ...], form: str) -> Iterator[str]:
    """Placeholders and tags of one translation against its source. A plural form may leave the number out."""
    names = {name for text in ids for name, _ in _PLACEHOLDER.findall(text)}
    used = _PLACEHOLDER.findall(form)
    if wrong := sorted({name for name, _ in used} - names):
        yield f"unknown placeholder {', '.join(wrong)}"
    optional = names if len(ids) > 1 else set()
    if absent := sorted(names - optional - {name for name, _ in used}):
        yield f"lost placeholder {', '.join(absent)}"
    if broken := [name for name, letter in used if letter not in ("s", "d")]:
        yield f"broken placeholder {', '.join(broken)} (a letter s or d is missing)"
    if names and _STRAY_PERCENT.search(form):
        yield "a lone % (write %%)"
    if sorted(_TAG.findall(form)) not in [sorted(_TAG.findall(text)) for text in ids]:
        yield "other HTML tags than the source"
    braces = {field for text in ids for _, field, _, _ in _fields(text)}
    if {field for _, field, _, _ in _fields(form)} - braces:
        yield "unknown {placeholder}"


def _fields(text: str) -> list:
    try:
        return [part for part in Formatter().parse(text) if part[1]]
    except ValueError:
        return []


def _key(message: Message) -> tuple[str, str | None]:
    return _forms(message.id)[0], message.context


def _show(message: Message) -> str:
    text = _key(message)[0]
    where = message.locations[0][0] if message.locations else ""
    shown = text if len(text) < 60 else f"{text[:57]}…"
    return f"“{shown}”" + (f" ({where})" if where else "")


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Babel gives a plain string, or a list or tuple for plurals: always a tuple here."""
    return (text or "",) if isinstance(text, str) or text is None else tuple(text)
