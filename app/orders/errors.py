"""Refusals of the order, each named by its outcome."""

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l


class EmptyCart(DomainError):
    """There is nothing to order."""

    message = _l("Your cart is empty.")
    field = "items"


class UnknownItem(DomainError):
    """A SKU that is not sold (any more). `sku` names it."""

    message = _l("%(sku)s is no longer sold. Please remove it from your cart.")
    field = "items"


class PrescriptionNeeded(DomainError):
    """A product that is sold by prescription only."""

    message = _l("%(name)s is sold by prescription only.")
    field = "items"


class OverLimit(DomainError):
    """More of a product than one order may hold."""

    message = _l("You can order at most %(limit)s of %(name)s.")
    field = "items"


class OverPurchaseLimit(DomainError):
    """More than one person may buy. `why` says how much there can be and when; `items`: [{sku, requested, allowed}]."""

    message = _l("%(why)s")
    field = "items"


class TooYoung(DomainError):
    """The date of birth is below the age these goods are sold from."""

    message = _l("You must be at least %(age)s years old to order this.")
    field = "birth_date"


class CustomerBlocked(DomainError):
    """The store does not sell to this customer."""

    kind, message = ErrorKind.forbidden, _l("We cannot take orders from this account. Please call us.")


class MethodUnavailable(DomainError):
    """This store does not take that payment method."""

    message = _l("This payment method is not available here.")
    field = "payment"


class SlotUnavailable(DomainError):
    """The promise does not hold. `reason` is its code, `options` what can be had instead."""

    kind, message = ErrorKind.conflict, _l("%(why)s")


class QuoteChanged(DomainError):
    """The price is not the one the customer saw; `totals` is the new one, to be accepted."""

    kind, message = (
        ErrorKind.conflict,
        _l("A price changed since you last looked. Please check the new total."),
    )


class ChangesToAccept(DomainError):
    """Something is not as it was when the customer last looked; `changes` says what was and what is."""

    kind, message = (
        ErrorKind.conflict,
        _l("Something changed since you last looked. Please check it and accept it."),
    )


class BelowMinimum(DomainError):
    """The goods do not reach the zone's minimum order."""

    message = _l("%(why)s")
    field = "items"


class IllegalTransition(DomainError):
    """The table has no such move from here. `allowed` lists what there is, `by` and `at` who moved it last."""

    kind, message = ErrorKind.conflict, _l("This order is already %(state)s: %(by)s, %(time)s.")


class ReasonNeeded(DomainError):
    """This move wants a reason."""

    message = _l("Please give a reason.")
    field = "reason"


class NotYourDelivery(DomainError):
    """The order is another driver's."""

    kind, message = ErrorKind.not_found, _l("We could not find that.")


class DriverUnavailable(DomainError):
    """The driver is not on shift, or full."""

    kind, message = ErrorKind.conflict, _l("%(name)s is not on shift.")
    field = "driver_id"


class IdNotChecked(DomainError):
    """Age-restricted goods leave the driver's hands after an ID check only."""

    message = _l("Check the customer's ID first: these goods are sold from %(age)s years.")
    field = "id_checked"


class IdMismatch(DomainError):
    """The date of birth on the ID is not the one given at checkout."""

    message = _l("The date of birth on the ID is not the one given with the order.")
    field = "birth_date"


class WrongPickupCode(DomainError):
    """The code said at the counter is not the one of this order."""

    message = _l(
        "This is not the code of this order. The customer finds it in our message and on the order's page."
    )
    field = "pickup_code"


class ChangeTooLarge(DomainError):
    """More was to go to the wallet than there is change. `change` is money in words."""

    message = _l("Between nothing and %(change)s can go to the wallet.")
    field = "change_to_wallet_minor"


class CashShort(DomainError):
    """Less cash than is due. `due` and `received` are shown amounts."""

    message = _l("%(received)s is less than the %(due)s due.")
    field = "cash_received_minor"


class PaymentOpen(DomainError):
    """An online payment has not arrived yet."""

    kind, message = ErrorKind.conflict, _l("This order is not paid yet.")


class NotReplaceable(DomainError):
    """Goods are replaced before they are packed, and while the money is still to be paid in cash."""

    kind, message = ErrorKind.conflict, _l("Nothing can be replaced in this order any more: it is %(state)s.")


class AlreadyOffered(DomainError):
    """The customer is being asked about this item already."""

    kind, message = ErrorKind.conflict, _l("The customer is already being asked about this item.")
    field = "replacement"


class AlreadyInOrder(DomainError):
    """The replacement is one of the order's own goods, or offered for another line of it."""

    message = _l("%(name)s is already part of this order.")
    field = "replacement"


class OfferEnded(DomainError):
    """The offer was answered, lapsed or was taken back before. `answer` says which."""

    kind, message = ErrorKind.conflict, _l("This question is closed: %(state)s.")


class OfferOpen(DomainError):
    """The customer has been asked about a replacement and has not answered."""

    kind, message = (
        ErrorKind.conflict,
        _l("The customer has not answered about the replacement yet. Wait, or take the question back."),
    )


class NotRefundable(DomainError):
    """Nobody has the goods yet, or the order ended without a sale: cancelling gives everything back."""

    kind = ErrorKind.conflict
    message = _l("Only what was handed over is refunded. An order on its way is cancelled instead.")


class RefundAboveLimit(DomainError):
    """More than this person may give back at a time. `limit` is money in words."""

    kind, message = (
        ErrorKind.forbidden,
        _l("You may give back at most %(limit)s. Please ask the store’s admin."),
    )
    field = "amount"


class TillShort(DomainError):
    """The till has less than that. `have` is money in words."""

    kind, message = ErrorKind.conflict, _l("The till has only %(have)s.")
    field = "to"
