"""When an appeal may be filed, when it is to be decided, and from which amount on: rule W13.

The levels are rows of policy. Deadlines here are calendar days that no weekend moves: X13 prints a
Saturday and a Sunday as last days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from server.claims.clocks import in_force
from server.claims.document import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """The least amount in controversy, for appeals filed from a day on."""

    effective_from: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLevel:
    """One level of appeal."""

    level: int  # counted from 1
    name: str
    file_within_days: int  # after the presumed receipt of the decision appealed
    decide_within_days: int = 0  # after the filing; 0: nothing binds the decider
    minimum: tuple[Minimum, ...] = ()  # none: every amount may be appealed


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRules:
    """The levels of appeal and what holds at all of them."""

    levels: tuple[AppealLevel, ...]
    mail_days: int = 5  # a decision is presumed received so many days after its date
    escalation_levels: tuple[int, ...] = (2,)  # left for the next level when decided too late


def appeal_deadline(decision_date: date, level: AppealLevel, rules: AppealRules) -> date:
    """Return the last day to file at a level against a decision (W13, X13)."""
    return decision_date + timedelta(days=rules.mail_days + level.file_within_days)


def appeal_due(filed_date: date, level: AppealLevel) -> date:
    """Return the day by whose end a filed appeal is to be decided; where nothing binds, never."""
    if level.decide_within_days == 0:
        return date.max
    return filed_date + timedelta(days=level.decide_within_days)


def minimum_on(level: AppealLevel, on: date) -> Decimal:
    """Return the least amount in controversy at a level on a day, zero without a row."""
    row = in_force(level.minimum, on)
    return ZERO if row is None else row.amount
