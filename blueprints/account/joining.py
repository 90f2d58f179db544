"""Joining by e-mail: what is asked, the code from the letter, and the letter's link. Works without a script."""

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import identity, stores
from app.core import clock
from app.core.errors import DomainError
from app.core.i18n import _
from app.identity import Applicant, Person, Waiting
from app.identity.passwords import SHORTEST
from app.web.actor import client_ip, current_actor, landing, local_path, sign_in
from blueprints.account import bp
from blueprints.account.forms import show_again

PENDING = "sign-up"
"""In the cookie: the sign-up that waits for its code, when another letter may be asked for, where to go then."""
FIELDS = ("email", "first_name", "last_name", "birth_date")


@bp.get("/sign-up", endpoint="sign_up")
def sign_up_page() -> ResponseReturnValue:
    """The page."""
    if current_actor().is_authenticated:
        return redirect(landing(current_actor(), request.args.get("next")))
    return render_template("account/sign_up.html", **_page())


def _page() -> dict[str, Any]:
    return {
        "values": {name: request.form.get(name, "") for name in FIELDS},
        "next": local_path(request.values.get("next")) or "",
        "shortest": SHORTEST,
        "min_age": stores.current_store().min_age,
    }


@bp.post("/sign-up")
def start_joining() -> ResponseReturnValue:
    """Keep what was typed and send the letter."""
    form = request.form
    applicant = Applicant(**{name: form.get(name, "") for name in (*FIELDS, "password")})
    try:
        waiting = identity.start_sign_up(applicant, client_ip(), link=_link())
    except DomainError as error:
        return show_again("account/sign_up.html", error, **_page())
    _remember(waiting, local_path(form.get("next")) or "")
    return redirect(url_for("account.verify_email"), 303)


def _link() -> str:
    return stores.public_url(url_for("account.confirm_link", token="TOKEN").replace("TOKEN", "{token}"))


def _remember(waiting: Waiting, wanted: str) -> None:
    again_at = int(clock.now().timestamp()) + waiting.resend_in
    session[PENDING] = {"id": waiting.id, "email": waiting.email, "again_at": again_at, "next": wanted}


@bp.get("/verify-email", endpoint="verify_email")
def verify_page() -> ResponseReturnValue:
    """Asks for the code of the letter."""
    if PENDING not in session:
        return redirect(url_for("account.sign_up"))
    return render_template("account/verify_email.html", **_verify_page())


def _verify_page() -> dict[str, Any]:
    pending = session[PENDING]
    seconds = max(0, pending["again_at"] - int(clock.now().timestamp()))
    return {"email": pending["email"], "seconds": seconds, "typed": request.form.get("code", "")}


@bp.post("/verify-email")
def check_email_code() -> ResponseReturnValue:
    """Make the account with the right `code` and sign in."""
    if PENDING not in session:
        return redirect(url_for("account.sign_up"), 303)
    pending = session[PENDING]
    try:
        person = identity.confirm_by_code(pending["id"], request.form.get("code", ""))
    except DomainError as error:
        return show_again("account/verify_email.html", error, **_verify_page())
    return _enter(person, pending["next"])


@bp.post("/verify-email/again")
def send_letter_again() -> ResponseReturnValue:
    """Another letter to the same address."""
    if PENDING not in session:
        return redirect(url_for("account.sign_up"), 303)
    pending = session[PENDING]
    try:
        waiting = identity.send_letter_again(pending["id"], client_ip(), link=_link())
    except DomainError as error:
        return show_again("account/verify_email.html", error, **_verify_page())
    _remember(waiting, pending["next"])
    flash(_("We sent you a new letter."))
    return redirect(url_for("account.verify_email"), 303)


def _is_here(sign_up_id: int) -> bool:
    """Whether it was this browser that signed up."""
    return bool(session.get(PENDING, {}).get("id") == sign_up_id)


@bp.get("/verify-email/<token>")
def confirm_link(token: str) -> ResponseReturnValue:
    """Asks to press the button: programs that look into letters follow links, they do not send forms."""
    return render_template(
        "account/confirm_link.html", same_browser=_is_here(identity.sign_up_of_link(token))
    )


@bp.post("/verify-email/<token>")
def confirm_by_link(token: str) -> ResponseReturnValue:
    """Make the account; a browser that did not sign up has to know the password."""
    here = _is_here(identity.sign_up_of_link(token))
    password = None if here else request.form.get("password", "")
    try:
        person = identity.confirm_by_link(token, password, client_ip())
    except DomainError as error:
        return show_again("account/confirm_link.html", error, same_browser=here)
    return _enter(person, session.get(PENDING, {}).get("next"))


def _enter(person: Person, wanted: str | None) -> Response:
    actor = sign_in(person)
    flash(_("Welcome, %(name)s! Your account is open.", name=person.first_name))
    return redirect(landing(actor, wanted), 303)
