"""Proving anew who one is, inside the form that moves money: a password that is asked for once in five minutes.

A form shows `password_again` of admin/_macros.html with `asks_password()`; its view calls `confirm` before its service.
What managers do all day asks only for amounts from which the store wants two people: `asks_for`, `confirm_amount`.
"""

from flask import request

from app import identity, stores
from app.core.money import Minor
from app.web.actor import client_ip, require_person, session_token


def asks_password() -> bool:
    """Whether the form has to ask for the password."""
    return not identity.is_confirmed(require_person(), session_token())


def confirm() -> None:
    """Take the proof of the last minutes, or the form's `password`. Raises InvalidInput on `password`, TooMany."""
    if asks_password():
        password = request.form.get("password", "")
        identity.confirm_person(require_person(), password, session_token(), client_ip())


def _is_large(amount_minor: Minor) -> bool:
    large = stores.current_store().transfer_second_from_minor
    return bool(large) and abs(amount_minor) >= large


def asks_for(amount_minor: Minor) -> bool:
    """Whether moving so much has to be proved anew."""
    return _is_large(amount_minor) and asks_password()


def confirm_amount(amount_minor: Minor) -> None:
    """The same proof for an amount that asks for it; nothing for a smaller one."""
    if _is_large(amount_minor):
        confirm()
