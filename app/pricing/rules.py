"""The quote: an explicit pipeline of small pure functions in the fixed order of the stages.

Every stage takes the draft of the stage before it and gives back a new one. A new kind of promotion is a new
function at its place in PIPELINE (Stage says where), and nothing else changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.core.errors import DomainError, ErrorKind
from app.core.i18n import _l
from app.core.money import BP, Minor, allocate, apply_bp, divide_half_up
from app.pricing.types import Adjustment, AdjustmentReason, Context, LineInput, Quote, QuoteLine, Stage


class UnknownTaxClass(DomainError):
    """A product carries a tax class for which the store has no rate; `tax_class` names it."""

    kind, message = ErrorKind.unavailable, _l("The tax for one of the items is not set up. Please call us.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A quote on its way through the stages."""

    lines: tuple[QuoteLine, ...]
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def net_minor(self) -> Minor:
        """What the goods cost after discounts."""
        return sum(line.net_minor for line in self.lines)

    def amount(self, stage: Stage) -> Minor:
        """The signed sum of what one stage changed."""
        return sum(x.amount_minor for x in self.adjustments if x.stage is stage)

    def adjusted(self, *new: Adjustment) -> "Draft":
        return replace(self, adjustments=self.adjustments + new)


def add_delivery(draft: Draft, context: Context) -> Draft:
    """The fee of the zone, and its return once the discounted goods reach the free-delivery threshold."""
    terms = context.delivery
    if terms is None or terms.fee_minor == 0 or not draft.lines:
        return draft
    fee = Adjustment(Stage.delivery, terms.label, AdjustmentReason.delivery_fee, terms.fee_minor)
    if terms.free_from_minor is None or draft.net_minor < terms.free_from_minor:
        return draft.adjusted(fee)
    free = Adjustment(Stage.delivery, terms.label, AdjustmentReason.free_delivery, -terms.fee_minor)
    return draft.adjusted(fee, free)


def add_tax(draft: Draft, context: Context) -> Draft:
    """Tax per class on the discounted goods, rounded once per class, split over its lines; fees have none."""
    members: dict[str, list[int]] = defaultdict(list)
    for i, line in enumerate(draft.lines):
        members[line.tax_class].append(i)
    lines, added = list(draft.lines), []
    for tax_class in sorted(members):
        nets = [lines[i].net_minor for i in members[tax_class]]
        rate_bp = lines[members[tax_class][0]].tax_rate_bp
        tax_minor = tax_of(sum(nets), rate_bp, inclusive=context.tax_inclusive)
        for i, part in zip(members[tax_class], allocate(tax_minor, nets), strict=True):
            lines[i] = replace(lines[i], tax_minor=part)
        if tax_minor and not context.tax_inclusive:
            added.append(Adjustment(Stage.tax, tax_class, AdjustmentReason.tax_added, tax_minor))
    return replace(draft, lines=tuple(lines)).adjusted(*added)


def tax_of(net_minor: Minor, rate_bp: int, *, inclusive: bool) -> Minor:
    """The tax on an amount (exclusive), or the tax that an amount contains (inclusive); a half rounds up."""
    return divide_half_up(net_minor * rate_bp, BP + rate_bp) if inclusive else apply_bp(net_minor, rate_bp)


def use_wallet(draft: Draft, context: Context) -> Draft:
    """Pay from the wallet what the customer wishes, never more than the total."""
    total = draft.net_minor + draft.amount(Stage.delivery) + draft.amount(Stage.tax)
    used = min(context.wallet_minor, total)
    if not used:
        return draft
    return draft.adjusted(Adjustment(Stage.wallet, "wallet", AdjustmentReason.wallet_used, -used))


PIPELINE: tuple[tuple[Stage, Callable[[Draft, Context], Draft]], ...] = (
    (Stage.delivery, add_delivery),
    (Stage.tax, add_tax),
    (Stage.wallet, use_wallet),
)
"""What happens after the price of the moment (Stage.price, in `price_lines`), in the order of Stage."""


def price_lines(lines: Iterable[LineInput], context: Context) -> tuple[QuoteLine, ...]:
    """Stage 1: each line at its unit price. UnknownTaxClass when the store has no rate for one."""
    return tuple(_price_line(line, context) for line in lines)


def _price_line(line: LineInput, context: Context) -> QuoteLine:
    if line.tax_class not in context.tax_rates_bp:
        raise UnknownTaxClass(tax_class=line.tax_class, sku=line.sku)
    gross = line.unit_minor * line.qty
    return QuoteLine(
        sku=line.sku,
        variant_id=line.variant_id,
        qty=line.qty,
        unit_minor=line.unit_minor,
        gross_minor=gross,
        discount_minor=0,
        net_minor=gross,
        tax_minor=0,
        tax_class=line.tax_class,
        tax_rate_bp=context.tax_rates_bp[line.tax_class],
        compare_at_minor=line.compare_at_minor,
        list_minor=line.list_minor,
        price_kind=line.price_kind,
        price_note=line.price_note,
    )


def quote(lines: Iterable[LineInput], context: Context) -> Quote:
    """Every price of one purchase. Pure: the same input gives the same quote.

    Lines come back in the given order, yet no amount depends on it. An empty cart costs nothing, also no
    delivery. Raises UnknownTaxClass.
    """
    given = list(lines)
    # Splits break ties by position, so they work on an order that belongs to the cart, not the caller.
    canonical = sorted(range(len(given)), key=lambda i: _canonical(given[i]))
    draft = Draft(price_lines((given[i] for i in canonical), context))
    for _stage, apply in PIPELINE:
        draft = apply(draft, context)
    back = sorted(range(len(given)), key=lambda k: canonical[k])
    return _close(replace(draft, lines=tuple(draft.lines[k] for k in back)), context)


def _canonical(line: LineInput) -> tuple[str | int, ...]:
    compared = -1 if line.compare_at_minor is None else line.compare_at_minor
    return line.sku, line.variant_id, line.unit_minor, line.qty, line.tax_class, compared


def _close(draft: Draft, context: Context) -> Quote:
    tax_minor = draft.amount(Stage.tax)
    delivery_minor = draft.amount(Stage.delivery)
    wallet_minor = -draft.amount(Stage.wallet)
    total_minor = draft.net_minor + delivery_minor + tax_minor
    minimum_minor = context.delivery.minimum_minor if context.delivery else 0
    return Quote(
        currency=context.currency,
        lines=draft.lines,
        adjustments=draft.adjustments,
        goods_minor=sum(line.gross_minor for line in draft.lines),
        discount_minor=sum(line.discount_minor for line in draft.lines),
        delivery_minor=delivery_minor,
        tax_minor=tax_minor,
        tax_included_minor=sum(line.tax_minor for line in draft.lines) if context.tax_inclusive else 0,
        wallet_minor=wallet_minor,
        total_minor=total_minor,
        due_minor=total_minor - wallet_minor,
        below_minimum_minor=max(0, minimum_minor - draft.net_minor),
    )
