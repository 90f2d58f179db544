"""Ordering, and orders."""

from marshmallow import fields

from app.marketing.models import ReviewStatus
from app.orders import Action, Kind, Status
from app.orders.models import SubstitutionStatus
from app.orders.states import PaymentStatus
from app.payments.catalogue import METHODS
from app.payments.models import AttemptStatus
from app.promise import Mode
from app.shipping import ShipmentStatus
from blueprints.api.fields import Answer, Asked, Day, Many, Moment, Part, Query, Text, Whole, words
from blueprints.api.schemas.shop import ItemAsked, Totals


class AddressAsked(Asked):
    """Where to. `zip` as people write it."""

    line1 = Text(200, load_default="")
    line2 = Text(160, load_default="")
    city = Text(80, load_default="")
    zip = Text(20, load_default="", metadata={"examples": ["33129"]})


class FulfilmentAsked(Asked):
    """How the goods come: by a driver as soon as possible or in a slot, at a branch's counter, or by a courier."""

    kind = Text(10, required=True, metadata=words(Kind.driver, Kind.pickup, Kind.courier))
    mode = Text(10, load_default=Mode.asap.value, metadata=words(*Mode))
    slot = Moment(
        load_default=None, allow_none=True, metadata={"description": "As delivery-options gave it."}
    )
    address = Part(AddressAsked, load_default=None, allow_none=True)
    branch = Text(32, load_default="", allow_none=True)
    courier = Text(
        120,
        load_default="",
        allow_none=True,
        metadata={"description": "Of kind courier: as delivery-options gave it."},
    )


class PaymentAsked(Asked):
    """How it is paid."""

    method = Text(24, required=True, metadata=words(*METHODS))
    wallet_minor = Whole(load_default=0)


class ContactAsked(Asked):
    """Whom the driver meets, when it is not the account's holder."""

    name = Text(200, load_default="")
    phone = Text(40, load_default="")


class OrderAsked(Asked):
    """All that a client says when it orders. Prices are not part of it."""

    items = Many(fields.Nested(ItemAsked), least=1, most=100, required=True)
    fulfilment = Part(FulfilmentAsked, required=True)
    payment = Part(PaymentAsked, required=True)
    contact = Part(ContactAsked, load_default=None, allow_none=True)
    promo_code = Text(40, load_default="", allow_none=True)
    customer_note = Text(2000, load_default="", allow_none=True)
    birth_date = Day(load_default=None, allow_none=True)
    quote_fingerprint = Text(64, load_default="", allow_none=True)


class CancelAsked(Asked):
    """Why."""

    reason = Text(200, load_default="")


class ProductReviewAsked(Asked):
    """Stars and words on one product of the order."""

    product = Text(80, shortest=1, required=True, metadata={"description": "Its slug."})
    stars = Whole(1, 5, required=True)
    body = Text(4000, load_default="")


class ReviewAsked(Asked):
    """Stars and words on the order as a whole, and on products in it."""

    stars = Whole(1, 5, required=True)
    body = Text(4000, load_default="")
    products = Many(fields.Nested(ProductReviewAsked), most=100, load_default=list)


class Review(Answer):
    """What was said; `product` is null for the order as a whole. Others read it once staff have."""

    product = fields.String(allow_none=True)
    stars = fields.Integer()
    body = fields.String()
    status = fields.String(metadata=words(*ReviewStatus))
    created_at = fields.DateTime()


class ReviewList(Answer):
    """All that was said of the order."""

    items = fields.List(fields.Nested(Review))
    next_cursor = fields.String(allow_none=True)


class OrderLine(Answer):
    """A line with everything as it was sold."""

    sku = fields.String()
    name = fields.String()
    label = fields.String()
    qty = fields.Integer(attribute="quantity")
    unit_minor = fields.Integer()
    discount_minor = fields.Integer()
    net_minor = fields.Integer()
    tax_minor = fields.Integer()


class Address(Answer):
    """Where an order goes."""

    line1 = fields.String()
    line2 = fields.String()
    city = fields.String()
    zip = fields.String()
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)


class Promised(Answer):
    """When it was promised. `from` is the slot's start, or when an express order was placed."""

    from_ = fields.DateTime(data_key="from", allow_none=True)
    until = fields.DateTime(allow_none=True)


class OrderSummary(Answer):
    """An order in a list."""

    code = fields.String(metadata={"examples": ["MIA-20261121-A9F3"]})
    kind = fields.String(metadata=words(*Kind))
    status = fields.String(metadata=words(*Status))
    payment_status = fields.String(metadata=words(*PaymentStatus))
    currency = fields.String()
    total_minor = fields.Integer()
    due_minor = fields.Integer()
    item_count = fields.Integer()
    placed_at = fields.DateTime()
    tracking_url = fields.Url()


class Payment(Answer):
    """The last try to pay an order. `url` is the page on which it is paid, whatever the method."""

    attempt = fields.Integer()
    method = fields.String(metadata=words(*METHODS))
    status = fields.String(metadata=words(*AttemptStatus))
    amount_minor = fields.Integer()
    open_minor = fields.Integer(metadata={"description": "What is still to be paid of the order."})
    currency = fields.String()
    expires_at = fields.DateTime()
    url = fields.Url()


class Parcel(Answer):
    """How far a courier is with an order."""

    courier = fields.String(metadata={"examples": ["JNE Reguler"]})
    status = fields.String(metadata=words(*ShipmentStatus))
    title = fields.String()
    waybill = fields.String()
    tracking_url = fields.String()


class Order(Answer):
    """An order whole. `allowed` is what the caller's role may try from here."""

    code = fields.String(metadata={"examples": ["MIA-20261121-A9F3"]})
    kind = fields.String(metadata=words(*Kind))
    status = fields.String(metadata=words(*Status))
    payment_method = fields.String()
    payment_status = fields.String(metadata=words(*PaymentStatus))
    currency = fields.String()
    totals = fields.Nested(Totals)
    tax_included_minor = fields.Integer()
    cash_received_minor = fields.Integer(allow_none=True)
    change_minor = fields.Integer(allow_none=True)
    tracking_url = fields.Url()
    placed_at = fields.DateTime()
    status_at = fields.DateTime()
    acknowledged_at = fields.DateTime(allow_none=True)
    mode = fields.String(metadata=words(*Mode))
    promised = fields.Nested(Promised)
    branch = fields.String(metadata={"description": "The code of the branch that serves it."})
    address = fields.Nested(Address, allow_none=True)
    contact_name = fields.String()
    contact_phone = fields.String()
    pickup_code = fields.String(
        allow_none=True, metadata={"description": "For the customer alone; the counter asks for it."}
    )
    customer_note = fields.String()
    min_age = fields.Integer()
    id_checked = fields.Boolean()
    driver_id = fields.Integer(allow_none=True)
    parcel = fields.Nested(Parcel, allow_none=True)
    payment = fields.Nested(
        Payment, allow_none=True, metadata={"description": "null: nothing was to be paid other than in cash."}
    )
    reason = fields.String(metadata={"description": "Of the last cancellation, failure or unassignment."})
    lines = fields.List(fields.Nested(OrderLine))
    allowed = fields.List(fields.String(metadata=words(*Action)))


class PaymentWanted(Asked):
    """By which method; without one, by the order's own."""

    method = Text(24, load_default="", metadata=words("", *METHODS))
    card_id = Whole(
        1,
        2**53 - 1,
        load_default=None,
        allow_none=True,
        metadata={"description": "Charge this kept card of one's own now; `method` is the card's then."},
    )


class SubstitutionAsked(Asked):
    """So many of a line cannot be had; so many of something else can."""

    sku = Text(40, shortest=1, required=True, metadata={"description": "Of the line."})
    quantity = Whole(1, 99, required=True)
    replacement = Text(40, shortest=1, required=True, metadata={"description": "The SKU to send instead."})
    replacement_quantity = Whole(1, 99, required=True)


class Substitution(Answer):
    """An offer of a replacement. While it is open, `total_minor` is what the order would come to with it."""

    id = fields.Integer()
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    replacement = fields.String()
    replacement_name = fields.String()
    replacement_quantity = fields.Integer()
    unit_minor = fields.Integer(metadata={"description": "Of the replacement; it holds until the answer."})
    status = fields.String(metadata=words(*SubstitutionStatus))
    total_minor = fields.Integer(allow_none=True)
    proposed_at = fields.DateTime()
    expires_at = fields.DateTime()
    answered_at = fields.DateTime(allow_none=True)


class SubstitutionList(Answer):
    """All offers of an order, the newest first."""

    items = fields.List(fields.Nested(Substitution))
    next_cursor = fields.String(allow_none=True)


class OrderList(Answer):
    """A page of orders, newest first."""

    items = fields.List(fields.Nested(OrderSummary))
    next_cursor = fields.String(allow_none=True)


class PageQuery(Query):
    """Where in a list."""

    limit = Whole(1, 60, typed=False, load_default=20)
    cursor = Text(300, load_default="")
