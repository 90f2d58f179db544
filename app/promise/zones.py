"""What staff change about where and when the store delivers: pure checks and the writing of a zone's ZIPs and slots."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app import stores
from app.core.db import db, for_update
from app.core.errors import InvalidInput, NotFound
from app.core.i18n import _
from app.promise.expansion import grant_wishes
from app.promise.models import DeliverySlot, TrafficWindow, Zone, ZoneReach, ZoneZip
from app.promise.queries import window_of
from app.promise.where import normalize_zip
from app.promise.windows import Clash, find_clashes

MOST_ZIPS = 2000
LARGEST_SLOT = 500


def read_zips(typed: Iterable[str], field: str = "zips") -> list[str]:
    """ZIPs as the promise knows them, each once. InvalidInput on `field` names what is none."""
    country = stores.current_store().country
    read = {text: normalize_zip(text, country) for text in typed}
    if wrong := [text for text, zip_code in read.items() if zip_code is None]:
        raise InvalidInput({field: _("These are no ZIPs: %(zips)s.", zips=", ".join(wrong[:5]))})
    if len(read) > MOST_ZIPS:
        raise InvalidInput({field: _("At most %(count)s ZIPs, please.", count=MOST_ZIPS)})
    return list(dict.fromkeys(zip_code for zip_code in read.values() if zip_code))


def set_zips(zone: Zone, zips: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the zone exactly these ZIPs, in the caller's transaction; answers (added, removed). Whoever wished for a
    new one is written to.

    InvalidInput on `zips` names each ZIP that another zone of the store has, and that zone.
    """
    taken = db.session.execute(
        select(ZoneZip.zip, Zone.name)
        .join(Zone, Zone.id == ZoneZip.zone_id)
        .where(ZoneZip.zip.in_(zips), ZoneZip.zone_id != zone.id)
        .order_by(ZoneZip.zip)
    ).all()
    if taken:
        named = ", ".join(f"{zip_code} ({name})" for zip_code, name in taken[:5])
        raise InvalidInput({"zips": _("Another zone delivers there already: %(zips)s.", zips=named)})
    known = {row.zip: row for row in db.session.scalars(select(ZoneZip).where(ZoneZip.zone_id == zone.id))}
    removed = [code for code in known if code not in set(zips)]
    added = [code for code in zips if code not in known]
    for code in removed:
        db.session.delete(known[code])
    db.session.add_all(ZoneZip(zone_id=zone.id, zip=code) for code in added)
    if zone.active:
        grant_wishes(added)
    return added, removed


def clashes_of(row: TrafficWindow, but: int | None) -> list[Clash]:
    """The active windows, without that one, which hold at the same time in some of the row's places."""
    zips: dict[int, set[str]] = {}
    for zone_id, code in db.session.execute(select(ZoneZip.zone_id, ZoneZip.zip)):
        zips.setdefault(zone_id, set()).add(code)
    query = select(TrafficWindow).where(TrafficWindow.active, TrafficWindow.id != (but or 0))
    others = {one.id: window_of(one) for one in db.session.scalars(query.order_by(TrafficWindow.from_time))}
    return find_clashes(window_of(row), others, zips)


def unserved_zips(zips: Sequence[str]) -> list[str]:
    """Those of these ZIPs that no zone has, neither for everybody nor for members. Zones with an outline may still
    reach into them, so with one of those nothing is said."""
    if not zips or db.session.scalar(select(Zone.id).where(Zone.polygon.is_not(None)).limit(1)):
        return []
    served = select(ZoneZip.zip).where(ZoneZip.zip.in_(zips))
    known = {*db.session.scalars(served.union(select(ZoneReach.zip).where(ZoneReach.zip.in_(zips))))}
    return [code for code in zips if code not in known]


def set_capacity(slot_id: int, capacity: int) -> DeliverySlot:
    """How many orders a slot takes, in the caller's transaction. InvalidInput on `capacity` below what is booked."""
    slot = db.session.scalar(for_update(select(DeliverySlot).where(DeliverySlot.id == slot_id)))
    if slot is None:
        raise NotFound
    if not slot.booked <= capacity <= LARGEST_SLOT:
        raise InvalidInput(
            {
                "capacity": _(
                    "Between %(booked)s, which are booked, and %(most)s.",
                    booked=slot.booked,
                    most=LARGEST_SLOT,
                )
            }
        )
    slot.capacity = capacity
    return slot
