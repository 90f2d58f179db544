"""What people say about themselves."""

from datetime import date

from app.core import clock
from app.core.db import transaction
from app.core.errors import InvalidInput
from app.core.i18n import LOCALES, _
from app.identity.models import Person

OLDEST = 125  # years


def read_birth_date(text: str, *, field: str = "birth_date") -> date | None:
    """A date of birth typed as YYYY-MM-DD; None when empty. Raises InvalidInput when it is no date in a life."""
    if not text.strip():
        return None
    try:
        born = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput({field: _("Enter the date as year-month-day, such as 1986-04-30.")}) from error
    today = clock.now().date()
    if not date(today.year - OLDEST, 1, 1) <= born <= today:
        raise InvalidInput({field: _("Please check the year.")})
    return born


def age_on(day: date, birth_date: date) -> int:
    """Whole years; somebody born on 29 February has their birthday on 1 March of other years."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


@transaction()
def update_profile(person: Person, *, first_name: str, last_name: str, locale: str, birth_date: str) -> None:
    """Change name, language and date of birth. Raises InvalidInput with every wrong field."""
    errors: dict[str, str] = {}
    names = {"first_name": " ".join(first_name.split()), "last_name": " ".join(last_name.split())}
    for field, value in names.items():
        if len(value) > 64:
            errors[field] = _("Use at most %(count)s characters.", count=64)
    if not names["first_name"]:
        errors["first_name"] = _("Please fill this in.")
    if locale not in LOCALES:
        errors["locale"] = _("Choose one of the languages.")
    born = None
    try:
        born = read_birth_date(birth_date)
    except InvalidInput as error:
        errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    person.first_name, person.last_name = names["first_name"], names["last_name"]
    person.locale, person.birth_date = locale, born
