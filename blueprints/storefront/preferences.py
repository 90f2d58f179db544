"""What a browser asks of the shop: its age gate, its language, its theme."""

from datetime import timedelta

from babel.dates import get_month_names
from flask import current_app, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from app import catalog
from app.core.errors import InvalidInput
from app.core.i18n import LOCALES, _, active_locale
from app.web import sharing
from app.web.pictures import picture_url
from app.web.rendering import THEMES
from blueprints.storefront import age, bp
from blueprints.storefront.age import ungated
from blueprints.storefront.returning import safe_path

THEME_KEPT = timedelta(days=365)
PACKS = 8  # on the shelf of the gate

bp.before_request(age.send_to_gate)
sharing.share_only_if(age.was_passed)


@bp.get("/age")
@ungated
def age_gate() -> ResponseReturnValue:
    """Ask for the date of birth; whoever passed already goes on."""
    if age.was_passed():
        return redirect(safe_path(request.args.get("next")))
    return _show_gate()


@bp.post("/age")
@ungated
def pass_age_gate() -> ResponseReturnValue:
    """Let in, refuse calmly, or say beside the field what is wrong with the date."""
    try:
        born = age.read_date(request.form)
    except InvalidInput as error:
        return _show_gate(error=error.errors["birth_date"]), 422
    if not age.is_old_enough(born):
        next_path = safe_path(request.form.get("next"))
        return render_template("storefront/age_refused.html", next=next_path, packs=_packs()), 403
    response = make_response(redirect(safe_path(request.form.get("next")), 303))
    age.remember(response)
    return response


@bp.post("/locale")
@ungated
def set_locale() -> ResponseReturnValue:
    """Keep the language for this browser and go back."""
    chosen = request.form.get("locale", "")
    if chosen not in LOCALES:
        raise InvalidInput({"locale": _("Choose one of the languages.")})
    session["lang"] = chosen
    session.permanent = True
    return redirect(safe_path(request.form.get("next")), 303)


@bp.post("/theme")
@ungated
def set_theme() -> ResponseReturnValue:
    """Keep the theme for this browser, '' for the device's own, and go back."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        raise InvalidInput({"theme": _("Choose one of the themes.")})
    response = make_response(redirect(safe_path(request.form.get("next")), 303))
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie("theme", chosen, max_age=THEME_KEPT, httponly=True, secure=secure, samesite="Lax")
    return response


def _show_gate(error: str = "") -> str:
    months = get_month_names("wide", context="stand-alone", locale=active_locale())
    return render_template(
        "storefront/age_gate.html",
        months=[(str(number), name) for number, name in months.items()],
        typed=request.form,
        next=safe_path(request.values.get("next")),
        error=error,
        packs=_packs(),
    )


def _packs() -> list[str]:
    goods = catalog.list_products(catalog.Filters(), size=PACKS).items
    return [picture_url(card.image_path) for card in goods if card.image_path]
