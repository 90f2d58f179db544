"""The OpenAPI 3.1 document, built from the schemas and views."""

from copy import deepcopy
from typing import Any

from flask import Flask, current_app
from flask_smorest import Api as SmorestApi
from marshmallow import fields

from blueprints.api.fields import Answer
from blueprints.api.section import Section

TITLE, VERSION = "Theriac API", "1.0.0"
PROBLEM_JSON = "application/problem+json"
ABOUT = (
    "Everything the web store, the board and the driver's page can do, by the same services. "
    "Amounts are whole numbers of the currency's minor unit. Times carry their offset. "
    "Send `Authorization: Bearer …` with an access token; `Accept-Language` chooses the words. "
    "Refusals are `application/problem+json`; their `type` is stable, their `title` is for people."
)


class Problem(Answer):
    """A refusal (RFC 9457). Some types add members of their own, such as `items` or `options`."""

    type = fields.Url(metadata={"description": "Stable; its last part names the outcome."})
    title = fields.String(metadata={"description": "A sentence in the caller's language."})
    status = fields.Integer()
    request_id = fields.String()
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Messages by field, nested fields with dots: fulfilment.address.zip."},
    )

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Only what every problem has is required."""
        field_obj.required = field_name in {"type", "title", "status"}


class Api(SmorestApi):
    """flask-smorest without its own error handlers and pages: the house has both."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        pass

    def init_app(self, app: Flask, *, spec_kwargs: dict[str, Any] | None = None) -> None:
        """Start an empty document for this application."""
        self.sections: list[Section] = []
        told = {
            "title": TITLE,
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT},
            "servers": [{"url": "/"}],
        }
        super().init_app(app, spec_kwargs=told | (spec_kwargs or {}))
        bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        self.spec.components.security_scheme("bearer", bearer)
        app.extensions["theriac-api"] = {"sections": self.sections, "spec": self.spec}

    def register_blueprint(self, blp: Section, *, parameters: Any = None, **options: Any) -> None:
        """Register a section and its title."""
        self.sections.append(blp)
        super().register_blueprint(blp, parameters=parameters, **options)


api = Api()


def document() -> dict[str, Any]:
    """The document of the running application, built once."""
    kept = current_app.extensions["theriac-api"]
    if "document" not in kept:
        kept["document"] = _polish(deepcopy(kept["spec"].to_dict()), kept["sections"])
    made: dict[str, Any] = kept["document"]
    return made


def _polish(made: dict[str, Any], sections: list[Section]) -> dict[str, Any]:
    """Sections under their titles; refusals under their own media type."""
    titles = {section.name: section.title for section in sections}
    made["tags"] = [{"name": section.title, "description": section.description} for section in sections]
    for path in made["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                operation["tags"] = [titles.get(tag, tag) for tag in operation.get("tags", [])]
    made["components"]["schemas"].pop("PaginationMetadata", None)
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for answer in made["components"].get("responses", {}).values():
        answer["content"] = {PROBLEM_JSON: problem}
    return made
