"""The words for states, kinds and actions, in the reader's language."""

from app.core.i18n import _l
from app.orders.models import SubstitutionStatus
from app.orders.states import Action, Kind, PaymentStatus, Status

STATUS = {
    Status.PENDING: _l("Pending"),
    Status.CONFIRMED: _l("Confirmed"),
    Status.READY: _l("Ready"),
    Status.ASSIGNED: _l("Assigned"),
    Status.PICKED_UP: _l("On the road"),
    Status.DELIVERED: _l("Delivered"),
    Status.COLLECTED: _l("Collected"),
    Status.HANDED_OVER: _l("With the courier"),
    Status.CANCELLED: _l("Cancelled"),
    Status.FAILED: _l("Not delivered"),
    Status.RETURNED: _l("Returned"),
}
PAYMENT = {
    PaymentStatus.UNPAID: _l("Unpaid"),
    PaymentStatus.DUE: _l("Cash due"),
    PaymentStatus.AWAITING: _l("Awaiting payment"),
    PaymentStatus.PARTIAL: _l("Part paid"),
    PaymentStatus.PAID: _l("Paid"),
    PaymentStatus.FAILED: _l("Payment failed"),
    PaymentStatus.REFUNDED: _l("Refunded"),
}
KIND = {
    Kind.driver: _l("Delivery"),
    Kind.pickup: _l("Pickup"),
    Kind.courier: _l("Courier"),
    Kind.parcel: _l("Parcel"),
}
ACTION = {
    Action.confirm: _l("Confirm"),
    Action.ready: _l("Mark ready"),
    Action.assign: _l("Assign driver"),
    Action.unassign: _l("Take back from driver"),
    Action.pick_up: _l("Picked up"),
    Action.deliver: _l("Delivered"),
    Action.collect: _l("Collected"),
    Action.hand_over: _l("Handed over"),
    Action.cancel: _l("Cancel order"),
    Action.fail: _l("Could not deliver"),
    Action.take_back: _l("Back in stock"),
    Action.retry: _l("Deliver again"),
}
SUBSTITUTION = {
    SubstitutionStatus.proposed: _l("waiting for the answer"),
    SubstitutionStatus.accepted: _l("accepted"),
    SubstitutionStatus.declined: _l("declined"),
    SubstitutionStatus.expired: _l("nobody answered in time"),
    SubstitutionStatus.withdrawn: _l("taken back"),
}


def status_label(status: Status) -> str:
    """What people call a state."""
    return str(STATUS[status])
