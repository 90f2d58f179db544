"""Where the store delivers and when: zones with their ZIPs, slots, traffic windows."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder.forms import DynamicForm
from sqlalchemy.orm import joinedload, selectinload
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from admin import cells
from admin.base import FRAMEWORK_ROUTES, NO_ADDING, StoreInterface, StoreModelView
from admin.cells import Column
from admin.fields import (
    LinesField,
    MoneyField,
    OptionalText,
    RowField,
)
from admin.filters import Bound, Choice, yes_no
from admin.inventory import branch_rows, in_branch
from app import promise, stores
from app.core import clock
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.promise.models import DeliverySlot, WindowEffect, Zone
from app.promise.zones import read_zips, set_capacity, set_zips

EFFECTS = {WindowEffect.closed: _l("No deliveries"), WindowEffect.longer: _l("Takes longer")}


class ZoneForm(DynamicForm):
    name = OptionalText(_l("Name"), validators=[InputRequired(), Length(max=80)])
    branch_id = RowField(_l("Branch"), branch_rows, validators=[InputRequired()])
    zips = LinesField(
        _l("ZIPs"),
        description=_l("With blanks or line ends between them."),
        render_kw={"rows": 5, "spellcheck": "false"},
    )
    minimum_minor = MoneyField(_l("Minimum order"), validators=[InputRequired()], default=0)
    fee_minor = MoneyField(_l("Delivery fee"), validators=[InputRequired()], default=0)
    free_from_minor = MoneyField(_l("Free from"), description=_l("Empty: never free."))
    eta_low = IntegerField(
        _l("Fastest, minutes"), validators=[InputRequired(), NumberRange(1, 600)], default=30
    )
    eta_high = IntegerField(
        _l("Slowest, minutes"), validators=[InputRequired(), NumberRange(1, 600)], default=60
    )
    express = BooleanField(_l("As soon as possible"), default=True)
    slots = BooleanField(_l("At a chosen time"), default=True)
    active = BooleanField(_l("Active"), default=True)
    position = IntegerField(_l("Position"), validators=[InputRequired(), NumberRange(0, 9999)], default=0)


def zone_rows() -> list[tuple[int, str]]:
    """The store's zones."""
    rows = db.session.execute(db.select(Zone.id, Zone.name).order_by(Zone.position, Zone.name))
    return [(key, name) for key, name in rows]


class ZoneAdmin(StoreModelView):
    """Areas, each served by one branch on its own terms."""

    datamodel = StoreInterface(Zone)
    route_base = "/console/zones"
    noun = "zone"
    list_title, add_title, edit_title = _l("Zones"), _l("Add zone"), _l("Edit zone")
    add_form = edit_form = ZoneForm
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    eager = (joinedload(Zone.branch), selectinload(Zone.zips))
    order = "position"
    search_in = (Zone.name,)
    filters = (
        in_branch(Zone.branch_id),
        yes_no("active", _l("Active"), Zone.active, _l("Active"), _l("Paused")),
    )
    columns = (
        Column("name", _l("Name"), cells.linked("name", "ZoneAdmin.edit"), Zone.name),
        Column("branch", _l("Branch"), lambda row: str(row.branch)),
        Column(
            "zips", _l("ZIPs"), lambda row: ", ".join(zip_code.zip for zip_code in row.zips) or cells.NOTHING
        ),
        Column("minimum", _l("Minimum order"), cells.money("minimum_minor"), Zone.minimum_minor, "num"),
        Column("fee", _l("Fee"), cells.money("fee_minor"), Zone.fee_minor, "num"),
        Column("free", _l("Free from"), cells.money("free_from_minor"), Zone.free_from_minor, "num"),
        Column("eta", _l("Minutes"), lambda row: f"{row.eta_low}–{row.eta_high}", Zone.eta_low, "num"),
        Column("position", _l("Position"), cells.plain("position"), Zone.position, "num"),
        Column("active", _l("Active"), cells.yes("active"), Zone.active),
    )

    def fill(self, form: Any, item: Zone) -> None:
        form.zips.data = [row.zip for row in item.zips]

    def save(self, form: Any, item: Zone, created: bool) -> None:
        """The zone, then its ZIPs: each belongs to one zone at most."""
        if form.eta_low.data > form.eta_high.data:
            raise InvalidInput({"eta_high": _("This cannot be less than the fastest.")})
        zips = read_zips(form.zips.data)
        for field in form:
            if field.name not in {"zips", "csrf_token"}:
                setattr(item, field.name, field.data)
        if created:
            db.session.add(item)
            db.session.flush()
        added, removed = set_zips(item, zips)
        if (added or removed) and not created:
            self.write_down("zips_changed", item.id, added=added, removed=removed)

    def after_save(self, item: Zone) -> str:
        promise.forget_world()
        return self.url("list")

    def remove(self, item: Zone) -> None:
        for row in item.zips:
            db.session.delete(row)
        db.session.flush()
        super().remove(item)


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
