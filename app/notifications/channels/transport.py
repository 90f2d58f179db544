"""One HTTP call to a provider of messages: the core's, under the name the channels know."""

from app.core.outside import TIMEOUT, call, raise_for, seconds, trusted

__all__ = ["TIMEOUT", "call", "raise_for", "seconds", "trusted"]
