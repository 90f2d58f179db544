"""Watching the chains: what arrives at the addresses of orders pays them, once it is final enough.

An address is claimed by moving its next look ahead, asked about outside any transaction, and settled in another with
its order held first. Killed at any step, it is looked at again; a transfer counts once, by its receipt's name.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import db, for_update, release_connection, transaction
from app.core.events import emit
from app.core.money import Minor, format_money
from app.orders.models import Order
from app.orders.settling import receive
from app.payments import attempts, receipts
from app.payments.coins import adapters, quoting, transfers
from app.payments.coins.chains import COINS, GRACE, Chain, Coin
from app.payments.coins.models import CoinAddress, CoinTransfer, TransferStatus
from app.payments.coins.ports import Seen
from app.payments.coins.settlements import receipt_name
from app.payments.events import PaymentInReview
from app.payments.labels import VANISHED
from app.payments.models import AttemptStatus, PaymentAttempt, PaymentReceipt
from app.payments.ports import SendError
from app.payments.receipts import Arrived

log = structlog.get_logger()
LEASE = timedelta(seconds=45)
"""How long an address that somebody is asking about is left alone."""
AFTER_TROUBLE = timedelta(seconds=30)
MOST, SECONDS = 60, 12.0
"""Addresses in one round, and how long a round may take."""
SOURCE = "watcher"


@dataclass(frozen=True)
class _Look:
    address_id: int
    address: str
    coin: Coin
    currency: str
    given_at: datetime


def watch() -> int:
    """One round over the addresses whose time has come; how many were looked at. An explorer that does not answer is
    asked once a round."""
    started, silent, done = time.monotonic(), set[Chain](), 0
    for address_id in _due():
        if time.monotonic() - started > SECONDS:
            break
        look = _claim(address_id)
        if look is None or look.coin.chain in silent:
            continue
        try:
            seen, late_rate = _ask(look)
        except SendError as error:
            log.warning("explorer does not answer", chain=look.coin.chain.value, reason=str(error))
            silent.add(look.coin.chain)
            _look_later(look)
            continue
        take_word(look.address_id, seen, late_rate)
        done += 1
    return done


@transaction()
def _due() -> list[int]:
    query = select(CoinAddress.id).where(CoinAddress.look_at <= clock.now())
    return list(db.session.scalars(query.order_by(CoinAddress.look_at).limit(MOST)))


@transaction()
def _claim(address_id: int) -> _Look | None:
    now = clock.now()
    mine = (
        update(CoinAddress)
        .where(CoinAddress.id == address_id, CoinAddress.look_at <= now)
        .values(look_at=now + LEASE)
        .returning(CoinAddress.address, CoinAddress.method, CoinAddress.order_id, CoinAddress.created_at)
    )
    row = db.session.execute(mine).one_or_none()
    if row is None:
        return None
    currency = db.session.scalars(select(Order.currency).where(Order.id == row.order_id)).one()
    return _Look(address_id, row.address, COINS[row.method], currency, row.created_at)


def _ask(look: _Look) -> tuple[list[Seen], Minor | None]:
    """What the chain says, and today's rate when something came that no quote holds for."""
    release_connection()
    seen = adapters.explorer_of(look.coin.chain).transfers(look.coin, look.address)
    seen = transfers.since_given(look.coin, seen, look.given_at)
    with transaction():
        late = transfers.has_late(look.address_id, seen)
    return seen, quoting.current_rate(look.coin, look.currency) if late else None


@transaction()
def _look_later(look: _Look) -> None:
    later = clock.now() + AFTER_TROUBLE
    db.session.execute(update(CoinAddress).where(CoinAddress.id == look.address_id).values(look_at=later))


@transaction()
def take_word(address_id: int, seen: list[Seen], late_rate: Minor | None) -> None:
    """Take the chain's word for an address: order first, then its attempts, then the books."""
    order_id = db.session.scalars(select(CoinAddress.order_id).where(CoinAddress.id == address_id)).one()
    order = db.session.scalars(for_update(select(Order).where(Order.id == order_id))).one()
    address = db.session.scalars(for_update(select(CoinAddress).where(CoinAddress.id == address_id))).one()
    quotes = {quote.id: quote for quote in transfers.quotes_of(address.id)}
    held = {quote.id: attempts.lock_attempt(quote.attempt_id) for quote in quotes.values()}
    newest = max(quotes)
    gone = transfers.record(address, seen, late_rate)
    for row in transfers.ripe(address):
        _count(order, held[row.quote_id or newest], address, row)
    for quote_id, attempt in held.items():
        _show_attempt(attempt, transfers.transfers_of(address.id), quote_id, newest)
    for row in gone:
        _tell_of_gone(order, row)
    address.looked_at = clock.now()
    address.look_at = transfers.next_look(address, address.looked_at)


def _count(order: Order, attempt: PaymentAttempt, address: CoinAddress, row: CoinTransfer) -> None:
    amount = transfers.count(row, COINS[address.method])
    if amount:
        name = receipt_name(row.txid, address.address, row.position)
        receipt = receive(order, attempt, Arrived(name, amount, order.currency), exact=False)
        # Staff may have posted it from the comparison with the chain before we saw it: it counts as they did.
        receipt = receipt or receipts.named(address.method, name)
        row.receipt_id, row.amount_minor = receipt.id, receipt.amount_minor


def _show_attempt(attempt: PaymentAttempt, rows: Sequence[CoinTransfer], quote_id: int, newest: int) -> None:
    """Let the attempt say how its transfers stand: held while they are on their way, paid when they have
    come; what is short of the amount is asked for by another attempt."""
    S = TransferStatus
    mine = [row for row in rows if (row.quote_id or newest) == quote_id]
    if not mine:
        if clock.now() > attempt.expires_at + GRACE:
            attempts.move(attempt, AttemptStatus.expired, source=SOURCE)
        return
    counted = sum(row.amount_minor for row in mine if row.status is S.counted)
    if any(row.status is S.seen for row in mine) and counted < attempt.amount_minor:
        attempts.move(attempt, AttemptStatus.held, source=SOURCE, note=mine[-1].txid)
    elif counted:
        came, asked = (format_money(m, attempt.currency) for m in (counted, attempt.amount_minor))
        short = f"{came} of {asked}: " if counted < attempt.amount_minor else ""
        attempts.move(attempt, AttemptStatus.paid, source=SOURCE, note=short + mine[-1].txid)
    elif all(row.status is S.vanished for row in mine):
        attempts.move(attempt, AttemptStatus.failed, source=SOURCE, note="vanished from the chain")


def _tell_of_gone(order: Order, row: CoinTransfer) -> None:
    """Something that has counted is no more: staff decide, since the goods may be gone."""
    log.warning("transfer vanished", order=order.code, txid=row.txid, counted=row.receipt_id is not None)
    if row.receipt_id is not None:
        db.session.get_one(PaymentReceipt, row.receipt_id).reason = VANISHED
        review = PaymentInReview(receipt_id=row.receipt_id, order_id=order.id, reason=VANISHED)
        emit(review, actor=SYSTEM)
