"""Two ways in on one page, one way out. Works without a script."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import identity
from app.core import clock
from app.core.errors import DomainError
from app.core.i18n import _, active_locale
from app.identity import CodeSent, Person
from app.web.actor import client_ip, current_actor, landing, local_path, sign_in, sign_out
from blueprints.account import bp
from blueprints.account.forms import show_again

PENDING = "otp"
"""In the cookie: the phone a code went to, when another may be asked for, and where to go afterwards."""


@bp.get("/sign-in", endpoint="sign_in")
def sign_in_page() -> ResponseReturnValue:
    """The page."""
    if current_actor().is_authenticated:
        return redirect(landing(current_actor(), request.args.get("next")))
    return render_template("account/sign_in.html", **_page())


def _page() -> dict[str, object]:
    return {
        "values": {"phone": request.form.get("phone", ""), "email": request.form.get("email", "")},
        "way": request.form.get("way", "phone"),
        "next": local_path(request.values.get("next")) or "",
        "pending": session.get(PENDING),
    }


@bp.post("/sign-in")
def start_signing_in() -> ResponseReturnValue:
    """By `way`: send a code to `phone`, or check `email` and `password`."""
    form = request.form
    try:
        if form.get("way") == "password":
            person = identity.sign_in_with_password(
                form.get("email", ""), form.get("password", ""), client_ip()
            )
            return _enter(person, form.get("next"))
        sent = identity.request_otp(form.get("phone", ""), client_ip(), active_locale())
    except DomainError as error:
        return show_again("account/sign_in.html", error, **_page())
    _remember(sent, local_path(form.get("next")) or "")
    return redirect(url_for("account.enter_code"), 303)


def _remember(sent: CodeSent, wanted: str) -> None:
    again_at = int(clock.now().timestamp()) + sent.resend_in
    session[PENDING] = {"phone": sent.phone, "again_at": again_at, "next": wanted}


def _enter(person: Person, wanted: str | None) -> Response:
    actor = sign_in(person)
    return redirect(landing(actor, wanted), 303)


@bp.get("/sign-in/code")
def enter_code() -> ResponseReturnValue:
    """Asks for the code that was sent."""
    if PENDING not in session:
        return redirect(url_for("account.sign_in"))
    return render_template("account/code.html", **_code_page())


def _code_page() -> dict[str, object]:
    pending = session[PENDING]
    seconds = max(0, pending["again_at"] - int(clock.now().timestamp()))
    return {
        "phone": identity.show_phone(pending["phone"]),
        "seconds": seconds,
        "typed": request.form.get("code", ""),
        "next": pending["next"],
    }


@bp.post("/sign-in/code")
def check_code() -> ResponseReturnValue:
    """Sign in with the right `code`."""
    if PENDING not in session:
        return redirect(url_for("account.sign_in"), 303)
    pending = session[PENDING]
    try:
        person = identity.verify_otp(pending["phone"], request.form.get("code", ""))
    except DomainError as error:
        return show_again("account/code.html", error, **_code_page())
    return _enter(person, pending["next"])


@bp.post("/sign-in/code/again")
def send_again() -> ResponseReturnValue:
    """Another code to the same phone."""
    if PENDING not in session:
        return redirect(url_for("account.sign_in"), 303)
    pending = session[PENDING]
    try:
        sent = identity.request_otp(pending["phone"], client_ip(), active_locale())
    except DomainError as error:
        return show_again("account/code.html", error, **_code_page())
    _remember(sent, pending["next"])
    flash(_("We sent you a new code."))
    return redirect(url_for("account.enter_code"), 303)


@bp.get("/sign-out", endpoint="sign_out")
def sign_out_page() -> ResponseReturnValue:
    """Asks first: a link cannot sign anybody out."""
    if not current_actor().is_authenticated:
        return redirect(url_for("account.sign_in"))
    return render_template("account/sign_out.html")


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session of this browser."""
    sign_out()
    flash(_("You are signed out."))
    return redirect("/", 303)
