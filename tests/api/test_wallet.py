"""One's own wallet by API: the balance, what ends, and every operation in pages."""

from datetime import timedelta

from app import loyalty
from app.core import clock
from tests.factories import make_staff


def put_in(cast, amount: int, *, days: int = 0, key: str = "k") -> None:
    until = clock.now() + timedelta(days=days) if days else None
    owner = make_staff("Olga", "store_admin")
    ana = cast.actors["ana"].customer_id
    loyalty.correct(ana, amount, reason="Sorry for the wait", key=key, actor=owner, expires_at=until)


def test_an_unused_wallet_is_empty(cast):
    answer = cast.ana.get("/me/wallet")
    assert answer.json == {
        "currency": "USD",
        "balance_minor": 0,
        "ending": [],
        "items": [],
        "next_cursor": None,
    }
    assert cast.nobody.get("/me/wallet").status_code == 401
    assert cast.boris.get("/me/wallet").json["balance_minor"] == 0


def test_operations_come_in_pages_newest_first(cast):
    for n in range(3):
        put_in(cast, 100 * (n + 1), key=f"k{n}", days=30 if n == 2 else 0)
    first = cast.ana.get("/me/wallet?limit=2").json
    assert (first["balance_minor"], [one["amount_minor"] for one in first["items"]]) == (600, [300, 200])
    assert [one["amount_minor"] for one in first["ending"]] == [300]
    item = first["items"][0]
    assert (item["kind"], item["title"], item["reason"], item["balance_minor"], item["order"]) == (
        "wallet_correction_up",
        "Added by the pharmacy",
        "Sorry for the wait",
        600,
        None,
    )
    rest = cast.ana.get(f"/me/wallet?limit=2&cursor={first['next_cursor']}").json
    assert ([one["amount_minor"] for one in rest["items"]], rest["next_cursor"]) == ([100], None)
    assert cast.ana.get("/me/orders?cursor=" + first["next_cursor"]).status_code == 422
    assert cast.bella.get("/me/wallet").json["items"] == []
