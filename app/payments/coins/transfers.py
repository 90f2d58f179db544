"""What the chain says of an address, written down: what is on its way, what has gone again, what it is worth."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.money import Minor
from app.payments.coins.chains import COINS, FOLLOWED, GRACE, WATCHED, Chain, Coin, worth
from app.payments.coins.finality import finality_of, needed
from app.payments.coins.models import CoinAddress, CoinQuote, CoinTransfer, TransferStatus
from app.payments.coins.ports import Seen

S = TransferStatus
CLOCKS = {
    Chain.bitcoin: timedelta(hours=2),
    Chain.ethereum: timedelta(minutes=1),
    Chain.tron: timedelta(minutes=1),
}
"""So far a block's time may lie before the true one: Bitcoin's rule; on the others it is true, ours may be off."""
GONE_AFTER = 2
"""Looks without it until a transfer has vanished: explorers have several servers, and one of them may lag."""


def quotes_of(address_id: int) -> Sequence[CoinQuote]:
    """What was asked to this address, oldest first."""
    query = select(CoinQuote).where(CoinQuote.address_id == address_id).order_by(CoinQuote.id)
    return db.session.scalars(query).all()


def transfers_of(address_id: int) -> Sequence[CoinTransfer]:
    """What has come to this address, in the order in which we saw it."""
    query = select(CoinTransfer).where(CoinTransfer.address_id == address_id).order_by(CoinTransfer.id)
    return db.session.scalars(query).all()


def quote_at(quotes: Sequence[CoinQuote], at: datetime, units: int) -> CoinQuote | None:
    """The quote that a transfer of this time keeps: of several the one whose very amount it is, else the newest; None
    when it came late. A time before the first quote is only a miner's clock: nobody had the
    address then."""
    holding = [quote for quote in quotes if quote.quoted_at - GRACE <= at <= quote.until + GRACE]
    exact = [quote for quote in holding if quote.units == units]
    early = quotes[:1] if quotes and at < quotes[0].quoted_at else []
    return next(iter([*exact[::-1], *holding[::-1], *early]), None)


def since_given(coin: Coin, seen: Sequence[Seen], given_at: datetime) -> list[Seen]:
    """Without what came before the address was given to its order: a key may have been in use elsewhere before."""
    return [one for one in seen if one.at is None or one.at >= given_at - CLOCKS[coin.chain]]


def has_late(address_id: int, seen: Sequence[Seen]) -> bool:
    """Whether something new came that no quote holds for: it needs the rate of now."""
    known = {(row.txid, row.position) for row in transfers_of(address_id)}
    quotes = quotes_of(address_id)
    return any(
        (one.txid, one.position) not in known and quote_at(quotes, _time_of(one), one.units) is None
        for one in seen
    )


def _time_of(seen: Seen) -> datetime:
    now = clock.now()
    return min(seen.at, now) if seen.at else now


def record(address: CoinAddress, seen: Sequence[Seen], late_rate: Minor | None) -> list[CoinTransfer]:
    """Write down what was seen, and what was not seen any more; the transfers that have vanished by this look.

    The caller holds the order. Without a `late_rate`, new transfers that need one wait for the next look.
    """
    known = {(row.txid, row.position): row for row in transfers_of(address.id)}
    quotes = quotes_of(address.id)
    for one in seen:
        row = known.pop((one.txid, one.position), None)
        if row is not None:
            _see_again(row, one)
            continue
        at = _time_of(one)
        quote = quote_at(quotes, at, one.units)
        rate = quote.rate_minor if quote else late_rate
        if rate is not None:
            db.session.add(_first_sight(address, one, quote, rate, at))
    db.session.flush()  # what is counted next reads them
    coin = COINS[address.method]
    return [row for row in known.values() if _miss(row, coin)]


def _first_sight(
    address: CoinAddress, seen: Seen, quote: CoinQuote | None, rate_minor: Minor, at: datetime
) -> CoinTransfer:
    return CoinTransfer(
        address_id=address.id,
        txid=seen.txid,
        position=seen.position,
        units=seen.units,
        confirmations=seen.confirmations,
        replaceable=seen.replaceable,
        status=S.seen,
        quote_id=quote.id if quote else None,
        rate_minor=rate_minor,
        seen_at=at,
    )


def _see_again(row: CoinTransfer, seen: Seen) -> None:
    row.confirmations, row.missed = seen.confirmations, 0
    if row.status is S.vanished:
        row.status = S.counted if row.counted_at else S.seen


def _miss(row: CoinTransfer, coin: Coin) -> bool:
    if row.status is S.vanished or row.confirmations >= FOLLOWED[coin.chain]:
        return False
    row.missed += 1
    if row.missed < GONE_AFTER:
        return False
    row.status = S.vanished
    return True


def ripe(address: CoinAddress) -> list[CoinTransfer]:
    """Transfers that are final enough now, first come first. What decides is all that is on its way to the address: a
    large sum does not get in as many small ones."""
    coin, finality = COINS[address.method], finality_of(address.method)
    rows = [row for row in transfers_of(address.id) if row.status is not S.vanished]
    total = sum(worth(coin, int(row.units), row.rate_minor) for row in rows)
    return [
        row
        for row in rows
        if row.status is S.seen
        and not row.missed
        and row.confirmations >= needed(coin, total, finality=finality, replaceable=row.replaceable)
    ]


def count(row: CoinTransfer, coin: Coin) -> Minor:
    """Mark it as counted, and say what it counts as. Parts of one quote are added up before the rest of a minor unit
    is dropped, so that two halves are worth the whole."""
    units, before = int(row.units), 0
    if row.quote_id is not None:
        query = select(CoinTransfer).where(
            CoinTransfer.quote_id == row.quote_id, CoinTransfer.counted_at.is_not(None)
        )
        others = db.session.scalars(query).all()
        units += sum(int(other.units) for other in others)
        before = sum(other.amount_minor for other in others)
    row.amount_minor = worth(coin, units, row.rate_minor) - before
    row.status, row.counted_at = S.counted, clock.now()
    db.session.flush()  # the next one of this quote adds it up
    return row.amount_minor


def next_look(address: CoinAddress, now: datetime) -> datetime | None:
    """When to look at the address again: soon while somebody pays, ever more rarely later; None in the end."""
    coin = COINS[address.method]
    last = quotes_of(address.id)[-1].until + GRACE
    rows = [row for row in transfers_of(address.id) if row.status is not S.vanished]
    if now <= last or any(row.status is S.seen or row.missed for row in rows):
        return now + timedelta(seconds=10)
    if any(row.confirmations < FOLLOWED[coin.chain] for row in rows):
        return now + timedelta(minutes=1)
    for within, pause in (
        (timedelta(hours=1), timedelta(minutes=1)),
        (timedelta(days=1), timedelta(minutes=10)),
        (WATCHED, timedelta(hours=2)),
    ):
        if now <= last + within:
            return now + pause
    return None
