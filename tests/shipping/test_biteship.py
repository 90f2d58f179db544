"""The contract of a courier port, run on the Biteship adapter against the sandbox: prices, bookings, refusals."""

from dataclasses import replace

import pytest

from app.core import settings
from app.shipping.adapters import courier_port
from app.shipping.adapters.biteship import read_status
from app.shipping.ports import Booking, Carriage, Door, OutcomeUnknown, Refused, TryLater
from app.shipping.status import RANKS, ShipmentStatus, comes_after
from tests.jobs.harness import PROVIDERS, SECRETS
from tests.sandbox.conftest import Sandbox, wait_until

KEMANG = Door("12730", -6.2607, 106.8133, "Apotek Nusantara, Kemang", "+6281255501000", "Jl. Kemang Raya 24")
MENTENG = Door("10310", -6.196, 106.832, "Siti", "+6281211110000", "Jl. Cikini Raya 5")
BALI = replace(MENTENG, zip="80361", lat=None, lng=None)
EVERYBODY = ("jne", "jnt", "sicepat", "anteraja", "gojek", "grab")


@pytest.fixture
def desk(outside: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, well and waiting to be told to move, under the adapter's settings."""
    outside.chaos("all", "ok")
    calm = {"auto": False, "balance": 5_000_000, "price_percent": 100, "webhooks": []}
    outside.http.post("/biteship/sandbox/settings", json=calm).raise_for_status()
    values = {name: outside.url + path for name, path in PROVIDERS.items()} | SECRETS
    monkeypatch.setattr(settings, "_values", values)
    return outside


def carriage(to: Door = MENTENG, weight_g: int = 700) -> Carriage:
    return Carriage(KEMANG, to, weight_g, 150_000)


def booking(reference: str, **changes: object) -> Booking:
    values = {"company": "gojek", "service": "instant", "carriage": carriage(), "cash_minor": 170_000}
    return Booking(reference, **values | changes)


def test_couriers_say_their_price_their_time_and_whether_they_take_cash(desk: Sandbox) -> None:
    found = {f"{r.company}-{r.service}": r for r in courier_port().rates(carriage(), EVERYBODY)}
    assert set(found) == {
        "jne-reg", "jne-yes", "jnt-ez", "sicepat-reg", "anteraja-same_day", "gojek-instant", "grab-instant",
    }  # fmt: skip
    assert found["jne-reg"].minutes == (24 * 60, 2 * 24 * 60)
    assert found["gojek-instant"].minutes == (60, 120)
    assert (found["gojek-instant"].instant, found["jne-reg"].instant) == (True, False)
    assert (found["jne-reg"].takes_cash, found["grab-instant"].takes_cash) == (True, False)
    assert all(5_000 <= rate.price_minor <= 80_000 for rate in found.values())


def test_weight_and_distance_cost_more_and_some_couriers_stay_at_home(desk: Sandbox) -> None:
    near = {r.service + r.company: r.price_minor for r in courier_port().rates(carriage(), EVERYBODY)}
    heavy = {
        r.service + r.company: r.price_minor for r in courier_port().rates(carriage(weight_g=4200), EVERYBODY)
    }
    far = {r.company: r for r in courier_port().rates(carriage(BALI), EVERYBODY)}
    assert all(heavy[key] > near[key] for key in near)
    assert set(far) == {"jne", "jnt", "sicepat"}
    assert [r.company for r in courier_port().rates(carriage(), ("jne",))] == ["jne", "jne"]


def test_a_booking_has_a_waybill_and_moves_to_the_door(desk: Sandbox) -> None:
    booked = courier_port().book(booking("MOVE-1"))
    assert booked.status is ShipmentStatus.confirmed
    assert booked.waybill
    assert booked.price_minor
    seen = [booked.status]
    for _ in range(5):
        desk.http.post(f"/biteship/sandbox/orders/{booked.provider_id}", json={}).raise_for_status()
        seen.append(courier_port().get(booked.provider_id).status)
    assert [status.value for status in seen] == [
        "confirmed", "allocated", "picking_up", "picked", "dropping_off", "delivered",
    ]  # fmt: skip
    last = courier_port().get(booked.provider_id)
    assert [status for status, _at, _note in last.history] == [status.value for status in seen]
    assert last.driver_name


def test_what_is_inside_is_nobodys_business(desk: Sandbox) -> None:
    booked = courier_port().book(booking("PRIVATE-1"))
    [order] = [
        o for o in desk.http.get("/biteship/sandbox/orders.json").json() if o["id"] == booked.provider_id
    ]
    assert [item["name"] for item in order["items"]] == ["Pharmacy goods"]


def test_the_same_reference_is_booked_once(desk: Sandbox) -> None:
    first = courier_port().book(booking("TWICE-1"))
    assert courier_port().book(booking("TWICE-1")).provider_id == first.provider_id
    orders = desk.http.get("/biteship/sandbox/orders.json").json()
    assert [o["reference_id"] for o in orders].count("TWICE-1") == 1


def test_an_answer_that_got_lost_is_found_again(desk: Sandbox) -> None:
    desk.chaos("biteship", "slow", seconds=6, times=1)
    with pytest.raises(OutcomeUnknown):
        courier_port().book(booking("LOST-1"))
    wait_until(
        lambda: any(
            o["reference_id"] == "LOST-1" for o in desk.http.get("/biteship/sandbox/orders.json").json()
        )
    )
    assert courier_port().book(booking("LOST-1")).waybill
    orders = desk.http.get("/biteship/sandbox/orders.json").json()
    assert [o["reference_id"] for o in orders].count("LOST-1") == 1


def test_it_can_be_called_off_until_the_courier_has_it(desk: Sandbox) -> None:
    port = courier_port()
    early, late = port.book(booking("OFF-1")), port.book(booking("OFF-2"))
    assert port.cancel(early.provider_id, "Out of stock").status is ShipmentStatus.cancelled
    assert port.get(early.provider_id).status is ShipmentStatus.cancelled
    desk.http.post(
        f"/biteship/sandbox/orders/{late.provider_id}", json={"status": "picked"}
    ).raise_for_status()
    with pytest.raises(Refused, match="can not be cancelled"):
        port.cancel(late.provider_id, "Out of stock")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"company": "nobody"}, "not available", id="unknown courier"),
        pytest.param({"company": "grab"}, "cash on delivery", id="takes no cash"),
        pytest.param(
            {"carriage": carriage(replace(MENTENG, address=""))}, "destination address", id="no address"
        ),
        pytest.param(
            {"carriage": carriage(replace(MENTENG, lat=None, lng=None))}, "oordinates", id="no point"
        ),
    ],
)
def test_a_booking_that_cannot_be_is_declined_with_the_reason(
    changes: dict[str, object], words: str, desk: Sandbox
) -> None:
    with pytest.raises(Refused, match=words):
        courier_port().book(booking("NO-1", **changes))


def test_an_empty_account_books_nothing(desk: Sandbox) -> None:
    desk.http.post("/biteship/sandbox/settings", json={"balance": 10}).raise_for_status()
    with pytest.raises(Refused, match="balance"):
        courier_port().book(booking("POOR-1"))


@pytest.mark.parametrize("ask", ["rates", "book", "get", "cancel"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [("429", TryLater), ("500", TryLater), ("down", OutcomeUnknown)],
)
def test_trouble_is_sorted(ask: str, fault: str, error: type[Exception], desk: Sandbox) -> None:
    port = courier_port()
    calls = {
        "rates": lambda: port.rates(carriage(), EVERYBODY),
        "book": lambda: port.book(booking(f"TROUBLE-{fault}")),
        "get": lambda: port.get("0" * 24),
        "cancel": lambda: port.cancel("0" * 24, "x"),
    }
    desk.chaos("biteship", fault, seconds=3, times=1)
    with pytest.raises(error):
        calls[ask]()


def test_a_provider_that_is_not_there_and_one_without_a_key(
    desk: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "_values", SECRETS | {"BITESHIP_URL": "http://127.0.0.1:9"})
    with pytest.raises(TryLater):
        courier_port().rates(carriage(), EVERYBODY)
    wrong = {"BITESHIP_URL": f"{desk.url}/biteship", "BITESHIP_API_KEY": "wrong"}
    monkeypatch.setattr(settings, "_values", wrong)
    with pytest.raises(Refused, match="401"):
        courier_port().rates(carriage(), EVERYBODY)
    monkeypatch.setattr(settings, "_values", wrong | {"BITESHIP_API_KEY": ""})
    with pytest.raises(Refused, match="not configured"):
        courier_port().rates(carriage(), EVERYBODY)


@pytest.mark.parametrize(
    ("text", "status"),
    [("pickingUp", "picking_up"), ("dropping_off", "dropping_off"), ("courierNotFound", "courier_not_found")],
)
def test_both_spellings_are_read(text: str, status: str) -> None:
    assert read_status(text) == ShipmentStatus(status)
    assert read_status("teleported") is None


def test_a_shipment_never_goes_back() -> None:
    S = ShipmentStatus
    for new in S:
        for old in S:
            if comes_after(new, old):
                assert RANKS[new] >= RANKS[old]
                assert RANKS[old] < 100
    assert comes_after(S.dropping_off, S.on_hold)
    assert comes_after(S.on_hold, S.dropping_off)
    assert not comes_after(S.picked, S.delivered)
    assert not comes_after(S.allocated, S.picked)
