"""Clocks, interest, timely filing and appeal deadlines: K1 to K5, M20, W13, X7 to X13."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims import codec
from server.claims.appeal_rules import (
    AppealLevel,
    AppealRules,
    Minimum,
    appeal_deadline,
    appeal_due,
    minimum_on,
)
from server.claims.clocks import (
    ClockRules,
    Pause,
    age_days,
    breached,
    due_date,
    earliest_payment_date,
    in_force,
    paused_days,
)
from server.claims.document import ClaimDocument, ClaimType, ServiceLine
from server.claims.filing import (
    FilingRules,
    filing_days,
    last_filing_day,
    last_timely_day,
    late_lines,
    timely,
)
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

DAY_0 = date(2026, 3, 1)
LIMIT = 30


def day(number: int) -> date:
    """The day so many days after the receipt."""
    return DAY_0 + timedelta(days=number)


def pause(begins: int, ends: int | None = None) -> Pause:
    """The days [begins, ends) after the receipt."""
    return Pause(begins=day(begins), ends=None if ends is None else day(ends))


def money(text: str) -> Decimal:
    return Decimal(text)


# Histories that can be: gaps and lengths in turn make pauses that do not overlap.
LENGTHS = st.lists(st.integers(0, 20), max_size=8)
NUMBERS = st.integers(0, 200)
LIMITS = st.integers(0, 60)


@st.composite
def valid_pauses(draw: st.DrawFn) -> tuple[Pause, ...]:
    """Pauses as requests for information leave them (K4): apart, the last perhaps open."""
    ends = [0]
    for length in draw(LENGTHS):
        ends.append(ends[-1] + length)
    pauses = [pause(*both) for both in zip(ends[0::2], ends[1::2], strict=False)]
    if len(ends) % 2:
        pauses.append(pause(ends[-1]))
    return tuple(draw(st.permutations(pauses if draw(st.booleans()) else pauses[:-1])))


ANY_PAUSES = st.lists(
    st.builds(pause, st.integers(-20, 60), st.none() | st.integers(-20, 80)), max_size=6
)


# K1: the age and its pauses


def test_k1_a_claim_is_0_days_old_on_its_receipt() -> None:
    assert age_days(DAY_0, (), day(0)) == 0
    assert age_days(DAY_0, (), day(1)) == 1


@pytest.mark.parametrize(
    ("on", "age"), [(9, 9), (10, 10), (11, 10), (14, 10), (15, 10), (16, 11), (17, 12)]
)
def test_k1_the_clock_stops_on_the_day_a_pause_begins_and_runs_again_on_its_end(
    on: int, age: int
) -> None:
    assert age_days(DAY_0, [pause(10, 15)], day(on)) == age


def test_k1_an_open_pause_keeps_the_age() -> None:
    assert [age_days(DAY_0, [pause(10)], day(on)) for on in (10, 11, 100)] == [10, 10, 10]


def test_k1_several_pauses_add_up() -> None:
    assert paused_days([pause(3, 5), pause(10, 17)], day(0), day(30)) == 9


@pytest.mark.parametrize(("first", "until", "paused"), [(12, 14, 2), (4, 12, 2), (14, 30, 1)])
def test_k1_only_the_paused_days_in_between_count(first: int, until: int, paused: int) -> None:
    assert paused_days([pause(10, 15)], day(first), day(until)) == paused


@pytest.mark.parametrize(("first", "until"), [(0, 10), (15, 30), (14, 14), (14, 12), (20, 5)])
def test_k1_no_paused_day_lies_outside_the_pause(first: int, until: int) -> None:
    assert paused_days([pause(10, 15)], day(first), day(until)) == 0


def test_k1_a_pause_before_the_receipt_stops_nothing() -> None:
    assert age_days(DAY_0, [pause(-9, -4)], day(7)) == 7
    assert due_date(DAY_0, [pause(-9, -4)], LIMIT) == day(30)


@pytest.mark.parametrize(
    "pauses",
    [
        [pause(10, 15), pause(12, 20)],
        [pause(12, 20), pause(10, 15)],
        [pause(10, 20), pause(12, 15)],
        [pause(10, 20), pause(10, 20)],
        [pause(10, 12), pause(12, 20)],
    ],
)
def test_k1_a_day_in_two_pauses_counts_once(pauses: list[Pause]) -> None:
    assert paused_days(pauses, day(0), day(30)) == 10
    assert due_date(DAY_0, pauses, LIMIT) == day(40)


def test_k1_a_pause_without_days_stops_nothing() -> None:
    assert age_days(DAY_0, [pause(10, 10), pause(12, 11)], day(30)) == 30
    assert due_date(DAY_0, [pause(10, 10), pause(12, 11)], LIMIT) == day(30)


# K1: the due date and the breach


def test_k1_without_pauses_the_due_date_is_the_limit_after_the_receipt() -> None:
    assert due_date(DAY_0, (), LIMIT) == day(30)
    assert due_date(DAY_0, (), 0) == DAY_0


def test_k1_pauses_put_the_due_date_off() -> None:
    assert due_date(DAY_0, [pause(10, 15)], LIMIT) == day(35)
    assert due_date(DAY_0, [pause(32, 40), pause(10, 15)], LIMIT) == day(43)


def test_k1_a_pause_that_begins_the_day_before_puts_the_due_date_off() -> None:
    assert due_date(DAY_0, [pause(29, 34)], LIMIT) == day(35)
    assert due_date(DAY_0, [pause(29)], LIMIT) is None


def test_k1_a_pause_that_begins_on_the_due_date_comes_too_late() -> None:
    assert due_date(DAY_0, [pause(30, 35)], LIMIT) == day(30)
    assert due_date(DAY_0, [pause(30)], LIMIT) == day(30)


def test_k1_an_open_pause_leaves_no_due_date() -> None:
    assert due_date(DAY_0, [pause(3, 5), pause(10)], LIMIT) is None
    assert not breached(DAY_0, [pause(10)], LIMIT, day(5000))


def test_k1_an_open_pause_after_another_that_overlaps_leaves_no_due_date() -> None:
    assert due_date(DAY_0, [pause(12), pause(10, 15)], LIMIT) is None


def test_k1_a_claim_is_late_from_the_day_after_its_due_date() -> None:
    assert not breached(DAY_0, (), LIMIT, day(30))
    assert breached(DAY_0, (), LIMIT, day(31))
    assert not breached(DAY_0, [pause(10, 15)], LIMIT, day(35))
    assert breached(DAY_0, [pause(10, 15)], LIMIT, day(36))


@given(valid_pauses(), NUMBERS, NUMBERS)
def test_k1_the_age_never_goes_back(pauses: tuple[Pause, ...], one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    grown = age_days(DAY_0, pauses, day(later)) - age_days(DAY_0, pauses, day(earlier))
    assert 0 <= grown <= later - earlier


@given(ANY_PAUSES, NUMBERS)
def test_k1_a_paused_day_is_a_day_in_any_pause(pauses: list[Pause], on: int) -> None:
    paused = [
        number
        for number in range(on)
        if any(one.begins <= day(number) < (one.ends or date.max) for one in pauses)
    ]
    assert paused_days(pauses, DAY_0, day(on)) == len(paused)


@given(ANY_PAUSES, LIMITS)
def test_k1_the_due_date_is_the_first_day_that_reaches_the_limit(
    pauses: list[Pause], limit: int
) -> None:
    ages = ((number, age_days(DAY_0, pauses, day(number))) for number in range(300))
    first = next((day(number) for number, age in ages if age == limit), None)
    assert due_date(DAY_0, pauses, limit) == first


@given(valid_pauses(), LIMITS, st.integers(1, 200))
def test_k1_a_claim_is_late_iff_the_limit_was_reached_before_today(
    pauses: tuple[Pause, ...], limit: int, on: int
) -> None:
    reached = age_days(DAY_0, pauses, day(on - 1)) >= limit
    assert breached(DAY_0, pauses, limit, day(on)) == reached


# K3: the payment floor

CLOCKS = ClockRules(payment_floor_electronic_days=13, payment_floor_paper_days=26)


def test_k3_an_electronic_claim_is_paid_from_day_14_on_and_paper_from_day_29() -> None:
    assert earliest_payment_date(DAY_0, True, ClockRules()) == day(14)
    assert earliest_payment_date(DAY_0, False, ClockRules()) == day(29)


def test_k3_the_floor_is_a_matter_of_policy() -> None:
    assert earliest_payment_date(DAY_0, True, CLOCKS) == day(13)
    assert earliest_payment_date(DAY_0, False, CLOCKS) == day(26)


def test_k1_k3_an_empty_policy_row_is_medicares() -> None:
    assert codec.decode(ClockRules, {}) == ClockRules(
        limit_days=30,
        pauses=True,
        payment_floor_electronic_days=14,
        payment_floor_paper_days=29,
    )


# K2: interest

JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
RATES = (
    InterestRate(effective_from=JULY, rate=money("0.10")),
    InterestRate(effective_from=JANUARY, rate=money("0.05")),
)
MEDICARE = InterestRules(rates=RATES)
FEDERAL = InterestRules(day_count=360, compounding_monthly=True, rates=RATES)

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


# K5: timely filing

FILING = FilingRules()
STRICT = FilingRules(roll_to_workday=False)
CALENDAR = st.dates(date(2000, 1, 1), date(2060, 12, 31))
FILING_RULES = st.builds(
    FilingRules,
    months=st.integers(0, 40),
    days=st.integers(0, 400),
    roll_to_workday=st.booleans(),
    holidays=st.lists(CALENDAR, max_size=3).map(tuple),
)


def claim(kind: ClaimType, *periods: tuple[date | None, date | None]) -> ClaimDocument:
    """A claim whose lines, numbered from 1, have these first and last days."""
    lines = tuple(
        ServiceLine(line_number=number, service_from_date=first, service_through_date=last)
        for number, (first, last) in enumerate(periods, start=1)
    )
    return ClaimDocument(type=kind, service_lines=lines)


JULY_2021 = replace(
    claim(
        ClaimType.INSTITUTIONAL,
        (date(2021, 7, 1), date(2021, 7, 1)),
        (date(2021, 7, 30), date(2021, 7, 31)),
    ),
    statement_from_date=date(2021, 7, 1),
    statement_through_date=date(2021, 7, 31),
)


def test_x11_an_institutional_claim_has_a_year_from_the_end_of_its_statement() -> None:
    assert filing_days(JULY_2021) == {1: date(2021, 7, 31), 2: date(2021, 7, 31)}
    assert last_filing_day(date(2021, 7, 31), FILING) == date(2022, 7, 31)
    assert late_lines(JULY_2021, date(2022, 7, 31), STRICT) == frozenset()
    assert late_lines(JULY_2021, date(2022, 8, 1), STRICT) == {1, 2}


def test_x11_its_last_day_is_a_sunday_and_the_monday_is_forgiven() -> None:
    assert last_timely_day(date(2021, 7, 31), FILING) == date(2022, 8, 1)
    assert late_lines(JULY_2021, date(2022, 8, 1), FILING) == frozenset()
    assert late_lines(JULY_2021, date(2022, 8, 2), FILING) == {1, 2}


def test_x12_service_on_29_february_is_due_on_28_february() -> None:
    assert last_filing_day(date(2024, 2, 29), FILING) == date(2025, 2, 28)
    assert last_filing_day(date(2023, 2, 28), FILING) == date(2024, 2, 28)
    assert timely(date(2024, 2, 29), date(2025, 2, 28), FILING)
    assert not timely(date(2024, 2, 29), date(2025, 3, 1), STRICT)


@pytest.mark.parametrize(
    ("months", "last"),
    [
        (0, date(2025, 8, 31)),
        (1, date(2025, 9, 30)),
        (3, date(2025, 11, 30)),
        (4, date(2025, 12, 31)),
        (5, date(2026, 1, 31)),
        (6, date(2026, 2, 28)),
        (16, date(2026, 12, 31)),
        (17, date(2027, 1, 31)),
        (30, date(2028, 2, 29)),
    ],
)
def test_k5_a_limit_of_months_ends_on_the_same_day_or_the_months_last(
    months: int, last: date
) -> None:
    assert last_filing_day(date(2025, 8, 31), replace(FILING, months=months)) == last


def test_k5_a_limit_of_days_takes_the_place_of_the_months() -> None:
    assert last_filing_day(DAY_0, replace(FILING, days=90)) == day(90)
    assert last_filing_day(DAY_0, replace(FILING, days=1)) == day(1)
    assert last_filing_day(DAY_0, replace(FILING, days=0)) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("service_day", "last"),
    [
        (date(2025, 1, 1), date(2026, 1, 1)),  # Thursday
        (date(2025, 1, 2), date(2026, 1, 2)),  # Friday
        (date(2025, 1, 3), date(2026, 1, 5)),  # Saturday
        (date(2025, 1, 4), date(2026, 1, 5)),  # Sunday
        (date(2025, 1, 5), date(2026, 1, 5)),  # Monday
    ],
)
def test_k5_a_weekend_is_forgiven_until_the_monday(service_day: date, last: date) -> None:
    assert last_timely_day(service_day, FILING) == last
    assert timely(service_day, last, FILING)
    assert not timely(service_day, last + timedelta(days=1), FILING)


def test_k5_a_holiday_is_forgiven_until_the_next_workday() -> None:
    new_year = replace(FILING, holidays=(date(2026, 1, 1), date(2026, 1, 2)))
    assert last_timely_day(date(2025, 1, 1), new_year) == date(2026, 1, 5)
    assert last_timely_day(date(2024, 12, 31), new_year) == date(2025, 12, 31)


def test_k5_where_nothing_is_forgiven_the_last_day_is_the_published_one() -> None:
    holiday = replace(STRICT, holidays=(date(2026, 1, 3),))
    assert last_timely_day(date(2025, 1, 3), holiday) == date(2026, 1, 3)


def test_k5_a_professional_line_counts_by_its_first_day() -> None:
    document = claim(
        ClaimType.PROFESSIONAL,
        (date(2025, 1, 6), date(2025, 3, 31)),
        (date(2025, 1, 7), None),
        (None, date(2025, 1, 6)),
    )
    assert filing_days(document) == {1: date(2025, 1, 6), 2: date(2025, 1, 7)}
    assert late_lines(document, date(2026, 1, 6), FILING) == frozenset()
    assert late_lines(document, date(2026, 1, 7), FILING) == {1}
    assert late_lines(document, date(2026, 1, 8), FILING) == {1, 2}


def test_k5_a_dental_line_counts_by_its_first_day_whatever_the_statement_says() -> None:
    document = replace(
        claim(ClaimType.DENTAL, (date(2025, 1, 6), date(2025, 1, 8))),
        statement_through_date=date(2025, 1, 9),
    )
    assert filing_days(document) == {1: date(2025, 1, 6)}


def test_k5_without_a_statement_an_institutional_claim_counts_by_its_latest_date() -> None:
    first, middle, last = date(2025, 1, 6), date(2025, 1, 7), date(2025, 1, 8)
    periods = [(middle, last), (None, None), (first, None)]
    days = filing_days(claim(ClaimType.INSTITUTIONAL, *periods))
    assert days == {1: last, 2: last, 3: last}
    days = filing_days(claim(ClaimType.INSTITUTIONAL, (first, middle), (last, None)))
    assert days == {1: last, 2: last}


def test_k5_a_claim_without_any_date_is_not_late() -> None:
    for kind in ClaimType:
        document = claim(kind, (None, None))
        assert filing_days(document) == {}
        assert late_lines(document, date(2099, 1, 1), FILING) == frozenset()


def test_k5_a_service_after_the_receipt_is_not_late_however_far_off() -> None:
    assert timely(date.max, DAY_0, FILING)
    assert timely(date.max, DAY_0, replace(FILING, days=90))


def test_k5_an_empty_policy_row_is_medicares() -> None:
    assert codec.decode(FilingRules, {}) == FilingRules(
        months=12, days=0, roll_to_workday=True, holidays=()
    )


@given(CALENDAR, CALENDAR, CALENDAR, FILING_RULES)
def test_k5_an_earlier_receipt_is_no_later(
    service_day: date, one: date, other: date, rules: FilingRules
) -> None:
    earlier, later = sorted((one, other))
    assert timely(service_day, earlier, rules) or not timely(service_day, later, rules)


@given(CALENDAR, CALENDAR, CALENDAR, FILING_RULES)
def test_k5_a_later_service_is_no_earlier_due(
    received: date, one: date, other: date, rules: FilingRules
) -> None:
    earlier, later = sorted((one, other))
    assert timely(later, received, rules) or not timely(earlier, received, rules)


@given(CALENDAR, FILING_RULES)
def test_k5_forgiveness_ends_with_the_first_workday(service_day: date, rules: FilingRules) -> None:
    nominal, last = last_filing_day(service_day, rules), last_timely_day(service_day, rules)
    assert last >= nominal
    if rules.roll_to_workday:
        forgiven = [nominal + timedelta(days=number) for number in range((last - nominal).days)]
        assert all(one.weekday() in (5, 6) or one in rules.holidays for one in forgiven)
        assert last.weekday() not in (5, 6) and last not in rules.holidays
    else:
        assert last == nominal


# W13: appeals

LEVELS = (
    AppealLevel(level=1, name="REDETERMINATION", file_within_days=120, decide_within_days=60),
    AppealLevel(level=2, name="RECONSIDERATION", file_within_days=180, decide_within_days=60),
    AppealLevel(
        level=3,
        name="ADMINISTRATIVE_LAW_JUDGE",
        file_within_days=60,
        decide_within_days=90,
        minimum=(
            Minimum(effective_from=date(2025, 1, 1), amount=money("190.00")),
            Minimum(effective_from=date(2024, 1, 1), amount=money("180.00")),
        ),
    ),
    AppealLevel(level=4, name="APPEALS_COUNCIL", file_within_days=60, decide_within_days=90),
    AppealLevel(level=5, name="FEDERAL_COURT", file_within_days=60),
)
APPEALS = AppealRules(levels=LEVELS)


def test_x13_a_redetermination_is_due_120_days_after_5_days_of_mail() -> None:
    first = APPEALS.levels[0]
    assert appeal_deadline(date(2022, 5, 15), first, APPEALS) == date(2022, 9, 17)
    assert appeal_deadline(date(2022, 8, 15), first, APPEALS) == date(2022, 12, 18)


def test_x13_153_days_have_elapsed() -> None:
    assert age_days(date(2022, 5, 15), (), date(2022, 10, 15)) == 153


def test_w13_each_level_has_its_own_time_to_file() -> None:
    deadlines = [appeal_deadline(DAY_0, level, APPEALS) for level in APPEALS.levels]
    assert deadlines == [day(125), day(185), day(65), day(65), day(65)]
    by_hand = replace(APPEALS, mail_days=0)
    assert appeal_deadline(DAY_0, by_hand.levels[0], by_hand) == day(120)


def test_w13_each_level_has_its_own_time_to_decide_and_the_court_has_none() -> None:
    due = [appeal_due(DAY_0, level) for level in APPEALS.levels]
    assert due == [day(60), day(60), day(90), day(90), date.max]
    assert appeal_due(DAY_0, replace(LEVELS[0], decide_within_days=1)) == day(1)


@pytest.mark.parametrize(
    ("on", "amount"),
    [
        (date(2023, 12, 31), "0.00"),
        (date(2024, 1, 1), "180.00"),
        (date(2024, 12, 31), "180.00"),
        (date(2025, 1, 1), "190.00"),
    ],
)
def test_w13_the_least_amount_is_that_of_the_day_of_filing(on: date, amount: str) -> None:
    assert minimum_on(LEVELS[2], on) == money(amount)


def test_w13_a_level_without_a_least_amount_takes_any() -> None:
    assert minimum_on(LEVELS[0], DAY_0) == money("0.00")


def test_w13_appeal_levels_are_rows_of_policy() -> None:
    tree = {
        "levels": [
            {
                "level": 3,
                "name": "ADMINISTRATIVE_LAW_JUDGE",
                "file_within_days": 60,
                "decide_within_days": 90,
                "minimum": [
                    {"effective_from": "2025-01-01", "amount": "190.00"},
                    {"effective_from": "2024-01-01", "amount": "180.00"},
                ],
            },
            {"level": 5, "name": "FEDERAL_COURT", "file_within_days": 60},
        ]
    }
    assert codec.decode(AppealRules, tree) == AppealRules(
        levels=(LEVELS[2], LEVELS[4]), mail_days=5, escalation_levels=(2,)
    )


RULES = [
    replace(CLOCKS, limit_days=45, pauses=False),
    FEDERAL,
    FilingRules(days=90, roll_to_workday=False, holidays=(JANUARY,)),
    APPEALS,
]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: type(rules).__name__)
def test_rules_are_stored_and_read_back(rules: object) -> None:
    payload, sealed = codec.encode(rules)
    assert codec.decode(type(rules), payload, sealed) == rules
