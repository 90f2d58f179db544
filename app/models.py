"""Every table, imported in one place: mappers are complete and migrations see all of them."""

from app.catalog import models as catalog
from app.catalog import search_models as search
from app.catalog.imports import models as catalog_imports
from app.core import audit, events, idempotency, periodic
from app.desk import models as desk
from app.dispatch import models as dispatch
from app.identity import models as identity
from app.insight import models as insight
from app.inventory import models as inventory
from app.ledger import models as ledger
from app.loyalty import models as loyalty
from app.marketing import models as marketing
from app.notifications import models as notifications
from app.orders import limits
from app.orders import models as orders
from app.payments import card_models as cards
from app.payments import models as payments
from app.payments import settlement_models as settlements
from app.payments.coins import models as coins
from app.promise import models as promise
from app.shipping import models as shipping
from app.stores import models as stores

__all__ = [
    "audit",
    "cards",
    "catalog",
    "catalog_imports",
    "coins",
    "desk",
    "dispatch",
    "events",
    "idempotency",
    "identity",
    "insight",
    "inventory",
    "ledger",
    "limits",
    "loyalty",
    "marketing",
    "notifications",
    "orders",
    "payments",
    "periodic",
    "promise",
    "search",
    "settlements",
    "shipping",
    "stores",
]
