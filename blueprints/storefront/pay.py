"""The page on which an order is paid, by its signed link; customers come back to it from the provider.

Whole without a script: what is under way is a link, a form or a picture, and looking again is loading the page again.
"""

from datetime import timedelta
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import orders
from app.core import clock
from app.core.actor import Actor
from app.core.errors import DomainError, ErrorKind
from app.orders import hearing, paying
from app.orders.models import Order
from app.orders.pay_view import PayState, PayView, load_pay_view, refresh
from app.payments.catalogue import Flow
from app.payments.labels import ATTEMPT, icon_of
from app.payments.models import AttemptStatus, PaymentAttempt
from app.payments.ports import Show
from app.web.errors import STATUS
from blueprints.storefront import bp, pay_cards, pay_form
from blueprints.storefront.age import ungated
from blueprints.storefront.pay_parts import part_of

SOON, LATER = 3, 10
"""Seconds between two looks of a page that waits: while somebody is surely watching, and after that."""
WATCHED = 120
MOST_ASKED = 2


def _signature() -> str:
    return request.args.get("t", "")


def _order(code: str) -> Order:
    return orders.get_order_by_link(code, _signature(), "pay")


@bp.get("/pay/<code>", endpoint="pay")
@ungated
def pay_page(code: str) -> ResponseReturnValue:
    """What is open and how to pay it. Who comes back from the provider is told at once how it stands."""
    view = load_pay_view(_order(code))
    if request.args.get("back"):
        view = _look(view, *_others(view), every=hearing.COMING_BACK)
    return _show(view, "pay/show.html", go=bool(request.args.get("go")))


@bp.get("/pay/<code>/state", endpoint="pay_state")
@ungated
def pay_state(code: str) -> ResponseReturnValue:
    """For a page that waits: the provider is asked when nobody has just done so; a change loads the page anew."""
    view = _look(load_pay_view(_order(code)))
    response = _show(view, "pay/_state.html")
    if view.seen != request.args.get("seen"):
        response.headers["HX-Refresh"] = "true"
    return response


def _look(view: PayView, *others: PaymentAttempt, every: timedelta = hearing.LOOK_EVERY) -> PayView:
    """Ask about the try under way, and about others that somebody may just have paid."""
    by_gateway = view.method is not None and view.method.flow is Flow.gateway
    asked = [view.current, *others] if view.current and by_gateway else [*others]
    for attempt_id in [attempt.id for attempt in asked]:
        hearing.look(attempt_id, every=every)
    return refresh(view) if asked else view


def _others(view: PayView) -> list[PaymentAttempt]:
    """Earlier tries that can still be paid: of two tabs, either may be the one that comes back."""
    tried = [one.attempt for one in view.tried if one.attempt is not view.current]
    return [attempt for attempt in tried if attempt.status is AttemptStatus.pending][:MOST_ASKED]


@bp.post("/pay/<code>", endpoint="start_payment")
@ungated
def start_payment(code: str) -> ResponseReturnValue:
    """Pay: by the way that is under way, another one, or once more from the beginning."""
    order = _order(code)
    try:
        attempt = (
            pay_cards.charge_chosen(order)
            or pay_form.charge_entered(order, payer_of(order))
            or paying.begin(
                code,
                actor=payer_of(order),
                method=request.form.get("method", "")[:16],
                again=bool(request.form.get("again")),
                keep_card=pay_cards.keeps(order),
            )
        )
    except DomainError as error:
        if error.kind is ErrorKind.not_found:
            raise
        return _show(load_pay_view(_order(code)), "pay/show.html", error=error)
    return redirect(_here(code, attempt), 303)


def payer_of(order: Order) -> Actor:
    """Whoever holds the link may pay the order, and nothing else is done in this name."""
    return Actor(roles=frozenset({"system"}), name=order.contact_name)


def begin_after_placing(order: Order, actor: Actor) -> str:
    """Where a customer who has just ordered goes on; with kept cards, to the page on which to choose one, and to the
    page over which the provider's form opens. A provider that does not answer is said there as well."""
    if pay_cards.cards_for(order):
        return orders.payment_url(order.code)
    if pay_form.is_for(order.payment_method):
        return _page_of(order.code, go=1, keep=1 if pay_cards.keeps(order) else None)
    try:
        return _here(order.code, paying.begin(order.code, actor=actor, keep_card=pay_cards.keeps(order)))
    except DomainError as error:
        flash(str(error), "warning")
        return orders.payment_url(order.code)


def _here(code: str, attempt: PaymentAttempt) -> str:
    """The page; `go` when it should lead on to the provider by itself."""
    leads_on = attempt.shown.get("show") in {Show.redirect, Show.popup}
    return _page_of(code, go=1 if leads_on else None)


def _page_of(code: str, **more: Any) -> str:
    return url_for("storefront.pay", code=code, t=orders.token("pay", code.upper()), **more)


def show_refused(view: PayView, error: DomainError, **part: Any) -> Response:
    """The page with what is wrong; `part` is put over what the try under way is drawn with."""
    return _show(view, "pay/show.html", error=error, part=part)


def _show(
    view: PayView,
    template: str,
    *,
    go: bool = False,
    error: DomainError | None = None,
    part: dict[str, Any] | None = None,
) -> Response:
    context = _context(view, go and view.state in {PayState.going, PayState.choose}, error)
    context["part"] |= part or {}
    page = render_template(template, **context)
    response = make_response(page, STATUS[error.kind] if error else 200)
    response.headers["Cache-Control"] = "private, no-store"
    if error and (seconds := error.data.get("retry_after")):
        response.headers["Retry-After"] = str(seconds)
    return response


def _context(view: PayView, go: bool, error: DomainError | None) -> dict[str, Any]:
    part = None if pay_cards.is_anothers(view) else part_of(view, _signature())
    watched = view.current is not None and (clock.now() - view.current.status_at).total_seconds() < WATCHED
    return {
        "view": view,
        "order": view.order,
        "go": go,
        "t": _signature(),
        "notice": str(error) if error and not pay_form.problem_of(error) else "",
        "part_template": part[0] if part else "",
        "part": part[1] if part else {},
        "every": SOON if watched else LATER,
        "cards": pay_cards.cards_for(view.order),
        "may_keep": pay_cards.may_keep(view.order),
        "keeps_card": pay_cards.keeps_now(view),
        "card_form": pay_form.form_on(view),
        "card_problem": pay_form.problem_of(error),
        "keep_ticked": bool(request.values.get("keep_card") or request.args.get("keep")),
        "attempt_words": ATTEMPT,
        "icon_of": icon_of,
        "tracking": orders.tracking_url(view.order.code),
    }
