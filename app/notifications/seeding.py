"""Give a store the matrix and the templates it begins with."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.db import db, transaction
from app.notifications.defaults import CHANNELS, RULES, TEXTS, group_of
from app.notifications.models import NotificationRule, NotificationTemplate


@transaction()
def ensure_defaults() -> int:
    """Add what is missing of the default rows to the current store and answer how many; edited rows stay."""
    rules = _add(NotificationRule, _rules(), ["store_id", "event", "audience", "position"])
    key = ["store_id", "event", "audience", "channel", "locale"]
    return rules + _add(NotificationTemplate, _templates(), key)


def _add(model: Any, rows: list[dict[str, Any]], key: list[str]) -> int:
    query = insert(model).values(rows).on_conflict_do_nothing(index_elements=key).returning(model.id)
    return len(db.session.scalars(query).all())


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "event": event,
            "audience": audience,
            "channels": list(channels),
            "priority": priority,
            "position": position,
            "active": True,
        }
        for event, audience, channels, priority, position in RULES
    ]


def _templates() -> list[dict[str, Any]]:
    return [
        {
            "event": event,
            "audience": audience,
            "channel": channel,
            "locale": locale,
            "title": title,
            "body": body,
            "version": 1,
        }
        for (event, audience, group), texts in TEXTS.items()
        for channel in CHANNELS
        if group_of(channel) == group
        for locale, (title, body) in texts.items()
    ]
