"""Our references in twenty characters, for providers that allow no more, and back again."""

import re

from app.payments.ports import Refused

LIMIT = 20
_OURS = re.compile(r"([A-Z0-9]+)-20(\d{6})-([A-Z0-9]{4})_(pay|ref)(\d+)\Z")
_SHORT = re.compile(r"([A-Z0-9]+)(\d{6})([A-Z0-9]{4})([pr])(\d+)\Z")
_KINDS = {"pay": "p", "ref": "r"}
_WORDS = {short: word for word, short in _KINDS.items()}


def shorten(reference: str) -> str:
    """`MIA-20261121-A9F3_pay1` as `MIA261121A9F3p1`. Refused for one that does not fit."""
    found = _OURS.match(reference)
    short = f"{found[1]}{found[2]}{found[3]}{_KINDS[found[4]]}{found[5]}" if found else reference
    if len(short) > LIMIT:
        raise Refused("the reference is too long for the provider")
    return short


def lengthen(short: str) -> str:
    """The reference that was shortened to this; the text itself when it is none of ours."""
    found = _SHORT.match(short)
    if found is None:
        return short
    return f"{found[1]}-20{found[2]}-{found[3]}_{_WORDS[found[4]]}{found[5]}"
