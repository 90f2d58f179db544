"""What browsers send, so that every reader below can take it: no NUL in a form, no body that is nested without end.

PostgreSQL keeps no NUL in a text. One that is pasted into a field is left out, and nothing typed is lost; in a path
it names nothing. (The API, whose callers are programs, says instead what is wrong: blueprints/api.)
"""

from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict

from app.core.errors import NotFound

LONGEST_NUMBER = 18
"""Figures; every number of so many fits into a bigint."""


class FormRequest(Request):
    """A request whose form can be kept as it is."""

    def _load_form_data(self) -> None:
        super()._load_form_data()
        kept = self.__dict__
        if any("\0" in value for _name, value in kept["form"].items(multi=True)):
            clean = [(name, value.replace("\0", "")) for name, value in kept["form"].items(multi=True)]
            kept["form"] = ImmutableMultiDict(clean)

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """As Flask's; a body nested deeper than the parser goes is no JSON either."""
        try:
            return super().get_json(force, silent, cache)
        except RecursionError:
            if silent:
                return None
            abort(400)


def row_number(text: str) -> int:
    """The number of a row as a request names it. NotFound for what is none: such a row does not exist."""
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise NotFound
    return int(text)


def init_app(app: Flask) -> None:
    """Read requests so, and find nothing under a path with a NUL."""
    app.request_class = FormRequest
    app.before_request(_refuse_paths)


def _refuse_paths() -> None:
    if "\0" in request.path:
        abort(404)
