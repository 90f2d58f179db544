"""Three chains as their explorers show them (Esplora, Etherscan v2, TronGrid), prices as Coinbase does, and a desk to
send, mine, double-spend and reorganise. SANDBOX_AUTO_BLOCKS=0: blocks come by hand only."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox import chaos
from sandbox.chain_book import COINS, FIRST_HEIGHT, Book, NotPossible
from sandbox.desk import desk

bp = Blueprint("chain", __name__, url_prefix="/chain")
EXPLORERS = ("/chain/bitcoin/", "/chain/ethereum/", "/chain/tron/", "/chain/rates/")
PAGE = 25
SOLID = 19
Answer = Response | tuple[Response, int]


def _fault(status: int, _retry_after: int = 0) -> Response:
    answer = jsonify(error="Too Many Requests" if status == 429 else "Server error")
    answer.status_code = status
    return answer


@bp.before_request
def _disturb() -> Response | None:
    return chaos.disturb("chain", _fault) if request.path.startswith(EXPLORERS) else None


def book() -> Book:
    """The chains of this desk."""
    return Book(desk())


# ---- Bitcoin, as Esplora


@bp.get("/bitcoin/blocks/tip/height")
def show_tip() -> Response:
    return Response(str(book().height("bitcoin")), mimetype="text/plain")


@bp.get("/bitcoin/address/<address>/txs")
def list_bitcoin(address: str) -> Response:
    """All that waits, then the latest 25 confirmed."""
    rows = book().paid_to("bitcoin", address)
    waiting = [tx for tx in rows if tx["block"] is None]
    confirmed = [tx for tx in reversed(rows) if tx["block"] is not None]
    return jsonify([_esplora(tx) for tx in waiting + confirmed[:PAGE]])


@bp.get("/bitcoin/address/<address>/txs/chain/<last>")
def list_bitcoin_further(address: str, last: str) -> Response:
    rows = [tx for tx in reversed(book().paid_to("bitcoin", address)) if tx["block"] is not None]
    at = next((n for n, tx in enumerate(rows) if tx["id"] == last), len(rows))
    return jsonify([_esplora(tx) for tx in rows[at + 1 : at + 1 + PAGE]])


def _esplora(tx: dict[str, Any]) -> dict[str, Any]:
    status: dict[str, Any] = {"confirmed": tx["block"] is not None}
    if status["confirmed"]:
        status |= {"block_height": tx["block"], "block_hash": "0" * 64, "block_time": tx["block_at"]}
    # The change goes back to the sender, before what is paid: position 1 is ours.
    change = {
        "scriptpubkey_type": "v0_p2wpkh",
        "scriptpubkey_address": "bc1qchange0000000000",
        "value": 12345,
    }
    paid = {"scriptpubkey_type": "v0_p2wpkh", "scriptpubkey_address": tx["to"], "value": int(tx["units"])}
    sequence = 0xFFFFFFFD if tx["replaceable"] else 0xFFFFFFFF
    return {
        "txid": tx["id"],
        "version": 2,
        "locktime": 0,
        "vin": [{"txid": "ab" * 32, "vout": 0, "is_coinbase": False, "sequence": sequence}],
        "vout": [change, paid],
        "size": 222,
        "weight": 561,
        "fee": 1410,
        "status": status,
    }


# ---- Ethereum, as Etherscan


def _etherscan(status: str, message: str, result: Any) -> Response:
    return jsonify(status=status, message=message, result=result)


@bp.get("/ethereum/v2/api")
def ask_etherscan() -> Response:
    asked = request.args
    if not asked.get("apikey"):
        return _etherscan("0", "NOTOK", "Missing/Invalid API Key")
    if asked.get("chainid") != "1":
        return _etherscan("0", "NOTOK", "Missing or unsupported chainid parameter")
    if (asked.get("module"), asked.get("action")) == ("proxy", "eth_blockNumber"):
        return jsonify(jsonrpc="2.0", id=83, result=hex(book().height("ethereum")))
    action = asked.get("action")
    if asked.get("module") != "account" or action not in ("txlist", "txlistinternal", "tokentx"):
        return _etherscan("0", "NOTOK", "Error! Missing Or invalid Action name")
    rows = [tx for tx in book().paid_to("ethereum", asked.get("address", "")) if tx["block"] is not None]
    rows = [tx for tx in rows if _is_listed(tx, str(action), asked.get("contractaddress", ""))]
    if not rows:
        return _etherscan("0", "No transactions found", [])
    return _etherscan("1", "OK", [_ethereum_row(tx, str(action)) for tx in rows])


def _is_listed(tx: dict[str, Any], action: str, contract: str) -> bool:
    if action == "tokentx":
        same = contract.lower() == tx["contract"].lower()
        return bool(tx["contract"]) and (same or not contract or book().settings()["lax"])
    return not tx["contract"] and tx["internal"] == (action == "txlistinternal")


def _ethereum_row(tx: dict[str, Any], action: str) -> dict[str, str]:
    row = {
        "blockNumber": str(tx["block"]),
        "timeStamp": str(tx["block_at"]),
        "hash": tx["id"],
        "from": "0x" + "5e" * 20,
        "to": tx["to"].lower(),
        "value": tx["units"],
        "contractAddress": tx["contract"].lower(),
    }
    if action == "tokentx":
        coin = COINS[tx["coin"]]
        row |= {"tokenName": coin.symbol, "tokenSymbol": coin.symbol, "tokenDecimal": str(coin.decimals)}
    else:
        row |= {"isError": "1" if tx["failed"] else "0"}
    if action != "txlistinternal":
        row |= {"confirmations": str(tx["confirmations"])}
    if action == "txlist":
        row |= {"txreceipt_status": "0" if tx["failed"] else "1"}
    return row


# ---- TRON, as TronGrid


@bp.get("/tron/v1/accounts/<address>/transactions/trc20")
def list_tron(address: str) -> Response:
    contract = request.args.get("contract_address", "")
    rows = [tx for tx in reversed(book().paid_to("tron", address)) if tx["block"] is not None]
    if contract and not book().settings()["lax"]:
        rows = [tx for tx in rows if tx["contract"] == contract]
    data = [_tron_row(tx) for tx in rows]
    return jsonify(data=data, success=True, meta={"at": int(time.time() * 1000), "page_size": len(data)})


def _tron_row(tx: dict[str, Any]) -> dict[str, Any]:
    coin = COINS[tx["coin"]]
    return {
        "transaction_id": tx["id"],
        "token_info": {
            "symbol": coin.symbol,
            "address": tx["contract"],
            "decimals": coin.decimals,
            "name": "Tether USD",
        },
        "block_timestamp": tx["block_at"] * 1000,
        "from": "TSandboxSandboxSandboxSandboxSandb",
        "to": tx["to"],
        "type": "Transfer",
        "value": tx["units"],
    }


@bp.post("/tron/walletsolidity/gettransactioninfobyid")
def show_solid() -> Response:
    """A solidity node: it knows nothing that could still be undone."""
    body = request.get_json(silent=True) or {}
    tx = book().find(str(body.get("value", "")))
    height = book().height("tron")
    if tx is None or tx["gone"] or tx["block"] is None or height - tx["block"] + 1 < SOLID:
        return jsonify({})
    receipt = {"result": "FAILED" if tx["failed"] else "SUCCESS"}
    return jsonify(
        id=tx["id"], blockNumber=tx["block"], blockTimeStamp=tx["block_at"] * 1000, receipt=receipt
    )


# ---- prices, as Coinbase


@bp.get("/rates/v2/prices/<pair>/spot")
def show_price(pair: str) -> Answer:
    symbol, _, currency = pair.partition("-")
    if currency != "USD" or symbol not in book().rates():
        return jsonify(errors=[{"id": "not_found", "message": "Invalid base currency"}]), 404
    return jsonify(data={"amount": book().rates()[symbol], "base": symbol, "currency": currency})


# ---- the desk


def _asked() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else request.form.to_dict()


def _done(**said: Any) -> AnyResponse:
    return jsonify(**said) if request.is_json else redirect("/chain/", 303)


def _chain(asked: dict[str, Any]) -> str:
    chain = str(asked.get("chain", ""))
    if chain not in FIRST_HEIGHT:
        raise NotPossible(f"chain must be one of {', '.join(FIRST_HEIGHT)}")
    return chain


def _blocks(asked: dict[str, Any]) -> int:
    text = str(asked.get("blocks", 1))
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise NotPossible("blocks must be 1 to 1000")
    return int(text)


@bp.errorhandler(NotPossible)
def _say_why(error: NotPossible) -> tuple[Response, int] | tuple[str, int]:
    if request.is_json:
        return jsonify(error=str(error)), 400
    return _page(str(error)), 400


@bp.post("/sandbox/send")
def send() -> AnyResponse:
    """{coin, to: address or the text of a QR code, amount or units, replaceable, fake, internal, failed}."""
    return _done(**book().send(_asked()))


@bp.post("/sandbox/mine")
def mine() -> AnyResponse:
    """{chain, blocks}: blocks by hand."""
    asked = _asked()
    return _done(height=book().mine(_chain(asked), _blocks(asked)))


@bp.post("/sandbox/reorg")
def reorg() -> AnyResponse:
    """{chain, blocks, drop}: the last blocks never were; what was in them waits again, or is lost."""
    asked = _asked()
    drop = str(asked.get("drop", "")).lower() in ("1", "true")
    return _done(height=book().undo(_chain(asked), _blocks(asked), drop=drop))


@bp.post("/sandbox/double-spend")
def double_spend() -> AnyResponse:
    """{txid}: its coins went elsewhere."""
    tx = book().double_spend(str(_asked().get("txid", "")))
    if tx is None:
        raise NotPossible("no such transaction")
    return _done(**tx)


@bp.post("/sandbox/settings")
def change_settings() -> AnyResponse:
    """{auto: blocks come by themselves, lax: explorers show every token, rates: {symbol: price}}."""
    asked = _asked()
    rates = asked.get("rates") or {name[5:]: value for name, value in asked.items() if name[:5] == "rate."}
    for symbol, rate in rates.items():
        book().set_rate(str(symbol), str(rate))
    book().configure({n: str(asked[n]).lower() in ("1", "true") for n in ("auto", "lax") if n in asked})
    return _done(**book().settings(), rates=book().rates())


@bp.get("/sandbox/transactions.json")
def list_transactions() -> Response:
    return jsonify(book().newest())


@bp.get("/")
def show_desk() -> str:
    return _page("")


def _page(problem: str) -> str:
    chains = book()
    heights = {chain: chains.height(chain) for chain in FIRST_HEIGHT}
    return render_template(
        "chain.html",
        nonce=g.nonce,
        coins=COINS,
        heights=heights,
        settings=chains.settings(),
        rates=chains.rates(),
        transactions=[(tx, _amount(tx), _deep(tx, heights)) for tx in chains.newest()[:100]],
        problem=problem,
        typed=request.form,
        shown=lambda at: time.strftime("%H:%M:%S", time.localtime(at)),
    )


def _amount(tx: dict[str, Any]) -> str:
    coin = COINS[tx["coin"]]
    whole, part = divmod(int(tx["units"]), 10**coin.decimals)
    return f"{whole}.{part:0{coin.decimals}d}".rstrip("0").rstrip(".") + f" {coin.symbol}"


def _deep(tx: dict[str, Any], heights: dict[str, int]) -> int:
    return heights[tx["chain"]] - tx["block"] + 1 if tx["block"] is not None else 0
