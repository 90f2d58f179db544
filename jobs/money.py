"""Money that goes back, and the nightly comparison with what providers say."""

import structlog

from app.core.db import transaction
from app.core.events import EventRecord, consume
from app.payments import reconciliation, sending
from jobs.base import subscriber
from jobs.queues import BULK

log = structlog.get_logger()


@subscriber(external=True)
def send_refund(record: EventRecord) -> None:
    """RefundRequested → the provider. What it has not answered is asked again every minute."""
    event_id, refund_id = record.id, record.aggregate_id
    sending.send_refund(refund_id)
    with transaction():
        consume(event_id, "send_refund")


@subscriber(queue=BULK, external=True)
def compare_settlements(record: EventRecord) -> None:
    """ReconciliationAsked → the method's list against the ledger."""
    event_id, run_id = record.id, record.aggregate_id
    reconciliation.reconcile(run_id)
    with transaction():
        consume(event_id, "compare_settlements")


def ask_about_refunds() -> None:
    """Every minute: refunds that a provider has not answered for."""
    if asked := sending.send_due():
        log.info("asked about refunds", refunds=asked)


def compare_every_settlement() -> None:
    """Every night, each method that has a list."""
    if runs := reconciliation.ask_nightly():
        log.info("settlements are compared", methods=runs)
