"""The words for a payment's states, for customers and for staff."""

from app.core.i18n import _l
from app.payments.models import AttemptStatus, MessageStatus, ReceiptStatus

ATTEMPT = {
    AttemptStatus.started: _l("Begun"),
    AttemptStatus.pending: _l("Waiting for the payment"),
    AttemptStatus.held: _l("Being checked"),
    AttemptStatus.paid: _l("Paid"),
    AttemptStatus.failed: _l("Did not work"),
    AttemptStatus.expired: _l("Time ran out"),
    AttemptStatus.cancelled: _l("Called off"),
}
RECEIPT = {
    ReceiptStatus.applied: _l("Paid the order"),
    ReceiptStatus.to_wallet: _l("In the wallet"),
    ReceiptStatus.review: _l("Needs a decision"),
    ReceiptStatus.returned: _l("Sent back"),
}
MESSAGE = {
    MessageStatus.new: _l("Not read yet"),
    MessageStatus.done: _l("Read"),
    MessageStatus.ignored: _l("Not ours"),
    MessageStatus.forged: _l("Forged"),
    MessageStatus.failed: _l("Could not be read"),
}
VANISHED = "vanished"
WRONG = {
    "amount": _l("Another amount"),
    "currency": _l("Another currency"),
    VANISHED: _l("Vanished from the chain"),
}
"""Why money is in review."""
SOURCE = {
    "customer": _l("customer"),
    "webhook": _l("provider’s call"),
    "poller": _l("we asked the provider"),
    "staff": _l("staff"),
    "system": _l("system"),
}
"""Who said so."""
ICONS = {
    "cash": "banknote",
    "authorizenet": "credit-card",
    "midtrans": "credit-card",
    "xendit": "scan-line",
    "zelle": "landmark",
    "cashapp": "circle-dollar-sign",
    "venmo": "smartphone",
    "btc": "bitcoin",
}


def icon_of(code: str) -> str:
    """The sign of a method."""
    return ICONS.get(code, "coins")
