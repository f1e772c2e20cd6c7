"""What interest is, as days, rates and amounts make it: K2, and X7 to X10."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims import codec
from server.claims.clocks import due_date, in_force
from server.claims.interest import (
    InterestRate,
    InterestRules,
    compound_interest,
    interest,
    interest_days,
    rate_on,
    recomputed,
    simple_interest,
)
from tests.server.claims.clock_rules import DAY_0, FEDERAL, JANUARY, JULY, LIMIT, RATES, day
from tests.server.claims.documents import money

MEDICARE = InterestRules(rates=RATES)

NETS = st.decimals("0.00", "99999999.99", places=2)
YEARLY = st.decimals("0", "0.20", places=5)
DAYS = st.integers(0, 800)
EITHER = st.sampled_from([MEDICARE, FEDERAL])


def test_x7_simple_interest_of_10_days() -> None:
    assert simple_interest(money("1500.00"), money("0.065"), 10, 360) == money("2.71")


def test_x8_interest_of_2_months_and_15_days_is_compounded() -> None:
    owed = compound_interest(money("1500.00"), money("0.06"), 2, 15, 360)
    assert owed == money("18.83")
    federal = replace(FEDERAL, rates=(InterestRate(effective_from=JANUARY, rate=money("0.06")),))
    assert recomputed(money("1500.00"), money("0.06"), 75, federal) == owed
    assert interest(money("1500.00"), JANUARY, JANUARY + timedelta(days=105), federal) == owed


def test_x9_simple_interest_of_10_days_by_the_treasury() -> None:
    assert simple_interest(money("1500.00"), money("0.066"), 10, 360) == money("2.75")


def test_x7_x9_within_the_first_month_compounding_changes_nothing() -> None:
    assert compound_interest(money("1500.00"), money("0.065"), 0, 10, 360) == money("2.71")
    assert recomputed(money("1500.00"), money("0.066"), 10, FEDERAL) == money("2.75")


def test_x10_the_day_after_the_limit_is_the_first_with_interest() -> None:
    received = date(2014, 3, 1)
    assert due_date(received, (), LIMIT) == date(2014, 3, 31)
    assert interest_days(received, date(2014, 3, 31), MEDICARE) == 0
    assert interest_days(received, date(2014, 4, 1), MEDICARE) == 1
    assert interest_days(received, date(2014, 4, 2), MEDICARE) == 2


def test_k2_a_payment_in_time_has_no_days_of_interest() -> None:
    assert interest_days(DAY_0, day(0), MEDICARE) == 0
    assert interest_days(DAY_0, day(29), MEDICARE) == 0
    assert interest_days(DAY_0, day(45), replace(MEDICARE, free_days=44)) == 1


def test_k2_interest_is_net_times_rate_times_days_over_the_year() -> None:
    # 1000.00 * 0.05 * 40 / 365 = 5.4794...
    assert interest(money("1000.00"), DAY_0, day(70), MEDICARE) == money("5.48")
    assert interest(money("1000.00"), DAY_0, day(30), MEDICARE) == money("0.00")
    assert interest(money("1000.00"), DAY_0, day(31), MEDICARE) == money("0.14")


@pytest.mark.parametrize(
    ("net", "owed"), [("36.49", "0.00"), ("36.50", "0.01"), ("109.49", "0.01"), ("109.50", "0.02")]
)
def test_k2_half_a_cent_is_rounded_up(net: str, owed: str) -> None:
    assert simple_interest(money(net), money("0.05"), 1, 365) == money(owed)


@pytest.mark.parametrize(("net", "owed"), [("1.49", "0.00"), ("1.50", "0.01"), ("4.50", "0.02")])
def test_k2_half_a_cent_of_a_month_is_rounded_up(net: str, owed: str) -> None:
    # A twelfth of 0.04 has no end; the sum is exact all the same.
    assert compound_interest(money(net), money("0.04"), 1, 0, 365) == money(owed)


def test_k2_amounts_have_two_decimals() -> None:
    assert str(simple_interest(money("0"), money("0.05"), 1, 365)) == "0.00"
    assert str(simple_interest(money("7300"), money("0.05"), 30, 365)) == "30.00"
    assert str(simple_interest(money("50000000.00"), money("0.10"), 100, 365)) == "1369863.01"


@pytest.mark.parametrize(
    ("on", "rate"),
    [
        (date(2025, 12, 31), "0"),
        (JANUARY, "0.05"),
        (date(2026, 6, 30), "0.05"),
        (JULY, "0.10"),
        (date(2030, 1, 1), "0.10"),
    ],
)
def test_k2_the_rate_is_that_of_the_day_of_payment(on: date, rate: str) -> None:
    assert rate_on(on, MEDICARE) == money(rate)
    received = on - timedelta(days=31)
    owed = simple_interest(money("36500.00"), money(rate), 1, 365)
    assert interest(money("36500.00"), received, on, MEDICARE) == owed


def test_k2_the_order_of_the_rows_does_not_matter() -> None:
    for rows in (RATES, RATES[::-1]):
        assert in_force(rows, date(2026, 6, 30)) == RATES[1]
        assert in_force(rows, JULY) == RATES[0]
    assert in_force((), JULY) is None


def test_k2_without_a_rate_there_is_no_interest() -> None:
    assert interest(money("1000.00"), DAY_0, day(500), InterestRules()) == money("0.00")


def test_k2_a_claim_that_was_not_clean_bears_no_interest() -> None:
    assert interest(money("1000.00"), DAY_0, day(70), MEDICARE, developed=True) == money("0.00")
    assert interest(money("1000.00"), DAY_0, day(70), MEDICARE, developed=False) > 0


@pytest.mark.parametrize("rules", [MEDICARE, FEDERAL])
@pytest.mark.parametrize("net", ["0.00", "-0.01", "-1000.00"])
def test_k2_nothing_payable_bears_no_interest(net: str, rules: InterestRules) -> None:
    assert interest(money(net), DAY_0, day(70), rules) == money("0.00")
    assert recomputed(money(net), money("0.05"), 40, rules) == money("0.00")


def test_k2_the_smallest_payment_bears_interest() -> None:
    assert recomputed(money("0.01"), money("1.00"), 365, MEDICARE) == money("0.01")


def test_k2_a_reduced_payment_keeps_its_rate_and_days() -> None:
    paid_on = day(70)
    rate, days = rate_on(paid_on, MEDICARE), interest_days(DAY_0, paid_on, MEDICARE)
    paid = interest(money("1000.00"), DAY_0, paid_on, MEDICARE)
    assert (rate, days) == (money("0.05"), 40)
    assert recomputed(money("1000.00"), rate, days, MEDICARE) == paid
    assert recomputed(money("600.00"), rate, days, MEDICARE) == money("3.29")


@pytest.mark.parametrize(
    ("days", "owed"), [(29, "48.33"), (30, "50.00"), (31, "51.68"), (60, "100.25")]
)
def test_k2_compounded_interest_joins_the_principal_each_30_days(days: int, owed: str) -> None:
    assert recomputed(money("10000.00"), money("0.06"), days, FEDERAL) == money(owed)


def test_k2_an_empty_policy_row_is_medicares_without_rates() -> None:
    assert codec.decode(InterestRules, {}) == InterestRules(
        day_count=365, free_days=30, compounding_monthly=False, rates=()
    )


@given(NETS, YEARLY, DAYS, DAYS, EITHER)
def test_k2_interest_never_falls_with_the_days(
    net: Decimal, rate: Decimal, one: int, other: int, rules: InterestRules
) -> None:
    fewer, more = sorted((one, other))
    assert recomputed(net, rate, fewer, rules) <= recomputed(net, rate, more, rules)


@given(NETS, YEARLY, EITHER)
def test_k2_no_days_no_interest(net: Decimal, rate: Decimal, rules: InterestRules) -> None:
    assert recomputed(net, rate, 0, rules) == 0


@given(NETS, NETS, YEARLY, DAYS, EITHER)
def test_k2_interest_is_additive_up_to_rounding(
    one: Decimal, other: Decimal, rate: Decimal, days: int, rules: InterestRules
) -> None:
    together = recomputed(one + other, rate, days, rules)
    apart = recomputed(one, rate, days, rules) + recomputed(other, rate, days, rules)
    assert abs(together - apart) <= money("0.01")


@given(NETS, NETS, YEARLY, DAYS, EITHER)
def test_k2_a_reduced_payment_never_bears_more(
    one: Decimal, other: Decimal, rate: Decimal, days: int, rules: InterestRules
) -> None:
    less, more = sorted((one, other))
    assert recomputed(less, rate, days, rules) <= recomputed(more, rate, days, rules)


@given(NETS, st.integers(0, 300), EITHER)
def test_k2_interest_begins_after_the_free_days(
    net: Decimal, number: int, rules: InterestRules
) -> None:
    owed = interest(net, DAY_0, day(number), rules)
    assert owed >= 0
    assert owed == 0 or number > rules.free_days
