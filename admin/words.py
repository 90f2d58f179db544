"""Brands and tags of all products on one page: renamed, joined, taken off."""

from typing import Any, cast

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from admin.base import Answer
from admin.refusals import message_of
from app.catalog import words
from app.core.actor import MANAGERS
from app.core.errors import DomainError
from app.core.i18n import _, _l, _n
from app.web.actor import current_actor
from app.web.errors import STATUS

KINDS = {"brand": _l("Brands"), "tag": _l("Tags")}


class ProductWordAdmin(BaseView):
    """What products have in common."""

    route_base = "/console/words"
    default_view = "list"

    @expose("/list/", methods=["GET"])
    @has_access
    @permission_name("list")
    def list(self) -> Answer:
        """Every brand and tag with its products."""
        return self._render()

    @expose("/rename/<kind>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def rename(self, kind: str) -> Answer:
        """Another name, on every product."""
        if kind not in KINDS:
            abort(404)
        name, typed = request.form.get("name", ""), request.form.get("new", "")
        try:
            count = words.rename_word(cast(words.Kind, kind), name, typed, actor=current_actor())
        except DomainError as error:
            wrong = {"kind": kind, "name": name, "typed": typed, "message": message_of(error)}
            return self._render(STATUS[error.kind], wrong)
        flash(_n("Changed on %(num)s product.", "Changed on %(num)s products.", count), "success")
        return redirect(url_for("ProductWordAdmin.list", _anchor=kind), 303)

    def _render(self, status: int = 200, wrong: dict[str, Any] | None = None) -> Answer:
        known = {kind: words.count_words(cast(words.Kind, kind)) for kind in KINDS}
        may = current_actor().has(*MANAGERS)
        page = self.render_template(
            "admin/words.html",
            title=_("Brands and tags"),
            kinds=KINDS,
            known=known,
            wrong=wrong or {},
            may=may,
        )
        return page, status
