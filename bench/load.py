"""Load from a process of its own: keep-alive connections over loopback, bounded in time.

`python -m bench.load '{"port": …, "requests": [["GET", "/", {headers}, "body"], …]}'` prints one line of JSON.
"""

import json
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """Answers per second, latency in milliseconds, and how many answers had each status."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    statuses: dict[int, int]


def _encode(request: list[Any], host: str) -> bytes:
    method, path, headers, body = request
    data = body.encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def _answer(stream: Any) -> int:
    """Read one answer to its end; gives the status."""
    status = int(stream.readline().split()[1])
    length = 0
    while (line := stream.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    stream.read(length)
    return status


def _run(
    plan: dict[str, Any], mine: list[bytes], until: float, times: list[float], seen: Counter[int]
) -> None:
    connection = socket.create_connection(("127.0.0.1", plan["port"]), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = connection.makefile("rb")
    for place in range(10**9):
        began = time.perf_counter()
        if began > until or (plan.get("once") and place >= len(mine)):
            break
        connection.sendall(mine[place % len(mine)])
        seen[_answer(stream)] += 1
        times.append(time.perf_counter() - began)
    connection.close()


def measure(plan: dict[str, Any]) -> Result:
    """Send the plan's requests from `connections` connections for at most `seconds`."""
    encoded = [_encode(request, plan["host"]) for request in plan["requests"]]
    count = plan["connections"]
    times: list[list[float]] = [[] for _ in range(count)]
    seen: list[Counter[int]] = [Counter() for _ in range(count)]
    began = time.perf_counter()
    until = began + plan["seconds"]
    threads = [
        threading.Thread(target=_run, args=(plan, encoded[n::count] or encoded, until, times[n], seen[n]))
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    every = sorted(t for mine in times for t in mine)
    return Result(
        per_second=len(every) / took,
        p50_ms=every[len(every) // 2] * 1000,
        p95_ms=every[min(len(every) - 1, int(len(every) * 0.95))] * 1000,
        p99_ms=every[min(len(every) - 1, int(len(every) * 0.99))] * 1000,
        statuses=dict(sum(seen, Counter())),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(measure(json.loads(sys.argv[1] if sys.argv[1:] else sys.stdin.read())))))
