"""Something else instead: staff offer it, the customer says yes or no by a signed link, within a quarter of an hour.

The goods offered are held from the offer on, so a yes can always be kept. Every step locks the order first, then
the offer; so whoever comes second (another click, the clock, a cancellation) is told how it ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from app import inventory, pricing, stores
from app.catalog.models import Variant
from app.catalog.on_sale import sellable_variants
from app.catalog.prices import buyer_of
from app.core import audit, clock
from app.core.actor import SYSTEM, Actor
from app.core.db import db, for_update, transaction
from app.core.errors import Forbidden, InvalidInput, NotFound
from app.core.events import emit
from app.core.i18n import _, pick
from app.orders import links, projection, settling
from app.orders.basket import Basket, most_allowed, price_basket
from app.orders.errors import (
    AlreadyInOrder,
    AlreadyOffered,
    NotReplaceable,
    OfferEnded,
    OverLimit,
    PrescriptionNeeded,
    TooYoung,
    UnknownItem,
)
from app.orders.events import SubstitutionDue, SubstitutionProposed
from app.orders.labels import PAYMENT, SUBSTITUTION, status_label
from app.orders.limits import require_within
from app.orders.models import Order, OrderAdjustment, OrderLine, Substitution, SubstitutionStatus
from app.orders.offers import end_offer, open_offers, record_answer, record_fact
from app.orders.placing import adjustments_of, line_of
from app.orders.request import check_age
from app.orders.service import get_order
from app.orders.states import PaymentStatus, Status

ANSWER_WITHIN = timedelta(minutes=15)
REPLACEABLE = frozenset({Status.PENDING, Status.CONFIRMED})
"""Before anything is packed."""


@dataclass(frozen=True)
class Offer:
    """What staff say: so many of `sku` cannot be had, so many of `replacement` can."""

    sku: str
    replacement: str
    quantity: int
    replacement_quantity: int


@dataclass(frozen=True)
class OfferView:
    """An offer for a page: the order before and after. `quote` is None once it is answered."""

    offer: Substitution
    order: Order
    quote: pricing.Quote | None
    state: str

    @property
    def is_open(self) -> bool:
        return self.quote is not None

    @property
    def difference_minor(self) -> int:
        """What accepting adds to the bill; below zero when it gets cheaper."""
        return self.quote.total_minor - self.order.total_minor if self.quote else 0


@transaction()
def propose_substitution(code: str, offer: Offer, *, actor: Actor) -> Substitution:
    """Ask the customer, and hold the goods for the answer. The same offer again gives the one that is open.

    Raises Forbidden, NotReplaceable, AlreadyOffered, AlreadyInOrder, OutOfStock, OverPurchaseLimit, and what a basket
    may refuse.
    """
    if not actor.is_staff:
        raise Forbidden
    order = get_order(code, actor=actor, lock=True)
    _require_replaceable(order)
    line = _find_line(order, offer)
    for known in (opened := open_offers(order)):
        if known.old_variant_id == line.variant_id:
            if _is_same(known, offer):
                return known
            raise AlreadyOffered
    variant = _find_replacement(order, offer, opened)
    gone = {line.variant_id: offer.quantity} | {one.old_variant_id: one.old_quantity for one in opened}
    held = [(one.variant, one.quantity) for one in opened]
    _require_within(order, gone, [*held, (variant, offer.replacement_quantity)])
    inventory.reserve(order.branch_id, {variant.id: offer.replacement_quantity})
    now = clock.now()
    made = Substitution(
        order_id=order.id,
        old_variant_id=line.variant_id,
        old_quantity=offer.quantity,
        variant_id=variant.id,
        quantity=offer.replacement_quantity,
        unit_minor=unit_price(variant, offer.replacement_quantity, order.customer_id),
        status=SubstitutionStatus.proposed,
        proposed_by=actor.user_id,
        proposed_at=now,
        expires_at=now + ANSWER_WITHIN,
    )
    db.session.add(made)
    db.session.flush()  # the events carry its id
    about = SubstitutionDue(order_id=order.id, code=order.code, substitution_id=made.id)
    record_fact(order, SubstitutionProposed(**asdict(about), old_sku=line.sku, sku=variant.sku), actor)
    emit(about, actor=SYSTEM, due_in=ANSWER_WITHIN)
    audit.record("substitution.proposed", actor=actor, subject=order.code, old=line.sku, new=variant.sku)
    return made


def is_replaceable(order: Order) -> bool:
    """Before packing, and while it is to be paid in cash: that takes any total. What was paid already would have to
    be given back or asked for, and a discount would have to be earned anew."""
    due = order.payment_status is PaymentStatus.DUE and not order.discount_minor
    return order.status in REPLACEABLE and due


def _require_replaceable(order: Order) -> None:
    if not is_replaceable(order):
        early = order.status in REPLACEABLE
        state = str(PAYMENT[order.payment_status]) if early else status_label(order.status)
        raise NotReplaceable(state=state)


def _find_line(order: Order, offer: Offer) -> OrderLine:
    line = next((line for line in order.lines if line.sku == offer.sku), None)
    if line is None:
        raise InvalidInput({"sku": _("This item is not in the order.")})
    wrong = {}
    if not 1 <= offer.quantity <= line.quantity:
        wrong["quantity"] = _("Between 1 and %(most)s.", most=line.quantity)
    if not 1 <= offer.replacement_quantity <= 99:
        wrong["replacement_quantity"] = _("Between 1 and %(most)s.", most=99)
    if wrong:
        raise InvalidInput(wrong)
    return line


def _is_same(known: Substitution, offer: Offer) -> bool:
    said = (offer.replacement, offer.quantity, offer.replacement_quantity)
    return (known.variant.sku, known.old_quantity, known.quantity) == said


def _find_replacement(order: Order, offer: Offer, opened: list[Substitution]) -> Variant:
    """Sold now, allowed to this buyer, and not among the order's goods yet."""
    sku = offer.replacement
    variant = sellable_variants([sku]).get(sku)
    if variant is None:
        raise UnknownItem(sku=sku or "–", field="replacement")
    name = pick(variant.product.name)
    taken = {line.variant_id for line in order.lines} | {one.variant_id for one in opened}
    if variant.id in taken:
        raise AlreadyInOrder(name=name)
    if variant.product.rx_required:
        raise PrescriptionNeeded(sku=sku, name=name, field="replacement")
    if (most := most_allowed(variant)) is not None and offer.replacement_quantity > most:
        raise OverLimit(sku=sku, name=name, limit=most, field="replacement_quantity")
    try:
        check_age(_age_of(variant), order.birth_date)
    except (InvalidInput, TooYoung) as error:
        raise InvalidInput({"replacement": _("The buyer is not known to be old enough for it.")}) from error
    return variant


def _require_within(order: Order, gone: Mapping[int, int], new: Sequence[tuple[Variant, int]]) -> None:
    """OverPurchaseLimit when the last of the new goods, with what stays of the order, are more than one may buy."""
    stays = [(line.variant, line.quantity - gone.get(line.variant_id, 0)) for line in order.lines]
    lines = [*((variant, quantity) for variant, quantity in stays if quantity > 0), *new]
    about = new[-1][0].id
    require_within(lines, order.customer_id, order=order, about=about, field="replacement_quantity")


def _age_of(variant: Variant) -> int:
    return Basket(((variant, 1),)).min_age


def unit_price(variant: Variant, quantity: int, customer_id: int) -> int:
    """Today's unit price for the customer by the one rule of prices."""
    basket = Basket(((variant, quantity),), buyer_of(customer_id))
    return price_basket(basket, None).lines[0].unit_minor


# --- the customer's answer -------------------------------------------------------------------------------------


def get_offer(substitution_id: int, signature: str) -> OfferView:
    """The offer of a signed link, as it stands; NotFound when the signature is not ours."""
    return _view(_load(substitution_id, signature))


def _load(substitution_id: int, signature: str | None) -> Substitution:
    if signature is not None and not links.is_valid("replace", str(substitution_id), signature):
        raise NotFound
    query = (
        select(Substitution)
        .where(Substitution.id == substitution_id)
        .options(
            joinedload(Substitution.order),
            joinedload(Substitution.variant).joinedload(Variant.product),
            joinedload(Substitution.old_variant).joinedload(Variant.product),
        )
    )
    if (offer := db.session.scalar(query)) is None:
        raise NotFound
    return offer


def _view(offer: Substitution) -> OfferView:
    is_open = offer.status is SubstitutionStatus.proposed and offer.expires_at > clock.now()
    shown = SubstitutionStatus.expired if offer.status is SubstitutionStatus.proposed else offer.status
    return OfferView(
        offer,
        offer.order,
        quote_with(offer.order, offer) if is_open else None,
        str(SUBSTITUTION[offer.status if is_open else shown]),
    )


def offers_of(order: Order) -> list[OfferView]:
    """Every offer of the order, the newest first."""
    query = select(Substitution).where(Substitution.order_id == order.id).order_by(Substitution.id.desc())
    deep = (
        joinedload(Substitution.variant).joinedload(Variant.product),
        joinedload(Substitution.old_variant).joinedload(Variant.product),
    )
    return [_view(offer) for offer in db.session.scalars(query.options(*deep))]


@transaction()
def answer_substitution(
    substitution_id: int, *, accept: bool, signature: str | None = None, code: str = "", actor: Actor
) -> Substitution:
    """Yes or no of whoever holds the link, or of the signed-in buyer. The same answer twice is one.
    With `code`, the offer has to be one of that order.

    Raises NotFound for others, OfferEnded when it ended otherwise or its time is over, OverPurchaseLimit for a yes.
    """
    offer = _load(substitution_id, signature)
    if signature is None and (actor.customer_id is None or offer.order.customer_id != actor.customer_id):
        raise NotFound
    if code and offer.order.code != code.upper():
        raise NotFound
    order = _lock(offer)
    answer = SubstitutionStatus.accepted if accept else SubstitutionStatus.declined
    if offer.status is answer:
        return offer
    if offer.status is not SubstitutionStatus.proposed or offer.expires_at <= clock.now():
        raise _ended(offer)
    who = actor if actor.is_authenticated else replace(actor, name=order.contact_name, source="link")
    if accept:
        _accept(order, offer, who)
    else:
        end_offer(order, offer, answer, who)
    return offer


@transaction()
def withdraw_substitution(code: str, substitution_id: int, *, actor: Actor) -> Substitution:
    """Staff take the question back. Again changes nothing."""
    if not actor.is_staff:
        raise Forbidden
    offer = _load(substitution_id, None)
    if offer.order.code != code.upper():
        raise NotFound
    order = _lock(offer)
    if offer.status is SubstitutionStatus.withdrawn:
        return offer
    if offer.status is not SubstitutionStatus.proposed:
        raise _ended(offer)
    end_offer(order, offer, SubstitutionStatus.withdrawn, actor)
    audit.record("substitution.withdrawn", actor=actor, subject=order.code, new=offer.variant.sku)
    return offer


@transaction()
def expire_substitution(substitution_id: int) -> bool:
    """Nobody answered in time: the goods go back to the shelf. False when it was answered before."""
    offer = _load(substitution_id, None)
    order = _lock(offer)
    if offer.status is not SubstitutionStatus.proposed:
        return False
    end_offer(order, offer, SubstitutionStatus.expired, SYSTEM)
    return True


def _lock(offer: Substitution) -> Order:
    """The order first, then the offer, as everywhere; both fresh."""
    order: Order = db.session.scalars(for_update(select(Order).where(Order.id == offer.order_id))).one()
    db.session.scalars(for_update(select(Substitution).where(Substitution.id == offer.id))).one()
    return order


def _ended(offer: Substitution) -> OfferEnded:
    open_still = offer.status is SubstitutionStatus.proposed  # in the table, but its time is over
    answer = SubstitutionStatus.expired if open_still else offer.status
    return OfferEnded(answer=answer.value, state=str(SUBSTITUTION[answer]))


# --- what it comes to ------------------------------------------------------------------------------------------


def quote_with(order: Order, offer: Substitution) -> pricing.Quote:
    """The order with the offer accepted: what stays at the prices and tax rates it was sold at, the new line last.

    Delivery stays as it was charged: that something ran out shall not cost the customer a threshold.
    """
    kept = [(line, line.quantity - _gone(line, offer)) for line in order.lines]
    lines = [
        pricing.LineInput(line.sku, line.variant_id, quantity, line.unit_minor, line.variant.tax_class)
        for line, quantity in kept
        if quantity
    ]
    new = offer.variant
    lines.append(pricing.LineInput(new.sku, new.id, offer.quantity, offer.unit_minor, new.tax_class))
    store = stores.current_store()
    frozen = {line.variant.tax_class: line.tax_rate_bp for line in order.lines}
    context = pricing.Context(
        currency=order.currency,
        tax_rates_bp=dict(store.tax_rates_bp) | frozen,
        tax_inclusive=store.tax_inclusive,
        delivery=pricing.DeliveryTerms(order.delivery_minor, label=order.zone.name if order.zone else ""),
        wallet_minor=order.wallet_minor,
    )
    return pricing.quote(lines, context)


def _gone(line: OrderLine, offer: Substitution) -> int:
    return offer.old_quantity if line.variant_id == offer.old_variant_id else 0


def _accept(order: Order, offer: Substitution, actor: Actor) -> None:
    """The held goods become the order's, the short ones go back; amounts, lines and adjustments follow the quote."""
    # Judged again: a limit may be newer than the offer, and the goods are handed over by the same judge.
    _require_within(order, {offer.old_variant_id: offer.old_quantity}, [(offer.variant, offer.quantity)])
    quote = quote_with(order, offer)
    paid = settling.follow_quote(order, quote, actor, why=f"replaced:{offer.id}")
    _write_lines(order, offer, quote)
    inventory.release(order.branch_id, {offer.old_variant_id: offer.old_quantity})
    amounts = quote.totals() | {"tax_included_minor": quote.tax_included_minor}
    changes = {column: value for column, value in amounts.items() if column in projection.COLUMNS}
    changes |= paid
    changes["min_age"] = max(order.min_age, _age_of(offer.variant))
    bought = [{"sku": line.sku, "qty": line.qty, "net_minor": line.net_minor} for line in quote.lines]
    record_answer(order, offer, SubstitutionStatus.accepted, actor, changes=changes, lines=bought)


def _write_lines(order: Order, offer: Substitution, quote: pricing.Quote) -> None:
    priced = {line.variant_id: line for line in quote.lines}
    for line in list(order.lines):
        if (now := priced.get(line.variant_id)) is None:
            order.lines.remove(line)
            db.session.delete(line)
            continue
        line.quantity, line.net_minor = now.qty, now.net_minor
        line.discount_minor, line.tax_minor = now.discount_minor, now.tax_minor
    costs = inventory.moving_average(order.branch_id, [offer.variant])
    order.lines.append(line_of(offer.variant, priced[offer.variant_id], costs[offer.variant_id]))
    db.session.execute(delete(OrderAdjustment).where(OrderAdjustment.order_id == order.id))
    db.session.add_all(adjustments_of(order, quote))
