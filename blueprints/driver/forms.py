"""What a driver types at the door, read strictly, and what is answered."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from app import stores
from app.core import clock
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.core.money import exponent
from app.orders import Action, Details, Order, Status
from app.web.rendering import show_money

MOST = 10**11
LONGEST_REASON = 200


def read_details(action: Action, form: Mapping[str, str]) -> Details:
    """The fields of an action's form. Raises InvalidInput naming the field."""
    if action is Action.fail:
        reason = form.get("other", "").strip() or form.get("reason", "").strip()
        return Details(reason=reason[:LONGEST_REASON])
    if action is not Action.deliver:
        return Details()
    cash = form.get("cash_received", "").strip()
    born = form.get("birth_date", "").strip()
    return Details(
        cash_received_minor=read_amount(cash, stores.current_store().currency) if cash else None,
        id_checked=form.get("id_checked") == "yes",
        birth_date=_read_date(born) if born else None,
    )


def read_amount(text: str, currency: str) -> int:
    """An amount as people type it, in minor units: 40, 40.5, 40,50, $40.00, Rp 150.000. Raises InvalidInput."""
    digits = exponent(currency)
    plain = "".join(c for c in text if c.isdigit() or c in ".,-")
    if digits == 0:
        plain = plain.replace(".", "").replace(",", "")
    elif "," in plain and "." in plain:
        plain = plain.replace(",", "")
    else:
        plain = plain.replace(",", ".")
    try:
        minor = Decimal(plain).scaleb(digits)
    except InvalidOperation as error:
        raise InvalidInput({"cash_received": _("Write the amount in figures.")}) from error
    if minor != minor.to_integral_value() or not 0 <= minor <= MOST:
        raise InvalidInput({"cash_received": _("Write the amount in figures.")})
    return int(minor)


def _read_date(text: str) -> date:
    try:
        born = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput({"birth_date": _("Write the date of birth as on the ID.")}) from error
    if not date(1900, 1, 1) <= born <= clock.now().date():
        raise InvalidInput({"birth_date": _("Write the date of birth as on the ID.")})
    return born


def say_done(order: Order) -> str:
    """One sentence after an action."""
    if order.status is Status.PICKED_UP:
        return _("Picked up %(code)s.", code=order.code)
    if order.status is Status.FAILED:
        return _("%(code)s goes back to the pharmacy.", code=order.code)
    if order.change_minor:
        return _(
            "Delivered. Change given: %(amount)s.", amount=show_money(order.change_minor, order.currency)
        )
    return _("Delivered %(code)s.", code=order.code)
