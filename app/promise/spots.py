"""Where an address lies, as far as we know: the geocoder's answer, kept, else the middle of its ZIP.

`learn_spot` may ask somebody else's server and so runs outside of any transaction, when an address has been typed;
`known_spot` only looks, so that an order waits for nobody. Kept is a keyed hash of the address, not the address.
"""

import logging
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app import stores
from app.core import clock, crypto
from app.core.db import db, transaction
from app.core.tenancy import current_store_id
from app.promise.adapters import geocoder
from app.promise.geocode import locate
from app.promise.models import GeocodeAnswer
from app.promise.ports import Address, GeocoderSilent
from app.promise.resting import SECONDS, Rest
from app.promise.roads import known_roads, learn_roads
from app.promise.types import Spot
from app.promise.where import normalize_zip

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
SHORTEST_STREET = 4

rest = Rest()


def known_spot(zip_code: str, line1: str = "", city: str = "") -> Spot | None:
    """The point of an address without asking anybody; None for a ZIP that even the table does not know."""
    address = _address(zip_code, line1, city)
    if address is None:
        return None
    return known_roads(_kept(address) or _middle(address), address.zip)


def learn_spot(zip_code: str, line1: str = "", city: str = "") -> Spot | None:
    """The point of an address, asked for when it is new. A geocoder that is silent or does not know: as known_spot."""
    address = _address(zip_code, line1, city)
    if address is None:
        return None
    return learn_roads(_kept(address) or _asked(address) or _middle(address), address.zip)


def _asked(address: Address) -> Spot | None:
    geocode = geocoder()
    busy = rest or db.session().info.get("in_transaction")
    if geocode is None or busy or len(address.line1) < SHORTEST_STREET:
        return None
    try:
        spot = geocode.find(address)
    except GeocoderSilent as error:
        rest.begin()
        log.warning("geocoder silent, ZIPs decide for %.0f s: %s", SECONDS, error)
        return None
    if spot is not None:
        _keep(address, spot)
    return spot


def _middle(address: Address) -> Spot | None:
    middle = locate(address.zip, address.country)
    return Spot(middle.lat, middle.lng, exact=False) if middle else None


@transaction()
def sweep_spots() -> int:
    """Forget answers after KEPT: houses are built and torn down, and nobody's address is needed for ever."""
    gone = delete(GeocodeAnswer).where(GeocodeAnswer.answered_at < clock.now() - KEPT)
    return len(db.session.scalars(gone.returning(GeocodeAnswer.id)).all())


def _address(zip_code: str, line1: str, city: str) -> Address | None:
    country = stores.current_store().country
    five = normalize_zip(zip_code, country)
    return Address(" ".join(line1.split()), " ".join(city.split()), five, country) if five else None


def _hash(address: Address) -> str:
    text = f"{current_store_id()}|{address.line1}|{address.city}|{address.zip}|{address.country}"
    return crypto.keyed_hash("geocode", text.casefold())


def _kept(address: Address) -> Spot | None:
    if not address.line1 or geocoder() is None:
        return None
    # A request asks about its one address several times; a session serves one request.
    looked, asked = db.session().info.setdefault("spots", {}), _hash(address)
    if asked not in looked:
        query = select(GeocodeAnswer.lat, GeocodeAnswer.lng).where(GeocodeAnswer.asked == asked)
        row = db.session.execute(query).first()
        looked[asked] = Spot(row.lat, row.lng) if row else None
    found: Spot | None = looked[asked]
    return found


@transaction()
def _keep(address: Address, spot: Spot) -> None:
    row = {"asked": _hash(address), "lat": spot.lat, "lng": spot.lng, "answered_at": clock.now()}
    db.session.execute(insert(GeocodeAnswer).values(**row).on_conflict_do_nothing())
    db.session().info.setdefault("spots", {})[row["asked"]] = spot
