"""Distances and places in words, and what every live map is told."""

from babel.units import format_unit

from app import stores
from app.core.i18n import active_locale
from app.core.settings import setting

FOOT, MILE = 0.3048, 1609.344


def show_distance(metres: int | None) -> str:
    """A length as people of the store's country measure: 1.2 mi and 400 ft, or 1.9 km and 120 m."""
    if metres is None:
        return ""
    locale = active_locale()
    if stores.current_store().country == "US":
        feet = round(metres / FOOT / 50) * 50
        if feet < 1000:
            return str(format_unit(feet, "length-foot", "short", locale=locale))
        return str(format_unit(round(metres / MILE, 1), "length-mile", "short", locale=locale))
    if metres < 950:
        return str(format_unit(round(metres, -1), "length-meter", "short", locale=locale))
    return str(format_unit(round(metres / 1000, 1), "length-kilometer", "short", locale=locale))


def map_settings() -> dict[str, str | None]:
    """Which map lies under the pins: the region's own paper map, or the tiles of the settings."""
    return {"region": stores.current_store().slug, "tiles": setting("TILE_URL") or None}
