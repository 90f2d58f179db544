"""Two managers on one capacity: whoever comes second is told, and no slot has more booked than it takes."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import promise
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import InvalidInput
from app.core.tenancy import store_scope
from app.promise import Load
from app.promise.grid import Range
from app.promise.models import DeliverySlot
from app.promise.slots import Act, Change, SlotsChanged, change_slots, load_grid
from tests.factories import MIAMI, make_branch, make_staff, make_zone, soon
from tests.races.test_placing import at_once
from tests.races.test_slots import buyer
from tests.races.turns import in_turn

pytestmark = pytest.mark.race
PAGE = 3
"""Days that a manager's page shows."""


class Desk:
    """A branch's page, open in front of two managers."""

    def __init__(self) -> None:
        branch, self.at = make_branch(slot_capacity=6), soon()
        make_zone(branch)
        self.branch_id, self.managers = branch.id, [make_staff(name, "manager") for name in ("Dmitri", "Mia")]
        grid = load_grid(self.branch_id, self.local.date(), PAGE, clock.now())
        self.seen = dict(grid.stamps)
        db.session.remove()

    @property
    def local(self):
        return self.at.astimezone(promise.load_world(self.at).timezone)

    def span(self, hours: int = 0) -> Range:
        """One slot, so many hours after the first."""
        start = self.local + timedelta(hours=hours)
        return Range(
            start.date(),
            start.date(),
            start.time(),
            (start + timedelta(minutes=15)).time().replace(tzinfo=None),
        )

    def set(self, manager: int, capacity: int, span: Range | None = None):
        where, change = span or self.span(), Change(Act.set, capacity=capacity)

        def save() -> int:
            change_slots(self.branch_id, where, change, seen=self.seen, actor=self.managers[manager])
            return capacity

        return save

    def row(self) -> DeliverySlot:
        db.session.remove()
        return db.session.scalars(select(DeliverySlot).where(DeliverySlot.starts_at == self.at)).one()


@pytest.fixture
def desk(committed) -> Desk:
    return Desk()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["Dmitri first", "Mia first"])
def test_the_second_is_told(committed, desk, order):
    """The second saves while the first one's change is being written; neither is lost without a word."""
    wanted = (4, 9)
    first, second = order
    won, (lost,) = in_turn(committed, desk.set(first, wanted[first]), desk.set(second, wanted[second]))
    assert won == wanted[first]
    assert isinstance(lost, SlotsChanged)
    assert desk.row().capacity == wanted[first]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "slots_changed")).one()
    assert entry.actor_name == desk.managers[first].name


def test_eight_windows_at_once(committed, desk):
    calls = [desk.set(n % 2, 11 + n) for n in range(8)]  # none of them what stands there already
    results = at_once(committed, *calls)
    saved = [one for one in results if isinstance(one, int)]
    assert len(saved) == 1 and Counter(map(type, results))[SlotsChanged] == 7
    assert desk.row().capacity == saved[0]


def test_other_hours_are_nobodys_quarrel(committed, desk):
    """The stamps are kept by hour: two managers on two evenings both save."""
    results = at_once(committed, desk.set(0, 4), desk.set(1, 9, desk.span(hours=2)))
    assert results == [4, 9]


def test_without_the_stamps_the_first_is_lost_unseen(committed, desk):
    """The race is real: read, then write, tells both that all is well."""
    desk.set(0, 6)()

    @transaction()
    def careless(capacity: int) -> int:
        row = db.session.scalars(select(DeliverySlot)).one()
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        row.capacity = capacity
        return capacity

    results = at_once(committed, lambda: careless(4), lambda: careless(9))
    assert sorted(results) == [4, 9]
    assert desk.row().capacity in {4, 9}


def test_a_buyer_waits_for_the_manager(committed, desk):
    """Three places are left by a change that is being written: of eight who book meanwhile, three get one."""
    crowd = [buyer(desk.branch_id, desk.at, Load(1, 1, 1)) for _one in range(8)]
    won, bookings = in_turn(committed, desk.set(0, 3), *crowd)
    assert won == 3
    assert [type(one).__name__ for one in bookings].count("SlotTaken") == 5
    row = desk.row()
    assert (row.capacity, row.booked) == (3, 3)


def test_a_manager_waits_for_the_buyer(committed, desk):
    """The fourth place is being booked: three is less than that, and the manager hears it."""
    for _one in range(3):
        buyer(desk.branch_id, desk.at, Load(1, 1, 1))()
    taken, (refused,) = in_turn(committed, buyer(desk.branch_id, desk.at, Load(1, 1, 1)), desk.set(0, 3))
    assert taken == 1
    assert isinstance(refused, InvalidInput) and "4" in refused.errors["capacity"]
    row = desk.row()
    assert (row.capacity, row.booked) == (6, 4)


def test_who_books_another_time_does_not_wait(committed, desk):
    """A manager's lock on the branch is none on the slots that customers make in it."""

    def book_later() -> object:
        with committed.app_context(), store_scope(MIAMI):
            return buyer(desk.branch_id, desk.at + timedelta(hours=2), Load(1, 1, 1))()

    with ThreadPoolExecutor(1) as pool, transaction():
        desk.set(0, 4)()
        assert pool.submit(book_later).result(timeout=2) == 1


def test_managers_and_buyers_all_at_once(committed, desk):
    crowd = [buyer(desk.branch_id, desk.at, Load(1, 1, 1)) for _one in range(12)]
    results = at_once(committed, *crowd[:6], desk.set(0, 2), desk.set(1, 5), *crowd[6:])
    row = desk.row()
    assert row.booked == results.count(1) <= row.capacity
    told = results[6:8]
    assert all(isinstance(one, int | SlotsChanged | InvalidInput) for one in told)
    assert row.capacity == next((one for one in told if isinstance(one, int)), 6)
