"""E-mail addresses in their one form."""

import re

from app.core.errors import InvalidInput
from app.core.i18n import _

LONGEST = 120
_MAILBOX = re.compile(r"[!#-'*+./-9=?A-Z^-~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z-][A-Za-z0-9-]+")
"""What mailboxes look like; whether there is one, the letter finds out."""


def read_email(typed: str, *, field: str = "email") -> str:
    """The address in small letters. Raises InvalidInput on `field` when it is none, or longer than LONGEST."""
    email = typed.strip().lower()
    if len(email) > LONGEST or not _MAILBOX.fullmatch(email):
        raise InvalidInput({field: _("Enter an e-mail address such as ana@example.com.")})
    return email
