"""A store that was opened before a version knew of a message gets it with the release of that version."""

from flask import Flask
from sqlalchemy import func, select

from app.commands import fill_in_defaults
from app.core.db import db, transaction
from app.core.tenancy import store_scope
from app.notifications.models import NotificationRule, NotificationTemplate
from tests.factories import JAKARTA, MIAMI

BRANCH = NotificationRule.audience == "branch"


def test_the_release_gives_every_store_the_newer_rules_and_keeps_edited_ones(committed: Flask) -> None:
    fill_in_defaults()
    with transaction():
        for rule in db.session.scalars(select(NotificationRule).where(BRANCH)):
            db.session.delete(rule)
        text = db.session.scalars(select(NotificationTemplate).limit(1)).one()
        text.body, kept = "Our own words", text.id
    fill_in_defaults()
    fill_in_defaults()
    for store_id in (MIAMI, JAKARTA):
        with store_scope(store_id):
            assert db.session.scalar(select(func.count()).select_from(NotificationRule).where(BRANCH)) == 3
    with store_scope(MIAMI):
        assert db.session.get(NotificationTemplate, kept).body == "Our own words"
