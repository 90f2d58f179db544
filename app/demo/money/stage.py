"""What every scene of the money's history needs: who acts, the providers' book, chance, and time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app import stores
from app.core.actor import Actor
from app.core.db import db
from app.demo.money.providers import Book
from app.demo.money.timeline import Act, Timeline
from app.demo.people import list_staff
from app.identity.models import Person

OPENS, CLOSES = 9, 19
"""Local hours in which the office decides about money."""


@dataclass
class Stage:
    """One store's."""

    random: Random
    now: datetime
    owner: Actor
    manager: Actor
    dispatcher: Actor
    book: Book
    timeline: Timeline = field(default_factory=Timeline)

    def plan(self, when: datetime, act: Act) -> None:
        """Let something happen then, if that is not in the future."""
        if when <= self.now:
            self.timeline.at(when, act)

    def minutes(self, low: float, high: float) -> timedelta:
        """Some minutes between the two."""
        return timedelta(seconds=self.random.randint(int(low * 60), int(high * 60)))

    def in_office(self, when: datetime) -> datetime:
        """Then, or when somebody is in the office next."""
        local = when.astimezone(stores.current_store().zone)
        if local.hour >= CLOSES:
            local = (local + timedelta(days=1)).replace(hour=OPENS)
        elif local.hour < OPENS:
            local = local.replace(hour=OPENS)
        return local


def set_stage(slug: str, random: Random, now: datetime) -> Stage:
    """The stage of the current store, with its own people."""
    people = {person.login: person for person in list_staff(slug)}
    ids = {
        email: person_id
        for person_id, email in db.session.execute(
            select(Person.id, Person.email).where(Person.email.in_([one.email for one in people.values()]))
        )
    }

    def actor(login: str) -> Actor:
        person = people[login]
        name = f"{person.first_name} {person.last_name}"
        return Actor(ids[person.email], frozenset({person.role}), name, "web")

    return Stage(random, now, actor("owner"), actor("manager"), actor("dispatcher"), Book(random))
