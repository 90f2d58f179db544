"""The shop that is measured: Miami of the demo with 2,000 products, plenty of stock and wide slots; eight buyers."""

import json
import sys
from datetime import date

from sqlalchemy import select, text

from app import identity, loyalty, stores
from app.core.actor import Actor
from app.core.db import db, refresh_statistics, transaction
from app.core.tenancy import store_scope
from app.factory import create_app
from app.identity.models import Customer, Person
from app.payments import terms
from app.payments.terms import Terms
from bench import money

PRODUCTS = 2000
BUYERS = 8
WALLET_MINOR = 5_000_000
OWNER = Actor(roles=frozenset({"store_admin"}), name="Bench", source="cli")

FILL = (
    """INSERT INTO product (category_id, slug, brand, name, subtitle, description, tags, hue, rx_required, min_age,
         rating_centi, rating_count, sold_count, active)
       SELECT category_id, slug || '-' || n, brand, name, subtitle, description, tags, hue, false, 0,
         rating_centi, rating_count, n % 97, true
       FROM (SELECT * FROM product WHERE NOT rx_required ORDER BY id LIMIT 40) p, generate_series(1, :rounds) n""",
    """INSERT INTO product_photo (product_id, path, alt, position, width, height)
       SELECT p.id, 'packs/miami/' || regexp_replace(p.slug, '-[0-9]+$', '') || '.svg', p.name, 0, 240, 300
       FROM product p WHERE NOT EXISTS (SELECT FROM product_photo x WHERE x.product_id = p.id)""",
    """INSERT INTO variant (product_id, sku, label, barcode, price_minor, cost_minor, tax_class, weight_g, position,
         active)
       SELECT p.id, 'B' || p.id, '{}', '', 500 + p.id % 4000, 300, 'standard', 50, 0, true
       FROM product p WHERE NOT EXISTS (SELECT FROM variant v WHERE v.product_id = p.id)""",
    """INSERT INTO stock (branch_id, variant_id, on_hand, reserved, low_at)
       SELECT b.id, v.id, 0, 0, 5 FROM branch b, variant v
       WHERE NOT EXISTS (SELECT FROM stock s WHERE s.variant_id = v.id)""",
    """INSERT INTO stock_movement (stock_id, kind, quantity, reason)
       SELECT id, 'receipt', 1000000, 'bench' FROM stock""",
    "UPDATE stock SET on_hand = on_hand + 1000000",
    "UPDATE branch SET slot_capacity = 30000",
    "DELETE FROM hour_capacity",
    "UPDATE opening_hours SET opens = '00:00', closes = '00:00'",
)


def fill() -> dict[str, object]:
    """Make the scene; gives what the load needs to know: SKUs and the buyers' access tokens."""
    miami = next(store for store in stores.all_stores() if store.slug == "miami")
    with store_scope(miami.id):
        with transaction() as session:
            for statement in FILL:
                session.execute(text(statement), {"rounds": PRODUCTS // 40} if ":rounds" in statement else {})
            refresh_statistics()  # as an import of so many does
        with transaction():
            people = [_buyer(n) for n in range(BUYERS)]
        for person in people:
            _fill_wallet(person)
        terms.save("authorizenet", Terms(active=True), money.ACCOUNT, money.SECRETS, actor=OWNER)
        skus = list(
            db.session.execute(
                text("SELECT sku FROM variant WHERE sku LIKE 'B%' ORDER BY id LIMIT 300")
            ).scalars()
        )
        slug = db.session.execute(text("SELECT slug FROM product ORDER BY id DESC LIMIT 1")).scalar()
        tokens = [identity.issue_tokens(person, "bench").access_token for person in people]
    return {"skus": skus, "slug": slug, "tokens": tokens}


def _fill_wallet(person: Person) -> None:
    customer_id = db.session.scalars(select(Customer.id).where(Customer.user_id == person.id)).one()
    loyalty.correct(customer_id, WALLET_MINOR, reason="bench", key=str(person.id), actor=OWNER)


def _buyer(number: int) -> Person:
    person = Person(
        first_name="Buyer",
        last_name=str(number),
        username=f"bench{number}",
        email=f"bench{number}@people.invalid",
        phone=f"+1305555{9000 + number}",
        birth_date=date(1980, 1, 1),
        active=True,
    )
    db.session.add(person)
    db.session.flush()
    db.session.add(Customer(user_id=person.id))
    return person


if __name__ == "__main__":
    with create_app().app_context():
        json.dump(fill(), sys.stdout)
