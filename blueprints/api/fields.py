"""Fields that refuse in the caller's language, and the two kinds of schema: what is asked and what is answered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import Length, OneOf, Range, Validator

from app.core.i18n import _l

_NEEDED = _l("Please fill this in.")
_WRONG = _l("This is not a value of the expected kind.")
_LONG = _l("Use at most {max} characters.")
LARGEST = 2**53 - 1
"""Beyond this, JSON numbers of many clients stop being exact."""


class _Said:
    """Messages of ours in place of the library's."""

    default_error_messages = {
        "required": _NEEDED,
        "null": _NEEDED,
        "invalid": _WRONG,
        "type": _WRONG,
        "validator_failed": _WRONG,
        "too_large": _WRONG,
        "overflow": _WRONG,
        "special": _WRONG,
        "format": _WRONG,
        "invalid_utf8": _WRONG,
        "naive": _l("The time needs a time zone, such as 2026-11-21T17:15:00-05:00."),
        "invalid_awareness": _l("The time needs a time zone, such as 2026-11-21T17:15:00-05:00."),
    }


class Text(_Said, fields.String):
    """Text of `shortest` to `longest` characters that PostgreSQL can keep; one of `among` when that is given."""

    def __init__(
        self, longest: int = 200, *, shortest: int = 0, among: Iterable[str] = (), **options: Any
    ) -> None:
        checks: list[Validator] = [Length(max=longest, error=_LONG)]
        if shortest:
            checks.append(Length(min=shortest, error=_NEEDED))
        if choices := [str(value) for value in among]:
            checks.append(OneOf(choices, error=_l("Choose one of: {choices}.")))
        super().__init__(validate=checks, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise self.make_error("invalid")
        return text


class Whole(_Said, fields.Integer):
    """A whole number from `low` to `high`. In a body it has to be a number, in a query its digits will do."""

    def __init__(self, low: int = 0, high: int = LARGEST, *, typed: bool = True, **options: Any) -> None:
        between = Range(low, high, error=_l("Choose a number from {min} to {max}."))
        super().__init__(strict=typed, validate=between, **options)


class Number(_Said, fields.Float):
    """A number."""


class Flag(_Said, fields.Boolean):
    """true or false."""


class Day(_Said, fields.Date):
    """A date, YYYY-MM-DD."""


class Moment(_Said, fields.AwareDateTime):
    """A point in time with its offset, in years that calendars can count with."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        at: datetime = super()._deserialize(value, attr, data, **options)
        if not 2000 <= at.year <= 2100:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return at


class Many(_Said, fields.List):
    """A list of up to `most`."""

    def __init__(self, inner: Any, *, least: int = 0, most: int | None = None, **options: Any) -> None:
        if most is not None:
            options["validate"] = Length(least, most, error=_l("Send {min} to {max} of these."))
        super().__init__(inner, **options)


class Part(_Said, fields.Nested):
    """An object inside an object."""


def words(*values: str, **metadata: Any) -> dict[str, Any]:
    """Metadata of a text whose values the domain knows and checks."""
    return {"enum": list(values), **metadata}


class Asked(Schema):
    """A request: what it does not know it refuses, so that a misspelt field does not pass in silence."""

    error_messages = {"unknown": _l("This field is not known."), "type": _l("Send a JSON object.")}

    class Meta:
        unknown = RAISE


class Query(Schema):
    """A query string; parameters that it does not know are ignored."""


class Answer(Schema):
    """An answer: every field of it is always there."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Say so in the document."""
        field_obj.required = True
