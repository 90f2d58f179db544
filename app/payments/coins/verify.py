"""Proof that coins that counted are money that came in, and that no address is given out twice."""

from collections.abc import Iterator

from sqlalchemy import func, select

from app.core.db import db
from app.payments.coins.models import CoinAddress, CoinCounter, CoinTransfer
from app.payments.models import PaymentReceipt


def check_coins() -> Iterator[str]:
    """A line for each transfer that counts as another amount than its receipt, and for each key whose next address has
    been given out."""
    receipt = func.coalesce(PaymentReceipt.amount_minor, 0)
    query = (
        select(CoinTransfer.txid, CoinTransfer.amount_minor, receipt)
        .outerjoin(PaymentReceipt, PaymentReceipt.id == CoinTransfer.receipt_id)
        .where(CoinTransfer.amount_minor != receipt)
        .order_by(CoinTransfer.id)
    )
    for txid, amount, received in db.session.execute(query):
        yield f"transfer {txid}: counts {amount}, its receipt says {received}"
    given = (
        select(CoinAddress.fingerprint, func.max(CoinAddress.key_index).label("last"))
        .group_by(CoinAddress.fingerprint)
        .subquery()
    )
    spent = select(given.c.fingerprint, given.c.last, CoinCounter.next_index).join(
        CoinCounter, CoinCounter.fingerprint == given.c.fingerprint
    )
    for fingerprint, last, following in db.session.execute(
        spent.where(CoinCounter.next_index <= given.c.last)
    ):
        yield f"key {fingerprint[:12]}: address {last} is given out, the next would be {following}"
