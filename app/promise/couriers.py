"""By courier: what each of them offers for this parcel, when it would arrive, and why one cannot be had. Pure.

The prices come from outside, with the question; nothing is asked here.
"""

from datetime import UTC, datetime, timedelta

from app.promise.hours import opening_spans, span_at
from app.promise.reasons import Reason, ReasonCode
from app.promise.types import (
    Ask,
    Courier,
    CourierOffer,
    HandOver,
    Offer,
    Options,
    Pickup,
    Place,
    World,
)

_LOOK_AHEAD_DAYS = 14


def courier_options(world: World, ask: Ask, zip_code: str | None, pickup: tuple[Pickup, ...]) -> Options:
    """Every courier that was asked, the offered ones first and cheapest, each of the others with its reason."""
    place = next((p for p in world.places if ask.branch_id in (None, p.id)), None)
    reason = _nothing(ask, zip_code, place)
    offers: tuple[CourierOffer, ...] = ()
    if reason is None and place is not None and isinstance(ask.couriers, tuple):
        offers = tuple(sorted((_offer(world, ask, place, c) for c in ask.couriers), key=_rank))
        if not any(offer.offered for offer in offers):
            reason = next((offer.reason for offer in offers), Reason(ReasonCode.courier_no_route))
    first = next((offer for offer in offers if offer.offered), None)
    return Options(
        kind=ask.kind,
        zip=zip_code or ask.zip,
        area=None,
        place=place,
        express=Offer(
            first is not None,
            reason,
            first.courier.minutes if first else None,
            first.courier.fee_minor if first else None,
        ),
        slots=(),
        slots_reason=Reason(ReasonCode.courier_untimed),
        pickup=pickup,
        reason=reason,
        couriers=offers,
    )


def check_courier(offered: Options, key: str) -> Reason | None:
    """Why the courier of this key cannot be promised, None when it can; `offered` are this moment's options."""
    for one in offered.couriers:
        if one.courier.key == key:
            return one.reason
    return offered.reason or Reason(ReasonCode.courier_unknown)


def _nothing(ask: Ask, zip_code: str | None, place: Place | None) -> Reason | None:
    """Why there is no courier at all."""
    if zip_code is None:
        return Reason(ReasonCode.zip_malformed, {"zip": ask.zip})
    if place is None or HandOver.courier not in place.kinds:
        return Reason(ReasonCode.courier_off)
    if isinstance(ask.couriers, Reason):
        return ask.couriers
    return Reason(ReasonCode.courier_silent) if ask.couriers is None else None


def _offer(world: World, ask: Ask, place: Place, courier: Courier) -> CourierOffer:
    if courier.fee_minor is None:
        return CourierOffer(courier, False, Reason(ReasonCode.courier_no_route, {"courier": courier.name}))
    if ask.cash and not courier.takes_cash:
        return CourierOffer(courier, False, Reason(ReasonCode.courier_no_cash, {"courier": courier.name}))
    today = ask.now.astimezone(world.timezone).date()
    spans = opening_spans(place, world.timezone, today, _LOOK_AHEAD_DAYS)
    is_open = span_at(spans, ask.now) is not None
    opens = ask.now if is_open else next((start for start, _end in spans if start > ask.now), None)
    if opens is None:
        return CourierOffer(courier, False, Reason(ReasonCode.closed_for_days))
    if courier.instant and not is_open:
        facts = {"opens": opens.astimezone(world.timezone)}
        return CourierOffer(courier, False, Reason(ReasonCode.closed_now, facts))
    leaves = opens + timedelta(minutes=place.pickup_minutes)
    low, high = (_arrives(world, leaves, minutes) for minutes in courier.minutes)
    return CourierOffer(courier, True, None, (low, high))


def _arrives(world: World, leaves: datetime, minutes: int) -> datetime:
    return (leaves.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(world.timezone)


def _rank(offer: CourierOffer) -> tuple[bool, int, str]:
    return not offer.offered, offer.courier.fee_minor or 0, offer.courier.name
