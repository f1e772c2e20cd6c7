"""Timely filing: rule K5.

The limit counts from a line's first day, and for an institutional claim as a whole from the last
day of its statement. It ends on the same day of a later month, or at that month's end.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from server.claims.document import ClaimDocument, ClaimType

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingRules:
    """How long after a service its claim may come in (K5)."""

    months: int = 12
    days: int = 0  # more than 0: so many days, instead of the months
    roll_to_workday: bool = True  # a last day without work is forgiven until the next workday
    holidays: tuple[date, ...] = ()


def last_filing_day(service_day: date, rules: FilingRules) -> date:
    """Return the last day of the limit as published, workday or not (K5, X11, X12)."""
    if rules.days > 0:
        return service_day + timedelta(days=rules.days)
    return _months_later(service_day, rules.months)


def last_timely_day(service_day: date, rules: FilingRules) -> date:
    """Return the last day on which a claim is still taken as timely (K5).

    The published last day stays what it is even on a Sunday, as X11 has it (2022-07-31). That a
    claim of the next workday is timely too (2022-08-01) is forgiveness, and said only here.
    """
    day = last_filing_day(service_day, rules)
    while rules.roll_to_workday and not _is_workday(day, rules):
        day += _ONE_DAY
    return day


def timely(service_day: date, received: date, rules: FilingRules) -> bool:
    """Tell whether a claim for a day came in time; if so, any earlier receipt would too (K5)."""
    # A service after the receipt is never late, and may be too far off to add a limit to.
    return received <= last_timely_day(min(service_day, received), rules)


def filing_days(document: ClaimDocument) -> Mapping[int, date]:
    """Return by line number the day a line's limit counts from; lines without one are left out."""
    if document.type is ClaimType.INSTITUTIONAL:
        through = document.statement_through_date or _latest_line_date(document)
        days = {line.line_number: through for line in document.service_lines}
    else:
        # A line that spans days counts by its first, so one that is partly late is late.
        days = {line.line_number: line.service_from_date for line in document.service_lines}
    return {number: day for number, day in days.items() if day is not None}


def late_lines(document: ClaimDocument, received: date, rules: FilingRules) -> frozenset[int]:
    """Return the numbers of the lines received too late; of an institutional claim all or none."""
    days = filing_days(document)
    return frozenset(number for number, day in days.items() if not timely(day, received, rules))


def _latest_line_date(document: ClaimDocument) -> date | None:
    lines = document.service_lines
    days = (day for line in lines for day in (line.service_from_date, line.service_through_date))
    return max((day for day in days if day is not None), default=None)


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, its last day where it has no such day (X12)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _is_workday(day: date, rules: FilingRules) -> bool:
    return day.weekday() < _SATURDAY and day not in rules.holidays
