"""Refusals of payments."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class MethodClosed(DomainError):
    """The method cannot be used for this order, or at this moment. `why` says it."""

    kind, message = ErrorKind.conflict, _l("%(why)s")
    field = "payment"


class GatewayDown(DomainError):
    """The provider does not answer. The order stands; the customer can try again or choose another method."""

    kind, message = (
        ErrorKind.unavailable,
        _l("The payment service does not answer. Your order is kept: try again, or pay another way."),
    )


class NothingToPay(DomainError):
    """The order is paid, or over."""

    kind, message = ErrorKind.conflict, _l("There is nothing left to pay on this order.")


class RefundTooLarge(DomainError):
    """More than what was paid and has not gone back. `most` is money in words."""

    message = _l("At most %(most)s can go back.")
    field = "amount"


class RefundMoved(DomainError):
    """Somebody has decided about the refund or the payment before."""

    kind, message = ErrorKind.conflict, _l("Somebody has settled this already.")


class CardDeclined(DomainError):
    """The bank said no to a card that we charged; the attempt has failed, the order stands."""

    kind, message = (
        ErrorKind.conflict,
        _l("The bank declined this card, and nothing was charged. Try another card, or pay another way."),
    )
    field = "payment"


class TooManyCards(DomainError):
    """So many cards were declined for one order that somebody may be trying out cards that are not theirs."""

    kind, message = (
        ErrorKind.too_many,
        _l("Several cards were declined for this order. Please pay another way, or try again in an hour."),
    )
    field = "payment"


class CardFormExpired(DomainError):
    """The token of an entered card was used, or lay too long; the attempt has failed, the order stands."""

    kind, message = (
        ErrorKind.conflict,
        _l("The card form has expired, and nothing was charged. Please enter the card again."),
    )
    field = "payment"


class NoCardForm(DomainError):
    """The store has cards entered on the provider's page: it takes no token of a form."""

    kind, message = (
        ErrorKind.conflict,
        _l("Cards are entered on our provider’s page now. Nothing was charged: please try again."),
    )
    field = "payment"


class CardExpired(DomainError):
    """The kept card is past its month."""

    kind, message = ErrorKind.conflict, _l("This card has expired. Remove it, and pay by another one.")
    field = "payment"


class StillAsking(DomainError):
    """A card may have been charged and the provider has not said so yet: nothing is charged beside it."""

    kind, message = (
        ErrorKind.conflict,
        _l("We are still waiting for the answer about your card. Please look again in a minute."),
    )
