"""What happens to an order. The order's row is the fold of these facts."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.core.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order exists; `row` holds every column of it, `lines` what was bought."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    row: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OrderMoved(Event):
    """The status moved by an action of the table; `changes` are the columns that changed with it."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    action: str
    source: str
    target: str
    reason: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OrderAcknowledged(Event):
    """Somebody in the store has seen the new order."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event):
    """Money came for the order, or the way to pay changed; `in_full` when nothing is open any more."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    amount_minor: int
    in_full: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReviewRequested(Event):
    """Time to ask the customer how it was (due some minutes after delivery)."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class SubstitutionProposed(Event):
    """The customer is asked whether something else will do."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    substitution_id: int
    old_sku: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class SubstitutionDue(Event):
    """Emitted ahead of time: when this falls due, the offer should have been answered."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    substitution_id: int


@dataclass(frozen=True, kw_only=True)
class SubstitutionAnswered(Event):
    """An offer ended as `answer` says; when accepted, `changes` are the order's new amounts and `lines` its goods."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    substitution_id: int
    answer: str
    changes: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class CheckoutReached(Event):
    """Somebody came to this step of the checkout for the first time with this cart."""

    aggregate: ClassVar[str] = "cart"
    cart_id: int
    step: str


@dataclass(frozen=True, kw_only=True)
class CartAbandoned(Event):
    """A cart whose owner asked to be reminded has been lying idle for the store's time."""

    aggregate: ClassVar[str] = "cart"
    cart_id: int
    customer_id: int


@dataclass(frozen=True, kw_only=True)
class PromisedGoodsExpire(Event):
    """Units of a shelf that these orders hold will be past their date when the orders are handed over.

    `expires_on` is the last good day (ISO), `elsewhere` what is free at other branches.
    """

    aggregate: ClassVar[str] = "stock"
    stock_id: int
    units: int
    codes: list[str]
    expires_on: str
    elsewhere: int


@dataclass(frozen=True, kw_only=True)
class OrderReslotted(Event):
    """The store cuts its days otherwise: the order's place counts in another slot now. Its promised time stays."""

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(Event):
    """Money of a sale went back, or is on its way; `left_minor` is what the sale still comes to.

    What was earned on the sale (cashback, referral, commission) goes back in proportion to the amounts.
    """

    aggregate: ClassVar[str] = "order"
    order_id: int
    code: str
    amount_minor: int
    left_minor: int
    to: str
    reason: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
