"""A customer's wallet: an account of the ledger that the database keeps from going below nothing.

Whoever spends holds the wallet first (`hold`), before stock is touched. Money that ends goes first, soonest first.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app import ledger, stores
from app.core import audit, clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _, active_locale
from app.core.money import Minor, format_money
from app.identity.models import Customer
from app.ledger import AccountKind, LedgerAccount, LedgerEntry, LedgerPosting
from app.loyalty.errors import WalletShort
from app.loyalty.events import WalletChanged, WalletEnding
from app.loyalty.models import WalletLot, WalletLotUse

CORRECTORS = ("store_admin", "platform_admin")
REASON_LENGTH = 200
MOST_AT_ONCE = 10**9
NOTICE = timedelta(days=7)
"""So long before money ends its owner is told."""
W = AccountKind.wallet


@dataclass(frozen=True)
class Operation:
    """One line of a wallet's history. `amount_minor` above zero came in; `balance_minor` is what there was after it."""

    entry_id: int
    at: datetime
    moment: str
    amount_minor: Minor
    balance_minor: Minor
    document: str
    document_id: int | None
    note: str
    by: str


def balance_of(customer_id: int) -> Minor:
    """What the customer can spend."""
    return -ledger.balance(W, stores.current_store().currency, customer_id)


def balances_of(customer_ids: Collection[int]) -> dict[int, Minor]:
    """The same of many: customer → what they can spend, for those who ever had a wallet."""
    query = select(LedgerAccount.subject, LedgerAccount.balance_minor).where(
        LedgerAccount.kind == W,
        LedgerAccount.currency == stores.current_store().currency,
        LedgerAccount.subject.in_([str(customer_id) for customer_id in customer_ids]),
    )
    return {int(subject): -balance for subject, balance in db.session.execute(query)}


def hold(customer_id: int, wanted_minor: Minor) -> None:
    """Keep others from spending the wallet until this transaction ends. WalletShort when it has less than wanted."""
    currency = stores.current_store().currency
    available = -ledger.lock_balance(W, currency, customer_id)
    if available < wanted_minor:
        said = format_money(available, currency, active_locale())
        raise WalletShort(available=said, available_minor=available)


def use_lots(customer_id: int, entry_id: int, amount_minor: Minor) -> None:
    """Money of this wallet, held by the caller, left with an entry: take it from what ends soonest."""
    query = select(WalletLot).where(WalletLot.customer_id == customer_id, WalletLot.left_minor > 0)
    for lot in db.session.scalars(query.order_by(WalletLot.expires_at, WalletLot.id).with_for_update()):
        if not (part := min(lot.left_minor, amount_minor)):
            break
        lot.left_minor -= part
        amount_minor -= part
        db.session.add(WalletLotUse(lot_id=lot.id, entry_id=entry_id, amount_minor=part))


def return_lots(entry_id: int, amount_minor: Minor) -> None:
    """Money that left with an entry came back: into the lots it was of, the longest-lived first."""
    query = (
        select(WalletLotUse, WalletLot)
        .join(WalletLot, WalletLot.id == WalletLotUse.lot_id)
        .where(WalletLotUse.entry_id == entry_id, WalletLotUse.returned_minor < WalletLotUse.amount_minor)
        .order_by(WalletLot.expires_at.desc(), WalletLot.id.desc())
        .with_for_update()
    )
    for use, lot in db.session.execute(query):
        if not (part := min(use.amount_minor - use.returned_minor, amount_minor)):
            break
        use.returned_minor += part
        amount_minor -= part
        if lot.expires_at > clock.now():  # of a lot that is over the money stays, and does not end
            lot.left_minor += part


@transaction()
def correct(
    customer_id: int,
    amount_minor: Minor,
    *,
    reason: str,
    key: str,
    actor: Actor,
    expires_at: datetime | None = None,
) -> None:
    """Staff put money in (above zero) or take it out, with a reason; the same `key` again changes nothing.

    `expires_at` gives money that ends. Raises Forbidden, NotFound, InvalidInput, WalletShort.
    """
    if not actor.has(*CORRECTORS):
        raise Forbidden
    if db.session.get(Customer, customer_id) is None:
        raise NotFound
    _check(amount_minor, reason, expires_at)
    hold(customer_id, max(0, -amount_minor))
    name = "wallet_correction_up" if amount_minor > 0 else "wallet_correction_down"
    fact = _fact(f"wallet:{customer_id}:{key}", actor, note=reason.strip())
    entry_id = ledger.post(name, fact, {"amount": abs(amount_minor)}, {W: customer_id})
    if entry_id is None:
        return
    if amount_minor < 0:
        use_lots(customer_id, entry_id, -amount_minor)
    elif expires_at is not None:
        _add_lot(customer_id, entry_id, amount_minor, expires_at)
    ends_at = expires_at.isoformat() if expires_at else ""
    change = WalletChanged(
        customer_id=customer_id,
        entry_id=entry_id,
        moment=name,
        amount_minor=amount_minor,
        reason=reason.strip(),
        ends_at=ends_at,
    )
    tell_owner(change, actor)
    _write_down(change, actor)


def _write_down(change: WalletChanged, actor: Actor) -> None:
    audit.record(
        "wallet.corrected",
        actor=actor,
        subject=f"customer:{change.customer_id}",
        amount_minor=change.amount_minor,
        reason=change.reason,
    )


def tell_owner(change: WalletChanged, actor: Actor) -> None:
    """Let the owner hear of money that came or went, in the transaction that moved it."""
    emit(change, actor=actor)


def _check(amount_minor: Minor, reason: str, expires_at: datetime | None) -> None:
    errors: dict[str, str] = {}
    if not amount_minor or abs(amount_minor) > MOST_AT_ONCE:
        errors["amount"] = _("Write an amount other than zero.")
    if not 3 <= len(reason.strip()) <= REASON_LENGTH:
        errors["reason"] = _("Say why, in 3 to 200 characters. The customer sees it.")
    if expires_at is not None and (amount_minor < 0 or expires_at <= clock.now()):
        errors["expires_at"] = _("Choose a day to come; only money that is put in can end.")
    if errors:
        raise InvalidInput(errors)


def _add_lot(customer_id: int, entry_id: int, amount_minor: Minor, expires_at: datetime) -> None:
    db.session.add(
        WalletLot(
            customer_id=customer_id,
            entry_id=entry_id,
            amount_minor=amount_minor,
            left_minor=amount_minor,
            expires_at=expires_at,
            # Whoever gets money for a few days reads its last day in the message about it.
            warned_at=clock.now() if expires_at <= clock.now() + NOTICE else None,
        )
    )


def expire_lots() -> int:
    """Take back money whose day is over, wallet by wallet; how many lots ended. Twice is harmless."""
    past = select(WalletLot.customer_id).where(WalletLot.left_minor > 0, WalletLot.expires_at <= clock.now())
    with transaction():
        customers = sorted(set(db.session.scalars(past)))
    return sum(_expire(customer_id) for customer_id in customers)


@transaction()
def _expire(customer_id: int) -> int:
    hold(customer_id, 0)
    query = select(WalletLot).where(
        WalletLot.customer_id == customer_id, WalletLot.left_minor > 0, WalletLot.expires_at <= clock.now()
    )
    lots = db.session.scalars(query.order_by(WalletLot.id).with_for_update()).all()
    for lot in lots:
        fact = _fact(f"wallet-lot:{lot.id}:expired:{lot.left_minor}", SYSTEM)
        ledger.post("wallet_expired", fact, {"amount": lot.left_minor}, {W: customer_id})
        lot.left_minor = 0
    return len(lots)


def warn_of_ending() -> int:
    """Tell each owner once of the money that ends within a week; how many were told."""
    soon = select(WalletLot).where(
        WalletLot.left_minor > 0,
        WalletLot.warned_at.is_(None),
        WalletLot.expires_at > clock.now(),
        WalletLot.expires_at <= clock.now() + NOTICE,
    )
    with transaction():
        ending: dict[int, list[WalletLot]] = defaultdict(list)
        in_order = soon.order_by(WalletLot.customer_id, WalletLot.expires_at, WalletLot.id)
        for lot in db.session.scalars(in_order.with_for_update(skip_locked=True)):
            lot.warned_at = clock.now()
            ending[lot.customer_id].append(lot)
        for customer_id, lots in ending.items():
            amount = sum(lot.left_minor for lot in lots)
            first = lots[0].expires_at.isoformat()
            emit(WalletEnding(customer_id=customer_id, amount_minor=amount, ends_at=first), actor=SYSTEM)
    return len(ending)


def _fact(reference: str, actor: Actor, note: str = "") -> ledger.Fact:
    return ledger.Fact(reference=reference, currency=stores.current_store().currency, actor=actor, note=note)


def operations(customer_id: int, *, before_id: int | None = None, limit: int = 20) -> list[Operation]:
    """The wallet's history, newest first; `before_id` continues a page."""
    after = func.sum(LedgerPosting.amount_minor).over(order_by=LedgerPosting.id)
    every = (
        select(LedgerEntry, LedgerPosting.amount_minor.label("amount"), after.label("after"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == W, LedgerAccount.subject == str(customer_id))
        .where(LedgerAccount.currency == stores.current_store().currency)
        .subquery()
    )
    query = select(every).order_by(every.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(every.c.id < before_id)
    return [
        Operation(
            entry_id=row.id,
            at=row.occurred_at,
            moment=row.moment,
            amount_minor=-row.amount,
            balance_minor=-int(row.after),
            document=row.document,
            document_id=row.document_id,
            note=row.note,
            by=row.actor_name,
        )
        for row in db.session.execute(query)
    ]


def ending_soon(customer_id: int) -> Sequence[WalletLot]:
    """Money that ends, soonest first."""
    query = select(WalletLot).where(WalletLot.customer_id == customer_id, WalletLot.left_minor > 0)
    return db.session.scalars(query.order_by(WalletLot.expires_at, WalletLot.id)).all()
