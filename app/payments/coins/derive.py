"""Addresses from an account's public key: BIP-44 (xpub), BIP-49 (ypub), BIP-84 (zpub), by the key's prefix.

A private key is refused by its prefix before anything looks at it: it is neither kept nor logged nor repeated.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import DomainError
from app.core.i18n import _, _l
from app.payments.coins.chains import Chain

ACCOUNT_DEPTH = 3
_PRIVATE = re.compile(
    r"(?<![0-9A-Za-z])[xyztuv]prv"  # extended keys; inside a public one the letters mean nothing
    r"|(?<![0-9A-Za-z])(0x)?[0-9a-f]{64}(?![0-9A-Za-z])"  # a key as it is
    r"|(?<![0-9A-Za-z])([5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}|6P[1-9A-HJ-NP-Za-km-z]{56})(?![0-9A-Za-z])",  # WIF, BIP-38
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+")
SEED_LENGTHS = range(12, 34)
"""Words of a wallet's recovery phrase: 12 to 24, some wallets use up to 33."""
_PUBLIC = re.compile(r"(xpub|ypub|zpub)[1-9A-HJ-NP-Za-km-z]{100,112}")
_ENDED_INDEX = 2**31
PREFIXES = {
    Chain.bitcoin: ("xpub", "ypub", "zpub"),
    Chain.ethereum: ("xpub",),
    Chain.tron: ("xpub",),
}


class PrivateKeyGiven(DomainError):
    """Somebody pasted the key that spends the money. It is refused and kept nowhere."""

    message = _l(
        "This is a private key or a recovery phrase: whoever has it can spend your coins. It was not saved. Move your "
        "coins to a new wallet, and paste its public account key here (xpub, ypub or zpub)."
    )
    field = "xpub"


class KeyNotReadable(DomainError):
    """It is no account public key for this chain. `why` says what is wrong."""

    message = _l("%(why)s")
    field = "xpub"


@dataclass(frozen=True)
class AccountKey:
    """An account's public key, read and checked."""

    chain: Chain
    text: str
    fingerprint: str
    """The same for every spelling of one key: xpub and zpub of it count their addresses together."""
    _account: Any = field(repr=False, compare=False)

    def address(self, index: int) -> str:
        """The receiving address 0/index."""
        if not 0 <= index < _ENDED_INDEX:
            raise ValueError(f"no address {index}")
        from bip_utils import Bip44Changes  # noqa: PLC0415 - as in read_key

        chain = self._account.Change(Bip44Changes.CHAIN_EXT)
        return str(chain.AddressIndex(index).PublicKey().ToAddress())


def looks_private(text: str) -> bool:
    """Whether it is, or holds, what spends coins: a private key in one of its spellings, or a recovery phrase."""
    words = text.replace(",", " ").split()
    phrase = [word.strip(".;:0123456789)") for word in words if not word.strip(".)").isdigit()]
    if len(phrase) in SEED_LENGTHS and all(_WORDS.fullmatch(word) and len(word) <= 12 for word in phrase):
        return True
    return bool(_PRIVATE.search("".join(words)) or _PRIVATE.search(text))


def read_key(text: str, chain: Chain) -> AccountKey:
    """The account key that somebody pasted. PrivateKeyGiven, KeyNotReadable."""
    if looks_private(text):
        raise PrivateKeyGiven
    typed = "".join(text.split())
    match = _PUBLIC.fullmatch(typed)
    if match is None:
        raise KeyNotReadable(why=_("Paste the account's public key: it begins with xpub, ypub or zpub."))
    if match[1] not in PREFIXES[chain]:
        raise KeyNotReadable(why=_("For this coin the account's public key begins with xpub."))
    account = _open(typed, match[1], chain)
    return AccountKey(chain, typed, _fingerprint(account), account)


def _open(typed: str, prefix: str, chain: Chain) -> Any:
    """The library's account. It brings hundreds of modules that only a process which gives out addresses needs."""
    from bip_utils import (  # noqa: PLC0415
        Base58ChecksumError,
        Bip32KeyError,
        Bip44,
        Bip44Coins,
        Bip44DepthError,
        Bip49,
        Bip49Coins,
        Bip84,
        Bip84Coins,
    )

    readers = {
        (Chain.bitcoin, "xpub"): lambda: Bip44.FromExtendedKey(typed, Bip44Coins.BITCOIN),
        (Chain.bitcoin, "ypub"): lambda: Bip49.FromExtendedKey(typed, Bip49Coins.BITCOIN),
        (Chain.bitcoin, "zpub"): lambda: Bip84.FromExtendedKey(typed, Bip84Coins.BITCOIN),
        (Chain.ethereum, "xpub"): lambda: Bip44.FromExtendedKey(typed, Bip44Coins.ETHEREUM),
        (Chain.tron, "xpub"): lambda: Bip44.FromExtendedKey(typed, Bip44Coins.TRON),
    }
    try:
        account = readers[chain, prefix]()
    except (Base58ChecksumError, Bip32KeyError, Bip44DepthError, ValueError) as error:
        raise KeyNotReadable(
            why=_("This key is damaged: a letter is missing or wrong. Copy it again.")
        ) from error
    if int(account.Level()) != ACCOUNT_DEPTH:
        raise KeyNotReadable(why=_("This is not an account's key. Export the key of the account itself."))
    return account


def _fingerprint(account: Any) -> str:
    public = account.PublicKey()
    material = public.ChainCode().ToBytes() + public.RawCompressed().ToBytes()
    return hashlib.sha256(material).hexdigest()
