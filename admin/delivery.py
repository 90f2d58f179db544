"""Where the store delivers and when: zones with their ZIPs, slots, traffic windows."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder.forms import DynamicForm
from sqlalchemy.orm import joinedload
from wtforms import IntegerField
from wtforms.validators import InputRequired

from admin import cells
from admin.base import NO_ADDING, StoreInterface, StoreModelView
from admin.cells import Column
from admin.filters import Bound, Choice
from admin.inventory import in_branch
from app import promise, stores
from app.core import clock
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.promise.models import DeliverySlot, WindowEffect, Zone
from app.promise.zones import set_capacity

EFFECTS = {WindowEffect.closed: _l("No deliveries"), WindowEffect.longer: _l("Takes longer")}


def zone_rows() -> list[tuple[int, str]]:
    """The store's zones."""
    rows = db.session.execute(db.select(Zone.id, Zone.name).order_by(Zone.position, Zone.name))
    return [(key, name) for key, name in rows]


class SlotForm(DynamicForm):
    capacity = IntegerField(
        _l("Capacity"), validators=[InputRequired()], description=_l("Orders this quarter of an hour takes.")
    )


def _local_day(typed: str) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise InvalidInput({"": _("Choose a date.")}) from None
    start = datetime.combine(day, time(), tzinfo=stores.current_store().zone)
    return start, start + timedelta(days=1)


class DeliverySlotAdmin(StoreModelView):
    """Quarters of an hour somebody has booked in; capacity never falls below what is booked."""

    datamodel = StoreInterface(DeliverySlot)
    route_base = "/console/slots"
    noun = "slot"
    list_title, edit_title = _l("Delivery times"), _l("Change capacity")
    hint = _l("A time appears here with its first booking; the usual capacity is the branch's.")
    edit_form = SlotForm
    exclude_route_methods = NO_ADDING | {"show"}
    eager = (joinedload(DeliverySlot.branch),)
    order = "-starts"
    filters = (
        in_branch(DeliverySlot.branch_id),
        Bound(
            "day",
            _l("Day"),
            _local_day,
            lambda span: (DeliverySlot.starts_at >= span[0]) & (DeliverySlot.starts_at < span[1]),
            kind="date",
        ),
        Choice(
            "when",
            _l("When"),
            lambda: (("coming", _l("Still to come")), ("full", _l("Full"))),
            lambda value: (
                DeliverySlot.starts_at >= clock.now()
                if value == "coming"
                else DeliverySlot.booked >= DeliverySlot.capacity
            ),
        ),
    )
    columns = (
        Column("starts", _l("Starts"), cells.moment("starts_at"), DeliverySlot.starts_at),
        Column("branch", _l("Branch"), lambda row: str(row.branch)),
        Column("booked", _l("Booked"), cells.plain("booked"), DeliverySlot.booked, "num"),
        Column("capacity", _l("Capacity"), cells.plain("capacity"), DeliverySlot.capacity, "num"),
        Column(
            "full",
            _l("Level"),
            lambda row: (
                cells.chip(_l("Full"), "danger")
                if row.booked >= row.capacity
                else cells.chip(_l("Free"), "success")
            ),
        ),
    )

    def title_of(self, row: DeliverySlot) -> str:
        return f"{row.branch}, {cells.show_moment(row.starts_at)}"

    def save(self, form: Any, item: DeliverySlot, created: bool) -> None:
        set_capacity(item.id, form.capacity.data)

    def after_save(self, item: DeliverySlot) -> str:
        promise.forget_world()
        return self.url("list")
