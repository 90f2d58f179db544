"""Proof that what is kept agrees with what happened; each check names the wrong rows of the current store."""

from collections.abc import Callable, Iterator

from app.desk.verify import check_confirmations, check_lines
from app.inventory.books import check_inventory_value
from app.inventory.verify import check_lots, check_stock, check_transfers, check_value
from app.ledger.verify import check_balances, check_entries, check_floors
from app.loyalty.verify import check_lots_in_wallets, check_lots_used
from app.orders.books import check_orders_booked
from app.orders.projection import check_projection
from app.orders.verify import check_cards, check_reservations, check_slots, check_totals
from app.payments.coins.verify import check_coins
from app.payments.verify import check_clearing, check_receipts_booked, check_refunds_booked

CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "stock = movements": check_stock,
    "lots = movements": check_lots,
    "value = movements": check_value,
    "transfers = movements": check_transfers,
    "reserved = open orders": check_reservations,
    "slots = orders": check_slots,
    "orders = their lines": check_totals,
    "orders = their events": check_projection,
    "entries sum to zero": check_entries,
    "balances = postings": check_balances,
    "wallets and envelopes": check_floors,
    "wallet lots = wallets": check_lots_in_wallets,
    "wallet lots = uses": check_lots_used,
    "orders = entries": check_orders_booked,
    "shelves = entries": check_inventory_value,
    "coins = receipts": check_coins,
    "kept cards = their owners' orders": check_cards,
    "receipts = entries": check_receipts_booked,
    "refunds = entries": check_refunds_booked,
    "clearing = receipts − refunds − settled": check_clearing,
    "transfers = receipts": check_confirmations,
    "bank lines = transfers": check_lines,
}


def verify_store() -> dict[str, list[str]]:
    """Check → the wrong rows of the current store."""
    return {name: list(check()) for name, check in CHECKS.items()}
