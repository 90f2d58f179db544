"""ETags: whoever has the answer already is told so in 304 and gets no body."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, after_this_request, request


def keep_tag(view: Callable[..., Any]) -> Callable[..., Any]:
    """Tag the answers of this view by their content; If-None-Match is honoured."""

    @wraps(view)
    def tagged(*args: Any, **named: Any) -> Any:
        after_this_request(_tag)
        return view(*args, **named)

    return tagged


def _tag(response: Response) -> Response:
    if response.status_code != 200:
        return response
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Language")
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]
