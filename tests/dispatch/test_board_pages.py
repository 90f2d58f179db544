"""The board over HTTP: who gets in, what the forms do with and without htmx, and two dispatchers at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import select

from app import identity, loyalty, orders, promise
from app.core.actor import Actor
from app.core.db import db
from app.core.events import history
from app.core.tenancy import store_scope
from app.dispatch.board_actions import AlreadyMoved, act_on_board
from app.identity.models import Person
from app.orders.models import Order
from app.orders.states import Action, Status
from tests.factories import (
    JAKARTA,
    MIAMI,
    make_branch,
    make_customer,
    make_driver,
    make_person,
    make_staff,
    make_variant,
    make_zone,
    place,
)

HOST = "http://miami.localhost"


@pytest.fixture
def shop(committed):
    """A branch open day and night, with goods."""
    promise.forget_world()
    branch = make_branch()
    make_zone(branch)
    make_variant(branch, "VITC", on_hand=50)
    return committed


class Browser(FlaskClient):
    """A browser whose requests share nothing: the test's own context would lend them its `g`."""

    def open(self, *args, **kwargs):
        for name in list(g):
            g.pop(name)
        return super().open(*args, **kwargs)


def browser(app, who: Actor | None):
    """A browser in which somebody is signed in."""
    client = Browser(app, app.response_class)
    if who is not None:
        token = identity.open_session(db.session.get(Person, who.user_id), "miami.localhost", "test")
        with client.session_transaction(base_url=HOST) as session:
            session.update({"sid": token, "_user_id": str(who.user_id), "_fresh": True})
    db.session.remove()
    return client


def token_of(client) -> str:
    page = client.get("/dispatch/", base_url=HOST).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def post(client, path: str, *, htmx: bool = False, **form):
    headers = {"Origin": HOST} | ({"HX-Request": "true"} if htmx else {})
    form = {"csrf_token": token_of(client)} | {k: str(v) for k, v in form.items()}
    return client.post(f"/dispatch/orders/{path}", data=form, headers=headers, base_url=HOST)


def status_of(code: str) -> Status:
    db.session.remove()
    return orders.get_order(code, actor=Actor(roles=frozenset({"system"}))).status


@pytest.mark.parametrize(
    ("role", "status"),
    [("dispatcher", 200), ("manager", 200), ("store_admin", 200), ("driver", 403), ("customer", 403)],
)
def test_who_gets_in(shop, role, status):
    code = place(("VITC", 1), actor=make_customer()).code
    who = {"driver": make_driver, "customer": make_customer}.get(role, lambda: make_staff(role=role))()
    client = browser(shop, who)
    for path in ("/dispatch/", "/dispatch/board", f"/dispatch/orders/{code}", f"/dispatch/?order={code}"):
        assert client.get(path, base_url=HOST).status_code == status, path


def test_somebody_elses_form_moves_nothing(shop):
    code = place(("VITC", 1), actor=make_customer()).code
    staff, driver = browser(shop, make_staff()), browser(shop, make_driver())
    form = {"csrf_token": token_of(staff)}
    assert driver.post(f"/dispatch/orders/{code}/confirm", data=form, base_url=HOST).status_code in {400, 403}
    assert status_of(code) is Status.PENDING


def test_a_stranger_is_asked_to_sign_in(shop):
    client = browser(shop, None)
    answer = client.get("/dispatch/?order=MIA-1", base_url=HOST)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")
    assert client.get("/dispatch/board", headers={"HX-Request": "true"}, base_url=HOST).status_code == 401


def test_the_page_shows_the_order_that_rings(shop):
    order = place(("VITC", 1), actor=make_customer(), customer_note="<b>Leave</b> it")
    code = order.code
    page = browser(shop, make_staff()).get(f"/dispatch/?order={code}", base_url=HOST)
    assert f"{code} is not acknowledged" in page.text
    assert 'role="alert"' in page.text
    assert "&lt;b&gt;Leave&lt;/b&gt; it" in page.text
    assert "<b>Leave</b>" not in page.text
    assert not re.search(r"<script(?![^>]*nonce=)", page.text)
    assert not re.search(r"\son[a-z]+=", page.text)
    assert page.headers["Cache-Control"] == "no-store"


def test_the_parts_carry_their_ids(shop):
    place(("VITC", 1), actor=make_customer())
    text = (
        browser(shop, make_staff()).get("/dispatch/board", headers={"HX-Request": "true"}, base_url=HOST).text
    )
    assert re.findall(r'id="([a-z-]+)"[^>]*hx-swap-oob="true"', text) == [
        "board-says", "siren", "figures", "lane-tabs", "columns", "slots", "drivers", "board-state",
    ]  # fmt: skip
    assert "<html" not in text
    assert "<script" not in text


def test_an_order_goes_its_way_by_plain_forms(shop):
    boris = make_driver()
    code = place(("VITC", 1), actor=make_customer()).code
    client = browser(shop, make_staff())
    for action, form, status in (
        ("acknowledge", {}, Status.PENDING),
        ("confirm", {}, Status.CONFIRMED),
        ("ready", {}, Status.READY),
        ("assign", {"driver_id": boris.driver_id}, Status.ASSIGNED),
        ("unassign", {"reason": "The driver is delayed"}, Status.READY),
        ("cancel", {"reason": "Out of stock"}, Status.CANCELLED),
    ):
        answer = post(client, f"{code}/{action}", **form)
        assert (answer.status_code, answer.location) == (303, f"/dispatch/?order={code}"), action
        assert status_of(code) is status


def test_with_htmx_the_drawer_and_the_board_come_back(shop):
    code = place(("VITC", 1), actor=make_customer()).code
    client = browser(shop, make_staff())
    answer = post(client, f"{code}/confirm", htmx=True)
    assert answer.status_code == 200
    assert 'id="panel-title"' in answer.text
    assert 'id="lane-CONFIRMED"' in answer.text
    assert "<html" not in answer.text
    from_board = post(client, f"{code}/ready", htmx=True, **{"from": "board"})
    assert 'id="panel-title"' not in from_board.text
    assert status_of(code) is Status.READY


@pytest.mark.parametrize("htmx", [False, True])
def test_a_refusal_is_said_in_the_drawer(shop, htmx):
    boris = make_driver(on_shift=False)
    code = place(("VITC", 1), actor=make_customer()).code
    client = browser(shop, make_staff())
    missing = post(client, f"{code}/cancel", htmx=htmx, reason=" ")
    assert (missing.status_code, "Please give a reason." in missing.text) == (422, True)
    too_soon = post(client, f"{code}/ready", htmx=htmx)
    assert too_soon.status_code == 409
    assert "This order is already Pending" in too_soon.text
    for action in ("confirm", "ready"):
        post(client, f"{code}/{action}")
    off_shift = post(client, f"{code}/assign", htmx=htmx, driver_id=boris.driver_id)
    assert (off_shift.status_code, "Boris Test is not on shift." in off_shift.text) == (409, True)
    assert status_of(code) is Status.READY


def test_notes_are_for_staff_and_never_empty(shop):
    code = place(("VITC", 1), actor=make_customer()).code
    client = browser(shop, make_staff())
    assert post(client, f"{code}/note", htmx=True, body="Bell is broken").status_code == 200
    assert (
        "Bell is broken"
        in client.get(f"/dispatch/orders/{code}", headers={"HX-Request": "true"}, base_url=HOST).text
    )
    empty = post(client, f"{code}/note", htmx=True, body="  ")
    assert empty.status_code == 422
    assert "between 1 and 1000" in empty.text


def test_pickup_is_handed_over_with_cash_at_the_counter(shop):
    code = place(("VITC", 1), actor=make_customer(), kind="pickup").code
    client = browser(shop, make_staff())
    for action in ("confirm", "ready"):
        post(client, f"{code}/{action}")
    page = client.get(f"/dispatch/orders/{code}", headers={"HX-Request": "true"}, base_url=HOST).text
    due = re.search(r'name="cash_received"[^>]*value="([\d.]+)"', page)
    assert due is not None
    said = db.session.scalar(select(Order.pickup_code).where(Order.code == code))
    assert said not in page
    asked = partial(post, client, f"{code}/collect", htmx=True, pickup_code=said)
    wrong = post(
        client, f"{code}/collect", htmx=True, cash_received=due.group(1), id_checked=1, pickup_code="1"
    )
    assert wrong.status_code == 422
    assert "not the code of this order" in wrong.text
    short = asked(cash_received="1.00", id_checked=1)
    assert short.status_code == 422
    assert "is less than the" in short.text
    unchecked = asked(cash_received=due.group(1))
    assert "Check the customer&#39;s ID first" in unchecked.text
    paid = asked(cash_received=due.group(1), id_checked=1)
    assert paid.status_code == 200
    assert status_of(code) is Status.COLLECTED


def test_change_at_the_counter_can_go_into_the_wallet(shop):
    buyer = make_customer()
    code = place(("VITC", 1), actor=buyer, kind="pickup").code
    client = browser(shop, make_staff())
    for action in ("confirm", "ready"):
        post(client, f"{code}/{action}")
    order = db.session.scalars(select(Order).where(Order.code == code)).one()
    said, due, mine = order.pickup_code, order.due_minor, order.customer_id
    cash = f"{(due + 534) // 100}.{(due + 534) % 100:02d}"
    paid = post(
        client, f"{code}/collect", pickup_code=said, cash_received=cash, id_checked=1, change="wallet"
    )
    assert paid.status_code == 303
    db.session.rollback()
    assert loyalty.balance_of(mine) == 534
    page = client.get(f"/dispatch/orders/{code}", headers={"HX-Request": "true"}, base_url=HOST).text
    assert "Change into the wallet" in page and "$5.34" in page


def test_a_foreign_code_and_an_unknown_action_are_404(shop):
    with store_scope(JAKARTA):
        promise.forget_world()
        branch = make_branch("kemang")
        make_zone(branch, ("12730",))
        make_variant(branch, "JAMU")
        felix = make_customer("Felix")
        foreign = place(
            ("JAMU", 1), actor=felix, address=orders.Address(line1="Jl. Kemang 1", zip="12730")
        ).code
    promise.forget_world()
    code = place(("VITC", 1), actor=make_customer()).code
    client = browser(shop, make_staff())
    assert client.get(f"/dispatch/orders/{foreign}", base_url=HOST).status_code == 404
    assert client.get(f"/dispatch/?order={foreign}", base_url=HOST).status_code == 404
    for action in ("confirm", "acknowledge", "note"):
        assert post(client, f"{foreign}/{action}", body="x").status_code == 404
    assert post(client, f"{code}/explode").status_code == 404


# --- who was first -----------------------------------------------------------------------------------------


def test_a_double_click_changes_nothing_more(shop):
    boris = make_driver()
    order = place(("VITC", 1), actor=make_customer())
    code, order_id, client = order.code, order.id, browser(shop, make_staff())
    for action, form in (("confirm", {}), ("ready", {}), ("assign", {"driver_id": boris.driver_id})):
        db.session.remove()
        seen = orders.get_order(code, actor=Actor(roles=frozenset({"system"}))).event_seq
        answers = [post(client, f"{code}/{action}", htmx=True, seen=seen, **form) for _click in range(2)]
        assert [a.status_code for a in answers] == [200, 200]
    db.session.remove()
    moves = [r.payload["action"] for r in history("order", order_id) if r.type == "OrderMoved"]
    assert moves == ["confirm", "ready", "assign"]


def test_the_second_dispatcher_is_told_who_was_first(shop):
    boris, zoe = make_driver(), make_driver("Zoe")
    carla, mila = make_staff(), make_staff("Mila")
    code = place(("VITC", 1), actor=make_customer()).code
    for action in (Action.confirm, Action.ready):
        orders.act(code, action, actor=carla)
    db.session.remove()
    seen = orders.get_order(code, actor=carla).event_seq
    first = post(browser(shop, carla), f"{code}/assign", htmx=True, seen=seen, driver_id=boris.driver_id)
    second = post(browser(shop, mila), f"{code}/assign", htmx=True, seen=seen, driver_id=zoe.driver_id)
    assert first.status_code == 200
    assert second.status_code == 409
    assert "Carla Test was faster: this order is Assigned since" in second.text
    db.session.remove()
    assert orders.get_order(code, actor=carla).driver_id == boris.driver_id


def test_two_at_once_give_one_move(shop):
    """Without the number of the last event both would succeed: ASSIGNED may be assigned again."""
    drivers = [make_driver("Boris"), make_driver("Zoe")]
    staff = [make_staff("Carla"), make_staff("Mila")]
    code = place(("VITC", 1), actor=make_customer()).code
    for action in (Action.confirm, Action.ready):
        orders.act(code, action, actor=staff[0])
    db.session.remove()
    order = orders.get_order(code, actor=staff[0])
    seen, order_id = order.event_seq, order.id
    db.session.remove()
    barrier = Barrier(2)

    def run(index: int) -> str:
        with shop.app_context(), store_scope(MIAMI):
            barrier.wait(timeout=5)
            details = orders.Details(driver_id=drivers[index].driver_id)
            try:
                act_on_board(code, Action.assign, actor=staff[index], details=details, seen=seen)
            except AlreadyMoved as told:
                return str(told.data["by"])
            return "moved"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(run, range(2)))
    loser = said.index(next(s for s in said if s != "moved"))
    assert said[1 - loser] == "moved"
    assert said[loser] == staff[1 - loser].name
    assigned = [r for r in history("order", order_id) if r.payload.get("action") == "assign"]
    assert len(assigned) == 1


def test_a_stranger_of_the_store_next_door_has_no_board(shop):
    with store_scope(JAKARTA):
        felix = make_person("Felix", roles=("dispatcher",))
        actor = Actor(felix.id, frozenset({"dispatcher"}), "Felix")
    assert browser(shop, actor).get("/dispatch/", base_url=HOST).status_code == 403
