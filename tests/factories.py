"""Rows for tests, made through the product's own services where there is one. The cast: Ana the customer, Boris the
driver, Carla the dispatcher, Dmitri the manager, Elena the doctor, Felix, a stranger from the other store."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine
from werkzeug.security import generate_password_hash

from app import inventory, orders, stores
from app.catalog.models import Category, Product, Variant
from app.core.actor import SYSTEM, Actor
from app.core.db import db, transaction
from app.dispatch.models import Driver
from app.identity.models import Customer, Membership, Person
from app.orders.models import Order
from app.promise.models import Zone, ZoneZip
from app.stores.models import Branch, OpeningHours
from config import role_name

MIAMI, JAKARTA = 1, 2
_number = count(1)

STORES: list[tuple[list[str], dict[str, Any]]] = [
    (
        ["miami.localhost"],
        {
            "slug": "miami",
            "name": "Brickell Apothecary",
            "prefix": "MIA",
            "currency": "USD",
            "country": "US",
            "timezone": "America/New_York",
            "min_age": 21,
            "tax_rates_bp": {"standard": 700, "exempt": 0},
            "capabilities": ["delivery", "pickup"],
        },
    ),
    (
        ["jakarta.localhost"],
        {
            "slug": "jakarta",
            "name": "Apotek Kemang",
            "prefix": "JKT",
            "currency": "IDR",
            "country": "ID",
            "timezone": "Asia/Jakarta",
            "tax_inclusive": True,
            "tax_rates_bp": {"standard": 1100},
            "capabilities": ["delivery", "pickup", "courier"],
        },
    ),
]
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""A Friday, noon in Miami: everything is open."""


def open_stores() -> None:
    """Miami (id 1) and Jakarta (id 2)."""
    for hosts, columns in STORES:
        stores.open_store(hosts, **columns)


KEPT = ("alembic_version", "store", "store_host", "ab_permission", "ab_view_menu", "ab_permission_view")
SWEEP = """DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ({kept}) LOOP
        EXECUTE format('DELETE FROM %%I', t.tablename);
    END LOOP;
    FOR t IN SELECT sequencename, start_value FROM pg_sequences WHERE last_value IS NOT NULL
        AND replace(sequencename, '_id_seq', '') NOT IN ({kept}) LOOP
        PERFORM setval(format('%%I', t.sequencename), t.start_value, false);
    END LOOP; END $$"""
"""One statement for all tables, nearly free for the empty ones; TRUNCATE makes new files for every one of them."""


@cache
def _superuser(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1)


def sweep(app: Flask) -> None:
    """Empty every table but the stores and the framework's permissions; numbers go on where they are."""
    kept = ", ".join(f"'{name}'" for name in KEPT)
    with _superuser(app.config["DATABASE_URL"]).connect() as connection:
        # past the append-only triggers and the foreign keys, whatever the order of the tables
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(SWEEP.format(kept=kept))


def let_wait(app: Flask) -> None:
    """Let sixty buyers stand before one row on a busy machine: longer than a customer is made to wait for a lock."""
    with _superuser(app.config["DATABASE_URL"]).connect() as connection:
        connection.exec_driver_sql(f"ALTER ROLE \"{role_name('app')}\" SET lock_timeout = '14s'")


@transaction()
def make_branch(code: str = "brickell", *, around_the_clock: bool = True, slot_capacity: int = 6) -> Branch:
    """A branch, open day and night unless told otherwise."""
    branch = Branch(
        code=code,
        name=code.title(),
        line1="1 SW 8th St",
        city="Miami",
        zip="33130",
        lat=25.7663,
        lng=-80.1937,
        slot_capacity=slot_capacity,
    )
    closes = time(0, 0) if around_the_clock else time(21, 0)
    opens = time(0, 0) if around_the_clock else time(9, 0)
    branch.hours = [OpeningHours(weekday=day, opens=opens, closes=closes) for day in range(7)]
    db.session.add(branch)
    db.session.flush()
    return branch


@transaction()
def make_zone(branch: Branch, zips: tuple[str, ...] = ("33129", "33130"), **columns: Any) -> Zone:
    """A zone of the branch with express and slots."""
    zone = Zone(name=columns.pop("name", f"Zone {next(_number)}"), branch_id=branch.id, **columns)
    zone.zips = [ZoneZip(zip=code) for code in zips]
    db.session.add(zone)
    db.session.flush()
    return zone


@transaction()
def make_category(slug: str = "vitamins", **columns: Any) -> Category:
    """A top-level category."""
    category = Category(slug=slug, name={"en": slug.title(), "ru": slug, "es": slug}, **columns)
    db.session.add(category)
    db.session.flush()
    return category


@transaction()
def make_variant(
    branch: Branch,
    sku: str = "",
    *,
    on_hand: int = 10,
    price_minor: int = 1000,
    category: Category | None = None,
    **product: Any,
) -> Variant:
    """A product with one variant, and stock of it at the branch."""
    number = next(_number)
    category = category or make_category(f"category-{number}")
    made = Product(
        category_id=category.id,
        slug=product.pop("slug", f"product-{number}"),
        name={"en": f"Product {number}", "ru": f"Товар {number}", "es": f"Producto {number}"},
        **product,
    )
    made.variants = [
        Variant(sku=sku or f"SKU-{number}", price_minor=price_minor, cost_minor=price_minor // 2)
    ]
    db.session.add(made)
    db.session.flush()
    variant = made.variants[0]
    if on_hand:
        inventory.receive(branch.id, variant.id, on_hand, actor=SYSTEM, unit_cost_minor=price_minor // 2)
    return variant


@transaction()
def make_person(
    name: str = "", *, phone: str | None = None, roles: tuple[str, ...] = (), **columns: Any
) -> Person:
    """Somebody with memberships in the current store."""
    number = next(_number)
    first = name or f"Person{number}"
    person = Person(
        first_name=first,
        last_name="Test",
        username=f"{first.lower()}{number}",
        email=columns.pop("email", f"{first.lower()}{number}@example.com"),
        phone=phone or f"+1786555{number % 10000:04d}",
        active=True,
        birth_date=columns.pop("birth_date", date(1980, 5, 17)),
        **columns,
    )
    db.session.add(person)
    db.session.flush()
    db.session.add_all(Membership(user_id=person.id, role=role) for role in roles)
    db.session.flush()
    return person


@cache
def _hash(password: str) -> str:
    return generate_password_hash(password, method="scrypt:1024:8:1")


def give_password(person: Person, password: str) -> None:
    """As identity.store_password, by a hash that takes 2 ms instead of 70: a hash is slow on purpose."""
    person.password = _hash(password)


@transaction()
def make_customer(name: str = "Ana", **columns: Any) -> Actor:
    """A customer of the current store, as an actor."""
    person = make_person(name, **columns)
    profile = Customer(user_id=person.id)
    db.session.add(profile)
    db.session.flush()
    return Actor(person.id, frozenset({"customer"}), person.full_name, customer_id=profile.id)


@transaction()
def make_staff(name: str = "Carla", role: str = "dispatcher") -> Actor:
    """A member of staff of the current store, as an actor."""
    person = make_person(name, roles=(role,))
    return Actor(person.id, frozenset({role, "customer"}), person.full_name)


@transaction()
def make_driver(name: str = "Boris", *, on_shift: bool = True) -> Actor:
    """A driver of the current store, as an actor."""
    person = make_person(name, roles=("driver",))
    driver = Driver(user_id=person.id, vehicle="Honda PCX", on_shift=on_shift)
    db.session.add(driver)
    db.session.flush()
    return Actor(person.id, frozenset({"driver", "customer"}), person.full_name, driver_id=driver.id)


def make_cast() -> dict[str, Actor]:
    """Ana buys, Carla dispatches, Boris drives, Dmitri manages, Olga owns."""
    return {
        "ana": make_customer("Ana"),
        "carla": make_staff("Carla"),
        "boris": make_driver("Boris"),
        "dmitri": make_staff("Dmitri", "manager"),
        "owner": make_staff("Olga", "store_admin"),
    }


def request_for(*items: tuple[str, int], **changes: Any) -> orders.PlaceRequest:
    """An order for express delivery to 33129, paid in cash."""
    values: dict[str, Any] = {
        "items": tuple(items),
        "address": orders.Address(line1="248 SW 23rd Rd", city="Miami", zip="33129"),
        "birth_date": date(1980, 5, 17),
    }
    return orders.PlaceRequest(**values | changes)


def place(*items: tuple[str, int], actor: Actor, key: str = "", **changes: Any) -> Order:
    """Place such an order."""
    order, _fresh = orders.place_order(
        request_for(*items, **changes), key=key or f"key-{next(_number)}", actor=actor
    )
    return order


def soon(minutes: int = 60) -> datetime:
    """The start of a slot about so many minutes from now."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
