"""What happens after what: each event and who hears it. A subscriber can be run twice, and in any order."""

from collections.abc import Sequence

from app.catalog.events import ImportAsked, PicturesDropped
from app.core.events import Event
from app.desk.events import SecondPersonAsked, TopUpAsked, TransferClaimed, TransferNotFound
from app.insight.service import WhatIfAsked
from app.inventory.events import StockRanLow, VariantCameBack, WatchAnswered
from app.loyalty import WalletChanged, WalletEnding
from app.notifications.events import (
    AlarmDue,
    ButtonPressed,
    DeliveryOverdue,
    DeliveryQueued,
    ReceiptCalledBack,
)
from app.orders.events import (
    CartAbandoned,
    OrderAcknowledged,
    OrderMoved,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PromisedGoodsExpire,
    ReviewRequested,
    SubstitutionAnswered,
    SubstitutionDue,
    SubstitutionProposed,
)
from app.payments.events import (
    CardRemoved,
    CardWanted,
    PaidTwice,
    PaymentInReview,
    ReconciliationAsked,
    RefundEnded,
    RefundRequested,
    TransferLapses,
    TransferReminder,
    WebhookKept,
)
from app.promise.events import WishGranted, WishMade
from app.shipping import ShipmentDue, ShipmentMoved
from jobs.base import Subscriber
from jobs.carts import expire_substitution
from jobs.catalog import forget_pictures, run_import
from jobs.fulfilment import follow_courier, tend_shipment
from jobs.insight import replay_orders
from jobs.inventory import answer_watchers
from jobs.live import publish_live
from jobs.money import compare_settlements, send_refund
from jobs.notifications import (
    answer_press,
    check_overdue,
    check_receipt,
    notify,
    refresh_posts,
    send_delivery,
    silence_sirens,
    watch_alarm,
)
from jobs.payments import forget_card, keep_card, read_message
from jobs.transfers import lapse_transfer

SUBSCRIPTIONS: dict[type[Event], list[Subscriber]] = {
    OrderPlaced: [notify, publish_live, watch_alarm],
    OrderMoved: [notify, publish_live, silence_sirens, follow_courier, refresh_posts],
    OrderPaid: [notify, publish_live, watch_alarm],
    OrderAcknowledged: [publish_live, silence_sirens],
    OrderRefunded: [publish_live],
    RefundRequested: [send_refund],
    RefundEnded: [notify],
    ReconciliationAsked: [compare_settlements],
    ReviewRequested: [notify],
    SubstitutionProposed: [notify, publish_live],
    SubstitutionDue: [expire_substitution],
    SubstitutionAnswered: [notify, publish_live, refresh_posts],
    CartAbandoned: [notify],
    StockRanLow: [notify],
    PromisedGoodsExpire: [notify],
    VariantCameBack: [answer_watchers],
    WatchAnswered: [notify],
    WishMade: [notify],
    WishGranted: [notify],
    WalletChanged: [notify],
    WalletEnding: [notify],
    AlarmDue: [notify],
    DeliveryQueued: [send_delivery],
    DeliveryOverdue: [check_overdue],
    ReceiptCalledBack: [check_receipt],
    ButtonPressed: [answer_press],
    ShipmentDue: [tend_shipment],
    ShipmentMoved: [publish_live, refresh_posts],
    WebhookKept: [read_message],
    CardWanted: [keep_card],
    CardRemoved: [forget_card],
    PaymentInReview: [notify],
    PaidTwice: [notify],
    TransferReminder: [notify],
    TransferLapses: [lapse_transfer],
    TransferClaimed: [notify],
    TransferNotFound: [notify],
    SecondPersonAsked: [notify],
    TopUpAsked: [notify],
    PicturesDropped: [forget_pictures],
    ImportAsked: [run_import],
    WhatIfAsked: [replay_orders],
}


def subscribers_of(type_name: str) -> Sequence[Subscriber]:
    """Who hears events of this type."""
    return _by_name().get(type_name, ())


def _by_name() -> dict[str, list[Subscriber]]:
    return {event.__name__: heard_by for event, heard_by in SUBSCRIPTIONS.items()}
