"""Fills an empty database with the demo world. Deterministic; what exists already is left alone."""

from pathlib import Path

from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app import notifications, stores
from app.catalog.models import Category, Product, ProductPhoto, Variant
from app.core.db import db, transaction
from app.core.settings import setting
from app.core.tenancy import store_scope
from app.demo import accounts, depots, history, prices, shelves
from app.demo.catalog import Catalog, load_catalog
from app.demo.catalog import Product as ProductSpec
from app.demo.money import Stage, providers
from app.demo.outlines import outlines
from app.demo.packshots import write_packshots
from app.demo.people import PASSWORD, list_staff
from app.demo.people import Person as PersonSpec
from app.demo.world import STORES, BranchSpec, StoreSpec
from app.dispatch.models import Driver
from app.identity.models import Customer, Membership, Person
from app.inventory.models import Stock
from app.notifications.models import ContactPoint
from app.orders import books
from app.promise.models import (
    HourCapacity,
    TrafficWindow,
    WindowEffect,
    Zone,
    ZoneBand,
    ZoneReach,
    ZoneZip,
)
from app.stores.models import Branch, OpeningHours

PLATFORM = "platform@theriac.test"


def is_seeded() -> bool:
    """Whether the demo world is complete: its last row is there. A seed that was cut off goes on where it stopped."""
    return db.session.scalar(select(Person.id).where(Person.email == PLATFORM)) is not None


def seed_demo(packs: Path, *, days: int = 90) -> None:
    """Open the demo stores with goods, people and `days` of history; pack shots go below `packs`."""
    password = generate_password_hash(PASSWORD)
    stages: list[Stage | None] = []
    for slug, spec in STORES.items():
        store_id = stores.open_store(spec.hosts, **spec.columns)
        catalog = load_catalog(slug)
        write_packshots(packs / slug, catalog.products)
        with store_scope(store_id):
            _fill_store(slug, spec, catalog, password)
            accounts.open_methods(spec.columns["currency"])
            stages.append(history.write_history(slug, days) if days else None)
            books.begin_books()
            with transaction():
                depots.fill_margins(slug)
                prices.fill_prices(spec.columns["currency"])
    if played := [stage.book for stage in stages if stage is not None]:
        folder = setting("SANDBOX_DATA") or f"{setting('DATA_DIR')}/sandbox"
        providers.hand_over(played, Path(str(folder)))
    with transaction():
        _platform_person(password)
    stores.refresh_statistics()


@transaction()
def _fill_store(slug: str, spec: StoreSpec, catalog: Catalog, password: str) -> None:
    if db.session.scalar(select(func.count()).select_from(Branch)):
        return
    branches = {branch.code: _add_branch(branch) for branch in spec.branches}
    _add_zones(spec, branches)
    _add_catalog(slug, catalog, branches)
    for person in list_staff(slug):
        _add_person(person, password)
    notifications.ensure_defaults()


def _add_branch(spec: BranchSpec) -> Branch:
    branch = Branch(
        code=spec.code,
        name=spec.name,
        line1=spec.line1,
        city=spec.city,
        zip=spec.zip,
        lat=spec.lat,
        lng=spec.lng,
        phone=spec.phone,
        telegram_chat=spec.chat,
        slot_capacity=spec.slot_capacity,
    )
    branch.hours = [OpeningHours(weekday=day, opens=spec.opens, closes=spec.closes) for day in range(7)]
    db.session.add(branch)
    db.session.flush()
    return branch


def _add_zones(spec: StoreSpec, branches: dict[str, Branch]) -> None:
    drawn = outlines({zone.name: zone.zips for zone in spec.zones}, spec.columns["country"])
    for position, zone in enumerate(spec.zones):
        row = Zone(
            name=zone.name,
            branch_id=branches[zone.branch].id,
            fee_minor=zone.fee_minor,
            minimum_minor=zone.minimum_minor,
            free_from_minor=zone.free_from_minor,
            eta_low=zone.eta[0],
            eta_high=zone.eta[1],
            position=position,
        )
        row.polygon = drawn[zone.name]
        row.zips = [ZoneZip(zip=code) for code in zone.zips]
        row.bands = [ZoneBand(from_metres=metres, extra_minor=extra) for metres, extra in zone.bands]
        row.reaches = [ZoneReach(zip=code, fee_minor=fee) for code, fee in zone.beyond]
        db.session.add(row)
    for branch in branches.values():
        db.session.add_all(
            HourCapacity(branch_id=branch.id, weekday=weekday, hour=hour, capacity=capacity)
            for weekday, hour, capacity in spec.hourly
        )
    for window in spec.windows:
        db.session.add(
            TrafficWindow(
                zips=list(window.zips),
                weekdays=list(window.weekdays),
                from_time=window.from_time,
                to_time=window.to_time,
                effect=WindowEffect.closed,
                note=window.note,
            )
        )


def _add_catalog(slug: str, catalog: Catalog, branches: dict[str, Branch]) -> None:
    categories: dict[str, Category] = {}
    for spec in catalog.categories:
        categories[spec.slug] = Category(
            slug=spec.slug,
            name=dict(spec.name),
            description=dict(spec.description),
            icon=spec.icon,
            hue=spec.hue,
            position=spec.position,
            min_age=spec.min_age,
        )
    db.session.add_all(categories.values())
    db.session.flush()
    products = [(spec, _product(slug, spec, categories[spec.category])) for spec in catalog.products]
    db.session.add_all(product for _spec, product in products)
    db.session.flush()
    for goods, product in products:
        _add_stock(goods, product, branches)


def _product(slug: str, spec: ProductSpec, category: Category) -> Product:
    product = Product(
        category_id=category.id,
        slug=spec.slug,
        brand=spec.brand,
        name=dict(spec.name),
        subtitle=dict(spec.subtitle),
        description=dict(spec.description),
        tags=list(spec.tags),
        hue=spec.hue,
        rx_required=spec.rx_required,
        min_age=spec.min_age,
        max_per_order=spec.max_per_order,
        rating_centi=spec.rating_centi,
        rating_count=spec.rating_count,
    )
    product.photos = [ProductPhoto(path=f"packs/{slug}/{spec.slug}.svg", alt=dict(spec.name))]
    product.variants = [
        Variant(
            sku=variant.sku,
            label=dict(variant.label),
            barcode=variant.barcode,
            price_minor=variant.price_minor,
            compare_at_minor=variant.compare_at_minor,
            cost_minor=variant.cost_minor,
            tax_class=variant.tax_class,
            weight_g=variant.weight_g,
            position=position,
        )
        for position, variant in enumerate(spec.variants)
    ]
    return product


def _add_stock(spec: ProductSpec, product: Product, branches: dict[str, Branch]) -> None:
    """The opening shelves of each variant; written directly, since nothing else moves yet."""
    for variant, row in zip(spec.variants, product.variants, strict=True):
        for code, units in variant.stock.items():
            stock = Stock(
                branch_id=branches[code].id, variant_id=row.id, on_hand=0, reserved=0, lotted=0, value_minor=0
            )
            db.session.add(stock)
            db.session.flush()
            if units:
                shelves.stock_up(stock, row.sku, units, row.cost_minor)


def _add_person(spec: PersonSpec, password: str) -> None:
    person = db.session.scalar(select(Person).where(Person.email == spec.email))
    if person is None:
        person = Person(
            first_name=spec.first_name,
            last_name=spec.last_name,
            username=spec.email,
            email=spec.email,
            phone=spec.phone,
            locale=spec.locale,
            password=password,
            active=True,
        )
        db.session.add(person)
        db.session.flush()
    db.session.add(Customer(user_id=person.id))
    if spec.role == "customer":
        return
    db.session.add(Membership(user_id=person.id, role=spec.role))
    if spec.role == "driver":
        db.session.add(
            Driver(
                user_id=person.id, vehicle=f"{spec.vehicle}, {spec.plate}", on_shift=spec.login <= "driver4"
            )
        )
    _add_contacts(person)


def _add_contacts(person: Person) -> None:
    """Made-up addresses at Pushover and Telegram, which the sandbox takes for real ones."""
    db.session.add_all(
        (
            ContactPoint(user_id=person.id, channel="pushover", address=f"u{person.id:029d}"),
            ContactPoint(user_id=person.id, channel="telegram", address=str(700_000_000 + person.id)),
        )
    )


def _platform_person(password: str) -> None:
    if db.session.scalar(select(Person.id).where(Person.email == PLATFORM)) is None:
        db.session.add(
            Person(
                first_name="Paula",
                last_name="Platt",
                username=PLATFORM,
                email=PLATFORM,
                password=password,
                active=True,
                platform_admin=True,
            )
        )
