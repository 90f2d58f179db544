"""Zones: a form and a map over the same fields. What is drawn is typed into the form; the form alone is enough."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, render_template
from flask_appbuilder.forms import DynamicForm
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import BooleanField, Field, IntegerField, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, Length, NumberRange

from admin import cells
from admin.base import FRAMEWORK_ROUTES, StoreInterface, StoreModelView
from admin.cells import Column
from admin.dispatch import MAP_REGIONS
from admin.fields import LinesField, MoneyField, OptionalText, RowField
from admin.filters import yes_no
from admin.inventory import branch_rows, in_branch
from app import promise, stores
from app.core.amounts import parse_money, show_plain
from app.core.db import db
from app.core.errors import InvalidInput
from app.core.i18n import _, _l
from app.promise.geometry import outline_of, read_polygon
from app.promise.models import Zone, ZoneBand, ZoneReach
from app.promise.zones import read_zips, set_zips
from app.stores.models import Branch

MOST_PAIRS = 50
_KILOMETRES = re.compile(r"(\d{1,3})(?:[.,](\d{1,3}))?", re.ASCII)


class PairsField(Field):
    """Rows of two inputs, a key and an amount; `data` is [(key, minor units)]. A row without anything is left out.

    `read_key` says what the left input means; it raises InvalidInput when it means nothing.
    """

    BLANKS = 2

    def __init__(
        self, label: object, *, read_key: Callable[[str], Any], heads: tuple[object, object], **rest: Any
    ) -> None:
        super().__init__(label, **rest)
        self.read_key, self.heads = read_key, heads

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the typed pairs; without a form those set by `show`."""
        self.process_errors: list[str] = []
        self.data: list[tuple[Any, int]] = []
        self.typed: list[tuple[str, str]] = []
        if not formdata:
            return
        keys, amounts = formdata.getlist(f"{self.name}-key"), formdata.getlist(f"{self.name}-amount")
        pairs = zip(keys[:MOST_PAIRS], amounts[:MOST_PAIRS], strict=False)
        self.typed = [(k.strip()[:20], a.strip()[:20]) for k, a in pairs if k.strip() or a.strip()]
        try:
            currency = stores.current_store().currency
            self.data = [(self.read_key(k), parse_money(a, currency, "amount")) for k, a in self.typed]
        except InvalidInput as error:
            self.process_errors.append(next(iter(error.errors.values())))
        else:
            if len({key for key, _amount in self.data}) < len(self.data):
                self.process_errors.append(_("Each only once, please."))

    def show(self, pairs: Sequence[tuple[str, int]]) -> None:
        """Put saved pairs into the inputs."""
        currency = stores.current_store().currency
        self.typed = [(key, show_plain(minor, currency)) for key, minor in pairs]

    def __call__(self, **attributes: Any) -> Markup:
        rows = [*self.typed, *([("", "")] * self.BLANKS)]
        return Markup(render_template("admin/_pairs.html", field=self, rows=rows))


def read_metres(typed: str) -> int:
    """A distance typed in kilometres. InvalidInput when it is none."""
    match = _KILOMETRES.fullmatch(typed)
    metres = int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0")) if match else 0
    if metres <= 0:
        raise InvalidInput({"key": _("Write the distance in kilometres, for example 2.5.")})
    return metres


def _read_zip(typed: str) -> str:
    return read_zips([typed], "key")[0]


class ZoneForm(DynamicForm):
    name = OptionalText(_l("Name"), validators=[InputRequired(), Length(max=80)])
    branch_id = RowField(_l("Branch"), branch_rows, validators=[InputRequired()])
    zips = LinesField(
        _l("ZIPs"),
        description=_l("With blanks or line ends between them."),
        render_kw={"rows": 3, "spellcheck": "false"},
    )
    polygon = TextAreaField(
        _l("Outline"),
        description=_l(
            "Drawn on the map, or GeoJSON with the longitude first. Empty: the ZIPs alone decide."
        ),
        render_kw={"rows": 3, "spellcheck": "false", "data-outline": ""},
    )
    minimum_minor = MoneyField(_l("Minimum order"), validators=[InputRequired()], default=0)
    fee_minor = MoneyField(_l("Delivery fee"), validators=[InputRequired()], default=0)
    free_from_minor = MoneyField(_l("Free from"), description=_l("Empty: never free."))
    bands = PairsField(
        _l("Farther costs more"),
        read_key=read_metres,
        heads=(_l("From, km"), _l("Added to the fee")),
        description=_l(
            "By road where the way is known, otherwise in a straight line; the farthest distance reached counts alone."
        ),
    )
    reaches = PairsField(
        _l("ZIPs for members"),
        read_key=_read_zip,
        heads=(_l("ZIP"), _l("Fee")),
        description=_l("Beyond the zone: only customers whose tier reaches farther are delivered to."),
    )
    eta_low = IntegerField(
        _l("Fastest, minutes"), validators=[InputRequired(), NumberRange(1, 600)], default=30
    )
    eta_high = IntegerField(
        _l("Slowest, minutes"), validators=[InputRequired(), NumberRange(1, 600)], default=60
    )
    express = BooleanField(_l("As soon as possible"), default=True)
    slots = BooleanField(_l("At a chosen time"), default=True)
    active = BooleanField(_l("Active"), default=True)
    position = IntegerField(_l("Position"), validators=[InputRequired(), NumberRange(0, 9999)], default=0)


_OWN = frozenset({"zips", "polygon", "bands", "reaches", "csrf_token"})


class ZoneAdmin(StoreModelView):
    """Areas, each served by one branch on its own terms."""

    datamodel = StoreInterface(Zone)
    route_base = "/console/zones"
    noun = "zone"
    list_title, add_title, edit_title = _l("Zones"), _l("Add zone"), _l("Edit zone")
    add_form = edit_form = ZoneForm
    form_template = "admin/zone.html"
    list_template = "admin/zones.html"
    exclude_route_methods = FRAMEWORK_ROUTES | {"show"}
    eager = (joinedload(Zone.branch), selectinload(Zone.zips))
    order = "position"
    search_in = (Zone.name,)
    fieldsets = (
        (_l("Where"), ("name", "branch_id", "zips", "polygon")),
        (_l("Price"), ("minimum_minor", "fee_minor", "free_from_minor", "bands", "reaches")),
        (_l("When"), ("eta_low", "eta_high", "express", "slots", "active", "position")),
    )
    filters = (
        in_branch(Zone.branch_id),
        yes_no("active", _l("Active"), Zone.active, _l("Active"), _l("Paused")),
    )
    columns = (
        Column("name", _l("Name"), cells.linked("name", "ZoneAdmin.edit"), Zone.name),
        Column("branch", _l("Branch"), lambda row: str(row.branch)),
        Column(
            "zips", _l("ZIPs"), lambda row: ", ".join(zip_code.zip for zip_code in row.zips) or cells.NOTHING
        ),
        Column("minimum", _l("Minimum order"), cells.money("minimum_minor"), Zone.minimum_minor, "num"),
        Column("fee", _l("Fee"), cells.money("fee_minor"), Zone.fee_minor, "num"),
        Column("free", _l("Free from"), cells.money("free_from_minor"), Zone.free_from_minor, "num"),
        Column("eta", _l("Minutes"), lambda row: f"{row.eta_low}–{row.eta_high}", Zone.eta_low, "num"),
        Column("position", _l("Position"), cells.plain("position"), Zone.position, "num"),
        Column("active", _l("Active"), cells.yes("active"), Zone.active),
    )

    def render_list(self, status: int = 200, **context: Any) -> Any:
        return super().render_list(status, map=zone_map(None), **context)

    def render_form(self, form: Any, item: Any, **context: Any) -> tuple[str, int]:
        """The form with the map of all zones beside it."""
        found = zone_map(item.id if item is not None else None)
        return super().render_form(form, item, map=found, overlaps=overlaps_of(item), **context)

    def fill(self, form: Any, item: Zone) -> None:
        form.zips.data = [row.zip for row in item.zips]
        form.polygon.data = json.dumps(item.polygon) if item.polygon else ""
        form.bands.show([(f"{band.from_metres / 1000:g}", band.extra_minor) for band in item.bands])
        form.reaches.show([(row.zip, row.fee_minor) for row in item.reaches])

    def save(self, form: Any, item: Zone, created: bool) -> None:
        """The zone, then its ZIPs: each belongs to one zone at most."""
        if form.eta_low.data > form.eta_high.data:
            raise InvalidInput({"eta_high": _("This cannot be less than the fastest.")})
        zips, polygon = read_zips(form.zips.data), read_polygon(form.polygon.data)
        for field in form:
            if field.name not in _OWN:
                setattr(item, field.name, field.data)
        item.polygon = polygon
        if created:
            db.session.add(item)
            db.session.flush()
        added, removed = set_zips(item, zips)
        if (added or removed) and not created:
            self.write_down("zips_changed", item.id, added=added, removed=removed)
        self._save_terms(item, dict(form.bands.data), dict(form.reaches.data), created)

    def _save_terms(self, item: Zone, bands: dict[int, int], reaches: dict[str, int], created: bool) -> None:
        """The bands and the ZIPs for members, written anew only where they are others."""
        before = {band.from_metres: band.extra_minor for band in item.bands}
        reached = {row.zip: row.fee_minor for row in item.reaches}
        if before != bands:
            item.bands.clear()
            db.session.flush()
            item.bands.extend(ZoneBand(from_metres=at, extra_minor=minor) for at, minor in bands.items())
        if reached != reaches:
            item.reaches.clear()
            db.session.flush()
            item.reaches.extend(ZoneReach(zip=zip_code, fee_minor=fee) for zip_code, fee in reaches.items())
        if (before, reached) != (bands, reaches) and not created:
            self.write_down("terms_changed", item.id, bands=[before, bands], members=[reached, reaches])

    def after_save(self, item: Zone) -> str:
        promise.forget_world()
        return self.url("list")

    def remove(self, item: Zone) -> None:
        for row in item.zips:
            db.session.delete(row)
        db.session.flush()
        super().remove(item)


def zone_map(own: int | None) -> dict[str, Any]:
    """What the map shows: every zone with its outline and the middle of its ZIPs, the branches, the base map."""
    store = stores.current_store()
    zones = []
    for zone in db.session.scalars(select(Zone).options(selectinload(Zone.zips)).order_by(Zone.position)):
        spots = [(row.zip, promise.locate(row.zip, store.country)) for row in zone.zips]
        zones.append(
            {
                "id": zone.id,
                "name": zone.name,
                "own": zone.id == own,
                "polygon": zone.polygon,
                "zips": [{"zip": code, "at": [at.lat, at.lng]} for code, at in spots if at],
            }
        )
    branches = db.session.scalars(select(Branch).where(Branch.active)).all()
    return {
        "zones": zones,
        "places": [{"name": branch.name, "at": [branch.lat, branch.lng]} for branch in branches],
        "region": MAP_REGIONS.get(store.country, "miami"),
        "tiles": current_app.config["TILE_URL"],
    }


def overlaps_of(item: Zone | None) -> list[str]:
    """The names of the zones whose outlines share an area with this one's."""
    mine = outline_of(item.polygon) if item is not None and item.id and item.polygon else None
    if item is None or mine is None:
        return []
    others = db.session.scalars(select(Zone).where(Zone.id != item.id, Zone.polygon.is_not(None)))
    return [zone.name for zone in others if _share(mine, outline_of(zone.polygon))]


def _share(mine: Any, other: Any) -> bool:
    return other is not None and bool(mine.intersects(other)) and mine.intersection(other).area > 1e-7
