"""Geocoders and routers. The address of an outside one is the operator's setting; the sandbox is another address."""

from app.core.settings import setting
from app.promise.adapters.nominatim import Nominatim
from app.promise.adapters.osrm import Osrm
from app.promise.ports import Geocoder, Router

__all__ = ["geocoder", "router"]

_NOMINATIM = Nominatim()
_OSRM = Osrm()


def geocoder() -> Geocoder | None:
    """The one that was set; None where the bundled table of ZIPs is all there is."""
    return _NOMINATIM if setting("GEOCODER_URL") else None


def router() -> Router | None:
    """The one that was set; None where distances are straight lines."""
    return _OSRM if setting("ROUTER_URL") else None
