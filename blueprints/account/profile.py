"""A person's own page: who they are, where they are signed in, their password."""

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app import identity
from app.core.errors import DomainError
from app.core.i18n import _
from app.payments import cards
from app.web.actor import (
    client_ip,
    current_actor,
    forget_person,
    require_person,
    session_token,
    sign_in,
)
from blueprints.account import bp
from blueprints.account.forms import show_again

PAGE = "account/home.html"
FIELDS = ("first_name", "last_name", "locale", "birth_date")


def _page(**typed: str) -> dict[str, Any]:
    person = require_person()
    kept = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "locale": person.locale or "",
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
    }
    return {
        "person": person,
        "phone": identity.show_phone(person.phone) if person.phone else "",
        "devices": identity.list_sessions(person, session_token()),
        "cards": [
            (card, cards.name_of(card), cards.is_over(card))
            for card in cards.cards_of(current_actor().customer_id)
        ],
        "shortest": identity.shortest_password(person),
        "values": kept | typed,
        "nav": "you",
    }


@bp.get("/account")
def home() -> ResponseReturnValue:
    """The page."""
    return render_template(PAGE, **_page())


@bp.post("/account")
def save() -> ResponseReturnValue:
    """Name, language, date of birth."""
    person = require_person()
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        identity.update_profile(person, **typed)
    except DomainError as error:
        return show_again(PAGE, error, **_page(**typed))
    session["lang"] = person.locale
    flash(_("Saved."))
    return redirect(url_for("account.home"), 303)


@bp.post("/account/password")
def change_password() -> ResponseReturnValue:
    """A new password; every other device is signed out, and this one gets a new session."""
    person, form = require_person(), request.form
    try:
        identity.change_password(
            person, form.get("current_password", ""), form.get("new_password", ""), client_ip()
        )
    except DomainError as error:
        return show_again(PAGE, error, **_page())
    sign_in(person)
    flash(_("Your password is changed. Your other devices are signed out."))
    return redirect(url_for("account.home"), 303)


@bp.post("/account/devices/<int:device_id>/sign-out")
def sign_out_device(device_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    identity.revoke_session(require_person(), device_id)
    flash(_("That device is signed out."))
    return redirect(url_for("account.home"), 303)


@bp.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session, this one too."""
    identity.close_all_sessions(require_person())
    forget_person()
    flash(_("You are signed out everywhere."))
    return redirect(url_for("account.sign_in"), 303)
