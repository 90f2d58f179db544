"""The live board for dispatchers: a page, the fragments that keep it fresh, and the forms that act on orders.

Everything works by plain links and forms; with htmx the same addresses answer with the parts that changed.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import permission_name
from werkzeug.exceptions import NotFound as NoSuchAddress

from app import orders, stores
from app.core.actor import Actor
from app.core.amounts import parse_money, show_plain
from app.core.errors import DomainError, ErrorKind, Forbidden, InvalidInput, SignInRequired
from app.core.i18n import _
from app.dispatch.board import Filters, board_view
from app.dispatch.board_actions import act_on_board
from app.dispatch.board_panel import panel_view
from app.dispatch.board_rules import minutes_and_seconds
from app.orders import substitutions
from app.orders.change import to_wallet
from app.orders.labels import STATUS
from app.orders.states import Action
from app.orders.substitutions import Offer
from app.promise import locate
from app.promise.geometry import ring_of
from app.web.actor import current_actor, require
from app.web.errors import STATUS as HTTP_STATUS

MAP_REGIONS = {"US": "miami", "ID": "jakarta"}
"""The base map of a store without tiles, by its country."""
ACKNOWLEDGE, NOTE, REPLACE, TAKE_BACK = "acknowledge", "note", "replace", "take-question-back"
SECTIONS = (
    # label, icon, endpoint, permission, view of the framework
    (lambda: _("Today"), "layout-dashboard", "ConsoleIndexView.index", "can_index", "ConsoleIndexView"),
    (lambda: _("Dispatch"), "radio-tower", "DispatchView.index", "can_board", "DispatchView"),
    (lambda: _("Orders"), "package", "OrderAdmin.list", "can_list", "OrderAdmin"),
    (lambda: _("Products"), "flask-round", "ProductAdmin.list", "can_list", "ProductAdmin"),
    (lambda: _("Zones"), "map", "ZoneAdmin.list", "can_list", "ZoneAdmin"),
    (lambda: _("Customers"), "users", "CustomerAdmin.list", "can_list", "CustomerAdmin"),
    (lambda: _("Messages"), "message-square-text", "DeliveryAdmin.list", "can_list", "DeliveryAdmin"),
)

View = Callable[..., Any]


def guarded(permission: str) -> Callable[[View], View]:
    """The framework's permission, refused as the house refuses: sign-in for nobody, 403 for somebody else."""

    def wrap(view: View) -> View:
        @wraps(view)
        def run(self: "DispatchView", *args: Any, **kwargs: Any) -> Any:
            try:
                require()
            except SignInRequired:
                if request.method != "GET" or is_fragment():
                    raise
                return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
            if not self.appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name):
                raise Forbidden
            response = make_response(view(self, *args, **kwargs))
            response.headers["Cache-Control"] = "no-store"
            response.headers["Vary"] = "HX-Request"
            return response

        return cast(View, permission_name(permission)(run))

    return wrap


class DispatchView(BaseView):
    """The board. Roles: dispatcher, manager, store administrator (app/identity/roles.py)."""

    route_base = "/dispatch"
    default_view = "index"

    @expose("/")
    @guarded("board")
    def index(self) -> Any:
        """The page; `?order=` opens an order beside it."""
        return self.show_page(request.args.get("order", ""))

    @expose("/board")
    @guarded("board")
    def parts(self) -> Any:
        """The parts of the page that change, each by its id."""
        return render_template("dispatch/_parts.html", **self.board(current_actor()))

    @expose("/orders/<code>")
    @guarded("board")
    def order(self, code: str) -> Any:
        """One order: the drawer alone, or the page with it open."""
        if not is_fragment():
            return self.show_page(code)
        return render_template("dispatch/_panel.html", **self.drawer(code, current_actor()))

    @expose("/orders/<code>/<action>", methods=["POST"])
    @guarded("act")
    def act(self, code: str, action: str) -> Any:
        """Do something to an order; the answer is the drawer or the board, with what was refused in it."""
        try:
            said = perform(code, action, current_actor())
        except DomainError as error:
            if error.kind is ErrorKind.not_found:
                raise
            return self.answer(code, error=error), HTTP_STATUS[error.kind]
        return self.answer(code, said=said)

    # --- what the pages are made of --------------------------------------------------------------------------

    def show_page(self, code: str, **said: Any) -> str:
        """The whole page, with an order open when one is named."""
        actor = current_actor()
        drawer = self.drawer(code, actor) if code else {"panel": None}
        return render_template(
            "dispatch/board.html",
            **self.board(actor)
            | drawer
            | {"sections": self.sections(), "role_name": role_word(actor)}
            | said,
        )

    def answer(self, code: str, *, error: DomainError | None = None, said: str = "") -> Any:
        """After an action: parts for htmx, a page with the refusal or a redirect for a plain form."""
        on_board = request.form.get("from") == "board"
        if not is_fragment():
            if error:
                return self.show_page("" if on_board else code, error=error)
            flash(said)
            return redirect(url_for("DispatchView.index", **_address("" if on_board else code)), 303)
        actor = current_actor()
        context: dict[str, Any] = {"error": error, "said": said}
        parts = render_template("dispatch/_parts.html", **self.board(actor), **(context if on_board else {}))
        if on_board:
            return parts
        return render_template("dispatch/_panel.html", **self.drawer(code, actor), **context) + parts

    def board(self, actor: Actor) -> dict[str, Any]:
        """The context of the board."""
        filters = read_filters()
        return {
            "board": board_view(actor, filters),
            "filters": filters,
            "address": _address(),
            "stopwatch": minutes_and_seconds,
            "region": MAP_REGIONS.get(stores.current_store().country, "miami"),
            "tiles": current_app.config["TILE_URL"],
            "point_of": lambda zip_code: locate(zip_code, stores.current_store().country),
            "query": filters.query,
            "ring_of": ring_of,
        }

    def drawer(self, code: str, actor: Actor) -> dict[str, Any]:
        """The context of the order beside it."""
        return {"panel": panel_view(code, actor), "plain": show_plain, "address": _address()}

    def sections(self) -> list[dict[str, Any]]:
        """The rail: those parts of the console that exist and that this person may see."""
        may = self.appbuilder.sm.has_access
        return [
            {"label": label(), "icon": icon, "url": url_for(endpoint), "current": view == "DispatchView"}
            for label, icon, endpoint, permission, view in SECTIONS
            if endpoint in current_app.view_functions and may(permission, view)
        ]


def role_word(actor: Actor) -> str:
    """What the person is here, for the line under their name."""
    words = (
        ("platform_admin", _("Platform")),
        ("store_admin", _("Administrator")),
        ("manager", _("Manager")),
        ("dispatcher", _("Dispatcher")),
    )
    return next((word for role, word in words if role in actor.roles), "")


def is_fragment() -> bool:
    """Whether htmx asks, which wants parts and no pages."""
    return request.headers.get("HX-Request") == "true"


def read_filters() -> Filters:
    """The filters of the address or of the form that carries them."""
    values = request.values
    return Filters(
        zone_id=values.get("zone", type=int),
        mine=values.get("scope") == "mine",
        query=values.get("q", "").strip()[:60],
    )


def _address(code: str = "") -> dict[str, Any]:
    """The query of a board address with the filters of now."""
    filters = read_filters()
    given = {"zone": filters.zone_id, "scope": "mine" if filters.mine else None, "q": filters.query or None}
    return {k: v for k, v in (given | {"order": code or None}).items() if v is not None}


def perform(code: str, action: str, actor: Actor) -> str:
    """Do the action of the form and say what was done. 404 for an action that does not exist."""
    if action == ACKNOWLEDGE:
        order = orders.acknowledge_order(code, actor=actor)
        return _("%(code)s is acknowledged.", code=order.code)
    if action == NOTE:
        orders.add_note(code, request.form.get("body", ""), actor=actor)
        return _("The note is saved.")
    if action == REPLACE:
        substitutions.propose_substitution(code, _read_offer(), actor=actor)
        return _("The customer has been asked and has 15 minutes to answer.")
    if action == TAKE_BACK:
        offer_id = request.form.get("offer", 0, type=int)
        substitutions.withdraw_substitution(code, offer_id, actor=actor)
        return _("The question is taken back.")
    if action not in set(Action):
        raise NoSuchAddress
    seen = request.form.get("seen", type=int)
    due = orders.get_order(code, actor=actor).due_minor
    order, _fresh = act_on_board(code, Action(action), actor=actor, details=read_details(due), seen=seen)
    return _("%(code)s: %(state)s.", code=order.code, state=STATUS[order.status])


def _read_offer() -> Offer:
    form = request.form
    return Offer(
        sku=form.get("sku", ""),
        replacement=form.get("replacement", "").strip()[:40],
        quantity=form.get("quantity", 0, type=int),
        replacement_quantity=form.get("replacement_quantity", 0, type=int),
    )


def read_details(due_minor: int) -> orders.Details:
    """What the form tells with an action; change is reckoned from `due_minor`. Raises InvalidInput."""
    form = request.form
    reason = form.get("reason", "").strip()
    if len(reason) > 200:
        raise InvalidInput({"reason": _("Keep it under 200 characters.")})
    cash = form.get("cash_received", "").strip()
    currency = stores.current_store().currency
    received = parse_money(cash, currency, "cash_received") if cash else None
    return orders.Details(
        reason=reason,
        driver_id=form.get("driver_id", type=int),
        cash_received_minor=received,
        change_to_wallet_minor=to_wallet(received, due_minor, form.get("change", ""), currency),
        id_checked=form.get("id_checked") == "1",
        pickup_code=form.get("pickup_code", "")[:20],
    )


__all__ = ["DispatchView"]
