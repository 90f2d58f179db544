"""What tests of payments do again and again."""

from datetime import timedelta

from sqlalchemy import text

from app import loyalty
from app.core import clock
from app.core.db import db
from app.payments import calls, inbox
from app.verify import verify_store
from jobs.payments import read_message
from tests.payments.bank import CODE, SIGNED, call_of
from tests.payments.conftest import hear


def proved():
    db.session.flush()
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return {name: rows for name, rows in verify_store().items() if rows}


def called(reference, number="call-1"):
    assert calls.take_call(CODE, SIGNED, call_of(reference, number))
    hear(read_message, "WebhookKept")
    (message,) = [m for m in inbox.messages() if m.event_id == number]
    db.session.refresh(message)
    return message


def later(monkeypatch, minutes):
    at = clock.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(clock, "now", lambda: at)


def wallet(cast):
    return loyalty.balance_of(cast["ana"].customer_id)
