"""Setting a shelf to what was counted: a movement with a reason, never a bare figure."""

from app import inventory
from app.core import audit
from app.core.actor import Actor
from app.core.db import transaction
from app.core.errors import Forbidden, InvalidInput
from app.core.i18n import _

COUNTERS = ("manager", "store_admin", "platform_admin")
MOST_UNITS = 1_000_000


def read_count(typed: str) -> int:
    """Units of what was typed. InvalidInput on `on_hand` when it is no count."""
    text = typed.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 9) or int(text) > MOST_UNITS:
        raise InvalidInput({"on_hand": _("Write a count between 0 and 1,000,000.")})
    return int(text)


@transaction()
def count_stock(stock_id: int, counted: int, *, actor: Actor, reason: str) -> None:
    """Set what a shelf holds, with a movement and its reason.

    Raises Forbidden, InvalidInput on `reason`, StockWouldBreak below what is promised to customers, NotFound.
    """
    if not actor.has(*COUNTERS):
        raise Forbidden
    why = reason.replace("\x00", "").strip()
    if not 3 <= len(why) <= 160:
        raise InvalidInput({"reason": _("Say why, in 3 to 160 characters.")})
    inventory.adjust(stock_id, counted, actor=actor, reason=why)
    audit.record("stock_counted", actor=actor, subject=f"stock:{stock_id}", on_hand=counted, reason=why)
