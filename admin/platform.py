"""What the platform's own staff read: every store, everybody who has ever signed in."""

from admin import cells
from admin.base import READ_ONLY, StoreInterface, StoreModelView
from admin.cells import Column
from admin.filters import Choice, yes_no
from app.core.i18n import LOCALES, _l
from app.identity.models import Person
from app.stores.models import Store, StoreStatus

STATES = {StoreStatus.open: _l("Open"), StoreStatus.suspended: _l("Suspended")}


class PlatformStoreAdmin(StoreModelView):
    """Every store; opening one is the command line's work."""

    datamodel = StoreInterface(Store)
    route_base = "/console/platform/stores"
    list_title = _l("Stores")
    exclude_route_methods = READ_ONLY | {"show"}
    order = "name"
    search_in = (Store.name, Store.slug)
    filters = (
        Choice(
            "status",
            _l("State"),
            lambda: [(state.value, word) for state, word in STATES.items()],
            lambda value: Store.status == StoreStatus(value),
        ),
    )
    columns = (
        Column("name", _l("Name"), cells.plain("name"), Store.name),
        Column("slug", _l("Address"), cells.plain("slug"), Store.slug),
        Column("currency", _l("Currency"), cells.plain("currency"), Store.currency),
        Column("timezone", _l("Clock"), cells.plain("timezone")),
        Column("locale", _l("Language"), lambda row: LOCALES.get(row.default_locale, row.default_locale)),
        Column(
            "status", _l("State"), cells.chips("status", STATES, {StoreStatus.open: "success"}), Store.status
        ),
        Column("created", _l("Opened"), cells.moment("created_at"), Store.created_at, "when"),
    )


class PersonAdmin(StoreModelView):
    """Everybody, for platform staff alone. Opening and closing accounts is a service's work."""

    datamodel = StoreInterface(Person)
    route_base = "/console/platform/people"
    list_title = _l("People")
    exclude_route_methods = READ_ONLY
    order = "name"
    search_hint = _l("Name, phone or e-mail")
    search_in = (Person.first_name, Person.last_name, Person.email, Person.phone)
    filters = (yes_no("active", _l("Account"), Person.active, _l("Open"), _l("Closed")),)
    columns = (
        Column(
            "name",
            _l("Name"),
            cells.linked("name", "PersonAdmin.show", cells.plain("full_name")),
            Person.first_name,
        ),
        Column("email", _l("E-mail"), lambda row: row.contact_email or cells.NOTHING, Person.email),
        Column("phone", _l("Phone"), cells.plain("phone"), Person.phone),
        Column("locale", _l("Language"), lambda row: LOCALES.get(row.locale or "", cells.NOTHING)),
        Column("active", _l("Account open"), cells.yes("active"), Person.active),
    )
    details = columns
