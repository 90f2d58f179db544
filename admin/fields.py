"""Form fields of the console that WTForms has no word for: texts per locale, money, percent, lists, local times."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from babel.dates import get_day_names
from flask import render_template
from markupsafe import Markup
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from app import stores
from app.core import clock
from app.core.amounts import parse_money, parse_percent, show_percent, show_plain
from app.core.errors import InvalidInput
from app.core.i18n import LOCALES, _, active_locale

Rows = Callable[[], Iterable[tuple[int, object]]]


class TextsField(Field):
    """One input for each language over a {locale: text} column; the store's own language may be required."""

    def __init__(
        self, label: object, *, longest: int = 200, needed: bool = False, lines: int = 1, **rest: Any
    ) -> None:
        super().__init__(label, **rest)
        self.longest, self.needed, self.lines = longest, needed, lines

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the typed texts; without a form the row's."""
        self.process_errors: list[str] = []
        if formdata:
            typed = {locale: formdata.get(self.name_of(locale), "").strip() for locale in LOCALES}
            kept = {} if data is unset_value else {k: v for k, v in (data or {}).items() if k not in LOCALES}
            self.data = {locale: text for locale, text in typed.items() if text} | kept
        else:
            self.data = {} if data is unset_value or data is None else dict(data)

    def name_of(self, locale: str) -> str:
        """The name of one language's input."""
        return f"{self.name}-{locale}"

    def pre_validate(self, form: Any) -> None:
        """The store's own language is what all others fall back to."""
        own = stores.current_store().default_locale
        if self.needed and not self.data.get(own):
            raise StopValidation(_("Write it at least in %(language)s.", language=LOCALES[own]))
        if any(len(text) > self.longest for text in self.data.values()):
            raise StopValidation(_("At most %(count)s characters, please.", count=self.longest))

    def __call__(self, **attributes: Any) -> Markup:
        """The inputs, one under the other."""
        html = render_template("admin/_texts.html", field=self, own=stores.current_store().default_locale)
        return Markup(html)


class MoneyField(StringField):
    """An amount in the store's currency, kept as minor units. Empty is None; a required one needs a validator."""

    def process_data(self, value: int | None) -> None:
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if typed:
            try:
                self.data = parse_money(typed, stores.current_store().currency)
            except InvalidInput as error:
                raise ValueError(error.errors["amount"]) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return show_plain(self.data, stores.current_store().currency)


class OptionalText(StringField):
    """A line of text without blanks around it; nothing is ''."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].replace("\x00", "").strip() if valuelist else ""


class WordsField(StringField):
    """A list of short words with commas between them."""

    def __init__(self, label: object, *, longest: int = 40, lower: bool = True, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.longest, self.lower = longest, lower

    def process_formdata(self, valuelist: list[str]) -> None:
        words = [word.strip() for word in re.split(r"[,;\n]", valuelist[0] if valuelist else "")]
        words = [word.lower() if self.lower else word for word in words if word]
        if any(len(word) > self.longest for word in words):
            raise ValueError(_("At most %(count)s characters a word, please.", count=self.longest))
        self.data = list(dict.fromkeys(words))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ", ".join(self.data or [])


class LinesField(TextAreaField):
    """A list of codes, with blanks, commas or line ends between them."""

    def process_formdata(self, valuelist: list[str]) -> None:
        words = re.split(r"[\s,;]+", valuelist[0] if valuelist else "")
        self.data = list(dict.fromkeys(word for word in words if word))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else " ".join(map(str, self.data or []))


class LocalMomentField(StringField):
    """A date and a time of day by the store's clock, kept in UTC; empty is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if typed:
            try:
                self.data = clock.read_moment(typed, stores.current_store().zone)
            except ValueError:
                raise ValueError(_("Choose a date and a time.")) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        at: Any = self.data
        return at.astimezone(stores.current_store().zone).strftime("%Y-%m-%dT%H:%M") if at else ""


class RowField(SelectField):
    """A drop-down of rows of the store; `blank` is the words for none of them."""

    def __init__(self, label: object, rows: Rows, *, blank: object = None, **rest: Any) -> None:
        self.rows, self.blank = rows, blank
        super().__init__(label, coerce=_row_id, choices=self._choices, **rest)

    def _choices(self) -> list[tuple[Any, object]]:
        first: list[tuple[Any, object]] = [] if self.blank is None else [("", self.blank)]
        return [*first, *self.rows()]


class RowsField(SelectMultipleField):
    """Several rows of the store, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: object, rows: Rows, **rest: Any) -> None:
        super().__init__(label, coerce=_row_id, choices=lambda: [*rows()], **rest)


class WeekdaysField(RowsField):
    """Days of the week, 0 for Monday."""

    def __init__(self, label: object, **rest: Any) -> None:
        super().__init__(label, weekdays, **rest)


class RatesField(Field):
    """Tax classes and their rates: {class: basis points}, typed as percent."""

    BLANKS = 2

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Pairs of inputs; a pair without a name is left out."""
        self.process_errors = []
        self.data = {}
        if not formdata:
            self.data = {} if data is unset_value else dict(data or {})
            self.typed = [(name, show_percent(points)) for name, points in self.data.items()]
            return
        names, rates = formdata.getlist(f"{self.name}-class"), formdata.getlist(f"{self.name}-rate")
        self.typed = [(n.strip(), r.strip()) for n, r in zip(names, rates, strict=False) if n.strip()]
        try:
            self.data = {name: parse_percent(rate, "rate") for name, rate in self.typed}
        except InvalidInput as error:
            self.process_errors.append(error.errors["rate"])

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise StopValidation(_("Name at least one tax class."))
        if len(self.data) < len(self.typed) or any(not _TAX_CLASS.fullmatch(name) for name in self.data):
            raise StopValidation(_("A tax class is a short word in small letters, named once."))

    def __call__(self, **attributes: Any) -> Markup:
        rows = [*self.typed, *([("", "")] * self.BLANKS)]
        return Markup(render_template("admin/_rates.html", field=self, rows=rows))


_TAX_CLASS = re.compile(r"[a-z][a-z0-9_]{0,15}")


def weekdays() -> list[tuple[int, object]]:
    """Monday to Sunday in the reader's language."""
    names = get_day_names("wide", context="stand-alone", locale=active_locale())
    return [(day, str(names[day]).capitalize()) for day in range(7)]


def _row_id(value: Any) -> int | None:
    return int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 19 else None
