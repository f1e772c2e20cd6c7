"""Until when, and from which amount, a level takes an appeal: W13 and X13."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from server.claims import codec
from server.claims.appeal_rules import AppealRules, appeal_deadline, appeal_due, minimum_on
from server.claims.clocks import age_days
from tests.server.claims.clock_rules import APPEALS, DAY_0, LEVELS, day
from tests.server.claims.documents import money


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
