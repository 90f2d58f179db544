"""Acting from the board: the same services as everywhere, and a word about who was there first.

A form carries the number of the last event its page had seen. When the order has moved since, the second of two
dispatchers is told by whom; the second click of the same person changes nothing.
"""

from app import orders, stores
from app.core.actor import Actor
from app.core.db import transaction
from app.core.errors import DomainError, ErrorKind, Forbidden
from app.core.events import EventRecord, history
from app.core.i18n import _l
from app.orders.labels import status_label
from app.orders.models import Order
from app.orders.states import DISPATCH, Action, allowed


class AlreadyMoved(DomainError):
    """Somebody moved the order after this page was made. `by` and `time` say who and when, `allowed` what is left."""

    kind, message = ErrorKind.conflict, _l("%(by)s was faster: this order is %(state)s since %(time)s.")


@transaction()
def act_on_board(
    code: str, action: Action, *, actor: Actor, details: orders.Details, seen: int | None = None
) -> tuple[Order, bool]:
    """Do one action; (the order, whether it moved now). `seen` is the last event number the dispatcher saw.

    Raises AlreadyMoved, and what `orders.act` raises. Forbidden for anybody but dispatchers and managers.
    """
    if not actor.has(*DISPATCH):
        raise Forbidden
    order = orders.get_order(code, actor=actor, lock=True)
    if (move := _move_since(order, seen)) is not None:
        if _is_same(move, action, actor, details):
            return order, False
        raise _already(order, move, actor)
    return orders.act(code, action, actor=actor, details=details), True


def _move_since(order: Order, seen: int | None) -> EventRecord | None:
    """The last move after event `seen`; acknowledgements do not count."""
    if seen is None or order.event_seq == seen:
        return None
    later = [r for r in history("order", order.id) if (r.seq or 0) > seen and r.type == "OrderMoved"]
    return later[-1] if later else None


def _is_same(move: EventRecord, action: Action, actor: Actor, details: orders.Details) -> bool:
    if move.payload["action"] != action or move.actor_id != actor.user_id:
        return False
    return action is not Action.assign or move.payload["changes"].get("driver_id") == details.driver_id


def _already(order: Order, move: EventRecord, actor: Actor) -> AlreadyMoved:
    local = move.occurred_at.astimezone(stores.current_store().zone)
    return AlreadyMoved(
        by=move.actor_name or "—",
        state=status_label(order.status),
        status=order.status.value,
        time=f"{local:%H:%M}",
        at=move.occurred_at.isoformat(),
        allowed=[a.value for a in allowed(order.kind, order.status, actor.roles)],
    )
