"""Geocoders. The address of an outside one is the operator's setting; the sandbox is only another address."""

from app.core.settings import setting
from app.promise.adapters.nominatim import Nominatim
from app.promise.ports import Geocoder

__all__ = ["geocoder"]

_NOMINATIM = Nominatim()


def geocoder() -> Geocoder | None:
    """The one that was set; None where the bundled table of ZIPs is all there is."""
    return _NOMINATIM if setting("GEOCODER_URL") else None
