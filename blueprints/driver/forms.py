"""What a driver types at the door, read strictly, and what is answered."""

from collections.abc import Mapping
from datetime import date

from app import stores
from app.core import clock
from app.core.amounts import parse_money
from app.core.errors import InvalidInput
from app.core.i18n import _
from app.orders import Action, Details, Order, Status
from app.orders.change import to_wallet
from app.web.rendering import show_money

LONGEST_REASON = 200


def read_details(action: Action, form: Mapping[str, str], due_minor: int = 0) -> Details:
    """The fields of an action's form; `due_minor` is what the change is reckoned from. InvalidInput on a field."""
    if action is Action.fail:
        reason = form.get("other", "").strip() or form.get("reason", "").strip()
        return Details(reason=reason[:LONGEST_REASON])
    if action is not Action.deliver:
        return Details()
    cash = form.get("cash_received", "").strip()
    born = form.get("birth_date", "").strip()
    currency = stores.current_store().currency
    received = parse_money(cash, currency, "cash_received") if cash else None
    return Details(
        cash_received_minor=received,
        change_to_wallet_minor=to_wallet(received, due_minor, form.get("change", ""), currency),
        id_checked=form.get("id_checked") == "yes",
        birth_date=_read_date(born) if born else None,
    )


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
    if order.change_to_wallet_minor:
        return _(
            "Delivered. Change given: %(amount)s. Into the wallet: %(wallet)s.",
            amount=show_money(order.change_minor or 0, order.currency),
            wallet=show_money(order.change_to_wallet_minor, order.currency),
        )
    if order.change_minor:
        return _(
            "Delivered. Change given: %(amount)s.", amount=show_money(order.change_minor, order.currency)
        )
    return _("Delivered %(code)s.", code=order.code)
