"""Which claims are filed in time: K5, X11 and X12."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims import codec
from server.claims.document import ClaimDocument, ClaimType, ServiceLine
from server.claims.filing import (
    FilingRules,
    filing_days,
    last_filing_day,
    last_timely_day,
    late_lines,
    timely,
)
from tests.server.claims.clock_rules import DAY_0, day

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
