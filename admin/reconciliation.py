"""What providers and banks say against the ledger: how each method stands, and every difference with its ways out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import joinedload

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.confirming import asks_for, confirm_amount
from admin.disputes import method_name
from admin.filters import Choice, one_of
from admin.refusals import errors_of
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.core.money import Minor
from app.orders import reconciling
from app.payments import differences, overview, reconciliation
from app.payments.catalogue import METHODS
from app.payments.settlement_models import (
    DifferenceSort,
    DifferenceStatus,
    LineKind,
    RunStatus,
    SettlementDifference,
)
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP

D, S = DifferenceStatus, DifferenceSort
STATES = {
    D.open: _l("Open"),
    D.settled: _l("Settled"),
    D.explained: _l("Explained"),
    D.gone: _l("Agrees now"),
}
COLOURS = {D.open: "warning", D.settled: "success", D.explained: "info"}
SORTS = {
    S.missing_here: _l("Missing here"),
    S.missing_there: _l("Missing in the list"),
    S.amount: _l("Another amount"),
    S.currency: _l("Another currency"),
}
KINDS = {
    LineKind.payment: _l("Payment"),
    LineKind.refund: _l("Refund"),
    LineKind.chargeback: _l("Chargeback"),
}
RUNS = {RunStatus.running: _l("Running"), RunStatus.done: _l("Done"), RunStatus.failed: _l("Failed")}


def ours(row: SettlementDifference) -> str:
    """Our amount, as the list would sign it."""
    return _amount(row.ours_minor, row.ours_currency)


def theirs(row: SettlementDifference) -> str:
    """The list's amount."""
    return _amount(row.theirs_minor, row.theirs_currency)


def _amount(amount_minor: Minor | None, currency: str) -> str:
    return cells.NOTHING if amount_minor is None else cells.show_money(amount_minor, currency or None)


def named(row: SettlementDifference) -> str:
    """What the difference is about: the list's name for it, else ours."""
    if row.line is not None:
        return row.line.external_id
    return row.receipt.external_id if row.receipt is not None else str(row.refund)


def _at_stake(row: SettlementDifference) -> Minor:
    """The larger of the two amounts: what settling it can move."""
    return max(abs(row.ours_minor or 0), abs(row.theirs_minor or 0))


@dataclass(frozen=True)
class Ways:
    """What this person may do about a difference."""

    post: bool
    needs_code: bool
    write_off: bool


class ReconciliationAdmin(StoreModelView):
    """Every difference between a settlement list and the ledger."""

    datamodel = StoreInterface(SettlementDifference)
    route_base = "/console/reconciliation"
    list_title = _l("Reconciliation")
    hint = _l("Each method against the list of its provider or bank, every night and whenever you ask.")
    empty = _l("Everything agrees.")
    list_template = "admin/reconciliation.html"
    show_template = "admin/difference.html"
    exclude_route_methods = READ_ONLY
    eager = (
        joinedload(SettlementDifference.line),
        joinedload(SettlementDifference.receipt),
        joinedload(SettlementDifference.refund),
    )
    order = "-found"
    filters = (
        one_of("state", _l("State"), SettlementDifference.status, STATES),
        one_of("sort_of", _l("Difference"), SettlementDifference.sort, SORTS),
        Choice(
            "by",
            _l("Method"),
            lambda: [(code, METHODS[code].name) for code in reconciliation.listed_methods()],
            lambda value: SettlementDifference.method == value,
        ),
    )
    columns = (
        Column("what", _l("What"), cells.linked("id", "ReconciliationAdmin.show", named), None, "code"),
        Column("kind", _l("Kind"), lambda row: KINDS[row.kind]),
        Column("sort", _l("Difference"), lambda row: SORTS[row.sort], SettlementDifference.sort),
        Column("method", _l("Method"), method_name, SettlementDifference.method),
        Column("ours", _l("Here"), ours, SettlementDifference.ours_minor, "num"),
        Column("theirs", _l("In the list"), theirs, SettlementDifference.theirs_minor, "num"),
        Column("state", _l("State"), cells.chips("status", STATES, COLOURS), SettlementDifference.status),
        Column("found", _l("Found"), cells.moment("found_at"), SettlementDifference.found_at, "when"),
    )

    def title_of(self, row: SettlementDifference) -> str:
        """The name of what it is about."""
        return named(row)

    def render_list(self, status: int = 200, **context: Any) -> Answer:
        """Under how each method stands."""
        return super().render_list(
            status,
            methods=overview.methods_now(),
            names={code: method.name for code, method in METHODS.items()},
            runs=RUNS,
            moment=cells.show_moment,
            **context,
        )

    @expose("/run/<method_code>", methods=["POST"])
    @has_access
    @permission_name("settle")
    def run(self, method_code: str) -> Answer:
        """Compare a method now."""
        reconciliation.ask_run(method_code, actor=current_actor())
        flash(_("The list is being fetched. Look again in a moment."), "success")
        return redirect(self.url("list"), 303)

    @expose("/post/<pk>", methods=["POST"])
    @has_access
    @permission_name("settle")
    def post(self, pk: str) -> Answer:
        """Write down here what the list has."""
        code = request.form.get("code", "").replace("\x00", "")[:40]
        return self._act(pk, lambda key: reconciling.post_missing(key, actor=current_actor(), code=code))

    @expose("/write-off/<pk>", methods=["POST"])
    @has_access
    @permission_name("settle")
    def write_off(self, pk: str) -> Answer:
        """Take the list's amount as it is."""
        reason = request.form.get("reason", "")
        return self._act(pk, lambda key: differences.write_off(key, reason, actor=current_actor()))

    @expose("/explain/<pk>", methods=["POST"])
    @has_access
    @permission_name("settle")
    def explain(self, pk: str) -> Answer:
        """Nothing is to be posted, and why."""
        reason = request.form.get("reason", "")
        return self._act(pk, lambda key: differences.explain(key, reason, actor=current_actor()))

    def _act(self, pk: str, work: Callable[[int], bool | None]) -> Answer:
        row = self.row(pk)
        try:
            confirm_amount(_at_stake(row))
            done = work(row.id)
        except DomainError as error:
            errors = errors_of(error)
            if not isinstance(error, InvalidInput):
                errors = {"": next(iter(errors.values()))}
            return self.render_show(self.row(pk), HTTP[error.kind], errors=errors, typed=request.form)
        if done is False:
            flash(_("Written down. A second person has to confirm this amount."), "info")
        else:
            flash(_("Settled."), "success")
        return redirect(self.url("list", state="open"), 303)

    def render_show(self, row: SettlementDifference, status: int = 200, **context: Any) -> Answer:
        """Ours beside theirs, and what may be done."""
        about = reconciling.order_of(row)
        can_post = reconciling.can_post(row)
        owner = current_actor().has(*differences.OWNERS)
        ways = Ways(
            post=can_post,
            needs_code=can_post and about is None,
            write_off=owner and row.sort in {S.amount, S.missing_there},
        )
        return super().render_show(
            row,
            status,
            ways=ways,
            about=about,
            about_url=url_for("OrderAdmin.show", pk=about.id) if about else "",
            chip=cells.chips("status", STATES, COLOURS)(row),
            sort=SORTS[row.sort],
            kind=KINDS[row.kind],
            method=method_name(row),
            ours=ours(row),
            theirs=theirs(row),
            moment=cells.show_moment,
            asks_password=asks_for(_at_stake(row)),
            **({"errors": {}, "typed": {}} | context),
        )
