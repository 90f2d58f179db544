"""TCP ports of this machine."""

import socket

from launch.errors import PortTaken

LOOPBACK = "127.0.0.1"


def find_free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could bind the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free(ports: dict[str, int], host: str = LOOPBACK) -> None:
    """Raise PortTaken that names every taken port and the variable (key of `ports`) that moves it."""
    if len(set(ports.values())) < len(ports):
        same = ", ".join(f"{name}={port}" for name, port in ports.items())
        raise PortTaken(f"{same}: each needs a port of its own.")
    taken = {name: port for name, port in ports.items() if not is_free(port, host)}
    if taken:
        named = " and ".join(f"port {port} ({name})" for name, port in taken.items())
        example = " ".join(f"{name}={find_free_port()}" for name in taken)
        raise PortTaken(f"Taken by another program: {named}. Stop it, or choose others: {example} make run")
