"""The chart of accounts: every place where money or its counterpart can stand.

Amounts are signed: a debit is above zero, a credit below. What the store has and spends grows by debits; what it owes
and earns grows by credits, so a wallet with $5 in it stands at −500.
"""

from enum import StrEnum

from app.core.i18n import _l


class AccountKind(StrEnum):
    """A line of the chart. Behind most of the names stands whose or which: see `SUBJECTS`."""

    # What the store has
    customers = "customers"
    driver_cash = "driver_cash"
    till = "till"
    courier_cash = "courier_cash"
    owner_cash = "owner_cash"
    clearing = "clearing"
    bank = "bank"
    inventory = "inventory"
    goods_moving = "goods_moving"
    goods_out = "goods_out"
    # What it owes
    wallet = "wallet"
    refunds_due = "refunds_due"
    suppliers = "suppliers"
    tax_payable = "tax_payable"
    commission_payable = "commission_payable"
    # What it earns
    sales = "sales"
    delivery_fees = "delivery_fees"
    # What that costs
    discounts = "discounts"
    sales_returns = "sales_returns"
    cost_of_goods = "cost_of_goods"
    stock_losses = "stock_losses"
    cashback = "cashback"
    referral = "referral"
    gifts = "gifts"
    gateway_fees = "gateway_fees"
    chargebacks = "chargebacks"
    commissions = "commissions"
    over_short = "over_short"


class Nature(StrEnum):
    """What an account is; says on which side it grows."""

    asset = "asset"
    liability = "liability"
    income = "income"
    expense = "expense"


A, N = AccountKind, Nature

NATURE: dict[AccountKind, Nature] = {
    **dict.fromkeys(
        (A.customers, A.driver_cash, A.till, A.courier_cash, A.owner_cash, A.clearing, A.bank), N.asset
    ),
    **dict.fromkeys((A.inventory, A.goods_moving, A.goods_out), N.asset),
    **dict.fromkeys((A.wallet, A.refunds_due, A.suppliers, A.tax_payable, A.commission_payable), N.liability),
    **dict.fromkeys((A.sales, A.delivery_fees), N.income),
    **dict.fromkeys((A.discounts, A.sales_returns, A.cost_of_goods, A.stock_losses, A.cashback), N.expense),
    **dict.fromkeys((A.referral, A.gifts, A.gateway_fees, A.chargebacks, A.commissions), N.expense),
    A.over_short: N.expense,
}

SUBJECTS: dict[AccountKind, str] = {
    A.wallet: "customer",
    A.driver_cash: "driver",
    A.till: "branch",
    A.courier_cash: "branch",
    A.clearing: "method",
    A.refunds_due: "method",
    A.inventory: "branch",
    A.discounts: "source",
    A.stock_losses: "cause",
    A.gateway_fees: "method",
    A.chargebacks: "method",
    A.commission_payable: "doctor",
}
"""Kinds that have an account per customer, driver, …; the others have one per store and currency."""

NEVER_ABOVE_ZERO = frozenset({A.wallet})
NEVER_BELOW_ZERO = frozenset({A.driver_cash, A.till})
"""Floors that the database keeps: nobody spends what is not in the wallet or the envelope."""

NAMES: dict[AccountKind, object] = {
    A.customers: _l("Customers: owed, or paid ahead"),
    A.driver_cash: _l("Cash in a driver's envelope"),
    A.till: _l("Cash at the counter"),
    A.courier_cash: _l("Cash collected by couriers"),
    A.owner_cash: _l("Owner's cash"),
    A.clearing: _l("Received by a payment method"),
    A.bank: _l("Bank"),
    A.inventory: _l("Goods on the shelves"),
    A.goods_moving: _l("Goods between branches"),
    A.goods_out: _l("Goods on the way to customers"),
    A.wallet: _l("Customers' wallets"),
    A.refunds_due: _l("Refunds on their way"),
    A.suppliers: _l("Suppliers"),
    A.tax_payable: _l("Tax to be paid"),
    A.commission_payable: _l("Commissions to be paid"),
    A.sales: _l("Sales"),
    A.delivery_fees: _l("Delivery fees"),
    A.discounts: _l("Discounts"),
    A.sales_returns: _l("Sales taken back"),
    A.cost_of_goods: _l("Cost of goods sold"),
    A.stock_losses: _l("Goods lost, found and expired"),
    A.cashback: _l("Cashback"),
    A.referral: _l("Referral rewards"),
    A.gifts: _l("Gifts and corrections"),
    A.gateway_fees: _l("Payment fees"),
    A.chargebacks: _l("Chargebacks"),
    A.commissions: _l("Commissions"),
    A.over_short: _l("Cash over and short"),
}


def shown(kind: AccountKind, balance_minor: int) -> int:
    """The balance as a person expects it: a wallet with $5 in it shows 500, sales show what was sold."""
    return balance_minor if NATURE[kind] in {N.asset, N.expense} else -balance_minor
