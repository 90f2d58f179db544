"""Goods between branches: drafted, sent, received with a count."""

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import joinedload, selectinload
from wtforms.validators import InputRequired, Length

from admin import cells
from admin.base import FRAMEWORK_ROUTES, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.counting import read_count
from admin.fields import OptionalText, RowField
from admin.filters import Choice, read_id
from admin.inventory import branch_rows, in_branch
from admin.refusals import message_of
from app.catalog.models import Variant
from app.core.errors import DomainError, InvalidInput
from app.core.i18n import _, _l
from app.inventory import transfers
from app.inventory.models import StockTransfer, StockTransferLine, TransferStatus
from app.web.actor import current_actor
from app.web.errors import STATUS as HTTP

STATES = {
    TransferStatus.draft: _l("Draft"),
    TransferStatus.sent: _l("On its way"),
    TransferStatus.received: _l("Received"),
    TransferStatus.cancelled: _l("Cancelled"),
}
COLOURS = {TransferStatus.sent: "warning", TransferStatus.received: "success", TransferStatus.draft: "info"}


class TransferForm(DynamicForm):
    from_branch_id = RowField(_l("From"), branch_rows, validators=[InputRequired()])
    to_branch_id = RowField(_l("To"), branch_rows, validators=[InputRequired()])
    note = OptionalText(_l("Note"), validators=[Length(max=200)])


class StockTransferAdmin(StoreModelView):
    """Every transfer; a draft is filled, sent and, over there, counted in."""

    datamodel = StoreInterface(StockTransfer)
    route_base = "/console/transfers"
    noun = "transfer"
    list_title, add_title = _l("Transfers"), _l("New transfer")
    hint = _l("What is on its way belongs to neither branch.")
    empty = _l("Nothing has gone from one branch to another yet.")
    add_form = TransferForm
    list_template = "admin/transfers.html"
    show_template = "admin/transfer.html"
    exclude_route_methods = FRAMEWORK_ROUTES | {"edit", "delete"}
    eager = (
        joinedload(StockTransfer.from_branch),
        joinedload(StockTransfer.to_branch),
        selectinload(StockTransfer.lines).joinedload(StockTransferLine.variant).joinedload(Variant.product),
    )
    filters = (
        Choice(
            "state",
            _l("State"),
            lambda: [(state.value, word) for state, word in STATES.items()],
            lambda value: StockTransfer.status == TransferStatus(value),
        ),
        in_branch(StockTransfer.to_branch_id),
    )
    columns = (
        Column(
            "number", _l("Transfer"), cells.linked("id", "StockTransferAdmin.show", str), StockTransfer.id
        ),
        Column("state", _l("State"), cells.chips("status", STATES, COLOURS), StockTransfer.status),
        Column("from", _l("From"), lambda row: str(row.from_branch)),
        Column("to", _l("To"), lambda row: str(row.to_branch)),
        Column("goods", _l("Items"), lambda row: transfers.describe_lines(row) or cells.NOTHING),
        Column("created", _l("Drafted"), cells.moment("created_at"), StockTransfer.created_at, "when"),
        Column("sent", _l("Sent"), cells.moment("sent_at"), StockTransfer.sent_at, "when"),
        Column("closed", _l("Closed"), cells.moment("closed_at"), StockTransfer.closed_at, "when"),
    )

    def may(self, method: str) -> bool:
        """As for every list; a new one needs a second branch to go to."""
        return super().may(method) and (method != "add" or len(branch_rows()) > 1)

    def presets(self) -> dict[str, Any]:
        """From and to whom the address says, else from the first branch to the second."""
        rows = [key for key, _name in branch_rows()]
        asked = [read_id(request.args.get(name)) for name in ("from", "to")]
        if all(key in rows for key in asked):
            rows = [key for key in asked if key]
        return {"from_branch_id": rows[0], "to_branch_id": rows[1]} if len(rows) > 1 else {}

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Answer:
        """A new draft."""
        form = TransferForm(**self.presets())
        if request.method == "POST" and form.validate():
            try:
                transfer = transfers.draft_transfer(
                    form.from_branch_id.data,
                    form.to_branch_id.data,
                    actor=current_actor(),
                    note=form.note.data,
                )
            except InvalidInput as error:
                form.to_branch_id.errors = [*error.errors.values()]
            else:
                return redirect(self.url("show", pk=transfer.id), 303)
        return self.render_form(form, None)

    def render_show(self, row: StockTransfer, status: int = 200, **context: Any) -> Answer:
        """With what may be done to it now."""
        chip = cells.chips("status", STATES, COLOURS)(row)
        return super().render_show(row, status, chip=chip, moment=cells.show_moment, **context)

    @expose("/put/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def put(self, pk: str) -> Answer:
        """Set how many of a SKU a draft holds; 0 takes it out."""
        form = request.form
        return self._act(
            pk,
            lambda key: transfers.put_line(
                key, form.get("sku", ""), read_count(form.get("quantity"), "quantity"), actor=current_actor()
            ),
        )

    @expose("/send/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def send(self, pk: str) -> Answer:
        """Off the one branch's shelves."""
        return self._act(pk, lambda key: transfers.send_transfer(key, actor=current_actor()))

    @expose("/receive/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def receive(self, pk: str) -> Answer:
        """Onto the other's, as counted."""
        return self._act(
            pk, lambda key: transfers.receive_transfer(key, _counted(self.row(pk)), actor=current_actor())
        )

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def cancel(self, pk: str) -> Answer:
        """Drop a draft."""
        return self._act(pk, lambda key: transfers.cancel_transfer(key, actor=current_actor()))

    def _act(self, pk: str, work: Any) -> Answer:
        row = self.row(pk)
        try:
            work(row.id)
        except DomainError as error:
            errors = error.errors if isinstance(error, InvalidInput) else {"": message_of(error)}
            return self.render_show(self.row(pk), HTTP[error.kind], errors=errors, typed=request.form)
        flash(_("Saved."), "success")
        return redirect(self.url("show", pk=pk), 303)


def _counted(transfer: StockTransfer) -> dict[int, int]:
    """Variant id → what was typed for it; InvalidInput with every field that is no count."""
    errors: dict[str, str] = {}
    counted: dict[int, int] = {}
    for line in transfer.lines:
        name = f"line-{line.variant_id}"
        try:
            counted[line.variant_id] = read_count(request.form.get(name), name)
        except InvalidInput as error:
            errors |= error.errors
    if errors:
        raise InvalidInput(errors)
    return counted
