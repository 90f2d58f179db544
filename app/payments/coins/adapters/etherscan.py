"""Ethereum by Etherscan's API v2, https://docs.etherscan.io: ether, also from contracts, and ERC-20 tokens."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.core.outside import OutcomeUnknown, Refused, TryLater
from app.core.settings import setting
from app.payments.coins.adapters.reading import moment, read_json, whole
from app.payments.coins.chains import Coin
from app.payments.coins.ports import MOST_TRANSFERS, Seen

MAINNET = "1"
EMPTY = "No transactions found"
INTERNAL = 1_000_000
"""Positions of transfers that a contract made begin here: the same transaction can carry both kinds."""


class Etherscan:
    """Amounts are the chain's own integers; what a token calls itself, its decimals included, is not looked at."""

    def transfers(self, coin: Coin, address: str) -> Sequence[Seen]:
        if coin.contract:
            return _read("tokentx", coin, address, contractaddress=coin.contract)
        return _read("txlist", coin, address) + _read("txlistinternal", coin, address)


def _read(action: str, coin: Coin, address: str, **more: str) -> list[Seen]:
    rows = _ask(
        {
            "chainid": MAINNET,
            "module": "account",
            "action": action,
            "address": address,
            "page": "1",
            "offset": str(MOST_TRANSFERS),
            "sort": "asc",
            "apikey": str(setting("ETHEREUM_EXPLORER_KEY")),
            **more,
        }
    )
    tip = _tip() if action == "txlistinternal" and rows else 0
    try:
        ours = [row for row in rows if _is_ours(row, coin, address)]
        return _number(ours, INTERNAL if action == "txlistinternal" else 0, tip)
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("transactions that do not read as such") from error


def _is_ours(row: dict[str, Any], coin: Coin, address: str) -> bool:
    """Paid to us, in this very token, not nothing, and not undone by an error."""
    failed = row.get("isError", "0") != "0" or row.get("txreceipt_status", "1") == "0"
    contract = str(row.get("contractAddress", "")).lower() if coin.contract else ""
    return (
        str(row["to"]).lower() == address.lower()
        and contract == coin.contract.lower()
        and whole(row["value"]) > 0
        and not failed
    )


def _number(rows: list[dict[str, Any]], first: int, tip: int) -> list[Seen]:
    """Rows of one transaction are told apart by their order in it, which the chain fixes."""
    count: Counter[str] = Counter()
    found = []
    for row in rows:
        txid = str(row["hash"]).lower()
        block = whole(row["blockNumber"])
        deep = max(0, tip - block + 1) if tip else whole(row["confirmations"])
        found.append(Seen(txid, first + count[txid], whole(row["value"]), deep, at=moment(row["timeStamp"])))
        count[txid] += 1
    return found


def _ask(query: dict[str, str]) -> list[dict[str, Any]]:
    said = read_json("GET", str(setting("ETHEREUM_EXPLORER_URL")), "/v2/api", params=query)
    if not isinstance(said, dict):
        raise OutcomeUnknown("an answer of another shape")
    result, message = said.get("result"), str(said.get("message", ""))
    if isinstance(result, list) and (said.get("status") == "1" or message.startswith(EMPTY)):
        return result
    reason = str(result if isinstance(result, str) else message)[:80]
    if "rate limit" in reason.lower():
        raise TryLater(reason)
    raise Refused(reason)


def _tip() -> int:
    """The height of the chain: internal transfers come without their confirmations."""
    query = {"chainid": MAINNET, "module": "proxy", "action": "eth_blockNumber"}
    query["apikey"] = str(setting("ETHEREUM_EXPLORER_KEY"))
    said = read_json("GET", str(setting("ETHEREUM_EXPLORER_URL")), "/v2/api", params=query)
    try:
        return int(str(said["result"]), 16)
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("no height") from error
