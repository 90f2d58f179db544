"""Asking a running copy how it is."""

import http.client
import time

from launch.ports import LOOPBACK


def ask(port: int, path: str = "/readyz", host: str = "localhost", timeout: float = 3.0) -> tuple[int, str]:
    """Status and body of one GET with that Host header; status 0 and the reason when nobody answers."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        link.request("GET", path, headers={"Host": f"{host}:{port}"})
        answer = link.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        link.close()


def is_ready(port: int) -> bool:
    """Whether web, database, Valkey, a worker and the relay are alive, by the product's own word."""
    return ask(port)[0] == 200


def wait_ready(port: int, timeout: float) -> float:
    """Seconds it took until the copy on `port` was ready; TimeoutError with its last answer."""
    began = time.monotonic()
    while not is_ready(port):
        if time.monotonic() - began > timeout:
            raise TimeoutError(f"not ready after {timeout:.0f} s: {ask(port)}")
        time.sleep(0.2)
    return time.monotonic() - began
