"""What is told about shelves: to managers what runs low, to whoever waits that it is back."""

from datetime import date

from babel.dates import format_date

from app import stores
from app.core.db import db
from app.core.events import EventRecord
from app.core.i18n import pick
from app.inventory.models import Stock, StockWatch
from app.inventory.watches import goods_url, leave_url
from app.notifications.audiences import CUSTOMER, MANAGERS, locale_of, phone_recipient, staff
from app.notifications.contexts import Context, Link, Recipient, context_for

OPEN_SHELF = {"en": "Open the shelf", "ru": "Открыть остатки", "es": "Ver existencias"}
MOST_CODES = 5
SHOW = {"en": "Show it", "ru": "Посмотреть", "es": "Verlo"}


@context_for("StockRanLow")
def _ran_low(record: EventRecord) -> Context | None:
    stock = db.session.get(Stock, record.aggregate_id)
    if stock is None or not stock.variant.active:
        return None

    def words(locale: str) -> dict[str, str]:
        return {
            "product": pick(stock.variant.product.name, locale),
            "sku": stock.variant.sku,
            "branch": stock.branch.name,
            "left": str(max(0, int(record.payload["available"]))),
            "threshold": str(stock.low_at),
            "store": stores.current_store().name,
        }

    link = Link(stores.public_url(f"/console/stock/show/{stock.id}"), OPEN_SHELF)
    return Context("stock.low", words, {MANAGERS: staff(MANAGERS)}, {MANAGERS: link})


@context_for("PromisedGoodsExpire")
def _will_expire(record: EventRecord) -> Context | None:
    stock = db.session.get(Stock, record.aggregate_id)
    if stock is None:
        return None
    said = record.payload

    def words(locale: str) -> dict[str, str]:
        codes = said["codes"]
        return {
            "product": pick(stock.variant.product.name, locale),
            "sku": stock.variant.sku,
            "branch": stock.branch.name,
            "units": str(said["units"]),
            "day": format_date(date.fromisoformat(said["expires_on"]), "long", locale=locale),
            "codes": ", ".join(codes[:MOST_CODES]) + (" …" if len(codes) > MOST_CODES else ""),
            "elsewhere": str(said["elsewhere"]),
            "store": stores.current_store().name,
        }

    link = Link(stores.public_url("/console/lots/list/"), OPEN_SHELF)
    return Context("stock.expiring", words, {MANAGERS: staff(MANAGERS)}, {MANAGERS: link})


@context_for("WatchAnswered")
def _came_back(record: EventRecord) -> Context | None:
    watch = db.session.get(StockWatch, record.aggregate_id)
    if watch is None or watch.noticed_at is None:
        return None
    product = watch.variant.product
    locale = locale_of([watch.locale])
    recipient = (
        Recipient({"email": watch.contact}, locale, watch.user_id)
        if watch.channel == "email"
        else phone_recipient(watch.contact, locale, watch.user_id)
    )

    def words(spoken: str) -> dict[str, str]:
        name = stores.current_store().name
        return {"store": name, "product": pick(product.name, spoken), "stop": leave_url(watch)}

    link = Link(goods_url(watch), SHOW)
    return Context("stock.back", words, {CUSTOMER: [recipient]}, {CUSTOMER: link})
