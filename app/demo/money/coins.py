"""How orders were paid in coins: an address of their own, a rate that held for a while, and what then came."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.money import Minor
from app.demo.money.plans import How
from app.demo.money.stage import Stage
from app.orders import coin_watch, paying
from app.payments import attempts
from app.payments.coins import settlements, transfers
from app.payments.coins.chains import COINS, FOLLOWED, Chain, Coin, units_for
from app.payments.coins.derive import AccountKey, read_key
from app.payments.coins.models import CoinAddress, CoinQuote, CoinTransfer
from app.payments.coins.ports import Seen
from app.payments.coins.published import KEYS
from app.payments.coins.quoting import quote_at_rate, started_of
from app.payments.models import PaymentAttempt, PaymentReceipt
from app.payments.ports import Charge, Settled

if TYPE_CHECKING:
    from app.demo.money.story import Played

RATES: dict[str, Minor] = {"BTC": 6_425_000, "ETH": 312_000}
"""Cents for a coin today; tokens of the dollar cost a dollar."""
FIRST_PART = 0.7
TOO_MUCH = 1.06


@cache
def key_of(chain: Chain) -> AccountKey:
    """The demo's key for a chain."""
    return read_key(KEYS[chain], chain)


def rate_of(coin: Coin, days_ago: float) -> Minor:
    """What a coin cost then: today's price, and a slow wave around it before."""
    if coin.par:
        return 100
    wave = 0.11 * math.sin(days_ago / 11) + 0.02 * math.sin(days_ago * 5)
    return round(RATES[coin.symbol] * (1 + wave))


def pay(stage: Stage, one: "Played", attempt: PaymentAttempt) -> None:
    """The customer has the address and the amount; what is sent is planned."""
    quote = ask(stage, attempt)
    play = _PLAYS.get(one.plan.how, _pay)
    play(stage, one, quote)


def ask(stage: Stage, attempt: PaymentAttempt) -> CoinQuote:
    """Show the customer the address and the amount at the rate of this time."""
    coin = COINS[attempt.method]
    charge = Charge(
        reference=attempt.reference,
        order_code=attempt.reference.rpartition("_")[0],
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        return_url="",
        cancel_url="",
        expires_at=attempt.expires_at,
    )
    days_ago = (stage.now - clock.now()) / timedelta(days=1)
    quote = quote_at_rate(coin, key_of(coin.chain), charge, rate_of(coin, days_ago))
    attempts.show(attempt, started_of(coin, quote), source="system")
    return quote


def arrive(
    stage: Stage, quote: CoinQuote, units: int, *, late_rate: Minor | None = None, before: Sequence[Seen] = ()
) -> Seen:
    """So much has come to the address of a quote, and is final. What came `before` is still there."""
    address = quote.address
    chain = COINS[address.method].chain
    name = f"{stage.random.getrandbits(256):064x}"
    seen = Seen(
        txid=f"0x{name}" if chain is Chain.ethereum else name,
        position=1 if chain is Chain.bitcoin else 0,
        units=units,
        confirmations=FOLLOWED[chain],
        at=clock.now() - timedelta(seconds=20),
    )
    coin_watch.take_word(address.id, [*before, seen], late_rate)
    return seen


def _pay(stage: Stage, one: "Played", quote: CoinQuote) -> None:
    stage.timeline.at(one.life.paid_at, partial(arrive, stage, quote, int(quote.units)))


def _over(stage: Stage, one: "Played", quote: CoinQuote) -> None:
    """What is too much goes into the wallet."""
    stage.timeline.at(one.life.paid_at, partial(arrive, stage, quote, int(int(quote.units) * TOO_MUCH)))


def _part(stage: Stage, one: "Played", quote: CoinQuote) -> None:
    """An exchange kept its fee: the rest is asked for anew, and comes."""

    def first() -> None:
        seen = arrive(stage, quote, int(int(quote.units) * FIRST_PART))
        stage.timeline.at(clock.now() + timedelta(minutes=2), partial(rest, seen))

    def rest(seen: Seen) -> None:
        attempt = paying.next_attempt(one.order.code, actor=one.customer)
        second = ask(stage, attempt)
        act = partial(arrive, stage, second, int(second.units), before=[seen])
        stage.timeline.at(one.life.paid_at, act)

    stage.timeline.at(one.life.placed_at + timedelta(minutes=7), first)


def _late(stage: Stage, one: "Played", quote: CoinQuote) -> None:
    """After the rate had run out: it counts at the rate of its own time."""
    coin = COINS[quote.address.method]
    due = one.order.due_minor

    def come() -> None:
        rate = rate_of(coin, (stage.now - clock.now()) / timedelta(days=1))
        arrive(stage, quote, units_for(coin, due, rate), late_rate=rate)

    stage.timeline.at(one.life.paid_at, come)


def _never(stage: Stage, one: "Played", quote: CoinQuote) -> None:
    stage.timeline.at(one.life.placed_at + timedelta(minutes=29), partial(_look, quote.address_id))


def _look(address_id: int) -> None:
    """Nothing has come."""
    coin_watch.take_word(address_id, [], None)


_PLAYS: dict[How, Callable[[Stage, "Played", CoinQuote], None]] = {
    How.over: _over,
    How.part: _part,
    How.late: _late,
    How.never: _never,
}


def used(since: datetime) -> list[str]:
    """Coins that have come since then."""
    query = select(PaymentReceipt.method).where(
        PaymentReceipt.method.in_(COINS), PaymentReceipt.received_at >= since
    )
    return sorted(set(db.session.scalars(query)))


def listed(method: str, since: datetime, until: datetime) -> list[Settled]:
    """What the chain says has come: what came, since nothing of the history is ever undone there."""
    query = (
        select(CoinTransfer, CoinAddress.address, PaymentAttempt)
        .join(CoinAddress, CoinAddress.id == CoinTransfer.address_id)
        .join(PaymentReceipt, PaymentReceipt.id == CoinTransfer.receipt_id)
        .join(PaymentAttempt, PaymentAttempt.id == PaymentReceipt.attempt_id)
        .where(CoinAddress.method == method, CoinTransfer.seen_at.between(since, until))
        .order_by(CoinTransfer.id)
    )
    return [
        Settled(
            settlements.receipt_name(row.txid, address, row.position),
            attempt.reference,
            row.amount_minor,
            0,
            attempt.currency,
            row.seen_at,
        )
        for row, address, attempt in db.session.execute(query)
    ]


def look_again(now: datetime) -> None:
    """Addresses are looked at again at their own time from now on: not all of ninety days at once."""
    for address in db.session.scalars(select(CoinAddress).where(CoinAddress.look_at.is_not(None))):
        address.look_at = transfers.next_look(address, now)
