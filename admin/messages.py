"""The notification matrix, its words, and what became of every message."""

import re
from typing import Any

from flask_appbuilder.forms import DynamicForm
from sqlalchemy import select
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from admin import cells
from admin.base import NO_ADDING, READ_ONLY, StoreInterface, StoreModelView
from admin.cells import Column
from admin.fields import OptionalText, WordsField
from admin.filters import Choice, yes_no
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import LOCALES, _, _l
from app.notifications.defaults import CHANNELS
from app.notifications.models import Delivery, DeliveryStatus, NotificationRule, NotificationTemplate
from app.notifications.templates import fill
from app.orders.models import Order

CHANNEL_WORDS = {
    "pushover": "Pushover",
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "email": _l("E-mail"),
}
AUDIENCES = {
    "customer": _l("Customer"),
    "dispatchers": _l("Dispatchers"),
    "driver": _l("Driver"),
    "branch": _l("Branch group"),
    "managers": _l("Managers"),
}
EVENTS = {
    "order.placed": _l("Order placed"),
    "order.unacknowledged": _l("Nobody answers, 1 minute"),
    "order.unacknowledged_long": _l("Nobody answers, 10 minutes"),
    "order.confirmed": _l("Order confirmed"),
    "order.ready": _l("Order ready"),
    "order.ready_for_pickup": _l("Ready for pickup"),
    "order.assigned": _l("Driver assigned"),
    "order.picked_up": _l("On the road"),
    "order.handed_over": _l("With the courier"),
    "order.delivered": _l("Delivered"),
    "order.collected": _l("Collected"),
    "order.cancelled": _l("Cancelled"),
    "order.failed": _l("Not delivered"),
    "review.requested": _l("Review asked for"),
    "expansion.asked": _l("Wish for delivery to a ZIP"),
    "expansion.granted": _l("Wished-for ZIP is delivered to"),
    "order.unpaid": _l("Not paid in time"),
    "refund.done": _l("Money given back"),
    "refund.failed": _l("Refund refused"),
    "substitution.proposed": _l("Replacement offered"),
    "substitution.answered": _l("Replacement answered"),
    "cart.waiting": _l("Cart waits"),
    "payment.review": _l("Payment does not fit"),
    "payment.twice": _l("Paid without need"),
    "payment.vanished": _l("A payment vanished"),
    "transfer.reminder": _l("Transfer by hand: reminder"),
    "transfer.top_up": _l("Transfer by hand: too little came"),
    "transfer.not_found": _l("Transfer by hand: not found"),
    "transfer.claimed": _l("Transfer by hand: customer says sent"),
    "transfer.second": _l("Transfer by hand: second person needed"),
    "stock.low": _l("Stock runs low"),
    "stock.back": _l("Back in stock"),
    "wallet.change_kept": _l("Change put into the wallet"),
    "wallet.added": _l("Wallet: money put in"),
    "wallet.taken": _l("Wallet: money taken out"),
    "wallet.ending": _l("Wallet: money ends soon"),
}
STATES = {
    DeliveryStatus.queued: _l("Queued"),
    DeliveryStatus.sending: _l("Sending"),
    DeliveryStatus.sent: _l("Sent"),
    DeliveryStatus.delivered: _l("Delivered"),
    DeliveryStatus.read: _l("Read"),
    DeliveryStatus.failed: _l("Failed"),
    DeliveryStatus.unknown: _l("Unknown"),
    DeliveryStatus.skipped: _l("Left out"),
}
STATE_COLOURS = {
    DeliveryStatus.sent: "info",
    DeliveryStatus.delivered: "success",
    DeliveryStatus.read: "success",
    DeliveryStatus.failed: "danger",
    DeliveryStatus.unknown: "warning",
}
SAMPLE = {
    "code": "MIA-260142",
    "store": "Brickell Apothecary",
    "name": "Ana",
    "amount": "$34.66",
    "due": "$34.66",
    "items": "3",
    "zone": "Brickell",
    "driver": "Boris",
    "until": "7:15 PM",
    "reason": "–",
    "branch": "Brickell",
    "pickup_code": "4821",
    "link": "https://…",
    "customer": "Ana Torres",
    "address": "901 S Miami Ave, Miami, 33130",
    "lines": "2 × Magnesium 400, 60 capsules",
    "courier": "GoSend Instant, by 7:15 PM",
    "note": "Gate code 12",
    "zip": "33130",
    "stop": "https://…",
    "old": "Magnesium 400",
    "new": "Magnesium 300",
    "answer": "accepted",
    "answer_by": "7:15 PM",
    "product": "Magnesium 400",
    "sku": "MAG-400",
    "left": "3",
    "threshold": "5",
    "units": "4",
    "day": "December 1, 2026",
    "codes": "MIA-260142, MIA-260150",
    "elsewhere": "6",
    "method": "Card",
    "paid": "$34.66",
    "asked": "$36.40",
    "back": "$12.50",
    "where": "into your wallet",
    "problem": "The card is closed",
    "memo": "1121-AB3D",
    "received": "$20.00",
    "by": "Dmitri",
    "balance": "$47.06",
    "ends": "Spend it until May 31, 2026. ",
}
"""The words a template may use, with an example of each for the preview."""
_PLACE = re.compile(r"%(?:\((\w*)\)s|(%)|())")
_URGENCY = NumberRange(-2, 2)


def _event_rows() -> list[tuple[str, object]]:
    return list(EVENTS.items())


def _of_event(column: Any) -> Choice:
    return Choice("event", _l("Event"), _event_rows, lambda value: column == value)


def _of_audience(column: Any) -> Choice:
    return Choice("audience", _l("Audience"), AUDIENCES.items, lambda value: column == value)


def _of_channel(column: Any) -> Choice:
    return Choice("channel", _l("Channel"), CHANNEL_WORDS.items, lambda value: column == value)


class RuleForm(DynamicForm):
    channels = WordsField(
        _l("Channels"),
        description=_l("The first, then its fallbacks: pushover, telegram, whatsapp, sms, email."),
    )
    priority = IntegerField(
        _l("Priority"),
        validators=[InputRequired(), _URGENCY],
        description=_l("Pushover's scale, from -2 (silent) to 2 (rings until somebody answers)."),
    )
    active = BooleanField(_l("Active"))


class NotificationRuleAdmin(StoreModelView):
    """The matrix: which event reaches whom, and how."""

    datamodel = StoreInterface(NotificationRule)
    route_base = "/console/rules"
    noun = "rule"
    list_title, edit_title = _l("Matrix"), _l("Edit rule")
    edit_form = RuleForm
    exclude_route_methods = NO_ADDING | {"show"}
    order = "event"
    filters = (
        _of_event(NotificationRule.event),
        _of_audience(NotificationRule.audience),
        yes_no("active", _l("Active"), NotificationRule.active, _l("Active"), _l("Off")),
    )
    columns = (
        Column("event", _l("Event"), lambda row: EVENTS.get(row.event, row.event), NotificationRule.event),
        Column(
            "audience",
            _l("Audience"),
            lambda row: AUDIENCES.get(row.audience, row.audience),
            NotificationRule.audience,
        ),
        Column(
            "channels",
            _l("Channels"),
            lambda row: " → ".join(str(CHANNEL_WORDS.get(one, one)) for one in row.channels),
        ),
        Column("priority", _l("Priority"), cells.plain("priority"), NotificationRule.priority, "num"),
        Column("active", _l("Active"), cells.yes("active"), NotificationRule.active),
    )

    def title_of(self, row: NotificationRule) -> str:
        return f"{EVENTS.get(row.event, row.event)} → {AUDIENCES.get(row.audience, row.audience)}"

    def save(self, form: Any, item: NotificationRule, created: bool) -> None:
        chosen = form.channels.data
        if not chosen or set(chosen) - set(CHANNELS):
            raise InvalidInput({"channels": _("Choose among pushover, telegram, whatsapp, sms and email.")})
        form.populate_obj(item)


class TemplateForm(DynamicForm):
    title = OptionalText(_l("Title"), validators=[Length(max=160)])
    body = OptionalText(_l("Text"), validators=[InputRequired(), Length(max=1000)])


class NotificationTemplateAdmin(StoreModelView):
    """The words of each message, per channel and language."""

    datamodel = StoreInterface(NotificationTemplate)
    route_base = "/console/templates"
    noun = "template"
    list_title, edit_title = _l("Templates"), _l("Edit template")
    form_template = "admin/template.html"
    edit_form = TemplateForm
    exclude_route_methods = NO_ADDING | {"show"}
    order = "event"
    search_in = (NotificationTemplate.title, NotificationTemplate.body)
    filters = (
        _of_event(NotificationTemplate.event),
        _of_audience(NotificationTemplate.audience),
        _of_channel(NotificationTemplate.channel),
        Choice("locale", _l("Language"), LOCALES.items, lambda value: NotificationTemplate.locale == value),
    )
    columns = (
        Column(
            "event", _l("Event"), lambda row: EVENTS.get(row.event, row.event), NotificationTemplate.event
        ),
        Column("audience", _l("Audience"), lambda row: AUDIENCES.get(row.audience, row.audience)),
        Column("channel", _l("Channel"), lambda row: CHANNEL_WORDS.get(row.channel, row.channel)),
        Column(
            "locale",
            _l("Language"),
            lambda row: LOCALES.get(row.locale, row.locale),
            NotificationTemplate.locale,
        ),
        Column("body", _l("Text"), lambda row: f"{row.title}. {row.body}" if row.title else row.body),
        Column("changed", _l("Changed"), cells.moment("changed_at"), NotificationTemplate.changed_at, "when"),
    )

    def title_of(self, row: NotificationTemplate) -> str:
        parts = (EVENTS.get(row.event, row.event), AUDIENCES.get(row.audience, row.audience))
        where = f"{CHANNEL_WORDS.get(row.channel, row.channel)}, {LOCALES.get(row.locale, row.locale)}"
        return f"{parts[0]} → {parts[1]}, {where}"

    def save(self, form: Any, item: NotificationTemplate, created: bool) -> None:
        """Only words we can fill in; each change is a new version."""
        errors = {
            name: _("There is no such placeholder: %(words)s.", words=", ".join(wrong))
            for name in ("title", "body")
            if (wrong := unknown_places(form[name].data))
        }
        if errors:
            raise InvalidInput(errors)
        if (item.title, item.body) != (form.title.data, form.body.data):
            form.populate_obj(item)
            item.version += 1

    def render_form(self, form: Any, item: Any, **context: Any) -> tuple[str, int]:
        """With what the message would read like."""
        preview = (fill(form.title.data or "", SAMPLE), fill(form.body.data or "", SAMPLE))
        return super().render_form(form, item, preview=preview, places=sorted(SAMPLE), **context)

    def after_save(self, item: NotificationTemplate) -> str:
        return self.url("edit", pk=item.id)


def unknown_places(text: str) -> list[str]:
    """Placeholders that no message fills, and percent signs that stand alone."""
    found = []
    for match in _PLACE.finditer(text):
        name, double, _alone = match.groups()
        if double or name in SAMPLE:
            continue
        found.append(f"%({name})s" if name is not None else "%")
    return found


def shown_recipient(row: Delivery) -> str:
    """A phone number as it is; a team channel's key masked."""
    return row.recipient if row.recipient.startswith("+") else f"…{row.recipient[-4:]}"


class DeliveryAdmin(StoreModelView):
    """Every message handed to a provider, and how far it came."""

    datamodel = StoreInterface(Delivery)
    route_base = "/console/messages"
    list_title = _l("Sent messages")
    exclude_route_methods = READ_ONLY
    order = "-created"
    search_hint = _l("Recipient or text")
    search_in = (Delivery.recipient, Delivery.body, Delivery.title)
    filters = (
        Choice(
            "status",
            _l("State"),
            lambda: [(state.value, word) for state, word in STATES.items()],
            lambda value: Delivery.status == DeliveryStatus(value),
        ),
        _of_channel(Delivery.channel),
        _of_audience(Delivery.audience),
    )
    columns = (
        Column("created", _l("When"), cells.moment("created_at"), Delivery.created_at, "when"),
        Column(
            "channel",
            _l("Channel"),
            lambda row: CHANNEL_WORDS.get(row.channel, row.channel),
            Delivery.channel,
        ),
        Column("audience", _l("Audience"), lambda row: AUDIENCES.get(row.audience, row.audience)),
        Column("recipient", _l("Recipient"), shown_recipient),
        Column("text", _l("Text"), lambda row: f"{row.title}. {row.body}" if row.title else row.body),
        Column("order", _l("Order"), lambda row: row.order_link),
        Column("status", _l("State"), cells.chips("status", STATES, STATE_COLOURS), Delivery.status),
    )
    details = (
        *columns[:5],
        columns[6],
        Column("provider", _l("Provider"), cells.plain("provider")),
        Column("attempts", _l("Attempts"), cells.plain("attempts")),
        Column("sent", _l("Sent"), cells.moment("sent_at")),
        Column("seen", _l("Acknowledged"), cells.moment("acknowledged_at")),
        Column("error", _l("Error"), cells.plain("error")),
    )

    def load_page(self) -> Any:
        """With the codes of the orders, in one query."""
        page = super().load_page()
        keys = {row.order_id for row in page.rows if row.order_id}
        codes = dict(db.session.execute(select(Order.id, Order.code).where(Order.id.in_(keys))).all())
        link = cells.linked("order", "OrderAdmin.show", lambda row: codes.get(row.order_id, ""), "order_id")
        for row in page.rows:
            row.order_link = link(row)
        return page
