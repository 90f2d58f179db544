"""Proving anew who one is, inside the form that moves money: a password that is asked for once in five minutes.

A form shows `password_again` of admin/_macros.html with `asks_password()`; its view calls `confirm` before its service.
"""

from flask import request

from app import identity
from app.web.actor import client_ip, require_person, session_token


def asks_password() -> bool:
    """Whether the form has to ask for the password."""
    return not identity.is_confirmed(require_person(), session_token())


def confirm() -> None:
    """Take the proof of the last minutes, or the form's `password`. Raises InvalidInput on `password`, TooMany."""
    if asks_password():
        password = request.form.get("password", "")
        identity.confirm_person(require_person(), password, session_token(), client_ip())
