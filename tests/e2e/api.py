"""The product through its API alone, as a program would use it."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.conftest import PASSWORD, Product

CODE = re.compile(r"\b(\d{6})\b")


@dataclass
class Program:
    """A signed-in API client of one store."""

    client: httpx.Client

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200, key: str = "") -> Any:
        """Send one request; AssertionError with the answer when the status is another."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())} if method == "POST" else {}
        answer = self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def anonymous(product: Product, store: str = "miami") -> Program:
    """Nobody."""
    return Program(product.client(store))


def staff(product: Product, login: str, store: str = "miami") -> Program:
    """A member of the demo's staff, by e-mail and password."""
    program = anonymous(product, store)
    body = {"email": f"{login}@{store}.test", "password": PASSWORD}
    tokens = program.call("POST", "/auth/password", body)
    program.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return program


def customer(product: Product, phone: str, store: str = "miami") -> Program:
    """A customer, by the code that the sandbox's inbox shows."""
    program = anonymous(product, store)
    before = {message["id"] for message in product.inbox(to=phone, channel="sms")}
    answer = program.client.post("/api/v1/auth/otp", json={"phone": phone})
    assert answer.status_code in {200, 202, 204}, answer.text
    message = next(m for m in product.inbox(to=phone, channel="sms") if m["id"] not in before)
    found = CODE.search(message["body"])
    assert found is not None, message
    tokens = program.call("POST", "/auth/otp/verify", {"phone": phone, "code": found[1]})
    program.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return program


def choose_goods(program: Program, minimum_minor: int = 2000) -> list[dict[str, Any]]:
    """Something in stock worth at least the minimum."""
    for product in program.call("GET", "/products?sort=popular")["items"]:
        for variant in product["variants"]:
            quantity = -(-minimum_minor // variant["price_minor"])
            if not product["rx_required"] and variant["available"] >= quantity and quantity <= 3:
                return [{"sku": variant["sku"], "qty": quantity}]
    raise AssertionError("nothing to buy")


def order_for(program: Program, zip_code: str = "33130") -> dict[str, Any]:
    """An order into the first free slot, paid in cash at the door."""
    options = program.call("GET", f"/delivery-options?zip={zip_code}&kind=driver")
    slot = next(s["slot"] for s in options["slots"] if s["offered"])
    return {
        "items": choose_goods(program, options["zone"]["minimum_minor"]),
        "fulfilment": {
            "kind": "driver",
            "address": {"line1": "901 Brickell Plaza", "city": "Miami", "zip": zip_code},
            "mode": "slot",
            "slot": slot,
        },
        "payment": {"method": "cash"},
        "birth_date": "1980-05-17",
    }
