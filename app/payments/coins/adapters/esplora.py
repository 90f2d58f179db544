"""Bitcoin by Esplora, https://github.com/Blockstream/esplora/blob/master/API.md: confirmed and waiting transactions."""

from collections.abc import Sequence
from typing import Any

from app.core.outside import OutcomeUnknown
from app.core.settings import setting
from app.payments.coins.adapters.reading import moment, read_json, whole
from app.payments.coins.chains import Coin
from app.payments.coins.ports import MOST_TRANSFERS, Seen

PAGE = 25
FINAL_SEQUENCE = 0xFFFFFFFE
"""An input below this tells that its transaction may be replaced (BIP-125)."""


class Esplora:
    """Each output that pays the address is a transfer of its own."""

    def transfers(self, coin: Coin, address: str) -> Sequence[Seen]:
        tip = read_json("GET", _base(), "/blocks/tip/height")
        try:
            height = whole(tip)
            return [
                seen
                for transaction in _transactions(address)
                for seen in _outputs(transaction, address, height)
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise OutcomeUnknown("transactions that do not read as such") from error


def _base() -> str:
    return str(setting("BITCOIN_EXPLORER_URL"))


def _transactions(address: str) -> list[dict[str, Any]]:
    """All of the address: the first page has those waiting and the latest confirmed ones, further pages go back."""
    found: list[dict[str, Any]] = list(read_json("GET", _base(), f"/address/{address}/txs"))
    page = [one for one in found if one["status"]["confirmed"]]
    while len(page) >= PAGE and len(found) < MOST_TRANSFERS:
        page = list(read_json("GET", _base(), f"/address/{address}/txs/chain/{page[-1]['txid']}"))
        found += page
    return found


def _outputs(transaction: dict[str, Any], address: str, height: int) -> list[Seen]:
    status = transaction["status"]
    confirmed = bool(status["confirmed"])
    return [
        Seen(
            txid=str(transaction["txid"]),
            position=position,
            units=whole(output["value"]),
            # The tip was asked first: a block that came in between counts one.
            confirmations=max(1, height - whole(status["block_height"]) + 1) if confirmed else 0,
            replaceable=any(whole(one["sequence"]) < FINAL_SEQUENCE for one in transaction["vin"]),
            at=moment(status["block_time"]) if confirmed else None,
        )
        for position, output in enumerate(transaction["vout"])
        if output.get("scriptpubkey_address") == address and whole(output["value"]) > 0
    ]
