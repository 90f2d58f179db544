"""Where people wish we delivered: one line a ZIP, so that a manager sees which zone to open next."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from admin import cells
from admin.base import READ_ONLY, StoreInterface, StoreModelView
from admin.cells import Column
from app import promise, stores
from app.core.i18n import _l
from app.promise import expansion
from app.promise.models import ExpansionWish

_one = aliased(ExpansionWish)


def _count(column: Any) -> Any:
    """How many wishes there are for the ZIP of the outer row."""
    return (
        select(func.count(column))
        .where(_one.zip == ExpansionWish.zip, _one.told_at.is_(None))
        .scalar_subquery()
    )


def _town(row: ExpansionWish) -> str:
    place = promise.locate(row.zip, stores.current_store().country)
    return place.city.title() if place else cells.NOTHING


class ExpansionWishAdmin(StoreModelView):
    """ZIPs in no zone that somebody left an address for; only followed letters count."""

    datamodel = StoreInterface(ExpansionWish)
    route_base = "/console/wishes"
    list_title = _l("Wished-for ZIPs")
    hint = _l("People where you do not deliver yet. They count once they followed the link in our letter.")
    empty = _l("Nobody has asked yet.")
    exclude_route_methods = READ_ONLY | {"show"}
    order = "-confirmed"
    search_in = (ExpansionWish.zip,)
    columns = (
        Column("zip", _l("ZIP"), cells.plain("zip"), ExpansionWish.zip, "num"),
        Column("town", _l("Town"), _town),
        Column("confirmed", _l("People"), lambda row: row.wanted.confirmed, _count(_one.confirmed_at), "num"),
        Column("waiting", _l("Not confirmed yet"), lambda row: row.wanted.waiting, css="num"),
        Column("asked", _l("First asked"), cells.moment("asked_at"), ExpansionWish.asked_at, "when"),
    )

    def base_query(self) -> Any:
        waiting = ExpansionWish.told_at.is_(None)
        first = select(func.min(ExpansionWish.id)).where(waiting).group_by(ExpansionWish.zip)
        return super().base_query().where(ExpansionWish.id.in_(first))

    def load_page(self) -> Any:
        page = super().load_page()
        wanted = {one.zip: one for one in expansion.wishes_by_zip()}
        for row in page.rows:
            row.wanted = wanted[row.zip]
        return page
