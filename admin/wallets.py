"""Wallets of customers: what is in them and why, and putting right by hand what went wrong."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from sqlalchemy import Select, String, and_, cast

from admin import cells
from admin.base import Answer
from admin.cells import Column
from admin.confirming import asks_password, confirm
from admin.filters import read_id
from admin.people import BuyersView, who_columns
from app import loyalty, stores
from app.core import clock, crypto
from app.core.amounts import parse_money
from app.core.errors import DomainError, InvalidInput, TooMany
from app.core.i18n import _, _l
from app.identity.models import Customer
from app.ledger import AccountKind, LedgerAccount
from app.orders.wallet_story import view_wallet
from app.web.actor import require
from app.web.errors import STATUS
from app.web.rendering import show_money

FIELDS = {"expires_at": "last_day"}
"""The domain's names for what the form calls otherwise."""


class WalletAdmin(BuyersView):
    """Staff read them; a store's administrator corrects them, with a reason and their password."""

    route_base = "/console/wallets"
    list_title = _l("Wallets")
    hint = _l("Money of customers that you keep for them.")
    empty = _l("No wallet has been used yet. Change, refunds and corrections open one.")
    show_template = "admin/wallet.html"
    order = "-balance"
    columns = (
        *who_columns("WalletAdmin"),
        Column("balance", _l("Balance"), cells.money("balance_minor"), -LedgerAccount.balance_minor, "num"),
    )

    def base_query(self) -> Select[Any]:
        """Those that have been used."""
        own = and_(
            LedgerAccount.kind == AccountKind.wallet,
            LedgerAccount.subject == cast(Customer.id, String),
            LedgerAccount.currency == stores.current_store().currency,
        )
        return super().base_query().join(LedgerAccount, own)

    def load_page(self) -> Any:
        page = super().load_page()
        balances = loyalty.balances_of([row.id for row in page.rows])
        for row in page.rows:
            row.balance_minor = balances.get(row.id, 0)
        return page

    def render_show(self, row: Customer, status: int = 200, **context: Any) -> Answer:
        """With a page of its history and, for who may, the form of a correction."""
        before = read_id(request.args.get("before"))
        said = {"errors": {}, "typed": {}} | context
        return super().render_show(
            row,
            status,
            wallet=view_wallet(row.id, before_id=before),
            first=before is None,
            asks_password=asks_password(),
            key=crypto.random_token(),
            today=clock.now().astimezone(stores.current_store().zone).date(),
            **said,
        )

    @expose("/correct/<pk>", methods=["POST"])
    @has_access
    def correct(self, pk: str) -> Answer:
        """Put money in or take it out. What is wrong stands beside its field, and nothing typed is lost."""
        row, actor = self.row(pk), require(*loyalty.CORRECTORS)
        try:
            confirm()
            amount, last = _read(request.form)
            reason, key = request.form.get("reason", ""), request.form.get("key", "")[:40]
            loyalty.correct(row.id, amount, reason=reason, key=key, actor=actor, expires_at=last)
        except DomainError as error:
            status = STATUS[error.kind]
            return self.render_show(self.row(pk), status, errors=_beside(error), typed=request.form)
        flash(_say(amount), "success")
        return redirect(self.url("show", pk=pk), 303)


def _read(form: Mapping[str, str]) -> tuple[int, datetime | None]:
    """The signed amount, and the moment after the last day. InvalidInput with every wrong field."""
    store, amount, last = stores.current_store(), 0, None
    errors: dict[str, str] = {}
    try:
        amount = parse_money(form.get("amount", ""), store.currency)
    except InvalidInput as error:
        errors |= error.errors
    if day := form.get("last_day", "").strip():
        try:
            last = datetime.combine(clock.read_day(day) + timedelta(days=1), time(), store.zone)
        except ValueError:
            errors["last_day"] = _("Choose a day to come; only money that is put in can end.")
    if form.get("direction") not in {"in", "out"}:
        errors["direction"] = _("Say whether you put money in or take it out.")
    if errors:
        raise InvalidInput(errors)
    return (amount if form.get("direction") == "in" else -amount), last


def _beside(error: DomainError) -> dict[str, str]:
    if isinstance(error, InvalidInput):
        return {FIELDS.get(name, name): text for name, text in error.errors.items()}
    return {"password" if isinstance(error, TooMany) else "amount": str(error)}


def _say(amount_minor: int) -> str:
    amount = show_money(abs(amount_minor))
    if amount_minor > 0:
        return _("%(amount)s is in the wallet now. The customer is told.", amount=amount)
    return _("%(amount)s was taken out of the wallet. The customer is told.", amount=amount)
