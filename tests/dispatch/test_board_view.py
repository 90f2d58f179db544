"""The board as one object: what stands where, what it warns of, and how often it asks the database."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app import orders, promise
from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, NotFound
from app.dispatch.board import Filters, board_view
from app.dispatch.board_panel import panel_view
from app.orders.states import Action, Status
from tests.factories import (
    NOON,
    make_branch,
    make_customer,
    make_driver,
    make_staff,
    make_variant,
    make_zone,
    place,
)

A = Action


@pytest.fixture
def shop(store):
    """Noon in Miami, one branch with goods, Carla at the board."""
    promise.forget_world()
    with clock.frozen(NOON):
        branch = make_branch()
        zone = make_zone(branch, name="Brickell", eta_low=25, eta_high=40)
        make_variant(branch, "VITC", on_hand=100)
        yield branch, zone, make_staff()


def order_in(status: Status, carla, boris=None, **changes):
    """An order brought to a state by the product's own moves."""
    order = place(("VITC", 2), actor=make_customer(), **changes)
    way = [(A.confirm, carla), (A.ready, carla), (A.assign, carla), (A.pick_up, boris), (A.deliver, boris)]
    for action, who in way:
        if order.status is status:
            return order
        details = orders.Details(
            driver_id=boris.driver_id if boris else None, cash_received_minor=order.due_minor, id_checked=True
        )
        orders.act(order.code, action, actor=who, details=details)
    return order


def card_of(view, code):
    cards = [c for lane in view.lanes for c in lane.cards]
    return next(c for c in (*cards, *view.failed, *view.done) if c.code == code)


def test_every_open_order_stands_in_the_column_of_its_state(shop):
    *_rest, carla = shop
    boris = make_driver()
    made = {
        s: order_in(s, carla, boris)
        for s in (Status.PENDING, Status.CONFIRMED, Status.READY, Status.ASSIGNED)
    }
    made[Status.PICKED_UP] = order_in(Status.PICKED_UP, carla, boris)
    view = board_view(carla)
    assert {lane.status: [c.code for c in lane.cards] for lane in view.lanes} == {
        status: [order.code] for status, order in made.items()
    }
    assert view.figures.open_now == 5
    assert card_of(view, made[Status.ASSIGNED].code).driver.name == "Boris Test"
    assert card_of(view, made[Status.PENDING].code).items == 2


def test_what_ended_today_is_tucked_away_and_counted(shop):
    *_rest, carla = shop
    boris = make_driver()
    order = order_in(Status.DELIVERED, carla, boris)
    view = board_view(carla)
    assert [c.code for c in view.done] == [order.code]
    assert (view.figures.open_now, view.figures.inside_percent) == (0, 100)
    assert view.figures.cash_minor == order.due_minor
    with clock.moved(timedelta(days=1)):
        tomorrow = board_view(carla)
    assert (tomorrow.done, tomorrow.figures.inside_percent, tomorrow.figures.cash_minor) == ((), None, 0)


def test_a_failed_order_waits_for_a_decision_until_there_is_one(shop):
    *_rest, carla = shop
    boris = make_driver()
    order = order_in(Status.PICKED_UP, carla, boris)
    orders.act(order.code, A.fail, actor=boris, details=orders.Details(reason="Nobody at the door"))
    with clock.moved(timedelta(days=2)):
        view = board_view(carla)
        panel = panel_view(order.code, carla)
    assert [(c.code, c.note_kind, c.note) for c in view.failed] == [(order.code, "act", "Nobody at the door")]
    assert [choice.action for choice in panel.choices] == [A.take_back, A.retry]


def test_the_warning_grows_with_the_clock(shop):
    *_rest, carla = shop
    code = order_in(Status.READY, carla).code  # promised within 40 minutes, the drive takes 25
    said = []
    for later in (0, 14, 16, 39, 43):
        with clock.moved(timedelta(minutes=later)):
            card = card_of(board_view(carla), code)
        said.append((card.haste.value, card.note))
    assert said == [
        ("calm", "Needs a driver, 0 s"),
        ("calm", "Needs a driver, 14 min"),
        ("at_risk", "Needs a driver, 16 min"),
        ("at_risk", "Needs a driver, 39 min"),
        ("late", "3 min over the promise"),
    ]


def test_the_siren_is_the_longest_wait_and_ends_with_the_acknowledgement(shop):
    *_rest, carla = shop
    with clock.moved(timedelta(minutes=-3)):
        first = order_in(Status.PENDING, carla)
    second = order_in(Status.PENDING, carla)
    view = board_view(carla)
    assert (view.siren.card.code, view.siren.waiting) == (first.code, 2)
    assert view.siren.escalates_at == first.placed_at + timedelta(minutes=10)
    assert view.ringing == (first.code, second.code)
    orders.acknowledge_order(first.code, actor=carla)
    orders.act(second.code, A.confirm, actor=carla)  # acting is acknowledging
    after = board_view(carla)
    assert (after.siren, after.ringing) == (None, ())
    assert card_of(after, first.code).mine


def test_the_median_wait_for_a_confirmation(shop):
    *_rest, carla = shop
    for waited in (1, 2, 9):
        with clock.moved(timedelta(minutes=-waited)):
            order = order_in(Status.PENDING, carla)
        orders.act(order.code, A.confirm, actor=carla)
    assert board_view(carla).figures.to_confirm == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("code", True, id="code"),
        pytest.param("33129", True, id="ZIP"),
        pytest.param("boris", True, id="driver"),
        pytest.param("ana te", True, id="name"),
        pytest.param("phone", True, id="phone as people write it"),
        pytest.param("Felix", False, id="somebody else"),
        pytest.param("305", False, id="too few digits for a phone"),
    ],
)
def test_search(shop, query, found):
    *_rest, carla = shop
    order = order_in(Status.ASSIGNED, carla, make_driver())
    phone = order.contact_phone
    query = {"code": order.code[-4:].lower(), "phone": f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"}.get(
        query, query
    )
    view = board_view(carla, Filters(query=query))
    assert [c.code for lane in view.lanes for c in lane.cards] == ([order.code] if found else [])
    assert view.hidden == (0 if found else 1)
    assert view.figures.open_now == 1  # the figures are of the store, not of the filter


def test_filters_by_zone_and_by_mine(shop):
    branch, zone, carla = shop
    make_zone(branch, ("33133",), name="Grove")
    promise.forget_world()
    here = order_in(Status.CONFIRMED, carla)
    there = order_in(
        Status.CONFIRMED, make_staff("Mila"), address=orders.Address(line1="1 Main Hwy", zip="33133")
    )
    ringing = order_in(Status.PENDING, carla)
    codes = lambda f: {c.code for lane in board_view(carla, f).lanes for c in lane.cards}  # noqa: E731
    assert codes(Filters(zone_id=zone.id)) == {here.code, ringing.code}
    assert codes(Filters(mine=True)) == {here.code, ringing.code}
    assert there.code in codes(None)


def test_the_strip_counts_bookings_and_names_the_traffic(shop):
    from datetime import time

    from app.core.db import transaction
    from app.promise.models import TrafficWindow

    branch, _zone, carla = shop
    with transaction():
        db.session.add(
            TrafficWindow(
                zips=["33129"], from_time=time(13), to_time=time(14), note={"en": "The bridge is up."}
            )
        )
    promise.forget_world()
    slot = NOON + timedelta(hours=3)
    for _i in range(2):
        place(("VITC", 1), actor=make_customer(), mode="slot", slot=slot)
    strip = {s.starts_at: s for s in board_view(carla).slots}
    assert len(strip) == 14
    assert (strip[slot].booked, strip[slot].capacity, strip[slot].fill, strip[slot].traffic) == (
        2,
        branch.slot_capacity,
        33,
        "",
    )
    assert strip[NOON + timedelta(hours=1)].traffic == "The bridge is up."
    assert not strip[NOON + timedelta(hours=2)].traffic


def test_the_offer_is_for_the_most_urgent_ready_order(shop):
    *_rest, carla = shop
    make_driver("Full", on_shift=False)
    boris = make_driver()
    order_in(Status.READY, carla, mode="slot", slot=NOON + timedelta(hours=3))
    urgent = order_in(Status.READY, carla)
    card, suggestion = board_view(carla).offer
    assert (card.code, suggestion.driver.id) == (urgent.code, boris.driver_id)


def test_the_drawer_says_who_saw_it_and_what_may_be_done(shop):
    *_rest, carla = shop
    order = order_in(Status.PENDING, carla)
    with clock.moved(timedelta(seconds=42)):
        orders.acknowledge_order(order.code, actor=carla)
    panel = panel_view(order.code, carla)
    assert panel.acknowledged == "Acknowledged by Carla Test after 0:42"
    assert [(c.action, c.form) for c in panel.choices] == [(A.confirm, "plain"), (A.cancel, "reason")]
    assert [(s.title, s.state) for s in panel.steps] == [("Placed", "done"), ("Acknowledged", "now")]
    assert panel.cash_due_minor == order.due_minor


def test_the_drawer_offers_drivers_the_suggested_one_first(shop):
    *_rest, carla = shop
    busy, free = make_driver("Busy"), make_driver("Zoe")
    order_in(Status.ASSIGNED, carla, busy)
    panel = panel_view(order_in(Status.READY, carla).code, carla)
    assert [(o.driver.id, bool(o.reason)) for o in panel.offers] == [
        (free.driver_id, True),
        (busy.driver_id, False),
    ]


def test_the_board_is_for_dispatchers(shop):
    ana, boris = make_customer(), make_driver()
    order = place(("VITC", 1), actor=ana)
    for stranger in (ana, boris):
        with pytest.raises(Forbidden):
            board_view(stranger)
        with pytest.raises(Forbidden):
            panel_view(order.code, stranger)


def test_a_foreign_code_does_not_exist(shop):
    with pytest.raises(NotFound):
        panel_view("JKT-20261120-AAAA", make_staff())


def count_queries(run):
    said = []
    hear = lambda *args: said.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        run()
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    return sum(
        1
        for text in said
        if text.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in text
    )


def test_the_number_of_queries_does_not_grow(shop):
    *_rest, carla = shop
    boris = make_driver()
    order_in(Status.PENDING, carla)
    promise.forget_world()
    few = count_queries(lambda: board_view(carla))
    for status in (Status.PENDING, Status.READY, Status.ASSIGNED, Status.DELIVERED):
        order_in(status, carla, boris)
    make_driver("Zoe")
    promise.forget_world()
    db.session.expire_all()
    many = count_queries(lambda: board_view(carla))
    assert few == many <= 12
