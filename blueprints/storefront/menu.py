"""Everything one may want to go to, as one page: the menu of a phone."""

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.storefront import bp


@bp.get("/menu", endpoint="menu")
def menu_page() -> ResponseReturnValue:
    """The drawers of the cabinet, one's own pages, language and theme."""
    return render_template("storefront/menu.html")
