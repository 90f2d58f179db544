"""The order's row as a fold of its events: what the writer applies is what the replay applies."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.events import EventRecord, history
from app.orders.models import Order

NOT_PROJECTED = frozenset({"id", "store_id"})
COLUMNS = tuple(c.key for c in Order.__table__.columns if c.key not in NOT_PROJECTED)


def encode(value: Any) -> Any:
    """A column's value as JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def decode(column: str, value: Any) -> Any:
    """JSON back into a column's value."""
    kind = Order.__table__.columns[column].type.python_type
    if value is None or isinstance(value, kind):
        return value
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value)


def snapshot(order: Order) -> dict[str, Any]:
    """Every projected column as JSON."""
    return {column: encode(getattr(order, column)) for column in COLUMNS}


def apply(order: Order, changes: dict[str, Any]) -> None:
    """Write changed columns (JSON values) to the row."""
    for column, value in changes.items():
        setattr(order, column, decode(column, value))


def replay(records: list[EventRecord]) -> dict[str, Any]:
    """The row that the events say, as JSON."""
    row: dict[str, Any] = {}
    for record in records:
        payload = record.payload
        row.update(payload.get("row") or {})
        row.update(payload.get("changes") or {})
        row["event_seq"] = record.seq
    return row


def check_projection() -> Iterator[str]:
    """A line for each order of the current store whose row is not what its events say."""
    for order in db.session.scalars(select(Order).order_by(Order.id).execution_options(yield_per=500)):
        said, stands = replay(history("order", order.id)), snapshot(order)
        wrong = [column for column in COLUMNS if said.get(column) != stands[column]]
        if wrong:
            yield f"order {order.code}: {', '.join(f'{c} is {stands[c]!r}, events say {said.get(c)!r}' for c in wrong)}"
