"""Asking for coins: an address that this order alone has, and an amount at a rate that holds for fifteen minutes."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.db import db, for_update, transaction
from app.core.errors import DomainError, NotFound
from app.core.money import Minor, exponent
from app.payments.coins import adapters
from app.payments.coins.chains import COINS, RATE_HOLDS, Chain, Coin, show_units, units_for
from app.payments.coins.derive import AccountKey, read_key
from app.payments.coins.models import CoinAddress, CoinCounter, CoinQuote
from app.payments.models import PaymentAttempt
from app.payments.ports import Charge, Credentials, Refused, Show, Started, TryLater

PAR_DRIFT = Decimal("0.02")
"""A token for the dollar that costs so much less or more is not taken as a dollar."""
LEAP, LEAP_WITHIN = 4, timedelta(hours=1)
"""A rate that moved by more than a quarter within the hour is more likely wrong than true."""
ETHEREUM_MAINNET = 1


class CoinDesk:
    """Starts payments in coins; `orders.paying.start` calls it as it calls a gateway."""

    def start(self, account: Credentials, charge: Charge) -> Started:
        """The same reference again gives the quote that is there. Refused without a usable key, TryLater without a
        believable rate."""
        method = _method_of(charge.reference)
        coin = COINS[method]
        try:
            key = read_key(account.settings.get("xpub", ""), coin.chain)
        except DomainError as error:
            raise Refused(f"{method} has no usable account key") from error
        quote = _quoted(charge.reference) or quote_at_rate(
            coin, key, charge, _believable_rate(coin, charge.currency)
        )
        return started_of(coin, quote)


def started_of(coin: Coin, quote: CoinQuote) -> Started:
    """A quote as the page shows it."""
    address = quote.address.address
    uri = payment_uri(coin, address, int(quote.units))
    return Started(Show.qr, external_id=address, qr=uri, expires_at=quote.until)


@transaction()
def _method_of(reference: str) -> str:
    method = db.session.scalar(select(PaymentAttempt.method).where(PaymentAttempt.reference == reference))
    if method not in COINS:
        raise NotFound
    return str(method)


@transaction()
def _quoted(reference: str) -> CoinQuote | None:
    query = select(CoinQuote).join(PaymentAttempt, PaymentAttempt.id == CoinQuote.attempt_id)
    return db.session.scalar(query.where(PaymentAttempt.reference == reference))


def _believable_rate(coin: Coin, currency: str) -> Minor:
    """What the source says, unless it cannot be. Asked outside any transaction."""
    rate = current_rate(coin, currency)
    with transaction():
        query = (
            select(CoinQuote.rate_minor)
            .join(CoinAddress, CoinAddress.id == CoinQuote.address_id)
            .where(CoinAddress.method == coin.method, CoinQuote.quoted_at > clock.now() - LEAP_WITHIN)
        )
        last = db.session.scalars(query.order_by(CoinQuote.id.desc())).first()
    if last is not None and abs(rate - last) * LEAP > last:
        raise TryLater(f"the rate of {coin.symbol} leapt")
    return rate


def current_rate(coin: Coin, currency: str) -> Minor:
    """Minor units for one coin now. TryLater for a dollar token that has lost its dollar; Refused, OutcomeUnknown."""
    rate = adapters.rates().rate(coin.symbol, currency)
    if not (coin.par and currency == "USD"):
        return rate
    dollar = int(10 ** exponent(currency))
    if abs(rate - dollar) > dollar * PAR_DRIFT:
        raise TryLater(f"{coin.symbol} is not worth a dollar now")
    return dollar


@transaction()
def quote_at_rate(coin: Coin, key: AccountKey, charge: Charge, rate_minor: Minor) -> CoinQuote:
    """The order's address and the amount to send at this rate (minor units a coin); again the same for a reference that
    has been quoted."""
    now = clock.now()
    # Held from here on: whoever asks for this key's addresses, or for this order's, comes one after the other.
    counter = _hold_counter(key.fingerprint)
    if (quote := _quoted(charge.reference)) is not None:
        return quote
    attempt = db.session.scalars(
        select(PaymentAttempt).where(PaymentAttempt.reference == charge.reference)
    ).one()
    address = _address_of(attempt, coin, key, counter)
    address.look_at = now
    quote = CoinQuote(
        attempt_id=attempt.id,
        address_id=address.id,
        rate_minor=rate_minor,
        units=units_for(coin, charge.amount_minor, rate_minor),
        quoted_at=now,
        until=now + RATE_HOLDS,
    )
    db.session.add(quote)
    db.session.flush()  # the caller reads its address
    return quote


def _hold_counter(fingerprint: str) -> CoinCounter:
    made = insert(CoinCounter).values(fingerprint=fingerprint)
    db.session.execute(made.on_conflict_do_nothing(index_elements=["fingerprint"]))
    query = select(CoinCounter).where(CoinCounter.fingerprint == fingerprint)
    return db.session.scalars(for_update(query)).one()


def _address_of(attempt: PaymentAttempt, coin: Coin, key: AccountKey, counter: CoinCounter) -> CoinAddress:
    """The order's address for this coin: its own from the first try on, and nobody else's ever after."""
    query = select(CoinAddress).where(
        CoinAddress.order_id == attempt.order_id,
        CoinAddress.method == coin.method,
        CoinAddress.fingerprint == key.fingerprint,
    )
    if (address := db.session.scalar(query)) is not None:
        return address
    index = counter.next_index
    counter.next_index = index + 1
    address = CoinAddress(
        order_id=attempt.order_id,
        method=coin.method,
        address=key.address(index),
        fingerprint=key.fingerprint,
        key_index=index,
        created_at=clock.now(),
    )
    db.session.add(address)
    db.session.flush()  # the quote points at it
    return address


def payment_uri(coin: Coin, address: str, units: int) -> str:
    """What the QR code says: BIP-21 for Bitcoin, EIP-681 for Ethereum and its tokens, the bare address for TRON."""
    if coin.chain is Chain.bitcoin:
        return f"bitcoin:{address}?amount={show_units(coin, units)}"
    if coin.chain is Chain.tron:
        return address
    if coin.contract:
        return f"ethereum:{coin.contract}@{ETHEREUM_MAINNET}/transfer?address={address}&uint256={units}"
    return f"ethereum:{address}@{ETHEREUM_MAINNET}?value={units}"
