"""Who belongs to an audience, where each of them is reached, and in which language."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app import stores
from app.core.db import db
from app.core.i18n import LOCALES
from app.identity.models import Membership, Person
from app.notifications.contexts import Recipient
from app.notifications.models import ContactPoint

DISPATCHERS, MANAGERS, DRIVER, CUSTOMER = "dispatchers", "managers", "driver", "customer"
BRANCH = "branch"
"""The group of the branch that packs the order."""
_ROLES: dict[str, Sequence[Sequence[str]]] = {
    # The first group that has anybody: a store without dispatchers still hears its alarms.
    DISPATCHERS: (("dispatcher",), ("manager",), ("store_admin",)),
    MANAGERS: (("manager",), ("store_admin",)),
}


def staff(audience: str) -> list[Recipient]:
    """Everybody of a staff audience, in the order they joined."""
    for roles in _ROLES[audience]:
        query = (
            select(Person)
            .join(Membership, Membership.user_id == Person.id)
            .where(Membership.role.in_(roles), Person.active.is_(True))
            .order_by(Membership.id)
        )
        if people := list(db.session.scalars(query).unique()):
            return [person_recipient(person) for person in people]
    return []


def person_recipient(person: Person) -> Recipient:
    """A person by their contact points and phone, in their language or the store's."""
    points = db.session.execute(
        select(ContactPoint.channel, ContactPoint.address).where(
            ContactPoint.user_id == person.id, ContactPoint.active.is_(True)
        )
    )
    addresses = {point.channel: point.address for point in points}
    if person.phone:
        addresses |= {"sms": person.phone, "whatsapp": person.phone}
    if person.contact_email and person.email_verified_at:
        addresses["email"] = person.contact_email
    return Recipient(addresses=addresses, locale=locale_of([person.locale]), user_id=person.id)


def phone_recipient(phone: str, locale: str, user_id: int | None = None) -> Recipient:
    """Somebody of whom we know a phone number."""
    return Recipient({"sms": phone, "whatsapp": phone}, locale_of([locale]), user_id)


def locale_of(wishes: Iterable[str | None]) -> str:
    """The first wish that we speak, else the store's language."""
    return next((wish for wish in wishes if wish in LOCALES), stores.current_store().default_locale)
