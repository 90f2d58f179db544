"""What every table of the console shares: lists, pages and forms over the rows of the store, and nothing beyond it.

The framework gives addresses, permissions and the menu. Its own writing (which commits by itself, forgets what was
typed and shows the database's words) is replaced: a form is saved in one transaction with its audit entry, and what
is wrong stands beside the field that it is wrong in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import ModelView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as AnyResponse

from admin.cells import Column
from admin.filters import SIZES, Asked, Filter, narrow, read_asked, read_id, search
from admin.refusals import put_errors, refusal_of
from admin.trail import changes_of
from app.core import audit
from app.core.db import db, transaction
from app.core.errors import DomainError
from app.core.i18n import _
from app.web.actor import current_actor

Answer = AnyResponse | str | tuple[str, int]
Groups = list[tuple[object, list[Any]]]

FRAMEWORK_ROUTES = frozenset({"download", "action", "action_post"})
READ_ONLY = FRAMEWORK_ROUTES | {"add", "edit", "delete"}
"""`exclude_route_methods` of what people only read."""
NO_ADDING = FRAMEWORK_ROUTES | {"add", "delete"}


class StoreInterface(SQLAInterface):
    """The framework's window on a table; rows are found by whole numbers only."""

    def get_columns_list(self) -> list[str]:
        """What the framework builds filters for: next to nothing, admin/filters.py has better ones."""
        return ["id"]

    def get(self, id: Any, filters: Any = None, select_columns: Any = None) -> Any:
        """The row of the current store, or None: row-level security hides all others."""
        number = read_id(id)
        return db.session.get(self.obj, number) if number is not None else None


@dataclass(frozen=True)
class ListPage:
    """One page of a list, for its template."""

    rows: Sequence[Any]
    count: int
    asked: Asked
    errors: dict[str, str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.asked.size))

    @property
    def around(self) -> range:
        """Numbers of the pages to offer."""
        first = max(1, min(self.asked.page - 3, self.pages - 6))
        return range(first, min(self.pages, first + 6) + 1)


class StoreModelView(ModelView):
    """A table of the store. Subclasses say `noun`, `columns`, `details`, `filters`, `search_in` and their forms."""

    noun: ClassVar[str] = ""
    """Names the thing in the audit trail: product_added, product:12."""
    columns: ClassVar[tuple[Column, ...]] = ()
    details: ClassVar[tuple[Column, ...]] = ()
    filters: ClassVar[tuple[Filter, ...]] = ()
    search_in: ClassVar[tuple[Any, ...]] = ()
    search_hint: ClassVar[object] = ""
    order: ClassVar[str] = "-id"
    eager: ClassVar[tuple[Any, ...]] = ()
    joins: ClassVar[tuple[Any, ...]] = ()
    fieldsets: ClassVar[tuple[tuple[object, tuple[str, ...]], ...]] = ()
    hint: ClassVar[object] = ""
    empty: ClassVar[object] = ""

    list_template = "admin/list.html"
    show_template = "admin/show.html"
    form_template = "admin/form.html"
    exclude_route_methods: set[str] | frozenset[str] = FRAMEWORK_ROUTES
    add_form = edit_form = search_form = DynamicForm
    list_columns: ClassVar[list[str]] = ["id"]
    search_columns: ClassVar[list[str]] = ["id"]

    # --- reading -------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        """The rows, a page at a time."""
        return self.render_list()

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Answer:
        """One row."""
        return self.render_show(self.row(pk))

    def row(self, pk: object) -> Any:
        """The row of this store with that id; 404 for any other."""
        return self.datamodel.get(pk) or abort(404)

    def base_query(self) -> Select[Any]:
        """What the list lists."""
        query = select(self.datamodel.obj)
        for target in self.joins:
            query = query.join(target)
        return query

    def load_page(self) -> ListPage:
        """The page that the address asks for: two queries and what `eager` adds, whatever the number of rows."""
        orders = self.orders()
        asked = read_asked(request.args, orders, self.order)
        query, errors = narrow(self.base_query(), self.filters, request.args)
        if asked.q and self.search_in:
            query = search(query, self.search_in, asked.q)
        count = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        by, key = orders.get(asked.sort, self.datamodel.obj.id), self._key()
        directed = (
            [by.desc().nulls_last(), key.desc()] if asked.descending else [by.asc().nulls_last(), key.asc()]
        )
        rows = db.session.scalars(
            query.options(*self.eager)
            .order_by(*directed)
            .limit(asked.size)
            .offset((asked.page - 1) * asked.size)
        ).unique()
        return ListPage([*rows], count, asked, errors)

    def orders(self) -> dict[str, Any]:
        """Name → what to order by."""
        known = {column.name: column.sort for column in self.columns if column.sort is not None}
        return known | {"id": self._key()}

    def _key(self) -> Any:
        return self.datamodel.obj.__mapper__.primary_key[0]

    def render_list(self, status: int = 200, **context: Any) -> Answer:
        """The list with its filters, and with what went wrong when something did."""
        page = self.load_page()
        html = self.render_template(
            self.list_template, view=self, page=page, title=self.list_title, sizes=SIZES, **context
        )
        return html, 422 if page.errors and status == 200 else status

    def render_show(self, row: Any, status: int = 200, **context: Any) -> Answer:
        """The page of a row."""
        html = self.render_template(
            self.show_template, view=self, row=row, title=self.title_of(row), lines=self.details, **context
        )
        return html, status

    def title_of(self, row: Any) -> str:
        """What the page of a row is called."""
        return str(row)

    def may(self, method: str) -> bool:
        """Whether the route exists and the person may call it. Asked once a request: a list asks for every row."""
        said: dict[tuple[str, str], bool] = request.environ.setdefault("theriac.may", {})
        key = (type(self).__name__, method)
        if key not in said:
            said[key] = self._may(method)
        return said[key]

    def _may(self, method: str) -> bool:
        permission = f"can_{self.get_method_permission(method)}"
        known = method not in self.exclude_route_methods and permission in (self.base_permissions or [])
        return known and self.appbuilder.sm.has_access(permission, self.class_permission_name)

    def url(self, method: str, **values: Any) -> str:
        """The address of one of this view's routes."""
        return url_for(f"{self.endpoint}.{method}", **values)

    # --- writing -------------------------------------------------------------------------------------------

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Answer:
        """A form for a new row."""
        form = self.add_form(**self.presets())
        if request.method == "POST" and form.validate():
            item = self.datamodel.obj()
            if self.try_save(form, item, created=True):
                flash(_("Saved."), "success")
                return redirect(self.after_save(item), 303)
        return self.render_form(form, None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Answer:
        """A form over one row."""
        item = self.row(pk)
        form = self.edit_form(obj=item)
        if request.method == "GET":
            self.fill(form, item)
        elif form.validate() and self.try_save(form, item, created=False):
            flash(_("Saved."), "success")
            return redirect(self.after_save(item), 303)
        return self.render_form(form, item)

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Answer:
        """Remove the row, or say what still needs it."""
        item = self.row(pk)
        back = self.after_delete(item)
        try:
            with transaction():
                name = self.title_of(item)
                self.remove(item)
                db.session.flush()
                self.write_down("deleted", pk, name=name)
        except (DomainError, IntegrityError) as error:
            flash(str(refusal_of(error)), "danger")
        else:
            flash(_("Deleted."), "success")
        return redirect(back, 303)

    def presets(self) -> dict[str, Any]:
        """What a new row begins with."""
        return {}

    def fill(self, form: DynamicForm, item: Any) -> None:
        """Put into the form what is not simply an attribute of the row."""

    def save(self, form: DynamicForm, item: Any, created: bool) -> None:
        """Write the form into the row. In a transaction; a DomainError ends up beside its field."""
        form.populate_obj(item)

    def remove(self, item: Any) -> None:
        """Delete the row. In a transaction."""
        db.session.delete(item)

    def after_save(self, item: Any) -> str:
        """Where to go on."""
        return self.url("list")

    def after_delete(self, item: Any) -> str:
        """Where to go on."""
        return self.url("list")

    def try_save(self, form: DynamicForm, item: Any, *, created: bool) -> bool:
        """Save in one transaction with its audit entry; False when the form now says what is wrong."""
        try:
            with transaction():
                with db.session.no_autoflush:
                    self.save(form, item, created)
                    changed = changes_of(item)
                self.keep(item, created, changed)
        except (DomainError, IntegrityError) as error:
            put_errors(form, refusal_of(error))
            return False
        return True

    def keep(self, item: Any, created: bool, changed: dict[str, Any]) -> None:
        """Send the row to the database and write the trail."""
        if created and item not in db.session:
            db.session.add(item)
        db.session.flush()
        if created or changed:
            self.write_down("added" if created else "changed", item.id, **self.told(changed))

    def told(self, changed: dict[str, Any]) -> dict[str, Any]:
        """What the audit entry keeps of the changes."""
        return {"changes": changed}

    def write_down(self, verb: str, key: object, **detail: Any) -> None:
        """One audit entry, in the caller's transaction."""
        audit.record(f"{self.noun}_{verb}", actor=current_actor(), subject=f"{self.noun}:{key}", **detail)

    def render_form(self, form: DynamicForm, item: Any, **context: Any) -> tuple[str, int]:
        """The form, with every typed value and every message."""
        html = self.render_template(
            self.form_template,
            view=self,
            form=form,
            row=item,
            title=self.edit_title if item is not None else self.add_title,
            groups=self.groups(form),
            **context,
        )
        return html, 422 if request.method == "POST" else 200

    def groups(self, form: DynamicForm) -> Groups:
        """The form's fields by heading, in order."""
        grouped = [(title, [form[name] for name in names if name in form]) for title, names in self.fieldsets]
        named = {name for _title, names in self.fieldsets for name in names}
        rest = [field for field in form if field.name not in named and field.type not in _HIDDEN]
        return [group for group in [*grouped, ("", rest)] if group[1]]


_HIDDEN: Iterable[str] = ("CSRFTokenField", "HiddenField")
