"""The chain as a list to compare with: what it says has come, for good, to the addresses that were given out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app import stores
from app.core.db import db, release_connection, transaction
from app.payments.coins import adapters
from app.payments.coins.chains import COINS, FOLLOWED, WATCHED, Coin, worth
from app.payments.coins.models import CoinAddress, CoinQuote, CoinTransfer, TransferStatus
from app.payments.coins.ports import Seen
from app.payments.coins.transfers import quote_at, quotes_of, since_given, transfers_of
from app.payments.models import PaymentAttempt
from app.payments.ports import Settled

GRACE = timedelta(days=1)
"""By then a transfer that has counted is beyond undoing, and in the list."""


def receipt_name(txid: str, address: str, position: int) -> str:
    """What a transfer is called among the payments that came."""
    return f"{txid}:{address}:{position}"


@dataclass(frozen=True)
class _Asked:
    id: int
    address: str
    given_at: datetime


def list_transfers(method: str, since: datetime, until: datetime) -> list[Settled]:
    """What the explorer says has come in this time, and a little before it: final transfers alone, each worth what it
    counted as, else its worth at the rate it was asked at. Refused, TryLater, OutcomeUnknown."""
    coin = COINS[method]
    asked, explorer = _addresses(method, since, until), adapters.explorer_of(coin.chain)
    release_connection()
    listed: list[Settled] = []
    for one in asked:
        final = [
            seen
            for seen in since_given(coin, explorer.transfers(coin, one.address), one.given_at)
            if seen.confirmations >= FOLLOWED[coin.chain]
            and seen.at is not None
            and since - GRACE <= seen.at <= until
        ]
        if final:
            listed += _valued(coin, one, final)
    return listed


@transaction()
def _addresses(method: str, since: datetime, until: datetime) -> list[_Asked]:
    """Those at which something may have come: they are looked at for so long after they were shown."""
    query = (
        select(CoinAddress.id, CoinAddress.address, CoinAddress.created_at)
        .join(CoinQuote, CoinQuote.address_id == CoinAddress.id)
        .where(CoinAddress.method == method, CoinQuote.until >= since - WATCHED, CoinQuote.quoted_at <= until)
        .distinct()
        .order_by(CoinAddress.id)
    )
    return [_Asked(*row) for row in db.session.execute(query)]


@transaction()
def _valued(coin: Coin, asked: _Asked, seen: Sequence[Seen]) -> list[Settled]:
    known = {(row.txid, row.position): row for row in transfers_of(asked.id)}
    quotes = quotes_of(asked.id)
    currency = stores.current_store().currency
    lines = []
    for one in seen:
        assert one.at is not None  # the caller has looked
        row = known.get((one.txid, one.position))
        quote = quote_at(quotes, one.at, one.units) or quotes[-1]
        amount = _worth(coin, one, row, quote)
        if amount:
            lines.append(
                Settled(
                    external_id=receipt_name(one.txid, asked.address, one.position),
                    reference=db.session.get_one(PaymentAttempt, quote.attempt_id).reference,
                    amount_minor=amount,
                    fee_minor=0,
                    currency=currency,
                    at=one.at,
                )
            )
    return lines


def _worth(coin: Coin, seen: Seen, row: CoinTransfer | None, quote: CoinQuote) -> int:
    """Parts of one quote are rounded together when they count: what has counted is taken as it did."""
    if row is not None and row.counted_at is not None and int(row.units) == seen.units:
        return row.amount_minor
    rate = (
        row.rate_minor if row is not None and row.status is not TransferStatus.vanished else quote.rate_minor
    )
    return worth(coin, seen.units, rate)
