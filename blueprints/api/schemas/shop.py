"""The store, its shelves, what can be brought where, and what it costs."""

from marshmallow import fields

from app.catalog import Sort
from app.promise import HandOver, ReasonCode
from blueprints.api.fields import Answer, Asked, Flag, Many, Query, Text, Whole, words


class Hours(Answer):
    """One stretch of opening; `closes` at or before `opens` is on the next day."""

    weekday = fields.Integer(metadata={"description": "0 is Monday."})
    opens = fields.String(metadata={"examples": ["09:00"]})
    closes = fields.String(metadata={"examples": ["21:00"]})


class Branch(Answer):
    """A place that hands goods over."""

    code = fields.String()
    name = fields.String()
    lat = fields.Float()
    lng = fields.Float()
    kinds = fields.List(fields.String(metadata=words(*HandOver)))
    hours = fields.List(fields.Nested(Hours))


class Store(Answer):
    """The store of this host."""

    slug = fields.String(metadata={"examples": ["miami"]})
    name = fields.String()
    tagline = fields.String()
    currency = fields.String(metadata={"examples": ["USD"]})
    currency_exponent = fields.Integer(metadata={"description": "Digits of the minor unit: USD 2, IDR 0."})
    country = fields.String()
    timezone = fields.String(metadata={"examples": ["America/New_York"]})
    locales = fields.List(fields.String())
    default_locale = fields.String()
    min_age = fields.Integer()
    tax_inclusive = fields.Boolean()
    capabilities = fields.List(fields.String())
    payment_methods = fields.List(fields.String())
    support_phone = fields.String()
    support_email = fields.String()
    branches = fields.List(fields.Nested(Branch))


class Category(Answer):
    """A drawer of the cabinet; `count` includes what is in `children`."""

    slug = fields.String()
    name = fields.String()
    description = fields.String()
    min_age = fields.Integer()
    count = fields.Integer()
    children = fields.List(fields.Nested(lambda: Category))


class CategoryList(Answer):
    """The top of the tree."""

    items = fields.List(fields.Nested(Category))
    next_cursor = fields.String(allow_none=True)


class Variant(Answer):
    """What is sold. `available` is what one delivery can take."""

    sku = fields.String()
    name = fields.String()
    price_minor = fields.Integer()
    compare_at_minor = fields.Integer(allow_none=True)
    available = fields.Integer()


class Product(Answer):
    """A remedy as the customer knows it."""

    slug = fields.String()
    name = fields.String()
    subtitle = fields.String()
    brand = fields.String()
    category = fields.String(metadata={"description": "The slug of its category."})
    image_url = fields.Url(allow_none=True)
    rating = fields.Float(
        allow_none=True, metadata={"description": "The average of 1 to 5; null without reviews."}
    )
    rating_count = fields.Integer()
    rx_required = fields.Boolean()
    age_min = fields.Integer()
    max_per_order = fields.Integer(allow_none=True)
    variants = fields.List(fields.Nested(Variant))


class ProductDetail(Product):
    """A product's own page."""

    description = fields.String()
    tags = fields.List(fields.String())
    images = fields.List(fields.Url())


class ProductList(Answer):
    """A page of a listing."""

    items = fields.List(fields.Nested(Product))
    next_cursor = fields.String(allow_none=True)


class ListingQuery(Query):
    """What a listing is narrowed to."""

    category = Text(
        64, load_default="", metadata={"description": "A category's slug; what is below it counts."}
    )
    q = Text(200, load_default="", metadata={"description": "Words that all have to be found."})
    sort = Text(20, among=Sort, load_default=Sort.popular.value)
    in_stock = Flag(load_default=False)
    limit = Whole(1, 60, typed=False, load_default=24)
    cursor = Text(300, load_default="")


class OptionsQuery(Query):
    """Where to, and how."""

    zip = Text(20, load_default="", metadata={"examples": ["33129"]})
    kind = Text(10, among=HandOver, load_default=HandOver.driver.value)
    branch = Text(32, load_default="")
    line1 = Text(
        160, load_default="", metadata={"description": "Street and house: the fee by distance is exact then."}
    )
    city = Text(80, load_default="")
    goods_minor = Whole(
        typed=False,
        load_default=None,
        metadata={
            "description": "What is in the cart: then `message` says what is missing to the minimum order."
        },
    )
    items = Text(
        2000,
        load_default="",
        metadata={
            "description": "What is in the cart; couriers ask what it weighs. As `SKU:quantity,SKU:quantity`.",
            "examples": ["MAG-400:2,ZINC-25:1"],
        },
    )


class ZoneTerms(Answer):
    """What bringing costs there, and how long it takes."""

    name = fields.String()
    minimum_minor = fields.Integer()
    fee_minor = fields.Integer()
    free_from_minor = fields.Integer(allow_none=True)
    eta_minutes = fields.List(fields.Integer(), metadata={"minItems": 2, "maxItems": 2})


class Offered(Answer):
    """Whether it can be had; if not, a stable code and a sentence."""

    offered = fields.Boolean()
    reason = fields.String(allow_none=True, metadata={"description": f"One of: {', '.join(ReasonCode)}."})
    message = fields.String()


class Express(Offered):
    """As soon as possible."""

    eta_minutes = fields.List(fields.Integer(), allow_none=True)


class SlotOffer(Offered):
    """A stretch of time. Send `slot` as it is when ordering."""

    slot = fields.String(metadata={"format": "date-time", "examples": ["2026-11-21T17:15:00-05:00"]})
    until = fields.String(metadata={"format": "date-time"})
    left = fields.Integer()


class Counter(Offered):
    """A branch's counter."""

    branch = fields.String()
    name = fields.String()
    ready_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class CourierQuote(Offered):
    """A courier's price for these goods to this address. Send `courier` as it is when ordering."""

    courier = fields.String(metadata={"description": "The reference of this price; empty when it has none."})
    name = fields.String(metadata={"examples": ["JNE Reguler"]})
    fee_minor = fields.Integer(allow_none=True)
    arrives_from = fields.String(allow_none=True, metadata={"format": "date-time"})
    arrives_until = fields.String(allow_none=True, metadata={"format": "date-time"})
    takes_cash = fields.Boolean()


class Fee(Answer):
    """How the delivery fee comes about: the zone's, more from a distance on. `metres` is null when nobody knows."""

    base_minor = fields.Integer()
    extra_minor = fields.Integer()
    total_minor = fields.Integer()
    metres = fields.Integer(allow_none=True)
    from_metres = fields.Integer(allow_none=True)
    free_from_minor = fields.Integer(allow_none=True)


class WhySaid(Answer):
    """One fact behind the answer. `reason` where something is not offered; `count` of the times it stands for."""

    about = fields.String(metadata={"enum": ["zone", "fee", "express", "slots", "pickup"]})
    offered = fields.Boolean()
    reason = fields.String(allow_none=True)
    message = fields.String()
    count = fields.Integer()


class DeliveryOptions(Answer):
    """All that can be had, and for each thing that cannot, why."""

    zone = fields.Nested(ZoneTerms, allow_none=True)
    fee = fields.Nested(Fee, allow_none=True)
    express = fields.Nested(Express)
    slots = fields.List(fields.Nested(SlotOffer))
    pickup = fields.List(fields.Nested(Counter))
    couriers = fields.List(fields.Nested(CourierQuote))
    message = fields.String(metadata={"description": "What to say above the options; empty when nothing."})
    why = fields.List(fields.Nested(WhySaid))


class ItemAsked(Asked):
    """So many of one SKU."""

    sku = Text(40, shortest=1, required=True)
    qty = Whole(1, 999, required=True)


class QuoteAsked(Asked):
    """What one would like to buy."""

    items = Many(fields.Nested(ItemAsked), least=1, most=100, required=True)
    kind = Text(10, among=HandOver, load_default=HandOver.driver.value)
    zip = Text(20, load_default="")
    courier = Text(
        120, load_default="", metadata={"description": "Of kind courier: as delivery-options gave it."}
    )
    line1 = Text(
        160, load_default="", metadata={"description": "As in the order to come: the fee follows distance."}
    )
    city = Text(80, load_default="")


class Totals(Answer):
    """goods − discount + delivery + tax = total; total − wallet = due."""

    goods_minor = fields.Integer()
    discount_minor = fields.Integer()
    delivery_minor = fields.Integer()
    tax_minor = fields.Integer()
    wallet_minor = fields.Integer()
    total_minor = fields.Integer()
    due_minor = fields.Integer()


class QuoteLine(Answer):
    """A priced line."""

    sku = fields.String()
    name = fields.String()
    qty = fields.Integer()
    unit_minor = fields.Integer()
    discount_minor = fields.Integer()
    net_minor = fields.Integer()
    tax_minor = fields.Integer()
    compare_at_minor = fields.Integer(allow_none=True)


class Adjustment(Answer):
    """An amount that is not goods, signed: above zero costs more."""

    stage = fields.String()
    reason = fields.String()
    label = fields.String()
    amount_minor = fields.Integer()
    sku = fields.String(allow_none=True)


class BelowMinimum(Answer):
    """What is missing to the minimum order."""

    missing_minor = fields.Integer()
    minimum_minor = fields.Integer()
    message = fields.String()


class Quote(Answer):
    """The price of now. Send `fingerprint` with the order to be told when it has changed."""

    currency = fields.String()
    lines = fields.List(fields.Nested(QuoteLine))
    adjustments = fields.List(fields.Nested(Adjustment))
    totals = fields.Nested(Totals)
    tax_included_minor = fields.Integer()
    zone = fields.Nested(ZoneTerms, allow_none=True)
    below_minimum = fields.Nested(BelowMinimum, allow_none=True)
    fingerprint = fields.String()
    message = fields.String()
