"""Messages to people: the matrix says who hears of what and by which channels; each message is one delivery.

`plan` queues the deliveries of an event, `send` hands one over, `record_status` takes the provider's reports.
"""

from app.notifications import (  # noqa: F401 - register the words of their events
    cart_contexts,
    order_contexts,
    payment_contexts,
    stock_contexts,
    transfer_contexts,
    wallet_contexts,
    wish_contexts,
)
from app.notifications.channels import team_bot, warm_up
from app.notifications.contexts import Context, Link, Recipient, build_context, context_for, register_context
from app.notifications.group_posts import refresh_posts
from app.notifications.otp import TwilioOtpSender, register
from app.notifications.planning import plan, watch_alarm
from app.notifications.presses import answer_press, group_title, hear_press, listen_for_presses, press_secret
from app.notifications.reports import check_overdue, record_status
from app.notifications.seeding import ensure_defaults
from app.notifications.sending import fall_back, send
from app.notifications.sirens import check_receipt, look_after_sirens, report_receipt, silence

__all__ = [
    "Context",
    "Link",
    "Recipient",
    "TwilioOtpSender",
    "answer_press",
    "build_context",
    "check_overdue",
    "check_receipt",
    "context_for",
    "ensure_defaults",
    "fall_back",
    "group_title",
    "hear_press",
    "listen_for_presses",
    "look_after_sirens",
    "plan",
    "press_secret",
    "record_status",
    "refresh_posts",
    "register",
    "register_context",
    "report_receipt",
    "send",
    "silence",
    "team_bot",
    "warm_up",
    "watch_alarm",
]
