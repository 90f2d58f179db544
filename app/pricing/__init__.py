"""The quote: one pure function that gives every price shown. No price is computed anywhere else."""

from app.pricing.rules import UnknownTaxClass, quote
from app.pricing.types import (
    Adjustment,
    AdjustmentReason,
    Context,
    DeliveryTerms,
    LineInput,
    Quote,
    QuoteLine,
    Stage,
)

__all__ = [
    "Adjustment",
    "AdjustmentReason",
    "Context",
    "DeliveryTerms",
    "LineInput",
    "Quote",
    "QuoteLine",
    "Stage",
    "UnknownTaxClass",
    "quote",
]
