"""Days that run against us: the decision clock K1, its pauses K4, the payment floor K3.

Days are calendar days and day 0 is the receipt. A pause is a half-open interval: the clock stands
still on the day it begins and runs again on the day it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

_NEVER = date.max  # where an open pause ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRules:
    """How long a decision may take, and how early a payment may leave."""

    limit_days: int = 30  # decided by the end of this day after receipt (K1)
    pauses: bool = True  # whether requests for information stop the clock (K4)
    payment_floor_electronic_days: int = 14  # K3
    payment_floor_paper_days: int = 29  # K3; older texts say 27


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time in which the clock stands still: the days [begins, ends), None while it is open."""

    begins: date
    ends: date | None = None


class Dated(Protocol):
    """A row of a policy that holds from a day on, until the next one."""

    @property
    def effective_from(self) -> date:
        """Return the first day of the row."""
        ...


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Iterable[Row], on: date) -> Row | None:
    """Return the row that holds on a day: the latest that has begun, in whatever order they are."""
    begun = (row for row in rows if row.effective_from <= on)
    return max(begun, key=lambda row: row.effective_from, default=None)


def paused_days(pauses: Iterable[Pause], first: date, until: date) -> int:
    """Return how many of the days [first, until) are paused; no day counts twice."""
    spans = ((min(ends, until) - begins).days for begins, ends in _disjoint(pauses, first))
    return sum(max(0, days) for days in spans)


def age_days(receipt_date: date, pauses: Iterable[Pause], on: date) -> int:
    """Return a claim's age on a day: the days since its receipt, without the paused ones (K1)."""
    return (on - receipt_date).days - paused_days(pauses, receipt_date, on)


def due_date(receipt_date: date, pauses: Iterable[Pause], limit_days: int) -> date | None:
    """Return the first day whose age is the limit; None while an open pause keeps it away (K1)."""
    due = receipt_date + timedelta(days=limit_days)
    for begins, ends in _disjoint(pauses, receipt_date):
        # A pause that begins on the due day comes too late: the age is reached at its beginning.
        if begins < due:
            if ends == _NEVER:
                return None
            due += ends - begins
    return due


def breached(receipt_date: date, pauses: Iterable[Pause], limit_days: int, on: date) -> bool:
    """Tell whether an undecided claim is overdue: from the day after the due one on (K1)."""
    due = due_date(receipt_date, pauses, limit_days)
    return due is not None and on > due


def earliest_payment_date(receipt_date: date, electronic: bool, rules: ClockRules) -> date:
    """Return the first day a claim may be paid; paper waits longer (K3)."""
    days = rules.payment_floor_electronic_days if electronic else rules.payment_floor_paper_days
    return receipt_date + timedelta(days=days)


def _disjoint(pauses: Iterable[Pause], first: date) -> Iterator[tuple[date, date]]:
    """Yield the pauses from a day on, in order, each without the days of those before it.

    Pauses of one claim never overlap (K4); should they, the clock still stops only once a day.
    """
    for pause in sorted(pauses, key=lambda pause: pause.begins):
        begins = max(pause.begins, first)
        first = max(begins, pause.ends or _NEVER)
        yield begins, first
