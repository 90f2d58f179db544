"""What a form changed, for the audit trail."""

from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import inspect

SECRETS = frozenset({"address", "telegram_chat", "password"})
"""Columns of which the trail says that they changed, and not how."""


def changes_of(item: Any) -> dict[str, Any]:
    """Column → [before, after] of what is about to be written; a new row has nothing before."""
    state = inspect(item)
    found: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if before != after:
            found[column.key] = "…" if column.key in SECRETS else [_plain(before), _plain(after)]
    return found


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, dict | str | int | float | bool) or value is None else str(value)
