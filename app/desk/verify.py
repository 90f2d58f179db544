"""Proof that the desk's words are money, once. Each check names the wrong rows of the current store."""

from collections.abc import Iterator

from sqlalchemy import select

from app.core.db import db
from app.desk.models import BankLine, ConfirmationStatus, LineStatus, TransferConfirmation
from app.payments.models import PaymentAttempt, PaymentReceipt


def check_confirmations() -> Iterator[str]:
    """A line for each confirmed transfer whose receipt is of another amount, currency, order or method."""
    query = (
        select(TransferConfirmation, PaymentReceipt, PaymentAttempt)
        .join(PaymentReceipt, PaymentReceipt.id == TransferConfirmation.receipt_id, isouter=True)
        .join(PaymentAttempt, PaymentAttempt.id == TransferConfirmation.attempt_id)
        .where(TransferConfirmation.status == ConfirmationStatus.done)
        .order_by(TransferConfirmation.id)
    )
    for confirmation, receipt, attempt in db.session.execute(query):
        said = (confirmation.amount_minor, confirmation.currency, attempt.order_id, attempt.method)
        money = receipt and (receipt.amount_minor, receipt.currency, receipt.order_id, receipt.method)
        if said != money:
            yield f"transfer confirmation {confirmation.id} says {said}, its receipt {money}"


def check_lines() -> Iterator[str]:
    """A line for each matched line of a bank whose amount or way of paying is not its confirmation's."""
    query = (
        select(BankLine, TransferConfirmation, PaymentAttempt.method)
        .join(TransferConfirmation, TransferConfirmation.id == BankLine.confirmation_id)
        .join(PaymentAttempt, PaymentAttempt.id == TransferConfirmation.attempt_id)
        .where(BankLine.status == LineStatus.matched)
        .order_by(BankLine.id)
    )
    for line, confirmation, method in db.session.execute(query):
        money = (confirmation.status.value, confirmation.amount_minor, method)
        if money != ("done", line.amount_minor, line.method):
            yield f"bank line {line.id} of {line.amount_minor} by {line.method}: its confirmation is {money}"
