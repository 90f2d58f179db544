"""TRC-20 tokens by TronGrid, https://developers.tron.network/reference: the list of transfers, then each one's receipt
from a solidity node, which knows only what can no longer be undone."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.core.outside import OutcomeUnknown
from app.core.settings import setting
from app.payments.coins.adapters.reading import read_json, whole
from app.payments.coins.chains import FOLLOWED, Chain, Coin
from app.payments.coins.ports import MOST_TRANSFERS, Seen

PAGE = 200


class TronGrid:
    """A transfer is beyond undoing or not: there is nothing between to count."""

    def transfers(self, coin: Coin, address: str) -> Sequence[Seen]:
        try:
            ours = [row for row in _rows(coin, address) if _is_ours(row, coin, address)]
            solid = {txid: _is_solid(txid) for txid in {str(row["transaction_id"]) for row in ours}}
            return _number(ours, solid)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise OutcomeUnknown("transfers that do not read as such") from error


def _ask(method: str, path: str, **options: object) -> Any:
    key = str(setting("TRON_EXPLORER_KEY"))
    headers = {"TRON-PRO-API-KEY": key} if key else {}
    return read_json(method, str(setting("TRON_EXPLORER_URL")), path, headers=headers, **options)


def _rows(coin: Coin, address: str) -> list[dict[str, Any]]:
    query = {"only_to": "true", "contract_address": coin.contract, "limit": str(PAGE)}
    rows: list[dict[str, Any]] = []
    while len(rows) < MOST_TRANSFERS:
        said = _ask("GET", f"/v1/accounts/{address}/transactions/trc20", params=query)
        if said["success"] is not True:
            raise OutcomeUnknown("an answer without success")
        rows += said["data"]
        further = said.get("meta", {}).get("fingerprint")
        if not further:
            break
        query["fingerprint"] = str(further)
    return rows


def _is_ours(row: dict[str, Any], coin: Coin, address: str) -> bool:
    """Paid to us, in this very token, and not nothing."""
    contract = row["token_info"]["address"]
    paid = row["to"] == address and contract == coin.contract and row["type"] == "Transfer"
    return bool(paid and whole(row["value"]) > 0)


def _is_solid(txid: str) -> bool:
    said = _ask("POST", "/walletsolidity/gettransactioninfobyid", json={"value": txid})
    if not said:
        return False
    return bool(
        said["id"] == txid and said["receipt"]["result"] == "SUCCESS" and whole(said["blockNumber"]) > 0
    )


def _number(rows: list[dict[str, Any]], solid: dict[str, bool]) -> list[Seen]:
    count: Counter[str] = Counter()
    found = []
    for row in rows:
        txid = str(row["transaction_id"])
        at = datetime.fromtimestamp(whole(row["block_timestamp"]) / 1000, UTC)
        deep = FOLLOWED[Chain.tron] if solid[txid] else 0
        found.append(Seen(txid, count[txid], whole(row["value"]), deep, at=at))
        count[txid] += 1
    return found
