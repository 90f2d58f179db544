"""How long paying took, by method and by how it went, in minutes."""

from app import stores
from app.demo.money.plans import How, Plan
from app.payments.catalogue import METHODS, Flow

Range = tuple[float, float]
_PLAIN: dict[Flow, Range] = {
    Flow.cash: (0, 0),
    Flow.gateway: (1, 4),
    Flow.chain: (6, 14),
    Flow.manual: (8, 35),
}
_OTHERS: dict[tuple[Flow, How], Range] = {
    (Flow.gateway, How.declined): (4, 9),
    (Flow.gateway, How.expired): (18, 27),
    (Flow.gateway, How.wrong): (12, 25),
    (Flow.chain, How.part): (12, 20),
    (Flow.chain, How.late): (20, 27),
    (Flow.manual, How.part): (35, 55),
    (Flow.manual, How.over): (10, 30),
}


def until_paid(plan: Plan) -> Range:
    """From placing to the last of the money."""
    flow = METHODS[plan.method].flow
    return _OTHERS.get((flow, plan.how), _PLAIN[flow])


def until_given_up(plan: Plan) -> int:
    """After so many minutes the store keeps the goods no longer."""
    store = stores.current_store()
    return store.transfer_minutes if METHODS[plan.method].flow is Flow.manual else store.unpaid_minutes
