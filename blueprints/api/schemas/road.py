"""The board, the driver's page, and what the holder of a link may follow."""

from marshmallow import fields

from app.dispatch.positions import LARGEST_SEQ, MOST_AT_ONCE
from app.orders import Kind, Status
from app.orders.states import PaymentStatus
from blueprints.api.fields import Answer, Asked, Day, Flag, Many, Moment, Number, Query, Text, Whole, words


class Driver(Answer):
    """A driver as the board sees one. `cash_minor` is kept from today's deliveries, change taken off."""

    id = fields.Integer()
    name = fields.String()
    vehicle = fields.String()
    on_shift = fields.Boolean()
    load_ = fields.Integer(
        data_key="load", attribute="load", metadata={"description": "Orders assigned and on the road."}
    )
    capacity = fields.Integer()
    last_seen = fields.DateTime(allow_none=True)
    cash_minor = fields.Integer(attribute="cash_today_minor")
    delivered_today = fields.Integer()
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)


class DriverList(Answer):
    """Those on shift first."""

    items = fields.List(fields.Nested(Driver))
    next_cursor = fields.String(allow_none=True)


class Card(Answer):
    """An order on the board. `haste` is calm, at_risk or late; `note` is the one thing to know at a glance."""

    code = fields.String()
    kind = fields.String(metadata=words(*Kind))
    status = fields.String(metadata=words(*Status))
    payment_status = fields.String(metadata=words(*PaymentStatus))
    currency = fields.String()
    total_minor = fields.Integer()
    items = fields.Integer()
    name = fields.String()
    phone = fields.String()
    zip = fields.String()
    express = fields.Boolean()
    placed_at = fields.DateTime()
    status_at = fields.DateTime()
    promised_until = fields.DateTime(allow_none=True)
    haste = fields.String(metadata=words("calm", "at_risk", "late"))
    unacknowledged = fields.Boolean()
    awaits_payment = fields.Boolean()
    driver_id = fields.Integer(allow_none=True)
    note = fields.String()


class Lane(Answer):
    """A column of the board."""

    status = fields.String(metadata=words(*Status))
    label = fields.String()
    items = fields.List(fields.Nested(Card), attribute="cards")


class Figures(Answer):
    """The head of the board. Seconds from placing to confirming are the median of today."""

    open_now = fields.Integer()
    to_confirm_seconds = fields.Integer(allow_none=True)
    inside_percent = fields.Integer(allow_none=True)
    cash_minor = fields.Integer()


class Board(Answer):
    """Everything open, what failed, and what ended today. `ringing`: codes nobody has acknowledged."""

    at = fields.DateTime()
    lanes = fields.List(fields.Nested(Lane))
    failed = fields.List(fields.Nested(Card))
    done = fields.List(fields.Nested(Card))
    ringing = fields.List(fields.String())
    figures = fields.Nested(Figures)


class AssignAsked(Asked):
    """To whom."""

    driver_id = Whole(1, required=True)


class ReasonAsked(Asked):
    """Why."""

    reason = Text(200, load_default="")


class HandedAsked(Asked):
    """What happened at the door or the counter."""

    cash_received_minor = Whole(load_default=None, allow_none=True)
    change_to_wallet_minor = Whole(load_default=0, allow_none=True)
    id_checked = Flag(load_default=False, allow_none=True)
    birth_date = Day(load_default=None, allow_none=True, metadata={"description": "As it stands on the ID."})
    pickup_code = Text(
        20, load_default="", metadata={"description": "Said at the counter by whoever collects."}
    )


class Place(Answer):
    """A point on the map."""

    lat = fields.Float()
    lng = fields.Float()


class Stop(Answer):
    """One order as its driver needs it. `cash_due_minor` is 0 when nothing is to be collected."""

    number = fields.Integer()
    code = fields.String()
    status = fields.String(metadata=words(*Status))
    name = fields.String()
    phone = fields.String()
    line1 = fields.String()
    line2 = fields.String()
    city = fields.String()
    zip = fields.String()
    note = fields.String()
    items = fields.Integer()
    currency = fields.String()
    cash_due_minor = fields.Integer()
    min_age = fields.Integer()
    promised_from = fields.DateTime(allow_none=True)
    promised_until = fields.DateTime(allow_none=True)
    branch_name = fields.String()
    branch_address = fields.String()
    branch = fields.Nested(Place)
    door = fields.Nested(Place, allow_none=True)
    minutes = fields.Integer(allow_none=True)
    distance_m = fields.Integer(allow_none=True)


class StopList(Answer):
    """In the order they are to be made."""

    items = fields.List(fields.Nested(Stop))
    next_cursor = fields.String(allow_none=True)


class FixAsked(Asked):
    """One position. `seq` is the device's own count: sent twice, kept once."""

    seq = Whole(0, LARGEST_SEQ, required=True)
    lat = Number(required=True)
    lng = Number(required=True)
    at = Moment(required=True)


class PositionsAsked(Asked):
    """Those not yet accepted, oldest first."""

    positions = Many(fields.Nested(FixAsked), least=1, most=MOST_AT_ONCE, required=True)


class Recorded(Answer):
    """By `seq`: `accepted` are kept, now or before; `refused` will never be, so they need not be sent again."""

    accepted = fields.List(fields.Integer())
    refused = fields.List(fields.Integer())


class LinkQuery(Query):
    """The signature of the link."""

    t = Text(100, load_default="")


class Step(Answer):
    """One line of the journey."""

    status = fields.String(metadata=words(*Status))
    title = fields.String()
    state = fields.String(metadata=words("done", "now", "todo"))
    at = fields.DateTime(allow_none=True)


class Courier(Answer):
    """Who brings it."""

    name = fields.String()
    vehicle = fields.String()


class Position(Place):
    """Where the courier was last seen."""

    at = fields.DateTime(allow_none=True)


class Tracking(Answer):
    """What the holder of the link may know. `position` and the estimate only while it is on the road."""

    code = fields.String()
    kind = fields.String(metadata=words(*Kind))
    status = fields.String(metadata=words(*Status))
    is_live = fields.Boolean()
    is_delayed = fields.Boolean()
    steps = fields.List(fields.Nested(Step))
    promised_from = fields.DateTime(allow_none=True)
    promised_until = fields.DateTime(allow_none=True)
    address = fields.String(metadata={"description": "Without its numbers."})
    courier = fields.Nested(Courier, allow_none=True)
    branch = fields.Nested(Place)
    door = fields.Nested(Place, allow_none=True)
    position = fields.Nested(Position, allow_none=True)
    eta_minutes = fields.Integer(allow_none=True)
    arrives_at = fields.DateTime(allow_none=True)
    distance_m = fields.Integer(allow_none=True)
    stops_before = fields.Integer()
    currency = fields.String()
    cash_due_minor = fields.Integer()
