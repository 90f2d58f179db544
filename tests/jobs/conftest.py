"""Fixtures of the harness."""

from tests.jobs.harness import line, outside, processes, sandbox

__all__ = ["line", "outside", "processes", "sandbox"]
