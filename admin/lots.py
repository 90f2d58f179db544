"""How old everything grows: lots by their last good day, and each branch's stock in bands of days."""

from typing import Any

from sqlalchemy import and_
from sqlalchemy.orm import contains_eager

from admin import cells
from admin.base import READ_ONLY, Answer, StoreInterface, StoreModelView
from admin.catalog import name_of
from admin.cells import Column
from admin.filters import Choice
from admin.inventory import branch_rows, in_branch
from app.catalog.models import Product, Variant
from app.core.i18n import _l, _n
from app.inventory import queries, rules
from app.inventory.models import Stock, StockLot
from app.orders.expiring import find_at_risk
from app.stores import local_today
from app.stores.models import Branch

BANDS = {
    "past": _l("Past its date"),
    "30": _l("Up to 30 days"),
    "60": _l("31–60 days"),
    "90": _l("61–90 days"),
    "180": _l("91–180 days"),
    "later": _l("Later"),
    "none": _l("Keeps"),
    "unlotted": _l("Without a lot"),
}
LOT_BANDS = tuple(band for band in BANDS if band != "unlotted")


def _in_band(band: str) -> Any:
    """Lots whose last good day lies in the band."""
    days = StockLot.expires_on - local_today()
    if band == "none":
        return StockLot.expires_on.is_(None)
    if band == "past":
        return days < 0
    ends = (-1, *rules.BANDS)
    if band == "later":
        return days > ends[-1]
    place = ends.index(int(band))
    return and_(days > ends[place - 1], days <= ends[place])


def _days_chip(row: StockLot) -> object:
    days = queries.days_left(row.expires_on)
    if days is None:
        return cells.NOTHING
    if days < 0:
        return cells.chip(BANDS["past"], "danger")
    words = _n("%(num)s day left", "%(num)s days left", days)
    return cells.chip(words, "warning") if days <= rules.BANDS[0] else words


def _value(row: StockLot) -> str:
    return cells.show_money(rules.cost_of(row.stock.value_minor, row.stock.on_hand, row.remaining))


class StockLotAdmin(StoreModelView):
    """Every lot that something is left of; above them the bands."""

    datamodel = StoreInterface(StockLot)
    route_base = "/console/lots"
    list_title = _l("Expiry dates")
    hint = _l("What is past its date is not sold, and is written off the night after.")
    list_template = "admin/lots.html"
    exclude_route_methods = READ_ONLY | {"show"}
    joins = (StockLot.stock, Stock.variant, Variant.product, Stock.branch)
    eager = (
        contains_eager(StockLot.stock).contains_eager(Stock.variant).contains_eager(Variant.product),
        contains_eager(StockLot.stock).contains_eager(Stock.branch),
    )
    order = "expires"
    search_hint = _l("SKU, name or lot")
    search_in = (
        Variant.sku,
        StockLot.code,
        Product.name.op("->>")("en"),
        Product.name.op("->>")("ru"),
        Product.name.op("->>")("es"),
    )
    filters = (
        in_branch(Stock.branch_id),
        Choice("band", _l("Last good day"), lambda: [(key, BANDS[key]) for key in LOT_BANDS], _in_band),
    )
    columns = (
        Column(
            "sku",
            _l("SKU"),
            cells.linked("sku", "StockAdmin.show", cells.plain("stock.variant.sku"), "stock_id"),
            Variant.sku,
        ),
        Column("product", _l("Product"), lambda row: str(row.stock.variant.product), name_of(Product.name)),
        Column("branch", _l("Branch"), lambda row: str(row.stock.branch), Branch.name),
        Column("code", _l("Lot"), cells.plain("code"), StockLot.code),
        Column("expires", _l("Last good day"), cells.day("expires_on"), StockLot.expires_on),
        Column("days", _l("Left"), _days_chip),
        Column("units", _l("Units"), cells.plain("remaining"), StockLot.remaining, "num"),
        Column("value", _l("Value"), _value, css="num"),
    )

    def base_query(self) -> Any:
        return super().base_query().where(StockLot.remaining > 0)

    def render_list(self, status: int = 200, **context: Any) -> Answer:
        """With the ageing of every branch above the lots, and before it what is promised and will be past its date."""
        return super().render_list(
            status,
            ageing=queries.age_shelves(),
            bands=BANDS,
            risks=find_at_risk(),
            branch_names=dict(branch_rows()),
            last_day=cells.day("expires_on"),
            leaving_day=cells.day("day"),
            may_transfer=self.appbuilder.sm.has_access("can_add", "StockTransferAdmin"),
            **context,
        )
