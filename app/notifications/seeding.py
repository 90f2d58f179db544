"""Give a store the matrix and the templates it begins with."""

from sqlalchemy.dialects.postgresql import insert

from app.core.db import db, transaction
from app.notifications.defaults import CHANNELS, RULES, TEXTS, group_of
from app.notifications.models import NotificationRule, NotificationTemplate


@transaction()
def ensure_defaults() -> int:
    """Add what is missing of the default rows to the current store and answer how many; edited rows stay."""
    rules = [
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
    templates = [
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
    rule_key = ["store_id", "event", "audience", "position"]
    template_key = ["store_id", "event", "audience", "channel", "locale"]
    added = db.session.scalars(
        insert(NotificationRule)
        .values(rules)
        .on_conflict_do_nothing(index_elements=rule_key)
        .returning(NotificationRule.id)
    ).all()
    worded = db.session.scalars(
        insert(NotificationTemplate)
        .values(templates)
        .on_conflict_do_nothing(index_elements=template_key)
        .returning(NotificationTemplate.id)
    ).all()
    return len(added) + len(worded)
