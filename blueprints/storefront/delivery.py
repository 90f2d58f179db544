"""Do we deliver to you? What can be had at a ZIP, why not, and the list of those who want to hear when it can."""

from datetime import date
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import promise, stores
from app.core import clock
from app.core.errors import InvalidInput, TooMany
from app.core.i18n import _
from app.promise import expansion
from app.promise.reasons import ReasonCode
from blueprints.storefront import bp
from blueprints.storefront.cart import private

DAYS, TIMES = 2, 8
UNREACHED = frozenset({ReasonCode.zip_outside, ReasonCode.zip_beyond, ReasonCode.address_outside})


@bp.get("/delivery")
def delivery() -> ResponseReturnValue:
    """The question, and with ?zip= the answer."""
    return private(render_template("storefront/delivery.html", **_answer(), errors={}, email=""))


def _answer() -> dict[str, Any]:
    zip_typed, street = request.values.get("zip", "")[:12], request.values.get("street", "")[:160]
    if not zip_typed:
        return {"zip": "", "street": street, "found": None}
    spot = promise.learn_spot(zip_typed, street)
    now = clock.now()
    world = promise.load_world(now)
    found = promise.options(world, promise.Ask(now=now, zip=zip_typed, goods_minor=_ANY_CART, spot=spot))
    return {
        "zip": zip_typed,
        "street": street,
        "found": found,
        "unreached": is_unreached(found),
        "fee_lines": promise.fee_lines(world, found.area, found.fee) if found.area and found.fee else [],
        "exact": spot is not None and spot.exact,
        "soonest": _soonest(found),
        "today": now.astimezone(stores.current_store().zone).date(),
        "closed": [why for why in promise.explain(world, found) if why.about == "slots" and why.code],
    }


def _soonest(found: promise.Options) -> list[tuple[date, list[promise.Slot], int]]:
    """The next days with a free time: day, its first times, and how many more it has."""
    free = groupby((slot for slot in found.slots if slot.offered), key=lambda slot: slot.starts_at.date())
    days = [(day, list(slots)) for day, slots in free][:DAYS]
    return [(day, slots[:TIMES], len(slots[TIMES:])) for day, slots in days]


_ANY_CART = 10**12
"""Nobody has filled a cart yet: the minimum order is said among the terms, not as a complaint."""


def is_unreached(found: promise.Options | None) -> bool:
    """Whether somebody could join the list for this ZIP."""
    return found is not None and found.reason is not None and found.reason.code in UNREACHED


@bp.post("/delivery/wish")
def make_wish() -> ResponseReturnValue:
    """Join the list; the page says to look into the letter box, whoever was on it before."""
    email = request.form.get("wish_email", "")[:300]
    try:
        expansion.ask_for(request.form.get("zip", "")[:12], email)
    except (InvalidInput, TooMany) as error:
        errors = error.errors if isinstance(error, InvalidInput) else {"wish_email": str(error)}
        page = render_template("storefront/delivery.html", **_answer(), errors=errors, email=email)
        answer = private(page)
        answer.status_code = 422 if isinstance(error, InvalidInput) else 429
        return answer
    flash(said_after(email))
    return redirect(url_for("storefront.delivery", zip=request.form.get("zip", "")[:12]), 303)


def said_after(email: str) -> str:
    """What to do next; the same for everybody, so that nobody learns who is on the list."""
    return _(
        "We wrote to %(email)s. Follow the link in the letter to join the list.", email=email.strip()[:80]
    )


@bp.get("/delivery/wish/<token>")
def show_wish(token: str) -> ResponseReturnValue:
    """A look changes nothing: letter boxes look at links, too."""
    wish = expansion.find_wish(token)
    return private(render_template("storefront/wish.html", wish=wish, store=stores.current_store()))


@bp.post("/delivery/wish/<token>")
def answer_wish(token: str) -> ResponseReturnValue:
    """Onto the list, or off it."""
    if request.form.get("answer") == "no":
        expansion.withdraw_wish(token)
        flash(_("You are off the list. Nothing about you is kept there."))
        return redirect(url_for("storefront.home"), 303)
    expansion.confirm_wish(token)
    return redirect(url_for("storefront.show_wish", token=token), 303)
