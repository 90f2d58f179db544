"""`flask demo drive`: somebody rides from the branch to the door, as a phone would tell it over HTTP."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import httpx
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from app import identity, stores
from app.core.db import db, transaction
from app.core.money import exponent
from app.core.tenancy import store_scope
from app.dispatch.geo import Point, points_along, route
from app.dispatch.models import Driver
from app.dispatch.stops import door_of
from app.orders.models import Order
from app.orders.states import ON_ROUTE, PaymentStatus, Status

EVERY_SECONDS = 3.0
METRES_A_SECOND = 7.0
"""25 km/h, a scooter in town."""
LONGEST_SECONDS = 45 * 60


@dataclass(frozen=True)
class Trip:
    """What the ride needs of the order, as plain values."""

    store_id: int
    hostname: str
    code: str
    picked_up: bool
    cash_due_minor: int
    min_age: int
    birth_date: str
    user_id: int
    way: list[Point]


class Phone:
    """A driver's browser: the session cookie, the page's CSRF token, and three things to say."""

    def __init__(self, base_url: str, trip: Trip) -> None:
        self.trip = trip
        cookie = current_app.config["SESSION_COOKIE_NAME"]
        headers = {"Host": f"{trip.hostname}:{current_app.config['PORT']}"}
        self._client = httpx.Client(
            base_url=base_url, headers=headers, cookies={cookie: _cookie(trip)}, timeout=10
        )
        self._seq = 0
        self._token = ""

    def __enter__(self) -> "Phone":
        page = self._client.get("/driver")
        found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
        if page.status_code != 200 or found is None:
            raise click.ClickException(f"The driver's page answered {page.status_code}.")
        self._token = found.group(1)
        self._keep_cookie(page)
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()
        sign_out(self.trip)

    def _keep_cookie(self, page: httpx.Response) -> None:
        """One cookie: the one we came with has no domain, and would be sent beside the answer's."""
        name = current_app.config["SESSION_COOKIE_NAME"]
        if renewed := page.cookies.get(name):
            self._client.cookies.clear()
            self._client.cookies.set(name, renewed)

    def tell_position(self, at: Point) -> bool:
        """Send one fix; whether the server took it."""
        now = datetime.now(UTC)
        self._seq = max(self._seq + 1, int(now.timestamp() * 1000))
        fix = {"seq": self._seq, "lat": at[0], "lng": at[1], "at": now.isoformat()}
        answer = self._post("/driver/positions", json={"positions": [fix]})
        return self._seq in answer.json()["accepted"]

    def tap(self, step: str, **form: str) -> None:
        """Press a button of the page."""
        answer = self._post(f"/driver/orders/{self.trip.code}/{step}", data=form)
        if answer.status_code != 303:
            raise click.ClickException(f"{step} was refused: HTTP {answer.status_code}.")

    def _post(self, path: str, **body: object) -> httpx.Response:
        answer = self._client.post(path, headers={"X-CSRFToken": self._token}, **body)  # type: ignore[arg-type]
        if answer.status_code >= 500:
            raise click.ClickException(f"{path} answered {answer.status_code}.")
        return answer


_tokens: dict[int, str] = {}


def _cookie(trip: Trip) -> str:
    """A session like any other, with its row; `sign_out` ends it."""
    with store_scope(trip.store_id):
        person = identity.person_by_id(trip.user_id)
        if person is None:
            raise click.ClickException("The driver has no account.")
        token = identity.open_session(person, trip.hostname, "Theriac demo rider")
    _tokens[trip.user_id] = token
    serializer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"sid": token, "_user_id": str(trip.user_id), "_fresh": True}))


def sign_out(trip: Trip) -> None:
    """End the rider's session."""
    if token := _tokens.pop(trip.user_id, ""):
        with store_scope(trip.store_id):
            identity.close_session(token, source="cli")


def find_trip(store: stores.StoreInfo, code: str | None) -> Trip:
    """The order that is ridden: the named one, else the one on the road or assigned that waits longest."""
    with store_scope(store.id), transaction():
        query = select(Order).where(Order.status.in_(ON_ROUTE), Order.driver_id.is_not(None))
        if code:
            query = query.where(Order.code == code.upper())
        order = db.session.scalars(query.order_by(Order.status.desc(), Order.placed_at)).first()
        if order is None:
            raise click.ClickException("No order is assigned to a driver. Assign one on the board first.")
        door = door_of(order)
        driver = db.session.scalars(select(Driver).where(Driver.id == order.driver_id)).one()
        if door is None:
            raise click.ClickException(f"Nobody knows where {order.code} goes.")
        return Trip(
            store_id=store.id,
            hostname=store.hostname,
            code=order.code,
            picked_up=order.status is Status.PICKED_UP,
            cash_due_minor=order.due_minor if order.payment_status is PaymentStatus.DUE else 0,
            min_age=order.min_age,
            birth_date=order.birth_date.isoformat() if order.birth_date else "",
            user_id=driver.user_id,
            way=route((order.branch.lat, order.branch.lng), door),
        )


def ride(way: list[Point], speed: float, every: float) -> Iterator[Point]:
    """A place every so many seconds, until the door or the longest time; the last is the door itself."""
    started = time.monotonic()
    for at in points_along(way, METRES_A_SECOND * every * speed):
        yield at
        if time.monotonic() - started > LONGEST_SECONDS:
            return
        time.sleep(every)


def cash_text(minor: int, currency: str) -> str:
    """The sum as the driver types it: the next round note above what is due."""
    digits = exponent(currency)
    note = 5 * 10**digits if digits else 10_000
    return f"{-(-minor // note) * note / 10**digits:.{digits}f}"


@click.command("drive")
@click.option("--store", "slug", default="miami", show_default=True, help="The store of the order.")
@click.option("--order", "code", help="The order's code; else one that is on its way.")
@click.option("--speed", default=1.0, show_default=True, help="How many times faster than a scooter in town.")
@click.option("--every", default=EVERY_SECONDS, show_default=True, help="Seconds between positions.")
@click.option("--deliver", is_flag=True, help="Hand it over at the door, for cash.")
@click.option("--url", help="Where the web server listens; this machine and PORT by default.")
@with_appcontext
def drive_command(
    slug: str, code: str | None, speed: float, every: float, deliver: bool, url: str | None
) -> None:
    """Ride with an order from the branch to the customer's door."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("Riding is for the demo only.")
    if speed <= 0 or every <= 0:
        raise click.ClickException("--speed and --every are above zero.")
    store = next((s for s in stores.all_stores() if s.slug == slug), None)
    if store is None:
        raise click.ClickException(f"There is no store {slug}.")
    trip = find_trip(store, code)
    try:
        drive(
            trip,
            store.currency,
            url or f"http://127.0.0.1:{current_app.config['PORT']}",
            speed,
            every,
            deliver,
        )
    except KeyboardInterrupt:
        click.echo("\nStopped where it was.")
    except httpx.TransportError as error:
        raise click.ClickException(f"The web server does not answer: {error}") from error


def drive(trip: Trip, currency: str, url: str, speed: float, every: float, deliver: bool) -> int:
    """Pick up when needed, ride, and hand over when asked; how many positions were taken."""
    taken = 0
    with Phone(url, trip) as phone:
        if not trip.picked_up:
            phone.tap("pick-up")
            click.echo(f"Picked up {trip.code}.")
        for at in ride(trip.way, speed, every):
            taken += phone.tell_position(at)
            click.echo(f"{at[0]:.5f}, {at[1]:.5f}")
        if deliver:
            phone.tap("deliver", **_door_form(trip, currency))
            click.echo(f"Delivered {trip.code}.")
    return taken


def _door_form(trip: Trip, currency: str) -> dict[str, str]:
    form = {"cash_received": cash_text(trip.cash_due_minor, currency)} if trip.cash_due_minor else {}
    if trip.min_age:
        form |= {"id_checked": "yes", "birth_date": trip.birth_date}
    return form
