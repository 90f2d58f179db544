"""What people looked for in vain."""

from flask import flash, redirect
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.cells import Column
from admin.filters import Choice
from app.catalog import misses
from app.catalog.search_models import SearchMiss
from app.core.i18n import LOCALES, _, _l
from app.web.actor import current_actor


class SearchMissAdmin(StoreModelView):
    """Words that found nothing: goods to order, or another name to give to goods that are there."""

    datamodel = StoreInterface(SearchMiss)
    route_base = "/console/searches"
    list_title = _l("Searches in vain")
    list_template = "admin/searches.html"
    hint = _l("Order what is asked for, or add the word to the tags of a product that is there already.")
    empty = _l("Everything that was looked for was found.")
    exclude_route_methods = READ_ONLY | {"show"}
    order = "-count"
    search_in = (SearchMiss.words,)
    filters = (
        Choice(
            "locale", _l("Language"), lambda: list(LOCALES.items()), lambda value: SearchMiss.locale == value
        ),
    )
    columns = (
        Column("words", _l("Looked for"), cells.plain("words"), SearchMiss.words),
        Column("locale", _l("Language"), lambda row: LOCALES.get(row.locale, row.locale), SearchMiss.locale),
        Column("count", _l("Times"), cells.plain("count"), SearchMiss.count, "num"),
        Column("last", _l("Last"), cells.moment("last_at"), SearchMiss.last_at, "when"),
    )

    @expose("/forget/<pk>", methods=["POST"])
    @has_access
    @permission_name("forget")
    def forget(self, pk: str) -> Answer:
        """Take a line off the list."""
        misses.forget_miss(self.row(pk).id, actor=current_actor())
        flash(_("Deleted."), "success")
        return redirect(self.url("list"), 303)
