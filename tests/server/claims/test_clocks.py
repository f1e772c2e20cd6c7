"""The age of a claim, its due date, and the earliest day of its payment: K1 and K3."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.claims import codec
from server.claims.clocks import (
    ClockRules,
    Pause,
    age_days,
    breached,
    due_date,
    earliest_payment_date,
    paused_days,
)
from server.claims.filing import FilingRules
from tests.server.claims.clock_rules import APPEALS, CLOCKS, DAY_0, FEDERAL, JANUARY, LIMIT, day


def pause(begins: int, ends: int | None = None) -> Pause:
    """The days [begins, ends) after the receipt."""
    return Pause(begins=day(begins), ends=None if ends is None else day(ends))


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
