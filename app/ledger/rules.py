"""What is posted when: one readable table for the whole platform. Nothing else decides which account takes an amount.

Every moment is a set of transfers from a credit to a debit account; the caller gives the named amounts and whose
accounts they are. Plain values, no database.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.money import Minor
from app.ledger.chart import SUBJECTS, AccountKind

A = AccountKind


@dataclass(frozen=True)
class Rule:
    """At `moment`, `amount` goes on `debit` and comes off `credit`."""

    moment: str
    amount: str
    debit: AccountKind
    credit: AccountKind


@dataclass(frozen=True, order=True)
class Account:
    """An account by what it is: its kind and, where the chart asks for one, its subject."""

    kind: AccountKind
    subject: str = ""


def _rules(moment: str, *rows: tuple[str, AccountKind, AccountKind]) -> tuple[Rule, ...]:
    return tuple(Rule(moment, *row) for row in rows)


RULES: tuple[Rule, ...] = (
    #                              amount         debit             credit
    # --- an order ---
    *_rules("order_placed", ("wallet", A.wallet, A.customers)),
    *_rules(
        "order_delivered",
        ("goods", A.customers, A.sales),
        ("delivery", A.customers, A.delivery_fees),
        ("tax", A.customers, A.tax_payable),
        ("discount", A.discounts, A.customers),
        ("cost", A.cost_of_goods, A.goods_out),
    ),
    *_rules("cash_taken_by_driver", ("due", A.driver_cash, A.customers), ("change", A.driver_cash, A.wallet)),
    *_rules("cash_taken_at_counter", ("due", A.till, A.customers), ("change", A.till, A.wallet)),
    *_rules("cash_taken_by_courier", ("due", A.courier_cash, A.customers)),
    *_rules("wallet_given_back", ("wallet", A.customers, A.wallet)),
    *_rules("wallet_part_given_back", ("wallet", A.customers, A.wallet)),
    # --- money that comes in and goes back ---
    *_rules("payment_received", ("paid", A.clearing, A.customers), ("excess", A.clearing, A.wallet)),
    *_rules("payment_to_wallet", ("paid", A.clearing, A.wallet)),
    *_rules(
        "sale_taken_back",
        ("goods", A.sales_returns, A.customers),
        ("delivery", A.delivery_fees, A.customers),
        ("tax", A.tax_payable, A.customers),
        ("discount", A.customers, A.discounts),
    ),
    *_rules("refund_to_wallet", ("refund", A.customers, A.wallet)),
    *_rules("refund_started", ("refund", A.customers, A.refunds_due)),
    *_rules("refund_paid", ("refund", A.refunds_due, A.clearing)),
    *_rules("refund_dropped", ("refund", A.refunds_due, A.customers)),
    # Money that staff send back before it paid anything: it came, and goes by `refund_paid`.
    *_rules("payment_sent_back", ("amount", A.clearing, A.refunds_due)),
    *_rules("payment_not_sent_back", ("amount", A.refunds_due, A.clearing)),
    *_rules("refund_in_cash", ("refund", A.customers, A.till)),
    *_rules("chargeback_lost", ("amount", A.chargebacks, A.clearing), ("fee", A.gateway_fees, A.clearing)),
    *_rules("chargeback_won", ("amount", A.clearing, A.chargebacks)),
    *_rules("gateway_settled", ("net", A.bank, A.clearing), ("fee", A.gateway_fees, A.clearing)),
    *_rules("gateway_took_back", ("amount", A.clearing, A.bank), ("fee", A.gateway_fees, A.bank)),
    *_rules("settlement_short", ("amount", A.over_short, A.clearing)),
    *_rules("settlement_over", ("amount", A.clearing, A.over_short)),
    # --- a wallet ---
    *_rules("wallet_gift", ("amount", A.gifts, A.wallet)),
    *_rules("wallet_correction_up", ("amount", A.gifts, A.wallet)),
    *_rules("wallet_correction_down", ("amount", A.wallet, A.gifts)),
    *_rules("wallet_expired", ("amount", A.wallet, A.gifts)),
    *_rules("cashback_earned", ("amount", A.cashback, A.wallet)),
    *_rules("cashback_taken_back", ("amount", A.wallet, A.cashback)),
    *_rules("referral_earned", ("amount", A.referral, A.wallet)),
    *_rules("referral_taken_back", ("amount", A.wallet, A.referral)),
    # --- a shelf ---
    *_rules("stock_received", ("value", A.inventory, A.suppliers)),
    *_rules("stock_sold", ("value", A.goods_out, A.inventory)),
    *_rules("stock_returned", ("value", A.inventory, A.goods_out)),
    *_rules("stock_taken_back", ("value", A.inventory, A.cost_of_goods)),
    *_rules("stock_found", ("value", A.inventory, A.stock_losses)),
    *_rules("stock_lost", ("value", A.stock_losses, A.inventory)),
    *_rules("stock_sent", ("value", A.goods_moving, A.inventory)),
    *_rules("stock_arrived", ("value", A.inventory, A.goods_moving)),
)

MOMENTS: dict[str, tuple[Rule, ...]] = {
    moment: tuple(rule for rule in RULES if rule.moment == moment) for moment in {r.moment for r in RULES}
}


def postings(
    moment: str, amounts: Mapping[str, Minor], subjects: Mapping[AccountKind, str]
) -> dict[Account, Minor]:
    """Account → signed amount, debit above zero; they sum to zero, and no account is there with nothing.

    `amounts` names every amount of the moment (0: not this time), none below zero; `subjects` says whose account it
    is for each kind that has one per customer, driver, … and that an amount falls on. KeyError for an unknown
    moment or a missing subject; ValueError for amounts that are not the moment's.
    """
    rules = MOMENTS[moment]
    if amounts.keys() != {rule.amount for rule in rules}:
        raise ValueError(f"{moment} takes {sorted(r.amount for r in rules)}, given {sorted(amounts)}")
    if any(amount < 0 for amount in amounts.values()):
        raise ValueError(f"{moment} with an amount below zero: {dict(amounts)}")
    sums: dict[Account, Minor] = defaultdict(int)
    for rule in rules:
        if amount := amounts[rule.amount]:
            sums[_account(rule.debit, subjects)] += amount
            sums[_account(rule.credit, subjects)] -= amount
    return {account: amount for account, amount in sums.items() if amount}


def _account(kind: AccountKind, subjects: Mapping[AccountKind, str]) -> Account:
    return Account(kind, subjects[kind] if kind in SUBJECTS else "")
