"""Refusals of the domain. Each names the outcome, carries plain data and says itself in the reader's language."""

from enum import StrEnum

from app.core.i18n import _l


class ErrorKind(StrEnum):
    """What sort of refusal it is; the edge maps it to HTTP (422, 403, 404, 409, 429, 503)."""

    invalid = "invalid"
    unauthenticated = "unauthenticated"
    forbidden = "forbidden"
    not_found = "not_found"
    conflict = "conflict"
    too_many = "too_many"
    unavailable = "unavailable"


class DomainError(Exception):
    """A refusal that is final for this request. `data` fills the message and goes to API clients."""

    kind: ErrorKind = ErrorKind.invalid
    message = _l("This cannot be done.")
    field: str | None = None  # the input field it speaks of, when it speaks of one

    def __init__(self, **data: object) -> None:
        super().__init__(data)
        self.data = data
        if "field" in data:
            self.field = str(data["field"])

    @property
    def code(self) -> str:
        """The stable name of the error in kebab case, used as the last part of the problem type."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")

    def __str__(self) -> str:
        return str(self.message) % self.data


class NotFound(DomainError):
    """It does not exist, or not for you: the two are never told apart."""

    kind, message = ErrorKind.not_found, _l("We could not find that.")


class Forbidden(DomainError):
    """Your role may not do this."""

    kind, message = ErrorKind.forbidden, _l("Your role does not allow this.")


class SignInRequired(DomainError):
    """Nobody is signed in."""

    kind, message = ErrorKind.unauthenticated, _l("Please sign in first.")


class InvalidInput(DomainError):
    """One or more fields are wrong: `errors` maps a field to its message."""

    message = _l("Please correct the marked fields.")

    def __init__(self, errors: dict[str, str], **data: object) -> None:
        super().__init__(errors=errors, **data)
        self.errors = errors


class StillRunning(DomainError):
    """The same idempotency key is being worked on at this moment."""

    kind, message = ErrorKind.conflict, _l("This request is still being worked on. Please wait a moment.")


class KeyReused(DomainError):
    """The same idempotency key came with another body."""

    message = _l("This idempotency key was used for another request.")


class TooMany(DomainError):
    """A limit was passed; `retry_after` is in seconds."""

    kind, message = ErrorKind.too_many, _l("Too many attempts. Please wait a little and try again.")
