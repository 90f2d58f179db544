from typing import Any


def read_document(made: dict[str, Any]) -> Any:
    """x"""
    return made
