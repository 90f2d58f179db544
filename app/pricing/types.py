"""What a quote is made from and what it says. Plain values, amounts in minor units of one currency."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.i18n import _l
from app.core.money import Minor


class Stage(StrEnum):
    """The eight stages of a quote in their fixed order; rules.PIPELINE names the ones that exist."""

    price = "price"
    day_of_week = "day_of_week"
    bundle = "bundle"
    promo_code = "promo_code"
    gifts = "gifts"
    delivery = "delivery"
    tax = "tax"
    wallet = "wallet"


class AdjustmentReason(StrEnum):
    """Why an amount was added or taken off."""

    delivery_fee = "delivery_fee"
    free_delivery = "free_delivery"
    tax_added = "tax_added"
    wallet_used = "wallet_used"


_LABELS = {
    AdjustmentReason.delivery_fee: _l("Delivery"),
    AdjustmentReason.free_delivery: _l("Free delivery"),
    AdjustmentReason.tax_added: _l("Tax"),
    AdjustmentReason.wallet_used: _l("Paid from wallet"),
}


@dataclass(frozen=True, slots=True)
class LineInput:
    """One line of the cart at the price of now. `compare_at_minor` is the struck-through unit price.

    `list_minor` is the shelf's price when the buyer has another one; `price_kind` says for whom that is, and
    `price_note` is staff's reason, for staff only.
    """

    sku: str
    variant_id: int
    qty: int
    unit_minor: Minor
    tax_class: str = "standard"
    compare_at_minor: Minor | None = None
    list_minor: Minor | None = None
    price_kind: str = ""
    price_note: str = ""

    def __post_init__(self) -> None:
        if self.qty < 1 or self.unit_minor < 0:
            raise ValueError(f"line {self.sku}: quantity starts at 1, price at 0")


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """What bringing the goods costs: fee, the goods amount from which it is free, the minimum order."""

    fee_minor: Minor
    free_from_minor: Minor | None = None
    minimum_minor: Minor = 0
    label: str = ""

    def __post_init__(self) -> None:
        if self.fee_minor < 0 or self.minimum_minor < 0:
            raise ValueError("a fee or a minimum below zero")


@dataclass(frozen=True, slots=True)
class Context:
    """All that a quote depends on besides the lines. `delivery` None: nothing is brought (pickup).

    `tax_rates_bp` maps a tax class to its rate; `wallet_minor` is what the customer wishes to use, already
    bounded by the balance.
    """

    currency: str
    tax_rates_bp: Mapping[str, int]
    tax_inclusive: bool = False
    delivery: DeliveryTerms | None = None
    wallet_minor: Minor = 0

    def __post_init__(self) -> None:
        if self.wallet_minor < 0:
            raise ValueError("a wallet amount below zero")


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A priced line: gross = unit × qty, net = gross − discount; `tax_minor` is on top of net, or inside it
    when the store's prices include tax. Why the unit price is not the shelf's: see LineInput."""

    sku: str
    variant_id: int
    qty: int
    unit_minor: Minor
    gross_minor: Minor
    discount_minor: Minor
    net_minor: Minor
    tax_minor: Minor
    tax_class: str
    tax_rate_bp: int
    compare_at_minor: Minor | None = None
    list_minor: Minor | None = None
    price_kind: str = ""
    price_note: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An amount that changes what is paid, signed: above zero costs more. `source` names who asked for it."""

    stage: Stage
    source: str
    reason: AdjustmentReason
    amount_minor: Minor
    sku: str | None = None

    @property
    def label(self) -> str:
        """The words for it in the reader's language."""
        return str(_LABELS[self.reason])


@dataclass(frozen=True, slots=True)
class Quote:
    """Every amount of one purchase; the only place prices come from.

    goods − discount + delivery + tax = total ≥ 0, and total − wallet = due ≥ 0. With tax-inclusive prices
    `tax_minor` is 0 and `tax_included_minor` says what the prices contain. `below_minimum_minor` is what is
    missing to the minimum order, 0 when nothing is.
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    adjustments: tuple[Adjustment, ...]
    goods_minor: Minor
    discount_minor: Minor
    delivery_minor: Minor
    tax_minor: Minor
    tax_included_minor: Minor
    wallet_minor: Minor
    total_minor: Minor
    due_minor: Minor
    below_minimum_minor: Minor

    def totals(self) -> dict[str, Minor]:
        """The amounts as the API and the order carry them."""
        return {
            "goods_minor": self.goods_minor,
            "discount_minor": self.discount_minor,
            "delivery_minor": self.delivery_minor,
            "tax_minor": self.tax_minor,
            "wallet_minor": self.wallet_minor,
            "total_minor": self.total_minor,
            "due_minor": self.due_minor,
        }

    @property
    def fingerprint(self) -> str:
        """32 hex digits over every amount the customer is asked to pay, whatever the order of the lines.

        Sent with the page and compared at placing: another fingerprint means another price than the one seen.
        Struck-through prices and labels are not part of it: they ask nothing of the customer.
        """
        shown = {
            "currency": self.currency,
            "lines": sorted(
                (x.sku, x.variant_id, x.qty, x.unit_minor, x.discount_minor, x.net_minor, x.tax_minor)
                for x in self.lines
            ),
            "totals": self.totals(),
            "tax_included": self.tax_included_minor,
        }
        text = json.dumps(shown, separators=(",", ":"), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
