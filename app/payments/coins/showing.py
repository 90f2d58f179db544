"""What a customer who pays in coins is shown: how much, where to, until when, and what has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.i18n import active_locale
from app.core.money import format_money
from app.payments.coins.chains import COINS, Chain, Coin, show_units, worth
from app.payments.coins.finality import finality_of, needed
from app.payments.coins.models import CoinAddress, CoinQuote, CoinTransfer, TransferStatus
from app.payments.coins.quoting import payment_uri
from app.payments.coins.transfers import transfers_of
from app.payments.models import AttemptStatus, PaymentAttempt

S = TransferStatus


@dataclass(frozen=True)
class Coming:
    """A transfer as the customer follows it. Without `counts_steps` the chain only says final or not."""

    txid: str
    amount: str
    confirmations: int
    wanted: int
    counts_steps: bool
    counted: bool
    vanished: bool


@dataclass(frozen=True)
class CoinPart:
    """Everything of the page's part. `left`, `uri`: what is still to be sent. `holds`: the amount may be sent now,
    for `minutes` (begun ones count)."""

    symbol: str
    network: str
    address: str
    contract: str
    asked: str
    left: str
    uri: str
    rate: str
    until: datetime
    minutes: int
    holds: bool
    paid: bool
    short: bool
    coming: tuple[Coming, ...]


def part_of(attempt: PaymentAttempt) -> CoinPart | None:
    """The part for an attempt in coins; None before it has been quoted."""
    row = db.session.execute(
        select(CoinQuote, CoinAddress)
        .join(CoinAddress, CoinAddress.id == CoinQuote.address_id)
        .where(CoinQuote.attempt_id == attempt.id)
    ).one_or_none()
    if row is None:
        return None
    quote, address = row
    coin = COINS[address.method]
    rows = transfers_of(address.id)
    came = sum(int(r.units) for r in rows if r.quote_id == quote.id and r.status is not S.vanished)
    left = max(0, int(quote.units) - came)
    paid = attempt.status is AttemptStatus.paid
    send = max(left, coin.least_units) if left else 0
    return CoinPart(
        symbol=coin.symbol,
        network=str(coin.network),
        address=address.address,
        contract=coin.contract,
        asked=show_units(coin, int(quote.units)),
        left=show_units(coin, send),
        uri=payment_uri(coin, address.address, send or int(quote.units)),
        rate=format_money(quote.rate_minor, attempt.currency, active_locale()),
        until=quote.until,
        minutes=max(0, -int((clock.now() - quote.until).total_seconds() // 60)),
        holds=bool(left) and not paid and clock.now() < quote.until,
        paid=paid,
        short=bool(came and left),
        coming=tuple(_coming(r, coin, rows) for r in rows),
    )


def _coming(row: CoinTransfer, coin: Coin, rows: Sequence[CoinTransfer]) -> Coming:
    total = sum(worth(coin, int(r.units), r.rate_minor) for r in rows if r.status is not S.vanished)
    return Coming(
        txid=row.txid,
        amount=show_units(coin, int(row.units)),
        confirmations=row.confirmations,
        wanted=needed(coin, total, finality=finality_of(coin.method), replaceable=row.replaceable),
        counts_steps=coin.chain is not Chain.tron,
        counted=row.status is S.counted,
        vanished=row.status is S.vanished,
    )
