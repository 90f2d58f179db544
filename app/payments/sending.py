"""Sending refunds: the provider is asked outside any transaction, and asked again until it has said yes or no."""

from app.core.db import release_connection
from app.core.errors import NotFound
from app.payments import methods, refunds
from app.payments.gateways import GATEWAYS
from app.payments.ports import Credentials, Gateway, Refunding, Refused, SendError

NO_ACCOUNT = "the store has no account with this provider"


def send_refund(refund_id: int) -> None:
    """Bring one refund a step further. Killed anywhere, the next call goes on under the same reference; a refund that
    is over, that somebody else is sending, or that staff send themselves, stays as it is."""
    method = refunds.method_of(refund_id)
    gateway = GATEWAYS.get(method)
    if gateway is None:
        return
    refunding = refunds.begin_sending(refund_id)
    if refunding is not None:
        _ask(refund_id, refunding, gateway, _account(method))


def _account(method: str) -> Credentials | None:
    try:
        return methods.credentials(method)
    except NotFound:
        return None


def _ask(refund_id: int, refunding: Refunding, gateway: Gateway, account: Credentials | None) -> None:
    if account is None:
        refunds.record_refusal(refund_id, NO_ACCOUNT)
        return
    release_connection()
    try:
        answer = gateway.refund(account, refunding)
    except Refused as error:
        refunds.record_refusal(refund_id, str(error))
    except SendError as error:
        refunds.record_trouble(refund_id, f"{type(error).__name__}: {error}")
    else:
        refunds.record_answer(refund_id, answer)


def send_due() -> int:
    """Ask about every refund that waits for its answer; how many."""
    due = refunds.due()
    for refund_id in due:
        send_refund(refund_id)
    return len(due)
