"""How far a branch is from an address by road, where a router is set and the distance matters for the fee.

`learn_roads` may ask somebody else's server, outside of any transaction; `known_roads` only looks. What was answered is
kept, so the fee of an address is the same when it is quoted and when the order is placed; so is that nobody answered:
then the straight line counts, for this address, for ASK_AGAIN.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock, crypto
from app.core.db import db, transaction
from app.core.geo import distance_m
from app.core.tenancy import current_store_id
from app.promise.adapters import router
from app.promise.models import RoadAnswer
from app.promise.ports import RouterSilent
from app.promise.queries import standing_world
from app.promise.resting import SECONDS, Rest
from app.promise.types import Place, Spot
from app.promise.where import far_places

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
ASK_AGAIN = timedelta(days=1)

rest = Rest()


def known_roads(spot: Spot | None, zip_code: str) -> Spot | None:
    """The spot with the roads that are known, without asking anybody."""
    asked = _asked_about(spot, zip_code)
    return _with(spot, asked, _kept(asked)) if spot and asked else spot


def learn_roads(spot: Spot | None, zip_code: str) -> Spot | None:
    """The spot with its roads, asked for when they are new."""
    asked = _asked_about(spot, zip_code)
    if spot is None or not asked:
        return spot
    found = _kept(asked)
    for name, place in asked.items():
        if name not in found and (metres := _ask(spot, place)) is not None:
            _keep(name, *metres)
    return _with(spot, asked, _kept(asked))


def _asked_about(spot: Spot | None, zip_code: str) -> dict[str, Place]:
    """The name of the question → the branch, for branches whose fee goes by distance there."""
    if spot is None or router() is None:
        return {}
    return {_name(spot, place): place for place in far_places(standing_world(), spot, zip_code)}


def _name(spot: Spot, place: Place) -> str:
    ends = f"{place.lat:.5f},{place.lng:.5f};{spot.lat:.5f},{spot.lng:.5f}"
    return crypto.keyed_hash("road", f"{current_store_id()}|{place.id}|{ends}")


def _with(spot: Spot, asked: Mapping[str, Place], found: Mapping[str, tuple[int, bool]]) -> Spot:
    roads = tuple((asked[name].id, metres) for name, (metres, by_road) in found.items() if by_road)
    return replace(spot, roads=roads)


def _kept(asked: Mapping[str, Place]) -> dict[str, tuple[int, bool]]:
    # A request asks about its one address several times; a session serves one request.
    looked: dict[str, tuple[int, bool]] = db.session().info.setdefault("roads", {})
    if missing := [name for name in asked if name not in looked]:
        since = clock.now() - ASK_AGAIN
        query = select(RoadAnswer).where(RoadAnswer.asked.in_(missing))
        for row in db.session.scalars(query.where(RoadAnswer.by_road | (RoadAnswer.answered_at > since))):
            looked[row.asked] = row.metres, row.by_road
    return {name: looked[name] for name in asked if name in looked}


def _ask(spot: Spot, place: Place) -> tuple[int, bool] | None:
    """(metres, whether by road); None when nobody may be asked now."""
    roads = router()
    if roads is None or db.session().info.get("in_transaction"):
        return None
    start, end = (place.lat, place.lng), (spot.lat, spot.lng)
    straight = round(distance_m(start, end)), False
    if rest:
        return straight
    try:
        metres = roads.drive(start, end)
    except RouterSilent as error:
        rest.begin()
        log.warning("router silent, straight lines count for %.0f s: %s", SECONDS, error)
        return straight
    return straight if metres is None else (metres, True)


@transaction()
def _keep(name: str, metres: int, by_road: bool) -> None:
    """The first answer stays; only that nobody answered is replaced when it is old."""
    row = {"metres": metres, "by_road": by_road, "answered_at": clock.now()}
    known = insert(RoadAnswer).values(asked=name, **row)
    db.session.execute(
        known.on_conflict_do_update(
            index_elements=["store_id", "asked"],
            set_=row,
            where=~RoadAnswer.by_road & (RoadAnswer.answered_at < clock.now() - ASK_AGAIN),
        )
    )


@transaction()
def sweep_roads() -> int:
    """Forget answers after KEPT: roads are built, and nobody's address is needed for ever."""
    gone = delete(RoadAnswer).where(RoadAnswer.answered_at < clock.now() - KEPT)
    return len(db.session.scalars(gone.returning(RoadAnswer.id)).all())
