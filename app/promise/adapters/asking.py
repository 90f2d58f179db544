"""One GET to somebody else's server, read as JSON within limits of time and size."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from app.core.outside import trusted

LARGEST_ANSWER = 64 * 1024


class NoAnswer(Exception):
    """Nobody answered, or nothing that could be read. The text is for staff and holds nothing that was asked."""


def get_json(
    url: str,
    query: Mapping[str, str],
    *,
    timeout: httpx.Timeout,
    agent: str,
    also: tuple[int, ...] = (),
) -> Any:
    """The answer as JSON: no redirects, no proxies, at most LARGEST_ANSWER bytes.

    `also`: status codes besides 200 whose answer is read. Raises NoAnswer.
    """
    try:
        with (
            httpx.Client(timeout=timeout, trust_env=False, verify=trusted()) as client,
            client.stream("GET", url, params=dict(query), headers={"User-Agent": agent}) as answer,
        ):
            if answer.status_code not in {httpx.codes.OK, *also}:
                raise NoAnswer(f"status {answer.status_code}")
            return _json(_body(answer))
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise NoAnswer(type(error).__name__) from error


def _body(answer: httpx.Response) -> bytes:
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise NoAnswer("an answer that does not end")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise NoAnswer("no JSON in the answer") from error
