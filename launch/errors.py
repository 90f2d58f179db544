"""What can go wrong before the first page; each is shown as one line, without a traceback."""


class LaunchError(Exception):
    """The start cannot go on; str() is the line to show, `code` the exit status."""

    code = 1


class PortTaken(LaunchError):
    """Another program listens on a port that is needed."""

    code = 2


class DataDirInUse(LaunchError):
    """Another copy runs on the same data folder."""

    code = 2
