"""The table of what is posted when: plain values, no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger import AccountKind, rules, shown
from app.ledger.chart import NAMES, NATURE, NEVER_ABOVE_ZERO, NEVER_BELOW_ZERO, SUBJECTS
from app.ledger.rules import MOMENTS, RULES, Account, postings

A = AccountKind
WHOSE = dict.fromkeys(SUBJECTS, "7")


@given(st.sampled_from(sorted(MOMENTS)), st.data())
def test_every_moment_sums_to_zero(moment, data):
    names = sorted({rule.amount for rule in MOMENTS[moment]})
    amounts = {name: data.draw(st.integers(0, 10**12), label=name) for name in names}
    sums = postings(moment, amounts, WHOSE)
    assert sum(sums.values()) == 0
    assert all(sums.values())
    assert len(sums) != 1


def test_a_delivered_order_earns_its_total():
    sums = postings(
        "order_delivered",
        {"goods": 2500, "delivery": 599, "tax": 175, "discount": 200, "cost": 1300},
        {A.discounts: "promotion"},
    )
    assert sums[Account(A.customers)] == 2500 + 599 + 175 - 200
    assert sums[Account(A.sales)] == -2500
    assert sums[Account(A.discounts, "promotion")] == 200
    assert sums[Account(A.cost_of_goods)] == -sums[Account(A.goods_out)] == 1300


@pytest.mark.parametrize(
    ("amounts", "because"),
    [
        pytest.param({}, "takes", id="an amount is missing"),
        pytest.param({"wallet": 5, "tip": 1}, "takes", id="an amount too many"),
        pytest.param({"wallet": -5}, "below zero", id="below zero"),
    ],
)
def test_amounts_that_are_not_the_moments_are_refused(amounts, because):
    with pytest.raises(ValueError, match=because):
        postings("order_placed", amounts, {A.wallet: "1"})


def test_an_account_of_somebody_needs_to_know_whose():
    with pytest.raises(KeyError):
        postings("order_placed", {"wallet": 5}, {})


def test_nothing_is_posted_for_nothing():
    assert postings("order_placed", {"wallet": 0}, {}) == {}


def test_the_chart_is_whole():
    assert set(NATURE) == set(NAMES) == set(AccountKind)
    assert {kind for rule in RULES for kind in (rule.debit, rule.credit)} <= set(AccountKind)
    assert all(rule.debit is not rule.credit for rule in RULES)
    assert NEVER_ABOVE_ZERO.isdisjoint(NEVER_BELOW_ZERO)
    assert len({(r.moment, r.amount, r.debit, r.credit) for r in RULES}) == len(RULES)


def test_every_amount_of_a_moment_is_one_transfer():
    for moment, rows in MOMENTS.items():
        assert len({row.amount for row in rows}) == len(rows), moment


@pytest.mark.parametrize(
    ("kind", "balance", "seen"), [(A.wallet, -500, 500), (A.till, 500, 500), (A.sales, -9, 9)]
)
def test_a_balance_is_shown_as_people_expect_it(kind, balance, seen):
    assert shown(kind, balance) == seen


def test_floors_that_the_trigger_locks_first_are_those_of_the_chart():
    from app.core.schema import FUNCTIONS

    (keeper,) = (body for body in FUNCTIONS if "ledger_keep_balances" in body)
    for kind in NEVER_ABOVE_ZERO | NEVER_BELOW_ZERO:
        assert f"'{kind}'" in keeper
    assert rules.MOMENTS


def test_the_documented_table_is_the_table(repository):
    rows = [
        line.split("|")[2:5]
        for line in (repository / "docs/money.md").read_text().splitlines()
        if " | " in line
    ]
    written = [tuple(cell.strip().split(" of the ")[0] for cell in row) for row in rows[1:]]
    assert [row for row in written if row[0] != "---"] == [(r.amount, r.debit, r.credit) for r in RULES]
