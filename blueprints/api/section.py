"""A part of the API: a blueprint whose views are documented, identified by token and refused in problem+json."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from app.core.errors import DomainError
from blueprints.api import edge, problems

PREFIX = "/api/v1"


def _ask(guard: Callable[[], object]) -> None:
    guard()


class Section(Blueprint):
    """Paths under /api/v1. `title` is what the documentation calls it.

    `open_door`: tokens are not looked at. `guard` raises for those who may not call anything of the section.
    """

    ARGUMENTS_PARSER = problems.Parser()

    def __init__(
        self,
        name: str,
        title: str,
        description: str,
        *,
        open_door: bool = False,
        guard: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=PREFIX, description=description)
        self.title = title
        self.before_request(edge.ignore_token if open_door else edge.take_over)
        if guard is not None:
            # Authority comes before the body is read: a stranger learns nothing of its shape.
            self.before_request(partial(_ask, guard))
        self.before_request(edge.check_form)
        self.register_error_handler(DomainError, problems.say_refusal)
        self.register_error_handler(HTTPException, problems.say_http_error)

    def call(self, method: str, path: str, *, signed_in: bool = False, **doc: Any) -> Callable[[Any], Any]:
        """Register a view under a path in the form of OpenAPI, `{name}` for a text. `signed_in` is documented."""
        rule = path.replace("{", "<").replace("}", ">")

        def register(view: Any) -> Any:
            if signed_in:
                doc.setdefault("security", [{"bearer": []}])
            about = " ".join((view.__doc__ or "").split())
            documented = self.doc(operationId=view.__name__, description=about, **doc)(view)
            return self.route(rule, methods=[method])(documented)

        return register
