"""Shifts, stops, fixes and what a customer sees of them, on the real database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app import dispatch, orders
from app.core import clock
from app.core.actor import ANONYMOUS
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.dispatch import Fix
from app.orders.errors import (
    CashShort,
    DriverUnavailable,
    IdMismatch,
    IdNotChecked,
    IllegalTransition,
    ReasonNeeded,
)
from app.orders.states import Action, Status
from tests.dispatch.conftest import ASSIGNED, PICKED_UP, READY
from tests.factories import make_driver


def fix(seq: int, ago: float = 0, lat: float = 25.76, lng: float = -80.2) -> Fix:
    return Fix(seq, lat, lng, clock.now() - timedelta(seconds=ago))


def held() -> int:
    return db.session.scalar(select(func.count()).select_from(dispatch.Position))


@pytest.fixture
def heard():
    """What listeners are told."""
    from app.dispatch import listeners

    news = []
    before = list(listeners._listeners)
    listeners._listeners[:] = [news.append]
    yield news
    listeners._listeners[:] = before


class TestShift:
    def test_starts_and_ends_once(self, scene, heard):
        boris = make_driver("Boris", on_shift=False)
        for _ in "ab":
            assert dispatch.start_shift(boris).on_shift
        assert db.session.scalar(select(func.count()).select_from(dispatch.Shift)) == 1
        for _ in "ab":
            assert not dispatch.end_shift(boris).on_shift
        assert db.session.scalars(select(dispatch.Shift)).one().ended_at
        assert [n.on_shift for n in heard] == [True, False]

    def test_does_not_end_with_orders_in_the_bag(self, scene):
        order = scene.make_order(*ASSIGNED)
        with pytest.raises(dispatch.DeliveriesOpen, match=order.code):
            dispatch.end_shift(scene.boris)

    @pytest.mark.parametrize("use", [dispatch.start_shift, dispatch.end_shift, dispatch.stops_of])
    def test_is_for_drivers(self, scene, use):
        for actor in (scene.ana, scene.carla, ANONYMOUS, replace(scene.boris, driver_id=10**9)):
            with pytest.raises(dispatch.NotADriver):
                use(actor)


class TestAssign:
    def test_only_somebody_on_shift(self, scene):
        idle = make_driver("Luis", on_shift=False)
        with pytest.raises(DriverUnavailable, match="Luis"):
            scene.make_order(*ASSIGNED, driver=idle)

    def test_nobody_who_does_not_exist(self, scene):
        order = scene.make_order(*READY)
        with pytest.raises(DriverUnavailable):
            orders.act(order.code, Action.assign, actor=scene.carla, details=orders.Details(driver_id=10**9))

    def test_no_more_than_fit(self, scene):
        for _ in range(4):
            scene.make_order(*ASSIGNED)
        with pytest.raises(dispatch.DriverFull, match="4 of 4"):
            scene.make_order(*ASSIGNED)
        full = db.session.scalars(select(orders.Order).where(orders.Order.status == Status.ASSIGNED)).first()
        again = orders.act(
            full.code,
            Action.assign,
            actor=scene.carla,
            details=orders.Details(driver_id=scene.boris.driver_id),
        )
        assert again.driver_id == scene.boris.driver_id


class TestStops:
    def test_tell_a_driver_what_they_need(self, scene):
        order = scene.make_order(*ASSIGNED, sku="CBD-1")
        (stop,) = dispatch.stops_of(scene.boris)
        assert (stop.number, stop.code, stop.status) == (1, order.code, Status.ASSIGNED)
        assert (stop.line1, stop.zip, stop.phone) == ("248 SW 23rd Rd", "33129", order.contact_phone)
        assert stop.cash_due_minor == order.due_minor > 0
        assert stop.min_age == 21
        assert stop.path[0] == stop.branch
        assert stop.path[-1] == stop.door
        assert stop.minutes is None

    def test_what_is_in_the_bag_comes_first(self, scene):
        scene.make_order(*ASSIGNED)
        second = scene.make_order(*PICKED_UP)
        assert dispatch.stops_of(scene.boris)[0].code == second.code

    def test_are_ones_own(self, scene):
        scene.make_order(*ASSIGNED)
        assert dispatch.stops_of(make_driver("Luis")) == []


class TestPositions:
    def test_are_kept_once_and_move_forward(self, scene, heard):
        scene.make_order(*PICKED_UP)
        assert dispatch.record_positions(scene.boris, [fix(1, 9), fix(2, 6), fix(3, 3)]).accepted == [1, 2, 3]
        assert dispatch.record_positions(scene.boris, [fix(1, 9), fix(4, 4)]).accepted == [1, 4]
        assert held() == 4
        driver = dispatch.driver_of(scene.boris)
        db.session.refresh(driver)
        assert driver.last_seq == 3
        assert [f.seq for n in heard for f in n.fixes] == [1, 2, 3]

    def test_a_tuple_is_as_good(self, scene):
        scene.make_order(*PICKED_UP)
        assert dispatch.record_positions(scene.boris, [(7, 25.7, -80.2, clock.now())]).accepted == [7]

    def test_a_phone_that_counts_anew_is_still_followed(self, scene, heard):
        scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [fix(1, 60)])
        assert dispatch.record_positions(scene.boris, [fix(1, 5)]).accepted == [1]
        assert [n.fixes[0].seq for n in heard] == [1, 1]

    def test_are_refused_without_a_delivery(self, scene, heard):
        recorded = dispatch.record_positions(scene.boris, [fix(1)])
        assert (recorded.accepted, recorded.refused, held(), heard) == ([], [1], 0, [])
        driver = dispatch.driver_of(scene.boris)
        assert driver.seen_at is not None
        assert driver.lat is None

    def test_absurd_ones_are_refused(self, scene):
        scene.make_order(*ASSIGNED)
        recorded = dispatch.record_positions(scene.boris, [fix(1, -600), fix(2), fix(3, lat=95)])
        assert (recorded.accepted, recorded.refused) == ([2], [1, 3])

    def test_customers_follow_from_pick_up_only(self, scene, heard):
        waiting, riding = scene.make_order(*ASSIGNED), scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [fix(1)])
        assert [f.code for f in heard[0].following] == [riding.code]
        assert dispatch.tracking_view(waiting).position is None


class TestTracking:
    def test_before_anybody_takes_it(self, scene):
        view = dispatch.tracking_view(scene.make_order())
        assert [s.state for s in view.steps] == ["now", *["todo"] * 5]
        assert (view.courier, view.position, view.minutes) == (None, None, None)
        assert "248" not in view.address

    def test_on_the_road(self, scene):
        order = scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [fix(1)])
        view = dispatch.tracking_view(order)
        assert view.position == (25.76, -80.2)
        assert 1 <= view.minutes < 20
        assert view.distance_m > 500
        assert view.courier.name == "Boris T."
        assert view.courier.vehicle == "Honda PCX"
        assert not view.is_delayed
        assert [s.state for s in view.steps].count("done") == 4

    def test_a_delay_is_said(self, scene):
        order = scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [fix(1)])
        with clock.moved(timedelta(hours=3)):
            assert dispatch.tracking_view(order).is_delayed

    def test_the_end_takes_the_pin_away(self, scene):
        order = scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [fix(1)])
        paid = orders.Details(cash_received_minor=order.due_minor, id_checked=True)
        done = orders.act(order.code, Action.deliver, actor=scene.boris, details=paid)
        view = dispatch.tracking_view(done)
        assert (view.position, view.minutes, view.is_delayed, view.is_live) == (None, None, False, False)
        assert {s.state for s in view.steps} == {"done"}

    def test_a_cancelled_order_says_so(self, scene):
        order = scene.make_order(Action.confirm)
        orders.act(order.code, Action.cancel, actor=scene.carla, details=orders.Details(reason="Closed"))
        view = dispatch.tracking_view(order)
        assert [s.status for s in view.steps] == [Status.PENDING, Status.CONFIRMED, Status.CANCELLED]

    def test_doors_before_ones_own(self, scene):
        scene.make_order(*PICKED_UP)
        second = scene.make_order(*PICKED_UP)
        dispatch.record_positions(scene.boris, [fix(1)])
        assert dispatch.tracking_view(second).stops_before == 1


class TestAtTheDoor:
    def test_a_second_tap_changes_nothing(self, scene):
        order = scene.make_order(*ASSIGNED)
        moved = [
            dispatch.act_at_stop(order.code, Action.pick_up, actor=scene.boris, key=key)[1]
            for key in ("tap-1", "tap-1", "tap-2", "")
        ]
        assert moved == [True, False, False, False]
        assert order.event_seq == 6

    def test_a_late_tap_after_another_state_is_told(self, scene):
        order = scene.make_order(*PICKED_UP)
        dispatch.act_at_stop(
            order.code, Action.fail, actor=scene.boris, details=orders.Details(reason="Nobody home"), key="f"
        )
        with pytest.raises(IllegalTransition):
            dispatch.act_at_stop(order.code, Action.pick_up, actor=scene.boris, key="p")

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            pytest.param({"short": 1}, CashShort, id="a cent short"),
            pytest.param({"id_checked": False}, IdNotChecked, id="ID unchecked"),
            pytest.param({"birth_date": date(2001, 1, 1)}, IdMismatch, id="another birthday"),
        ],
    )
    def test_nothing_is_handed_over(self, scene, changes, refusal):
        order = scene.make_order(*PICKED_UP, sku="CBD-1")
        short = changes.pop("short", 0)
        details = orders.Details(cash_received_minor=order.due_minor - short, id_checked=True)
        with pytest.raises(refusal):
            dispatch.act_at_stop(
                order.code, Action.deliver, actor=scene.boris, details=replace(details, **changes), key="k"
            )
        assert orders.get_order(order.code, actor=scene.boris).status is Status.PICKED_UP

    def test_cash_and_change(self, scene):
        order = scene.make_order(*PICKED_UP)
        paid = orders.Details(cash_received_minor=order.due_minor + 534, id_checked=True)
        dispatch.act_at_stop(order.code, Action.deliver, actor=scene.boris, details=paid, key="k")
        assert (order.status, order.change_minor) == (Status.DELIVERED, 534)
        (line,) = [d for d in dispatch.drivers_overview() if d.id == scene.boris.driver_id]
        assert (line.delivered_today, line.cash_today_minor, line.load) == (1, order.due_minor, 0)

    def test_failing_wants_a_reason(self, scene):
        order = scene.make_order(*PICKED_UP)
        with pytest.raises(ReasonNeeded):
            dispatch.act_at_stop(order.code, Action.fail, actor=scene.boris)

    def test_somebody_elses_order_is_not_found(self, scene):
        order = scene.make_order(*ASSIGNED)
        for actor in (make_driver("Luis"), scene.ana):
            with pytest.raises(DomainError) as refused:
                dispatch.act_at_stop(order.code, Action.pick_up, actor=actor)
            assert isinstance(refused.value, NotFound) or refused.value.kind == "forbidden"
