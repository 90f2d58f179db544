"""Idempotency-Key: required where something is made, welcome wherever something is done."""

from collections.abc import Callable

from flask import request

from app import orders
from app.core import idempotency
from app.core.actor import Actor
from app.core.db import transaction
from app.orders import Action, Details
from blueprints.api.problems import IdempotencyKeyMissing

LONGEST = 128
HEADER = "Idempotency-Key"


def required_key() -> str:
    """The key of this request. Raises IdempotencyKeyMissing (400)."""
    key = request.headers.get(HEADER, "").strip()
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyMissing
    return key


def given_key() -> str:
    """The key of this request, '' when it has none. Raises IdempotencyKeyMissing for one that is no key."""
    return required_key() if HEADER in request.headers else ""


def do_once(scope: str, actor: Actor, body: object, effect: Callable[[], object]) -> bool:
    """Run the effect, with a key of the client's at most once; whether it ran now.

    Raises KeyReused, StillRunning, and what the effect raises: then nothing is kept, the key is free again.
    """
    if not (key := given_key()):
        effect()
        return True

    def run() -> dict[str, object]:
        effect()
        return {}

    with transaction():
        _answer, fresh = idempotency.once(
            f"api:{scope}", key, actor_key=f"user:{actor.user_id}", body=body, effect=run
        )
    return fresh


def act_once(code: str, action: Action, actor: Actor, details: Details | None = None) -> None:
    """`orders.act`, at most once a key."""
    body = {"code": code, "action": action.value, "details": vars(details or Details())}
    do_once("act", actor, body, lambda: orders.act(code, action, actor=actor, details=details))


KEY_HEADER = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "description": "A new value for each thing made; sent again with the same body, the same thing is answered.",
}
KEY_WELCOME = KEY_HEADER | {
    "required": False,
    "description": "Sent again with the same body, the action is done once, and the answer is no conflict.",
}
