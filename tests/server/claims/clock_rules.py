"""Days counted from a receipt, and rules of clocks, interest and appeals to hold them against."""

from __future__ import annotations

from datetime import date, timedelta

from server.claims.appeal_rules import AppealLevel, AppealRules, Minimum
from server.claims.clocks import ClockRules
from server.claims.interest import InterestRate, InterestRules
from tests.server.claims.documents import money

DAY_0 = date(2026, 3, 1)
LIMIT = 30


def day(number: int) -> date:
    """The day so many days after the receipt."""
    return DAY_0 + timedelta(days=number)


CLOCKS = ClockRules(payment_floor_electronic_days=13, payment_floor_paper_days=26)
JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
RATES = (
    InterestRate(effective_from=JULY, rate=money("0.10")),
    InterestRate(effective_from=JANUARY, rate=money("0.05")),
)
FEDERAL = InterestRules(day_count=360, compounding_monthly=True, rates=RATES)
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
