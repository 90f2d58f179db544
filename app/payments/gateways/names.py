"""Our references in twenty characters, for providers that allow no more, and back again."""

import re

from app.payments.ports import Refused

LIMIT = 20
_OURS = re.compile(r"([A-Z0-9]+)-20(\d{6})-([A-Z0-9]{4})_(pay|ref)(\d+)\Z")
_SHORT = re.compile(r"([A-Z0-9]+)(\d{6})([A-Z0-9]{4})([pr])(\d+)\Z")
_WHOLE = re.compile(r"\S+_(pay|ref)\d+\Z")
"""One that was short enough as it is."""
_KINDS = {"pay": "p", "ref": "r"}
_WORDS = {short: word for word, short in _KINDS.items()}


def shorten(reference: str) -> str:
    """`MIA-20261121-A9F3_pay1` as `MIA261121A9F3p1`. Refused for one that does not fit."""
    found = _OURS.match(reference)
    short = f"{found[1]}{found[2]}{found[3]}{_KINDS[found[4]]}{found[5]}" if found else reference
    if len(short) > LIMIT:
        raise Refused("the reference is too long for the provider")
    return short


def lengthen(*given: object) -> str:
    """Our reference among what a provider names a payment by, whole again; empty when none of it is ours."""
    for text in map(str, given):
        if found := _SHORT.match(text):
            return f"{found[1]}-20{found[2]}-{found[3]}_{_WORDS[found[4]]}{found[5]}"
        if _WHOLE.match(text):
            return text
    return ""
