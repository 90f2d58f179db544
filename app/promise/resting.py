"""After a silence nobody is made to wait for the same silence again for a while."""

import time

SECONDS = 30.0


class Rest:
    """One provider's rest, in one process."""

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        """It has not answered: leave it alone for SECONDS."""
        self._until = time.monotonic() + SECONDS

    def end(self) -> None:
        """Ask it again at once."""
        self._until = 0.0

    def __bool__(self) -> bool:
        """Whether it is left alone now."""
        return time.monotonic() < self._until
