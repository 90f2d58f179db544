"""Finds text in templates that a translator would never see."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from launch.i18n.allowed import ALLOWED

SHOWN_ATTRIBUTES = {
    "alt",
    "title",
    "placeholder",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "label",
}
SILENT_ELEMENTS = {"script", "style", "code", "kbd", "samp"}
VOID_ELEMENTS = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
MARKS = {"_", "gettext", "ngettext", "pgettext", "npgettext", "_n", "_l"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENTITY = re.compile(r"&[a-zA-Z]+;|&#\d+;")
_SENTENCE = re.compile(r"[A-ZА-ЯЁ][a-zа-яё]+")
_HOLE = "\ue000"
"""Stands in the HTML where a template expression stood: a private character, harmless in names and values."""

_environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])


@dataclass(frozen=True)
class Unmarked:
    """A text without a mark, and the line it stands on."""

    line: int
    text: str


def find_unmarked(source: str) -> list[Unmarked]:
    """Visible text of a template that is in no {{ _('…') }} and no {% trans %}; also a broken template's error."""
    try:
        tree = _environment.parse(source)
    except TemplateSyntaxError as error:
        return [Unmarked(error.lineno, f"the template does not parse: {error.message}")]
    reader = _TextReader()
    reader.feed(_markup_only(source))
    reader.close()
    found = reader.found + [Unmarked(line, text) for line, text in _bare_literals(tree)]
    return sorted((item for item in found if not _is_allowed(item.text)), key=lambda item: item.line)


def find_templates(root: Path) -> list[Path]:
    """Templates of the product (the sandbox is not)."""
    return sorted(
        path for top in ("app", "blueprints", "admin") for path in (root / top).rglob("templates/**/*.html")
    )


_ENDPOINT = re.compile(r"[A-Z]\w+(?:View|Admin|\.[a-z_]+|(?:View|Admin)\.[a-z_]+)")
"""A view of the console by its class, as url_for and the menu name it."""


def _is_allowed(text: str) -> bool:
    return text in ALLOWED or not _WORD.search(text) or _ENDPOINT.fullmatch(text) is not None


def _markup_only(source: str) -> str:
    """The HTML with every Jinja tag replaced by a hole, {% trans %} blocks emptied, and lines kept in place."""
    out: list[str] = []
    at = 1
    muted_until = ""
    block: list[str] = []
    for line, kind, value in _environment.lexer.tokeniter(source, None):
        if line > at:  # inside tags, comments, and what {%- eats
            out.append("\n" * (line - at))
            at = line
        if kind == "data":
            out.append("\n" * value.count("\n") if muted_until else value)
            at += value.count("\n")
        elif kind == "block_begin":
            block = []
        elif kind == "name":
            block.append(value)
        elif kind == "block_end":
            muted_until = "" if block[:1] == [muted_until] else muted_until or _mutes(block)
        elif kind == "variable_end":
            out.append(_HOLE)
    return "".join(out)


def _mutes(block: list[str]) -> str:
    """The end tag up to which nothing is text: of a translation, and of a block or macro that fills a tag."""
    if block[:1] == ["trans"]:
        return "endtrans"
    if block[:1] == ["block"] and block[-1].endswith(("_class", "_attrs", "_id")):
        return "endblock"
    if block[:1] == ["macro"] and block[1].endswith("_attrs"):
        return "endmacro"
    return ""


class _TextReader(HTMLParser):
    """Collects text nodes and shown attributes; skips <script>, <code>, and what says translate="no"."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Unmarked] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if not self._silent:
            shown = SHOWN_ATTRIBUTES | (
                {"value"} if given.get("type") in ("submit", "button", "reset") else set()
            )
            for name in shown & set(given):
                self._add(given[name] or "")
        opens = tag not in VOID_ELEMENTS
        if opens and (tag in SILENT_ELEMENTS or given.get("translate") == "no" or self._silent):
            self._silent.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                continue

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._add(data)

    def _add(self, text: str) -> None:
        line = self.getpos()[0]
        for part in text.split(_HOLE):
            words = " ".join(_ENTITY.sub(" ", part).split()).strip(" ·—–-:()/,.|")
            blank = part[: len(part) - len(part.lstrip())]
            if words and '="' not in words:  # a macro that writes attributes
                self.found.append(Unmarked(line + blank.count("\n"), words))
            line += part.count("\n")


def _bare_literals(tree: nodes.Node) -> Iterator[tuple[int, str]]:
    """String literals in output and in macro arguments that read like a text and are in no gettext call."""
    for child in tree.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in MARKS:
            continue
        if isinstance(
            child, nodes.Compare | nodes.Getitem | nodes.Test | nodes.Extends | nodes.Include | nodes.Import
        ):
            continue  # compared or looked up, not shown
        if isinstance(child, nodes.FromImport):
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str) and _SENTENCE.match(child.value):
            yield child.lineno, child.value
        yield from _bare_literals(child)
