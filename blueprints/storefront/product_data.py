"""What a product's page says about it besides itself: structured data for search engines, the note on tax."""

from decimal import Decimal
from typing import Any

from babel.numbers import format_percent
from flask import url_for

from app import stores
from app.catalog import ProductView, VariantView
from app.core.i18n import _, active_locale
from app.core.money import BP, exponent
from app.web.pictures import picture_url


def describe_product(view: ProductView) -> dict[str, Any]:
    """The structured data of a product's page; goods on prescription carry no offer, for none is made."""
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": view.name,
        "description": view.description or view.subtitle,
        "sku": view.lead.sku,
        "category": view.category.name,
    }
    if view.brand:
        described["brand"] = {"@type": "Brand", "name": view.brand}
    if view.image_path:
        described["image"] = stores.public_url(picture_url(view.image_path))
    if not view.rx_required:
        described["offers"] = [_offer(view, variant) for variant in view.variants]
    if view.rating_count:
        described["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": f"{view.rating_centi / 100:.1f}",
            "reviewCount": view.rating_count,
        }
    return described


def _offer(view: ProductView, variant: VariantView) -> dict[str, Any]:
    currency = stores.current_store().currency
    return {
        "@type": "Offer",
        "sku": variant.sku,
        "price": str(Decimal(variant.price_minor).scaleb(-exponent(currency))),
        "priceCurrency": currency,
        "availability": f"https://schema.org/{'InStock' if variant.available else 'OutOfStock'}",
        "url": stores.public_url(url_for("storefront.product", slug=view.slug)),
    }


def describe_tax(tax_class: str) -> str:
    """What the price on the page says about tax."""
    store = stores.current_store()
    rate = store.tax_rates_bp.get(tax_class, 0)
    if not rate:
        return _("No sales tax on this remedy.")
    shown = format_percent(rate / BP, format="0.##%", locale=active_locale())
    if store.tax_inclusive:
        return _("The price includes %(rate)s tax.", rate=shown)
    return _("Plus %(rate)s sales tax at checkout.", rate=shown)
