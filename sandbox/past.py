"""Payments that were taken before this desk opened: a shop that is filled with a history hands them over as a file.

`past-payments.json` in the sandbox's folder: a list of what was taken, as app/demo writes it. Read once for each
payment; what happens to one from then on is in the journal.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from sandbox.store import Store
from sandbox.till import SPACE, Payment

NAME = "past-payments.json"


def load_past(store: Store, folder: Path) -> int:
    """Put them into the till, those alone that it does not know; how many that were."""
    path = folder / NAME
    if not path.exists():
        return 0
    made = 0
    for row in json.loads(path.read_text(encoding="utf-8")):
        payment = _payment(row)
        space = f"{SPACE}.{row['provider']}"
        if store.value(space, payment["id"]) is None:
            store.set_value(space, payment["id"], payment)
            made += 1
    return made


def _payment(row: dict[str, Any]) -> Payment:
    status = "voided" if row["voided_at"] or not row["listed"] else "paid"
    refunds = [_refund(one) for one in row["refunds"]]
    history = [{"what": "opened", "at": row["at"]}, {"what": "pay", "at": row["paid_at"]}]
    history += [{"what": f"refund {one['amount']}", "at": one["at"]} for one in refunds]
    if row["charged_back_at"]:
        status = "charged_back"
        history.append({"what": "charge_back", "at": row["charged_back_at"]})
    return {
        "id": row["transaction"],
        "provider": row["provider"],
        "reference": row["reference"],
        "amount": row["amount"],
        "asked": row["asked"],
        "currency": row["currency"],
        "status": status,
        "transaction": row["transaction"],
        "tries": [],
        "refunds": refunds,
        "by": row["by"],
        "at": row["at"],
        "paid_at": row["paid_at"] if row["listed"] else None,
        "settled_at": None,
        "settle_seconds": row["settles_at"] - row["paid_at"],
        "history": history,
        **_more(row),
    }


def _refund(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "reference": one["reference"],
        "amount": one["amount"],
        "status": "done",
        "at": one["at"],
        "done_at": one["at"],
        "settled_at": one["settled_at"] if one["settled_at"] <= time.time() else None,
    }


def _more(row: dict[str, Any]) -> dict[str, Any]:
    """What each provider keeps besides."""
    if row["provider"] == "authorizenet":
        return {
            "ref_id": row["reference"],
            "description": row["order_code"],
            "email": "",
            "back": {"url": "", "cancel": ""},
            "card": "1111",
            "until": row["at"] + 900,
        }
    if row["provider"] == "midtrans":
        return {"order_id": row["reference"], "back": {"url": "", "cancel": ""}, "who": "", "notify": []}
    return {"qr": "", "until": row["at"] + 1800, "back": {}}
