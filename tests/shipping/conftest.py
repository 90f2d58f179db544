"""The sandbox that the adapters talk to."""

from tests.jobs.harness import outside

__all__ = ["outside"]
