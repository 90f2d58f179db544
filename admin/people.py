"""Customers, and the people who work for the store: who they are, what they may, where they are reached."""

from typing import Any

from flask_appbuilder.forms import DynamicForm
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length

from admin import cells
from admin.base import FRAMEWORK_ROUTES, READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.fields import OptionalText, RowField
from admin.filters import Choice, yes_no
from admin.orders import status_chip
from app import identity, loyalty
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.identity.models import Customer, Membership, Person
from app.notifications.models import ContactPoint
from app.orders.models import Order
from app.web.actor import current_actor

ROLE_WORDS = {
    "platform_admin": _l("Platform administrator"),
    "store_admin": _l("Store administrator"),
    "manager": _l("Manager"),
    "dispatcher": _l("Dispatcher"),
    "driver": _l("Driver"),
    "customer": _l("Customer"),
    "doctor": _l("Doctor"),
    "patient": _l("Patient"),
}
TEAM_CHANNELS = {"pushover": "Pushover", "telegram": "Telegram"}
SEARCH_PERSON = (Person.first_name, Person.last_name, Person.email, Person.phone)
LATEST = 20

_orders = select(func.count()).where(Order.customer_id == Customer.id).scalar_subquery()


def _email(row: Any) -> str:
    return row.user.contact_email or cells.NOTHING


class BuyersView(StoreModelView):
    """A list of customers for reading, found by whoever they are."""

    datamodel = StoreInterface(Customer)
    exclude_route_methods = READ_ONLY
    joins = (Customer.user,)
    eager = (contains_eager(Customer.user),)
    search_hint = _l("Name, phone or e-mail")
    search_in = SEARCH_PERSON


def who_columns(view: str) -> tuple[Column, Column]:
    """Whose row it is: the name, which leads to the page of this view, and the phone."""
    name = cells.linked("name", f"{view}.show", cells.plain("user.full_name"))
    return (
        Column("name", _l("Name"), name, Person.first_name),
        Column("phone", _l("Phone"), cells.plain("user.phone"), Person.phone),
    )


class CustomerAdmin(BuyersView):
    """What the store knows of its buyers. They change it themselves, at their account."""

    route_base = "/console/customers"
    list_title = _l("Customers")
    show_template = "admin/customer.html"
    order = "-since"
    filters = (yes_no("blocked", _l("Blocked"), Customer.blocked, _l("Blocked"), _l("Not blocked")),)
    columns = (
        *who_columns("CustomerAdmin"),
        Column("email", _l("E-mail"), _email),
        Column("orders", _l("Orders"), cells.plain("order_count"), _orders, "num"),
        Column("age", _l("Age checked"), cells.moment("age_verified_at"), Customer.age_verified_at, "when"),
        Column("since", _l("Customer since"), cells.moment("created_at"), Customer.created_at, "when"),
    )
    details = (
        Column("phone", _l("Phone"), cells.plain("user.phone")),
        Column("email", _l("E-mail"), _email),
        Column("born", _l("Date of birth"), cells.day("user.birth_date")),
        Column("age", _l("Age checked"), cells.moment("age_verified_at")),
        Column("since", _l("Customer since"), cells.moment("created_at")),
        Column("blocked", _l("Blocked"), cells.yes("blocked")),
        Column("notes", _l("Notes"), cells.plain("notes")),
    )

    def load_page(self) -> Any:
        page = super().load_page()
        keys = [row.id for row in page.rows]
        counted = (
            select(Order.customer_id, func.count())
            .where(Order.customer_id.in_(keys))
            .group_by(Order.customer_id)
        )
        known = dict(db.session.execute(counted).all())
        for row in page.rows:
            row.order_count = known.get(row.id, 0)
        return page

    def render_show(self, row: Customer, status: int = 200, **context: Any) -> Answer:
        """With the latest orders and the wallet."""
        query = (
            select(Order).where(Order.customer_id == row.id).order_by(Order.placed_at.desc()).limit(LATEST)
        )
        latest = list(db.session.scalars(query))
        said = {"latest": latest, "status_chip": status_chip, "balance_minor": loyalty.balance_of(row.id)}
        return super().render_show(row, status, **said, **context)


class MembershipForm(DynamicForm):
    who = OptionalText(
        _l("Person"),
        validators=[InputRequired(), Length(max=254)],
        description=_l("Phone or e-mail of somebody who has signed in before."),
    )
    role = SelectField(_l("Role"), choices=lambda: [(role, ROLE_WORDS[role]) for role in identity.GRANTABLE])


class MembershipAdmin(StoreModelView):
    """Who works here, as what. Giving and taking a role signs the person out."""

    datamodel = StoreInterface(Membership)
    route_base = "/console/staff"
    noun = "membership"
    list_title, add_title = _l("Staff"), _l("Give a role")
    hint = _l("A change of role signs the person out.")
    add_form = MembershipForm
    exclude_route_methods = FRAMEWORK_ROUTES | {"show", "edit"}
    joins = (Membership.user,)
    eager = (contains_eager(Membership.user),)
    order = "name"
    search_hint = _l("Name, phone or e-mail")
    search_in = SEARCH_PERSON
    filters = (
        Choice(
            "role",
            _l("Role"),
            lambda: [(role, ROLE_WORDS[role]) for role in identity.GRANTABLE],
            lambda value: Membership.role == value,
        ),
    )
    columns = (
        Column("name", _l("Name"), cells.plain("user.full_name"), Person.first_name),
        Column(
            "role",
            _l("Role"),
            lambda row: cells.chip(ROLE_WORDS.get(row.role, row.role), "info"),
            Membership.role,
        ),
        Column("phone", _l("Phone"), cells.plain("user.phone"), Person.phone),
        Column("email", _l("E-mail"), _email),
        Column("since", _l("Since"), cells.moment("created_at"), Membership.created_at, "when"),
    )

    def keep(self, item: Membership, created: bool, changed: dict[str, Any]) -> None:
        """The service has kept the row and written the trail."""

    def title_of(self, row: Membership) -> str:
        return f"{row.user}, {ROLE_WORDS.get(row.role, row.role)}"

    def save(self, form: Any, item: Membership, created: bool) -> None:
        identity.grant_role(_find_person(form.who.data), form.role.data, current_actor())

    def remove(self, item: Membership) -> None:
        identity.revoke_role(item.user, item.role, current_actor())


def _find_person(typed: str) -> Person:
    """By e-mail or phone. InvalidInput on `who`: nobody, or nobody of ours, is the same answer."""
    if "@" in typed:
        person = identity.person_by_email(typed)
    else:
        try:
            person = identity.person_by_phone(identity.normalise_phone(typed))
        except InvalidInput:
            person = None
    if person is None or not person.active:
        raise InvalidInput({"who": _("Nobody with this phone or e-mail has signed in yet.")})
    return person


def staff_rows() -> list[tuple[int, str]]:
    """The people of the store's team."""
    query = (
        select(Person.id, Person.first_name, Person.last_name)
        .join(Membership, Membership.user_id == Person.id)
        .distinct()
        .order_by(Person.first_name, Person.last_name)
    )
    return [(key, f"{first} {last}") for key, first, last in db.session.execute(query)]


class ContactForm(DynamicForm):
    user_id = RowField(_l("Person"), staff_rows, validators=[InputRequired()])
    channel = SelectField(_l("Channel"), choices=list(TEAM_CHANNELS.items()))
    address = OptionalText(
        _l("Key or chat"),
        validators=[InputRequired(), Length(max=120)],
        description=_l("Pushover: the user key. Telegram: the number of the chat."),
    )
    active = BooleanField(_l("Active"), default=True)


class ContactPointAdmin(StoreModelView):
    """Where the team hears of new orders."""

    datamodel = StoreInterface(ContactPoint)
    route_base = "/console/contacts"
    noun = "contact_point"
    list_title, add_title, edit_title = (
        _l("Contact points"),
        _l("Add contact point"),
        _l("Edit contact point"),
    )
    add_form = edit_form = ContactForm
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    joins = (ContactPoint.user,)
    eager = (contains_eager(ContactPoint.user),)
    order = "name"
    search_in = (Person.first_name, Person.last_name)
    filters = (
        Choice(
            "channel",
            _l("Channel"),
            TEAM_CHANNELS.items,
            lambda value: ContactPoint.channel == value,
        ),
    )
    columns = (
        Column("name", _l("Name"), cells.plain("user.full_name"), Person.first_name),
        Column(
            "channel",
            _l("Channel"),
            lambda row: TEAM_CHANNELS.get(row.channel, row.channel),
            ContactPoint.channel,
        ),
        Column("address", _l("Key or chat"), lambda row: masked(row.address)),
        Column("active", _l("Active"), cells.yes("active"), ContactPoint.active),
    )

    def title_of(self, row: ContactPoint) -> str:
        return f"{row.user}, {TEAM_CHANNELS.get(row.channel, row.channel)}"

    def told(self, changed: dict[str, Any]) -> dict[str, Any]:
        """Which columns, never the key."""
        return {"changed": sorted(changed)}


def masked(secret: str) -> str:
    """The last four characters of a key."""
    return f"…{secret[-4:]}" if len(secret) > 4 else "…"
