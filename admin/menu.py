"""The side-nav by area. It shows what the person may open, and where they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_appbuilder import AppBuilder
from flask_appbuilder.menu import MenuItem

from app.core.i18n import _l
from app.web.actor import current_actor


@dataclass(frozen=True)
class Area:
    """A heading of the side-nav; its name is the framework's menu name, so roles speak of it."""

    name: str
    label: object
    icon: str


AREAS = (
    Area("Orders", _l("Orders"), "fa-box"),
    Area("Payments", _l("Payments"), "fa-credit-card"),
    Area("Catalogue", _l("Catalogue"), "fa-flask"),
    Area("Inventory", _l("Inventory"), "fa-warehouse"),
    Area("Customers", _l("Customers"), "fa-users"),
    Area("Delivery", _l("Delivery"), "fa-map"),
    Area("Marketing", _l("Marketing"), "fa-bullhorn"),
    Area("Messages", _l("Messages"), "fa-envelope"),
    Area("Settings", _l("Settings"), "fa-gear"),
    Area("Platform", _l("Platform"), "fa-server"),
)
_AREAS = {area.name: area for area in AREAS}
DISPATCH_PATH = "/dispatch"


@dataclass(frozen=True)
class Page:
    """A link of the side-nav."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Shown:
    """An area as the template draws it; without pages it is a link itself."""

    label: str
    icon: str
    url: str
    current: bool
    pages: tuple[Page, ...] = ()


def add(appbuilder: AppBuilder, area: str, view: type, label: object) -> None:
    """Register a view under its area; the link's name is the view's, so one pattern of a role covers both."""
    known = _AREAS[area]
    appbuilder.add_view(
        view, view.__name__, label=label, category=area, category_icon=known.icon, category_label=known.label
    )


def console_menu() -> list[Shown]:
    """The areas that the person of the request may open, in AREAS' order; the board comes after the orders."""
    builder: AppBuilder = current_app.extensions["appbuilder"]
    by_name = {item.name: item for item in builder.menu.get_list()}
    may = builder.sm.get_user_menu_access(_names(by_name.values()))
    shown = [_home()]
    for area in AREAS:
        item = by_name.get(area.name)
        if item is None or area.name not in may:
            continue
        pages = tuple(_page(child) for child in item.childs if child.name in may and child.should_render())
        if pages:
            current = any(page.current for page in pages)
            shown.append(
                Shown(str(area.label), area.icon, pages[0].url, current, pages if len(pages) > 1 else ())
            )
    if current_actor().is_staff:
        shown.insert(2, Shown(str(_l("Dispatch")), "fa-truck", DISPATCH_PATH, request.path == DISPATCH_PATH))
    return shown


def _names(items: Iterable[Any]) -> list[str]:
    """Areas and their pages, each once: the framework's flat list doubles with every area, thousands of names."""
    return [name for item in items for name in (item.name, *(child.name for child in item.childs))]


def _home() -> Shown:
    return Shown(
        str(_l("Home")),
        "fa-gauge-high",
        url_for("ConsoleIndexView.index"),
        request.endpoint == "ConsoleIndexView.index",
    )


def _page(item: MenuItem) -> Page:
    return Page(str(item.label), item.get_url(), request.blueprint == item.baseview.endpoint)
