"""The document for programs and the page for people."""

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.api.reading import read_document
from blueprints.api.section import PREFIX
from blueprints.api.spec import document

bp = Blueprint("api_docs", __name__, url_prefix=PREFIX)


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """OpenAPI 3.1."""
    answer: Response = jsonify(document())
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/docs")
def show_docs() -> ResponseReturnValue:
    """The same, to read."""
    return render_template("api/docs.html", api=read_document(document()), here=request.host_url.rstrip("/"))
