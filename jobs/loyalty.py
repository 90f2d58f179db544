"""Wallets by themselves: money whose day is over leaves, and its owner hears of it a week ahead."""

import structlog

from app import loyalty

log = structlog.get_logger()


def look_after_wallets() -> None:
    """Every hour, so that a day ends soon after the store's midnight wherever the store is."""
    if ended := loyalty.expire_lots():
        log.info("wallet money ended", lots=ended)
    if told := loyalty.warn_of_ending():
        log.info("wallet money ends soon", owners=told)
