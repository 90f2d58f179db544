"""A shop in Miami that takes Zelle and Venmo, a customer, and two managers."""

import io

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select, text

from app import stores
from app.core.db import db, transaction
from app.payments import attempts
from app.payments.models import PaymentMethod
from app.stores.models import Store
from app.verify import verify_store
from tests.factories import MIAMI, make_branch, make_customer, make_staff, make_variant, make_zone, place


@transaction()
def open_methods(*codes):
    """Let the store take money by hand."""
    for position, code in enumerate(codes):
        settings = {"handle": f"pay@{code}.example", "display_name": "Brickell Apothecary"}
        db.session.add(PaymentMethod(code=code, active=True, position=position, settings=settings))


def set_store(**columns):
    """Change the store's settings as its owner would."""
    with transaction():
        store = db.session.get(Store, MIAMI)
        for name, value in columns.items():
            setattr(store, name, value)
    stores.forget_directory()


def furnish():
    """The shop, its ways to pay and its people."""
    branch = make_branch(slot_capacity=500)
    make_zone(branch)
    make_variant(branch, "VITC", price_minor=2000, on_hand=5000)
    make_variant(branch, "GOLD", price_minor=60_000, on_hand=50)
    open_methods("zelle", "venmo")
    return {
        "ana": make_customer("Ana"),
        "felix": make_customer("Felix"),
        "dmitri": make_staff("Dmitri", "manager"),
        "olga": make_staff("Olga", "store_admin"),
        "carla": make_staff("Carla"),
    }


@pytest.fixture
def cast(store):
    yield furnish()
    stores.forget_directory()


@pytest.fixture
def asked(cast):
    """An order of one VITC to be paid by Zelle, and its attempt."""
    order = place(("VITC", 1), actor=cast["ana"], payment_method="zelle")
    return order, attempts.attempts_of(order.id)[0]


def newest(order):
    return attempts.attempts_of(order.id)[-1]


def proved():
    """What `verify` finds, with the ledger's own checks as a commit would make them."""
    db.session.flush()
    db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    return {name: rows for name, rows in verify_store().items() if rows}


def events_of(kind):
    from app.core.events import EventRecord

    query = select(EventRecord).where(EventRecord.type == kind).order_by(EventRecord.id)
    return list(db.session.scalars(query))


def screenshot(words="$45.90 to Brickell Apothecary\n21 Nov 2026 11:02\nConfirmation WFCT0ABC12", **save):
    """A phone's picture of a transfer."""
    picture = Image.new("RGB", (585, 1266), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 585, 140), fill="#6d1ed4")
    draw.multiline_text((40, 300), words, fill="black", font_size=34, spacing=60)
    draw.rectangle((40, 1100, 545, 1190), fill="#6d1ed4")
    file = io.BytesIO()
    picture.save(file, **({"format": "PNG"} | save))
    return file.getvalue()
