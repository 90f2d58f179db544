"""Price overrides: another price for a customer, a doctor's customers, a tier, or everybody for a time."""

from typing import Any

from flask import request
from flask_appbuilder.forms import DynamicForm
from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload
from wtforms import SelectField
from wtforms.validators import InputRequired, Length

from admin import cells
from admin.base import FRAMEWORK_ROUTES, StoreInterface, StoreModelView
from admin.catalog import values_of
from admin.cells import Column
from admin.fields import LocalMomentField, MoneyField, OptionalText, RowField
from admin.filters import Choice, read_id
from app import identity
from app.catalog import overrides
from app.catalog.models import PriceOverride, Product, Variant
from app.catalog.prices import KIND_LABELS, PriceKind, offer_of
from app.core import clock
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.identity.models import Customer, Membership, Person
from app.web.actor import current_actor

ROW = PriceOverride
FIELD_OF = {PriceKind.patient: "customer_id", PriceKind.doctor: "doctor_id", PriceKind.tier: "tier"}
STATES = {"now": _l("Holds now"), "later": _l("Later"), "over": _l("Over")}
STATE_COLOURS = {"now": "success", "later": "info", "over": "default"}


def doctor_rows() -> list[tuple[int, object]]:
    """People with the doctor's role in the store."""
    query = select(Person).join(Membership, Membership.user_id == Person.id)
    found = db.session.scalars(query.where(Membership.role == "doctor").order_by(Person.last_name))
    return [(person.id, str(person)) for person in found.unique()]


def find_customer(typed: str) -> int:
    """The id of the store's customer with this phone or e-mail. InvalidInput on `customer`."""
    query = select(Customer.id).join(Person, Person.id == Customer.user_id)
    if "@" in typed:
        found = db.session.scalar(query.where(Person.email == typed.lower()))
    else:
        phone = identity.normalise_phone(typed, field="customer")
        found = db.session.scalar(query.where(Person.phone == phone))
    if found is None:
        raise InvalidInput({"customer": _("The store has no such customer.")})
    return found


class PriceForm(DynamicForm):
    sku = OptionalText(_l("SKU"), validators=[InputRequired(), Length(max=40)])
    kind = SelectField(_l("For whom"), choices=lambda: [*KIND_LABELS.items()])
    customer = OptionalText(
        _l("Customer"),
        validators=[Length(max=254)],
        description=_l("Phone or e-mail. Only for a price of one customer."),
    )
    doctor_id = RowField(_l("Doctor"), doctor_rows, blank="–")
    tier = OptionalText(
        _l("Tier"), validators=[Length(max=24)], description=_l("The name of the tier, for example gold.")
    )
    price_minor = MoneyField(_l("Price"), validators=[InputRequired()])
    starts_at = LocalMomentField(_l("From"), render_kw={"type": "datetime-local"})
    ends_at = LocalMomentField(_l("Until"), render_kw={"type": "datetime-local"})
    reason = OptionalText(
        _l("Reason"),
        validators=[InputRequired(), Length(max=160)],
        description=_l("Colleagues see it here and at the order; customers do not."),
    )


GROUPS = (
    (_l("What it costs"), ("sku", "price_minor", "reason")),
    (_l("For whom"), ("kind", "customer", "doctor_id", "tier")),
    (_l("When"), ("starts_at", "ends_at")),
)


def _whom(row: PriceOverride) -> object:
    kind = offer_of(row).kind
    who = row.customer or row.doctor or row.tier
    name = Markup("<br>{}").format(who) if who else ""
    return Markup("{}{}").format(KIND_LABELS[kind], name)


def state_of(row: PriceOverride) -> str:
    """now, later or over."""
    now = clock.now()
    if row.ends_at is not None and row.ends_at <= now:
        return "over"
    return "later" if row.starts_at is not None and row.starts_at > now else "now"


def _in_state(value: str) -> ColumnElement[bool]:
    now = clock.now()
    begun = or_(ROW.starts_at.is_(None), ROW.starts_at <= now)
    ended = and_(ROW.ends_at.is_not(None), ROW.ends_at <= now)
    return {"now": begun & ~ended, "later": ~begun, "over": ended}[value]


def _of_kind(value: str) -> ColumnElement[bool]:
    none = (ROW.customer_id.is_(None), ROW.doctor_id.is_(None), ROW.tier == "")
    meant = {
        PriceKind.patient: ~none[0],
        PriceKind.doctor: ~none[1],
        PriceKind.tier: ~none[2],
        PriceKind.period: and_(*none),
    }
    return meant[PriceKind(value)]


def _period(row: PriceOverride) -> object:
    if row.starts_at is None and row.ends_at is None:
        return _("Always")
    return f"{cells.show_moment(row.starts_at)} – {cells.show_moment(row.ends_at)}".replace("– –", "–")


def _price(row: PriceOverride) -> Markup:
    shelf = cells.money("price_minor")(row.variant)
    return Markup("<b>{}</b><br><small>{}</small>").format(
        cells.money("price_minor")(row), _("shelf: %(price)s", price=shelf)
    )


class VariantPriceAdmin(StoreModelView):
    """Whose price is another one, and why."""

    datamodel = StoreInterface(PriceOverride)
    route_base = "/console/prices"
    noun = "price_override"
    empty = _l("Everybody pays the price of the list.")
    list_title, add_title, edit_title = (
        _l("Special prices"),
        _l("Add special price"),
        _l("Edit special price"),
    )
    hint = _l(
        "The closest one counts: a customer’s own price, then the doctor’s, then the tier’s, then everybody’s."
    )
    add_form = edit_form = PriceForm
    fieldsets = GROUPS
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    joins = (PriceOverride.variant, Variant.product)
    eager = (
        contains_eager(PriceOverride.variant).contains_eager(Variant.product),
        joinedload(PriceOverride.customer).joinedload(Customer.user),
        joinedload(PriceOverride.doctor),
    )
    search_hint = _l("SKU, name or reason")
    search_in = (
        Variant.sku,
        PriceOverride.reason,
        PriceOverride.tier,
        Product.name.op("->>")("en"),
        Product.name.op("->>")("ru"),
        Product.name.op("->>")("es"),
    )
    filters = (
        Choice("kind", _l("For whom"), lambda: [*KIND_LABELS.items()], _of_kind),
        Choice("state", _l("State"), lambda: [*STATES.items()], _in_state),
    )
    columns = (
        Column(
            "sku",
            _l("SKU"),
            cells.linked("sku", "VariantPriceAdmin.edit", cells.plain("variant.sku")),
            Variant.sku,
        ),
        Column("product", _l("Product"), lambda row: str(row.variant.product)),
        Column("whom", _l("For whom"), _whom),
        Column("price", _l("Price"), _price, PriceOverride.price_minor, "num"),
        Column("period", _l("When"), _period, PriceOverride.starts_at),
        Column("reason", _l("Reason"), cells.plain("reason")),
        Column(
            "state", _l("State"), lambda row: cells.chip(STATES[state_of(row)], STATE_COLOURS[state_of(row)])
        ),
    )

    def presets(self) -> dict[str, Any]:
        """From a product's page with its SKU, from a customer's with the customer."""
        values: dict[str, Any] = {"sku": request.args.get("sku", "")}
        customer = db.session.get(Customer, read_id(request.args.get("customer", "")) or 0)
        if customer is not None:
            values |= {"kind": PriceKind.patient, "customer": _contact(customer)}
        return values

    def fill(self, form: DynamicForm, item: PriceOverride) -> None:
        form.sku.data = item.variant.sku
        form.kind.data = offer_of(item).kind.value
        form.customer.data = _contact(item.customer) if item.customer else ""

    def save(self, form: DynamicForm, item: PriceOverride, created: bool) -> None:
        values = values_of(form)
        kind, typed = PriceKind(values.pop("kind")), values.pop("customer")
        values["customer_id"] = find_customer(typed) if typed and kind is PriceKind.patient else None
        values["doctor_id"] = values["doctor_id"] if kind is PriceKind.doctor else None
        values["tier"] = values["tier"].lower() if kind is PriceKind.tier else ""
        if kind in FIELD_OF and not values[FIELD_OF[kind]]:
            field = "customer" if kind is PriceKind.patient else FIELD_OF[kind]
            raise InvalidInput({field: _("Say who it is for.")})
        overrides.save_override(item, values, actor=current_actor())


def _contact(customer: Customer) -> str:
    return customer.user.phone or customer.user.contact_email or ""
