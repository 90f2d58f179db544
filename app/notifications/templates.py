"""The words of a message: the store's own template, else the one it came with."""

from collections.abc import Mapping

import structlog
from sqlalchemy import select

from app import stores
from app.core.db import db
from app.core.i18n import DEFAULT_LOCALE
from app.notifications.defaults import TEXTS, group_of
from app.notifications.models import NotificationTemplate

log = structlog.get_logger()
Text = tuple[str, str]


class _Forgiving(dict[str, str]):
    """A placeholder nobody fills is left out: a typing error in a template must not keep a message back."""

    def __missing__(self, name: str) -> str:
        return ""


def render(key: str, audience: str, channel: str, locale: str, words: Mapping[str, str]) -> Text:
    """(title, body) in this language, else the store's, else English. ("", "") when there are no words at all."""
    wishes = (locale, stores.current_store().default_locale, DEFAULT_LOCALE)
    for wish in dict.fromkeys(wishes):
        if (text := _find(key, audience, channel, wish)) is not None:
            return fill(text[0], words), fill(text[1], words)
    return "", ""


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put the words into %(named)s places. A template that cannot be filled is sent as it is written."""
    try:
        return (template % _Forgiving(words)).strip()
    except (ValueError, TypeError, KeyError) as error:
        log.warning("template cannot be filled", error=str(error))
        return template


def _find(key: str, audience: str, channel: str, locale: str) -> Text | None:
    row = db.session.scalar(
        select(NotificationTemplate).where(
            NotificationTemplate.event == key,
            NotificationTemplate.audience == audience,
            NotificationTemplate.channel == channel,
            NotificationTemplate.locale == locale,
        )
    )
    if row is not None:
        return row.title, row.body
    return TEXTS.get((key, audience, group_of(channel)), {}).get(locale)
