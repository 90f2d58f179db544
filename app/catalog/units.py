"""How many units of a shelf may be sold: the one rule, as SQL, for listings, carts and reservations alike.

Inventory stands above the catalogue and imports it, so stock and lots are read here by the names of their tables;
row-level security guards them like every other.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, case, column, func, select, table

from app.stores import local_today

STOCK = table(
    "stock", column("id"), column("branch_id"), column("variant_id"), column("on_hand"), column("reserved")
)
LOT = table("stock_lot", column("stock_id"), column("remaining"), column("expires_on"))


def expired_units(stock_id: ColumnElement[Any]) -> ColumnElement[int]:
    """Units of the shelf in lots whose last day is over. Nearly always none, so the few are looked up once a query."""
    # The day is asked for when the statement runs, not when it is written.
    today = bindparam(None, type_=Date(), callable_=local_today, unique=True)
    past = (LOT.c.remaining > 0, LOT.c.expires_on < today)
    units = select(func.sum(LOT.c.remaining)).where(LOT.c.stock_id == stock_id, *past).scalar_subquery()
    return case((stock_id.in_(select(LOT.c.stock_id).where(*past)), units), else_=0)


def sellable(stock: Any) -> ColumnElement[int]:
    """on_hand − reserved − what is past its date, of a table or model with these columns; may be below zero."""
    return stock.on_hand - stock.reserved - expired_units(stock.id)


UNITS = sellable(STOCK.c)
