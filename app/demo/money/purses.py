"""Wallets of the history: money with a day on which it ends, apologies, corrections, and the nightly end of days."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from app import loyalty
from app.core import clock
from app.core.db import db
from app.core.money import Minor
from app.demo.money.stage import Stage
from app.identity.models import Customer, Person
from app.stores import current_store

UNIT = {"USD": 100, "IDR": 10_000}
EVERY = timedelta(days=6)
GIFTS = (
    (10, "Sorry for the late delivery", 0),
    (5, "Birthday present", 30),
    (15, "Thank you for bringing a friend", 60),
    (8, "Autumn present", 14),
    (3, "Wrong item in the bag", 0),
)
"""Units, why, and after how many days it ends (0: never)."""
WAITED = "Thank you for waiting so patiently"
TAKEN_BACK = "Given twice by mistake"


def plan(stage: Stage) -> None:
    """Somebody has been given something every few days; in the night, what has ended is taken back."""
    ids = _customers()
    began = stage.now - timedelta(days=88)
    for number in range(15):
        units, why, days = GIFTS[number % len(GIFTS)]
        amount, at = units * UNIT[current_store().currency], stage.in_office(began + EVERY * number)
        who = ids[stage.random.randrange(len(ids))]
        stage.plan(at, partial(give, stage, who, amount, why, days))
        if number % 5 == 4:
            later = at + timedelta(minutes=9)
            stage.plan(later, partial(give, stage, who, amount, why))
            stage.plan(later + timedelta(minutes=30), partial(give, stage, who, -amount, TAKEN_BACK))


def give(stage: Stage, customer_id: int, amount: Minor, why: str, days: int = 0) -> None:
    """The owner corrects a wallet, with money that ends after so many days (0: never)."""
    now = clock.now()
    loyalty.correct(
        customer_id,
        amount,
        reason=why,
        key=f"history:{now.timestamp():.0f}",
        actor=stage.owner,
        expires_at=now + timedelta(days=days) if days else None,
    )
    if days:
        stage.plan(now + timedelta(days=days, minutes=20), loyalty.expire_lots)


def _customers() -> Sequence[int]:
    """Those of the history, and Ana, who can sign in."""
    query = select(Customer.id).join(Person, Person.id == Customer.user_id)
    shoppers = Person.email.like("%@people.invalid") | Person.email.like("ana@%")
    return db.session.scalars(query.where(shoppers).order_by(Customer.id)).all()
