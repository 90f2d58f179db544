"""What was sent: in memory, and in an append-only JSONL file so that a restart keeps it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CHANNELS = ("whatsapp", "sms", "email", "telegram", "pushover")
MAX_MESSAGES = 20_000
# Numbers that leave the sandbox (update ids, message ids) start past those of an earlier data folder,
# because a receiver that drops repeats would otherwise drop a fresh sandbox's first updates.
NUMBERS_EPOCH = 1_700_000_000
PASSING = ("telegram.queries",)  # facts that a restart may forget


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Message:
    """One message to one recipient. `ref` is the provider's own id for it; `state` is a plain word."""

    id: int
    channel: str
    provider: str
    to: str
    title: str
    body: str
    buttons: list[dict[str, Any]]
    at: str
    state: str = "sent"
    sender: str = ""
    note: str = ""
    ref: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    hidden: bool = False

    def public(self) -> dict[str, Any]:
        """The shape of /inbox.json: a contract that tests and people rely on."""
        names = ("id", "channel", "provider", "to", "title", "body", "buttons", "at")
        return {name: getattr(self, name) for name in names}


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def matches_recipient(actual: str, wanted: str) -> bool:
    """Exact (letter case aside), or the wanted digits end the actual ones: 0101 finds +13055550101."""
    if actual.lower() == wanted.strip().lower():
        return True
    tail = _digits(wanted)
    only_number = not any(char.isalpha() or char == "@" for char in wanted)
    return bool(tail) and only_number and "@" not in actual and _digits(actual).endswith(tail)


class Store:
    """Thread-safe. Every change is one line in the journal, flushed before the caller goes on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "sandbox.jsonl"
        self.lock = threading.RLock()
        self.revision = int(time.time() * 1000)  # never repeats over restarts: pages compare it
        self._messages: dict[int, Message] = {}
        self._by_ref: dict[tuple[str, str], int] = {}
        self._values: dict[str, dict[str, Any]] = {}
        self._last_id = 0
        self._replay()
        self._compact()
        self._journal = self.path.open("a", encoding="utf-8")

    # ---- messages
    def add(self, **fields: Any) -> Message:
        """Keep a message; its id is larger than any before it."""
        with self.lock:
            fields.setdefault("at", utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"))
            message = Message(id=self._last_id + 1, **fields)
            self._write({"op": "add", "message": asdict(message)})
            self._keep(message)
            return message

    def update(self, message_id: int, **fields: Any) -> Message | None:
        """Change some fields; None when the message is gone."""
        with self.lock:
            message = self._messages.get(message_id)
            if message is None:
                return None
            self._write({"op": "update", "id": message_id, "fields": fields})
            for name, value in fields.items():
                setattr(message, name, value)
            return message

    def get(self, message_id: int) -> Message | None:
        with self.lock:
            return self._messages.get(message_id)

    def by_ref(self, provider: str, ref: str) -> Message | None:
        with self.lock:
            return self._messages.get(self._by_ref.get((provider, ref), 0))

    def newest(self, *, hidden: bool = False) -> Iterator[Message]:
        """Newest first; cleared ones only when asked for (their provider ids stay valid)."""
        with self.lock:
            kept = list(self._messages.values())
        return (message for message in reversed(kept) if hidden or not message.hidden)

    def search(
        self, *, to: str = "", channel: str = "", q: str = "", since: int = 0, limit: int = 100
    ) -> list[Message]:
        """Newest first, at most `limit`, only ids past `since`."""
        found: list[Message] = []
        needle = q.strip().lower()
        for message in self.newest():
            if message.id <= since or len(found) >= limit:
                break
            if channel and message.channel != channel:
                continue
            if to and not matches_recipient(message.to, to):
                continue
            if needle and needle not in f"{message.to}\n{message.title}\n{message.body}".lower():
                continue
            found.append(message)
        return found

    def clear(self) -> int:
        """Empty the inbox; what providers know (receipts, SIDs) still answers. How many went."""
        with self.lock:
            self._write({"op": "clear", "upto": self._last_id})
            return self._hide(self._last_id)

    # ---- small facts: webhooks, opt-outs, counters
    def value(self, space: str, key: str, default: Any = None) -> Any:
        with self.lock:
            return self._values.get(space, {}).get(key, default)

    def values(self, space: str) -> dict[str, Any]:
        with self.lock:
            return dict(self._values.get(space, {}))

    def set_value(self, space: str, key: str, value: Any) -> None:
        with self.lock:
            self._write({"op": "set", "space": space, "key": key, "value": value})
            self._values.setdefault(space, {})[key] = value

    def next_number(self, name: str) -> int:
        """1 more than last time, kept over restarts."""
        with self.lock:
            first = int(time.time()) - NUMBERS_EPOCH
            number = int(self.value("numbers", name, first)) + 1
            self.set_value("numbers", name, number)
            return number

    def close(self) -> None:
        with self.lock:
            self._journal.close()

    # ---- inside
    def _keep(self, message: Message) -> None:
        self._messages[message.id] = message
        self._last_id = max(self._last_id, message.id)
        if message.ref:
            self._by_ref[message.provider, message.ref] = message.id
        while len(self._messages) > MAX_MESSAGES:
            oldest = self._messages.pop(next(iter(self._messages)))
            self._by_ref.pop((oldest.provider, oldest.ref), None)

    def _hide(self, upto: int) -> int:
        going = [m for m in self._messages.values() if not m.hidden and m.id <= upto]
        for message in going:
            message.hidden = True
        return len(going)

    def _write(self, entry: dict[str, Any]) -> None:
        self._journal.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._journal.flush()
        self.revision += 1

    def _replay(self) -> None:
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the line that was being written when the machine stopped
            match entry["op"]:
                case "add":
                    self._keep(Message(**entry["message"]))
                case "update" if message := self._messages.get(entry["id"]):
                    for name, value in entry["fields"].items():
                        setattr(message, name, value)
                case "clear":
                    self._hide(entry["upto"])
                case "set":
                    self._values.setdefault(entry["space"], {})[entry["key"]] = entry["value"]
                case "last":
                    self._last_id = max(self._last_id, entry["id"])

    def _compact(self) -> None:
        """Rewrite the journal as the state it leads to, so that it does not grow over restarts."""
        for space in PASSING:
            self._values.pop(space, None)
        lines: list[dict[str, Any]] = [{"op": "last", "id": self._last_id}]
        for space, pairs in self._values.items():
            lines += [{"op": "set", "space": space, "key": k, "value": v} for k, v in pairs.items()]
        lines += [{"op": "add", "message": asdict(m)} for m in self._messages.values()]
        draft = self.path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as out:
            out.writelines(
                json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
            )
        os.replace(draft, self.path)
