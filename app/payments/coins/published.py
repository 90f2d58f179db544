"""Account keys that everybody knows: those that BIP-39, 44, 49 and 84 are shown with (eleven times "abandon", "about").

Their private twins are printed in every wallet's tests: what is sent to their addresses is whoever's is faster.
"""

from app.payments.coins.chains import Chain

KEYS: dict[Chain, str] = {
    Chain.bitcoin: "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3Ef"
    "H1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs",
    Chain.ethereum: "xpub6DCoCpSuQZB2jawqnGMEPS63ePKWkwWPH4TU45Q7LPXWuNd8TMtVxRrg"
    "jtEshuqpK3mdhaWHPFsBngh5GFZaM6si3yZdUsT8ddYM3PwnATt",
    Chain.tron: "xpub6D1AabNHCupeiLM65ZR9UStMhJ1vCpyV4XbZdyhMZBiJXALQtmn9p42V"
    "TQckoHVn8WNqS7dqnJokZHAHcHGoaQgmv8D45oNUKx6DZMNZBCd",
}
"""m/84'/0'/0', m/44'/60'/0', m/44'/195'/0'."""
OTHERS = frozenset(
    {
        "ypub6Ww3ibxVfGzLrAH1PNcjyAWenMTbbAosGNB6VvmSEgytSER9azLDWCxo"
        "JwW7Ke7icmizBMXrzBx9979FfaHxHcrArf3zbeJJJUZPf663zsP",
        "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWG"
        "FNbi8Aw6ZRc1brxMyWMzG3DSSSoekkudhUd9yLb6qx39T9nMdj",
    }
)
"""m/49'/0'/0', m/44'/0'/0'."""


def is_published(key: str) -> bool:
    """Whether it is one of these: for trying out only."""
    return key in OTHERS or key in KEYS.values()
