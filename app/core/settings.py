"""The configuration as domains see it: set once by create_app, read by name, no web framework needed."""

from collections.abc import Mapping
from typing import Any

_values: Mapping[str, Any] = {}


def configure(values: Mapping[str, Any]) -> None:
    """Take the application's configuration; called once by create_app."""
    global _values  # noqa: PLW0603 - one configuration a process, set at start
    _values = values


def setting(name: str) -> Any:
    """The value of a setting; KeyError when it does not exist."""
    return _values[name]
