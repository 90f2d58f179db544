"""The words of gettext in one place, so that domains need not know which library speaks them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

LOCALES: dict[str, str] = {"en": "English", "ru": "Русский", "es": "Español"}
DEFAULT_LOCALE = "en"

__all__ = ["DEFAULT_LOCALE", "LOCALES", "_", "_l", "_n", "active_locale", "pick", "speaking"]


def active_locale() -> str:
    """The language of this request or job: a key of LOCALES."""
    locale = get_locale()
    code = locale.language if locale else DEFAULT_LOCALE
    return code if code in LOCALES else DEFAULT_LOCALE


def pick(texts: Mapping[str, str] | None, locale: str | None = None, default: str = DEFAULT_LOCALE) -> str:
    """The text in `locale` (the active one by default), else in the store's default, else in any language."""
    if not texts:
        return ""
    return texts.get(locale or active_locale()) or texts.get(default) or next(iter(texts.values()), "")


def speaking(locale: str) -> AbstractContextManager[None]:
    """Say what is said in the block in this language, whoever asks: for words that a job sends to somebody."""
    spoken: AbstractContextManager[None] = force_locale(locale if locale in LOCALES else DEFAULT_LOCALE)
    return spoken
