"""Server-side sessions: a cookie is worth what its row says."""

from app.core.db import db
from app.identity.models import Person


def live_user(user_id: int) -> Person | None:
    """The person, if active."""
    return db.session.get(Person, user_id)
