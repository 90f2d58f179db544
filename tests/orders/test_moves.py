"""Moving orders: guards, effects, history, and the proofs of `verify` with something wrong."""

from datetime import date

import pytest
from sqlalchemy import select, update

from app import orders
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Forbidden, NotFound
from app.core.events import EventRecord, history
from app.dispatch.models import Driver
from app.inventory.models import Stock, StockMovement
from app.orders import errors
from app.orders.models import Order, OrderLine
from app.orders.states import Action, PaymentStatus, Status
from app.promise.models import DeliverySlot
from app.verify import verify_store
from tests.factories import (
    make_branch,
    make_customer,
    make_driver,
    make_staff,
    make_variant,
    make_zone,
    place,
)

D = orders.Details


@pytest.fixture
def shop(store):
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=1250, on_hand=5)
    return branch


@pytest.fixture
def carla(store):
    return make_staff("Carla")


@pytest.fixture
def boris(store):
    return make_driver("Boris")


@pytest.fixture
def ana(store):
    return make_customer("Ana")


@pytest.fixture
def order(shop, ana) -> Order:
    return place(("VITC", 2), actor=ana)


def bring(order: Order, until: Status, *, carla: Actor, boris: Actor) -> Order:
    """Move an order along the driver's line."""
    line = [
        (Status.CONFIRMED, Action.confirm, carla, D()),
        (Status.READY, Action.ready, carla, D()),
        (Status.ASSIGNED, Action.assign, carla, D(driver_id=boris.driver_id)),
        (Status.PICKED_UP, Action.pick_up, boris, D()),
        (Status.DELIVERED, Action.deliver, boris, D(cash_received_minor=order.due_minor, id_checked=True)),
    ]
    for status, action, actor, details in line:
        orders.act(order.code, action, actor=actor, details=details)
        if status is until:
            return order
    return order


def test_the_whole_line_to_the_door(order, carla, boris):
    bring(order, Status.PICKED_UP, carla=carla, boris=boris)
    orders.act(
        order.code,
        Action.deliver,
        actor=boris,
        details=D(cash_received_minor=order.due_minor + 325, id_checked=True, birth_date=date(1980, 5, 17)),
    )

    assert order.status is Status.DELIVERED
    assert (order.payment_status, order.change_minor, order.id_checked) == (PaymentStatus.PAID, 325, True)
    stock = db.session.scalar(select(Stock))
    assert (stock.on_hand, stock.reserved) == (3, 0)
    assert [m.quantity for m in db.session.scalars(select(StockMovement).order_by(StockMovement.id))] == [
        5,
        -2,
    ]
    told = [(e.type, e.payload.get("target")) for e in history("order", order.id)]
    assert told[0] == ("OrderPlaced", None)
    assert ("OrderAcknowledged", None) in told
    assert told[-1] == ("OrderMoved", "DELIVERED")
    asked = db.session.scalar(select(EventRecord).where(EventRecord.type == "ReviewRequested"))
    assert asked.due_at > asked.occurred_at
    assert verify_store() == {name: [] for name in verify_store()}


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        pytest.param({"cash_received_minor": 10_000}, errors.IdNotChecked, id="ID not checked"),
        pytest.param(
            {"cash_received_minor": 10_000, "id_checked": True, "birth_date": date(1981, 1, 1)},
            errors.IdMismatch,
            id="another date of birth on the ID",
        ),
        pytest.param(
            {"cash_received_minor": 100, "id_checked": True}, errors.CashShort, id="too little cash"
        ),
        pytest.param({"id_checked": True}, errors.CashShort, id="no cash"),
    ],
)
def test_the_door_asks_for(order, carla, boris, details, refusal):
    bring(order, Status.PICKED_UP, carla=carla, boris=boris)
    with pytest.raises(refusal):
        orders.act(order.code, Action.deliver, actor=boris, details=D(**details))
    assert order.status is Status.PICKED_UP


@pytest.mark.parametrize("upto", [Status.PENDING, Status.CONFIRMED, Status.READY, Status.ASSIGNED])
def test_cancelling_gives_back_stock_and_slot(order, carla, boris, upto):
    if upto is not Status.PENDING:
        bring(order, upto, carla=carla, boris=boris)
    orders.act(order.code, Action.cancel, actor=carla, details=D(reason="Ordered twice"))

    stock = db.session.scalar(select(Stock))
    assert (stock.on_hand, stock.reserved) == (5, 0)
    assert db.session.scalar(select(DeliverySlot.booked)) == 0
    assert (order.status, order.reason, order.driver_id) == (Status.CANCELLED, "Ordered twice", None)
    assert not any(verify_store().values())


def test_a_failed_delivery_comes_back_or_goes_again(order, carla, boris):
    bring(order, Status.PICKED_UP, carla=carla, boris=boris)
    orders.act(order.code, Action.fail, actor=boris, details=D(reason="Nobody at the door"))
    orders.act(order.code, Action.retry, actor=carla)
    assert (order.status, order.driver_id) == (Status.READY, None)
    assert not any(verify_store().values())

    orders.act(order.code, Action.assign, actor=carla, details=D(driver_id=boris.driver_id))
    orders.act(order.code, Action.pick_up, actor=boris)
    orders.act(order.code, Action.fail, actor=boris, details=D(reason="No ID"))
    orders.act(order.code, Action.take_back, actor=carla)
    assert order.status is Status.RETURNED
    assert db.session.scalar(select(Stock.on_hand)) == 5
    assert not any(verify_store().values())


def test_a_customer_cancels_while_pending_only(order, ana, carla, boris):
    bring(order, Status.CONFIRMED, carla=carla, boris=boris)
    with pytest.raises(Forbidden):
        orders.act(order.code, Action.cancel, actor=ana, details=D(reason="Changed my mind"))


def test_a_reason_is_asked_for(order, ana):
    with pytest.raises(errors.ReasonNeeded):
        orders.act(order.code, Action.cancel, actor=ana, details=D(reason="  "))


def test_a_stranger_finds_nothing(order, boris):
    for stranger in (make_customer("Felix"), boris, Actor()):
        with pytest.raises(NotFound):
            orders.get_order(order.code, actor=stranger)


def test_a_driver_moves_only_their_own_delivery(order, carla, boris):
    bring(order, Status.ASSIGNED, carla=carla, boris=boris)
    with pytest.raises(NotFound):
        orders.act(order.code, Action.pick_up, actor=make_driver("Luis"))


def test_a_driver_who_is_not_on_shift_is_not_assigned(order, carla, boris):
    bring(order, Status.READY, carla=carla, boris=boris)
    resting = make_driver("Luis", on_shift=False)
    with pytest.raises(errors.DriverUnavailable):
        orders.act(order.code, Action.assign, actor=carla, details=D(driver_id=resting.driver_id))
    assert db.session.get(Driver, resting.driver_id).on_shift is False


def test_the_second_is_told_who_was_first(order, carla):
    orders.act(order.code, Action.confirm, actor=carla)
    with pytest.raises(errors.IllegalTransition) as refused:
        orders.act(order.code, Action.confirm, actor=make_staff("Dmitri", "manager"))
    assert carla.name in str(refused.value)
    assert refused.value.data["allowed"] == ["ready", "cancel"]


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        pytest.param(
            "stock = movements", update(Stock).values(on_hand=Stock.on_hand + 1), id="a unit too many"
        ),
        pytest.param("reserved = open orders", update(Stock).values(reserved=0), id="a reservation lost"),
        pytest.param("slots = orders", update(DeliverySlot).values(booked=2), id="a place too many"),
        pytest.param(
            "orders = their events", update(Order).values(id_checked=True), id="a row changed by hand"
        ),
        pytest.param(
            "orders = their lines",
            update(OrderLine).values(unit_minor=OrderLine.unit_minor + 1),
            id="another price",
        ),
    ],
)
def test_verify_names_what_is_wrong(order, check, spoil):
    assert not any(verify_store().values())
    db.session.execute(spoil)
    db.session.expire_all()
    wrong = {name for name, rows in verify_store().items() if rows}
    assert wrong == {check}
