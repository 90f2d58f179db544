"""One HTTP call to somebody else's server, its failures sorted into "not sent" and "nobody knows".

Addresses come from the operator's settings, never from a tenant; redirects are not followed.
"""

import ssl
from functools import lru_cache

import httpx

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class SendError(Exception):
    """What was asked was not done. The text is for staff, without anybody's address."""


class Refused(SendError):
    """For good: what was asked is wrong, or not allowed."""


class TryLater(SendError):
    """The provider has not taken it and may later; `retry_after` in seconds when it said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class OutcomeUnknown(SendError):
    """The request left and no answer came: the provider may have it or not."""


def call(method: str, url: str, **options: object) -> httpx.Response:
    """The provider's answer, whatever its status. TryLater: the request never left. OutcomeUnknown: it may have."""
    try:
        # A connection of its own for each call: a kept one that the provider has closed meanwhile fails in a way
        # that cannot be told from a lost answer.
        with httpx.Client(timeout=TIMEOUT, trust_env=False, verify=trusted()) as client:
            return client.request(method, url, **options)  # type: ignore[arg-type]
    except NOT_SENT as error:
        raise TryLater(type(error).__name__) from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(type(error).__name__) from error
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Refused(type(error).__name__) from error


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """The certificates we trust, read once a process: reading them costs more than a call."""
    return httpx.create_ssl_context(trust_env=False)


def raise_for(status: int, reason: str, retry_after: str | None = None) -> None:
    """Refused for 4xx, TryLater for 408, 425, 429 and 5xx; nothing for success."""
    if status < 400:
        return
    if status in {408, 425, 429} or status >= 500:
        raise TryLater(f"{status} {reason}"[:200], seconds(retry_after))
    raise Refused(f"{status} {reason}"[:200])


def seconds(text: str | None) -> float | None:
    """A Retry-After header in seconds; None when it is absent or a date."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
