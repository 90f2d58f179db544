"""/driver: fixes from the phone, acknowledged one by one."""

from typing import Any

from flask_socketio import join_room

from app import dispatch
from app.core.tenancy import current_store_id
from app.dispatch.rooms import DRIVER, driver_room
from blueprints.live.fixes import read_fixes
from blueprints.live.space import SignedInSpace, in_store


class DriverSpace(SignedInSpace):
    """`position {positions: [{seq, lat, lng, at}]}` (or one of them bare) is answered {accepted, refused}."""

    roles = ("driver",)

    def __init__(self) -> None:
        super().__init__(DRIVER)

    def enter(self, auth: dict[str, Any]) -> None:
        """A driver of this store, signed in by the page's cookie."""
        actor = self.require()
        dispatch.touch_driver(actor)
        join_room(driver_room(current_store_id() or 0, dispatch.driver_of(actor).id))
        self.watch()

    @in_store
    def on_position(self, sent: Any = None) -> dict[str, Any]:
        """Keep fixes; a phone forgets those that are accepted or refused and sends the others again."""
        actor = self.require()
        recorded = dispatch.record_positions(actor, read_fixes(sent))
        return {"accepted": recorded.accepted, "refused": recorded.refused}
