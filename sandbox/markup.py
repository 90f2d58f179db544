"""Telegram's parse modes: marked text → plain text and entities (offsets in UTF-16 units)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

Entities = list[dict[str, Any]]
TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
RESERVED = set("_*[]()~`>#+-=|{}.!")
LINK = re.compile(r"\[((?:\\.|[^\]\\])+)\]\(((?:\\.|[^)\\])+)\)")
BARE = re.compile(r"https?://[^\s<>\"']+|(?<!\S)/[a-z]\w{0,31}|(?<!\w)@[A-Za-z]\w{4,31}")


class CannotParse(ValueError):
    """Telegram would answer 400 with "can't parse entities: " and this text."""


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: Entities = []
        self.open: list[tuple[str, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in TAGS or (tag == "span" and given.get("class") != "tg-spoiler"):
            raise CannotParse(f'Unsupported start tag "{tag}" at byte offset {len(self.text.encode())}')
        entity: dict[str, Any] = {"type": TAGS[tag], "offset": units(self.text), "length": 0}
        if tag == "a":
            entity["url"] = given.get("href") or ""
        if tag == "tg-emoji":
            entity["custom_emoji_id"] = given.get("emoji-id") or ""
        self.open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        offset = len(self.text.encode())
        if not self.open:
            raise CannotParse(f"Unexpected end tag at byte offset {offset}")
        expected, entity = self.open.pop()
        if tag != expected:
            raise CannotParse(
                f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "</{tag}>"'
            )
        self._close(entity)

    def handle_data(self, data: str) -> None:
        self.text += data

    def _close(self, entity: dict[str, Any]) -> None:
        entity["length"] = units(self.text) - entity["offset"]
        if entity["length"]:
            self.entities.append(entity)


def _from_html(source: str) -> tuple[str, Entities]:
    reader = _Html()
    reader.feed(source)
    reader.close()
    if reader.open:
        raise CannotParse(f'Can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"')
    return reader.text, reader.entities


def _from_markdown(source: str, *, strict: bool) -> tuple[str, Entities]:
    """MarkdownV2 when strict; otherwise the old Markdown, which reserves less."""
    text, entities, place = "", [], 0
    open_marks: list[tuple[str, int]] = []
    while place < len(source):
        char = source[place]
        if char == "\\" and place + 1 < len(source) and source[place + 1] in RESERVED | {"\\"}:
            text, place = text + source[place + 1], place + 2
            continue
        fence = "```" if source.startswith("```", place) else "`" if char == "`" else ""
        if fence:
            inside, place = _until(source, place + len(fence), fence)
            if fence == "```":
                inside = re.sub(r"\A\w*\n", "", inside).rstrip("\n")
            kind = "pre" if fence == "```" else "code"
            entities.append({"type": kind, "offset": units(text), "length": units(inside)})
            text += inside
            continue
        if link := LINK.match(source, place):
            words, inner = _link(link, units(text), strict=strict)
            entities += inner
            text, place = text + words, link.end()
            continue
        mark = _mark_at(source, place, strict)
        if mark:
            if open_marks and open_marks[-1][0] == mark:
                start = open_marks.pop()[1]
                entities.append({"type": MARKS[mark], "offset": start, "length": units(text) - start})
            else:
                open_marks.append((mark, units(text)))
            place += len(mark)
            continue
        if strict and char in RESERVED and not (char == ">" and (not text or text.endswith("\n"))):
            raise CannotParse(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
        text, place = text + char, place + 1
    if open_marks:
        raise CannotParse(f"Can't find end of the entity starting at byte offset {open_marks[-1][1]}")
    return text, entities


def _link(found: re.Match[str], offset: int, *, strict: bool) -> tuple[str, Entities]:
    """The words of [words](address), and their entities from `offset` on."""
    words, inner = _from_markdown(found[1], strict=strict)
    entities = [entity | {"offset": entity["offset"] + offset} for entity in inner]
    url = re.sub(r"\\(.)", r"\1", found[2])
    return words, [*entities, {"type": "text_link", "offset": offset, "length": units(words), "url": url}]


def _mark_at(source: str, place: int, strict: bool) -> str:
    if strict:
        for mark in ("__", "||", "*", "_", "~"):
            if source.startswith(mark, place):
                return mark
        return ""
    return source[place] if source[place] in "*_" else ""


def _until(source: str, start: int, fence: str) -> tuple[str, int]:
    end = source.find(fence, start)
    if end < 0:
        raise CannotParse(f"Can't find end of the entity starting at byte offset {start}")
    return source[start:end], end + len(fence)


def parse(source: str, mode: str) -> tuple[str, Entities]:
    """Plain text and entities, bare links, commands and names included. Raises CannotParse."""
    match mode.lower():
        case "html":
            text, entities = _from_html(source)
        case "markdownv2":
            text, entities = _from_markdown(source, strict=True)
        case "markdown":
            text, entities = _from_markdown(source, strict=False)
        case "":
            text, entities = source, []
        case _:
            raise CannotParse("unsupported parse_mode")
    left = units(text) - units(text.lstrip())
    text = text.strip()
    entities = [entity | {"offset": max(0, entity["offset"] - left)} for entity in entities]
    for found in BARE.finditer(text):
        kind = {"/": "bot_command", "@": "mention"}.get(found[0][0], "url")
        offset, length = units(text[: found.start()]), units(found[0])
        if not any(
            e["offset"] < offset + length
            and offset < e["offset"] + e["length"]
            and e["type"] in ("code", "pre", "text_link")
            for e in entities
        ):
            entities.append({"type": kind, "offset": offset, "length": length})
    return text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
