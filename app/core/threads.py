"""Long work for the processor, out of the way of everybody else whom the process serves."""

from collections.abc import Callable
from contextvars import copy_context
from functools import lru_cache
from typing import ParamSpec, TypeVar

from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

MOST_AT_ONCE = 2
"""Pictures opened at once are memory: one of 40 megapixels takes 120 MB."""

P = ParamSpec("P")
R = TypeVar("R")


def run_aside(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `work`, or what it raises. In a web process it runs on a thread, and other requests go on.

    For work that lets go of the interpreter, such as drawing pictures. It must not touch the database: a session
    belongs to the request. The language and the store are the caller's.
    """
    if not is_module_patched("threading"):
        return work(*args, **kwargs)
    context, given, raised = copy_context(), list[R](), list[BaseException]()

    def attempt() -> None:
        # Handed over by hand: gevent would write what is raised on a thread to the log as an accident.
        try:
            given.append(context.run(work, *args, **kwargs))
        except BaseException as refusal:
            raised.append(refusal)

    _pool().apply(attempt)
    if raised:
        raise raised[0]
    return given[0]


@lru_cache(maxsize=1)
def _pool() -> ThreadPool:
    """A pool of our own: names of hosts are looked up on gevent's, and must not wait for pictures."""
    return ThreadPool(MOST_AT_ONCE)
