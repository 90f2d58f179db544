"""SendGrid v3 mail: POST /sendgrid/v3/mail/send."""

from __future__ import annotations

import html
import json
import re
import secrets
from html.parser import HTMLParser
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import chaos
from sandbox.desk import desk

bp = Blueprint("sendgrid", __name__, url_prefix="/sendgrid")
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
BREAKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol"}
SILENT = {"style", "script", "head", "title"}
PEOPLE = "personalizations"
NO_ADDRESSEE = (
    "The to array is required for all personalization objects, and must have at least one email object "
    "with a valid email address."
)
NO_SUBJECT = (
    "The subject is required. You can get around this requirement if you use a template with a subject "
    "defined or if every personalization has a subject defined."
)
NO_CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at least "
    "one defined content block."
)


class _Text(HTMLParser):
    """A letter's HTML as text; a link keeps its address."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        if tag in BREAKS:
            self.parts.append("\n")
        if tag == "a":
            self.link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT
        if tag in BREAKS - {"br"}:
            self.parts.append("\n")
        if tag == "a" and self.link.startswith("http") and self.link not in "".join(self.parts[-2:]):
            self.parts.append(f" ({self.link})")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def text_of(source: str) -> str:
    """Plain text of an HTML letter, at most one empty line between paragraphs."""
    reader = _Text()
    reader.feed(source)
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _error(status: int, *problems: tuple[str, str | None]) -> Response:
    answer = jsonify(errors=[{"message": words, "field": where, "help": None} for words, where in problems])
    answer.status_code = status
    return answer


def _refuse(status: int, retry_after: int = 0) -> Response:
    return _error(status, ("too many requests" if status == 429 else "Internal Server Error", None))


@bp.before_request
def _admit() -> Response | None:
    if fault := chaos.disturb("sendgrid", _refuse):
        return fault
    if not re.fullmatch(r"Bearer \S{8,}", request.headers.get("Authorization", "")):
        return _error(401, ("The provided authorization grant is invalid, expired, or revoked", None))
    return None


def _problems(mail: dict[str, Any]) -> list[tuple[str, str | None]]:
    people = mail.get("personalizations")
    if not isinstance(people, list) or not people:
        return [
            ("The personalizations field is required and must have at least one personalization.", PEOPLE)
        ]
    found: list[tuple[str, str | None]] = []
    for number, person in enumerate(people):
        found += _personal_problems(mail, person, f"{PEOPLE}.{number}")
    if not ADDRESS.fullmatch(str((mail.get("from") or {}).get("email", ""))):
        found.append(("The from email does not contain a valid address.", "from.email"))
    content = mail.get("content") or []
    if not mail.get("template_id") and not content:
        found.append((NO_CONTENT, "content"))
    for place, part in enumerate(content):
        if not part.get("value"):
            words = "The content value must be a string at least one character in length."
            found.append((words, f"content.{place}.value"))
    return found


def _personal_problems(
    mail: dict[str, Any], person: dict[str, Any], where: str
) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    if not person.get("to"):
        found.append((NO_ADDRESSEE, f"{where}.to"))
    for place, whom in enumerate(person.get("to") or []):
        if not ADDRESS.fullmatch(str(whom.get("email", ""))):
            found.append(("Does not contain a valid address.", f"{where}.to.{place}.email"))
    if not (person.get("subject") or mail.get("subject") or mail.get("template_id")):
        found.append((NO_SUBJECT, "subject"))
    return found


@bp.post("/v3/mail/send")
def send_mail() -> Response:
    mail = request.get_json(silent=True)
    if not isinstance(mail, dict):
        return _error(400, ("Bad Request", None))
    try:
        problems = _problems(mail)
    except AttributeError:  # a list or a text stands where an object belongs
        problems = [("Bad Request", None)]
    if problems:
        return _error(400, *problems)
    letter_id = secrets.token_urlsafe(16)
    sandboxed = ((mail.get("mail_settings") or {}).get("sandbox_mode") or {}).get("enable")
    if not sandboxed:
        for person in mail["personalizations"]:
            for whom in [*person["to"], *person.get("cc", []), *person.get("bcc", [])]:
                _keep(mail, person, whom["email"], letter_id)
    answer = Response(status=200 if sandboxed else 202)
    answer.headers["X-Message-Id"] = letter_id
    return answer


def _keep(mail: dict[str, Any], person: dict[str, Any], to: str, letter_id: str) -> None:
    parts = {part.get("type"): part["value"] for part in mail.get("content") or []}
    for old, new in (person.get("substitutions") or {}).items():
        parts = {kind: value.replace(old, str(new)) for kind, value in parts.items()}
    page = parts.get("text/html", "")
    body = parts.get("text/plain") or text_of(page)
    if mail.get("template_id"):
        given = json.dumps(person.get("dynamic_template_data", {}), ensure_ascii=False, indent=1)
        body = body or f"[template {mail['template_id']}]\n{given}"
    sender = mail["from"]
    state = "undelivered" if chaos.is_undeliverable() else "delivered"
    desk().store.add(
        channel="email",
        provider="sendgrid",
        to=to,
        body=body,
        buttons=[],
        state=state,
        ref=f"{letter_id}:{to}",
        title=person.get("subject") or mail.get("subject") or f"Template {mail.get('template_id')}",
        sender=sender.get("name") or sender["email"],
        meta={
            "from": sender["email"],
            "reply_to": (mail.get("reply_to") or {}).get("email", ""),
            "html": page,
            "headers": (mail.get("headers") or {}) | (person.get("headers") or {}),
            "categories": mail.get("categories") or [],
            "files": [html.escape(str(f.get("filename", ""))) for f in mail.get("attachments") or []],
        },
    )
