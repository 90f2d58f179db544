"""Authorize.Net's one endpoint: a request with its members in the order of the schema, an answer with two verdicts."""

from collections.abc import Mapping
from typing import Any

from app.core.outside import call, raise_for
from app.core.settings import setting
from app.payments.gateways import wire
from app.payments.ports import Credentials, OutcomeUnknown, Refused, TryLater

PATH = "/xml/v1/request.api"
NOT_FOUND, DUPLICATE_PROFILE, NOT_DONE = "E00040", "E00039", "E00027"
LATER = frozenset({"E00053", "E00104"})
"""Too busy, and closed for work on it."""
UNSURE = frozenset({"E00001"})
"""Something went wrong over there, before or after."""
APPROVED = "1"


class Said(Refused):
    """The answer is no. `code` is Authorize.Net's, `said` the whole of it."""

    def __init__(self, code: str, text: str, said: dict[str, Any]) -> None:
        super().__init__(f"{code} {text}"[:200])
        self.code, self.said = code, said


def ask(account: Credentials, request: str, members: dict[str, Any]) -> dict[str, Any]:
    """Send a request (its members after the authentication, in the schema's order); the answer when it is Ok.

    Said for an Error; TryLater, OutcomeUnknown.
    """
    name, key = account.settings.get("api_login_id", ""), account.secrets.get("transaction_key", "")
    if not name or not key:
        raise Refused("Authorize.Net is not configured")
    body = {request: {"merchantAuthentication": {"name": name, "transactionKey": key}, **members}}
    answer = call("POST", f"{setting('AUTHORIZENET_URL')}{PATH}", json=body)
    raise_for(answer.status_code, answer.reason_phrase, answer.headers.get("Retry-After"))
    said = wire.answer_of(answer)
    messages = wire.part(said, "messages")
    if messages.get("resultCode") == "Ok":
        return said
    first = next(iter(wire.rows(messages, "message")), {})
    code, text = str(first.get("code", "")), str(first.get("text", ""))
    if code in LATER:
        raise TryLater(f"{code} {text}"[:200])
    if code in UNSURE or not code:
        raise OutcomeUnknown(f"{code} {text}"[:200])
    raise Said(code, text, said)


def transact(account: Credentials, reference: str, transaction: dict[str, Any]) -> dict[str, Any]:
    """Do a transaction; its answer when both verdicts are good: the request's, and the transaction's own.

    Said, with the transaction's own code when it names one.
    """
    try:
        said = ask(
            account, "createTransactionRequest", {"refId": reference, "transactionRequest": transaction}
        )
    except Said as error:
        raise _own_words(error.said, error.code, str(error)) from error
    done = wire.part(said, "transactionResponse")
    if str(done.get("responseCode")) != APPROVED:
        raise _own_words(said, NOT_DONE, f"response code {done.get('responseCode')}")
    return done


def _own_words(said: dict[str, Any], code: str, text: str) -> Said:
    errors = wire.rows(wire.part(said, "transactionResponse"), "errors")
    if not errors:
        return Said(code, text, said)
    return Said(str(errors[0].get("errorCode")), str(errors[0].get("errorText")), said)


def last_four(holder: Mapping[str, Any]) -> str:
    """The last figures of the card of a transaction or a kept card; empty when it names none."""
    return str(wire.part(wire.part(holder, "payment"), "creditCard").get("cardNumber") or "")[-4:]
