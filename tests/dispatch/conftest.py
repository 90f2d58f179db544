"""An order of Ana's and Boris who may bring it."""

from dataclasses import dataclass

import pytest

from app import orders
from app.core.actor import Actor
from app.orders.states import Action
from tests.factories import (
    make_branch,
    make_customer,
    make_driver,
    make_staff,
    make_variant,
    make_zone,
    place,
)


@dataclass
class Scene:
    """The cast, and orders as far as they have come."""

    ana: Actor
    boris: Actor
    carla: Actor

    def make_order(self, *steps: Action, sku: str = "MAG-1", driver: Actor | None = None) -> orders.Order:
        """Ana's order, moved through these steps by whoever does them."""
        order = place((sku, 1), actor=self.ana)
        driver = driver or self.boris
        for step in steps:
            by = driver if step in {Action.pick_up, Action.deliver, Action.fail} else self.carla
            order = orders.act(order.code, step, actor=by, details=orders.Details(driver_id=driver.driver_id))
        return order


READY = (Action.confirm, Action.ready)
ASSIGNED = (*READY, Action.assign)
PICKED_UP = (*ASSIGNED, Action.pick_up)


def make_scene() -> Scene:
    """A shop with goods, a customer, a driver and a dispatcher in the current store."""
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "MAG-1", on_hand=50)
    make_variant(branch, "CBD-1", on_hand=50, min_age=21)
    return Scene(make_customer("Ana"), make_driver("Boris"), make_staff("Carla"))


@pytest.fixture
def scene(store: int) -> Scene:
    """The scene in Miami, rolled back afterwards."""
    return make_scene()
