"""/dispatch: the board of a store hears that something changed and reads what over HTTP."""

from typing import Any

from flask_socketio import join_room

from app.core.tenancy import current_store_id
from app.dispatch.rooms import BOARD, board_room
from app.identity import STAFF_ROLES
from blueprints.live.space import SignedInSpace


class BoardSpace(SignedInSpace):
    """Messages: `order` (an order changed), `driver` (a driver moved), `shift` (came on or went off)."""

    roles = STAFF_ROLES

    def __init__(self) -> None:
        super().__init__(BOARD)

    def enter(self, auth: dict[str, Any]) -> None:
        """Staff of this store, signed in by the page's cookie."""
        self.require()
        join_room(board_room(current_store_id() or 0))
        self.watch()
