"""What the rules have in common: sums, names of adjustments, problems."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from claimflow.remittance._elements import told
from claimflow.remittance.problems import Place, Problem, Severity
from claimflow.remittance.values import GROUP_CODES, ZERO


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    return sum(amounts, ZERO)


def named(group: str, reason: str) -> str:
    """Return an adjustment's name; what does not look like a code may be anything, so "?"."""
    return f"{group if group in GROUP_CODES else '?'}-{told(reason)}"


def broken(
    rule: str,
    place: Place,
    message: str,
    expected: Decimal | None = None,
    actual: Decimal | None = None,
) -> Problem:
    """Return an error."""
    return Problem(
        rule=rule,
        severity=Severity.ERROR,
        place=place,
        message=message,
        expected=expected,
        actual=actual,
    )


def warned(
    rule: str,
    place: Place,
    message: str,
    expected: Decimal | None = None,
    actual: Decimal | None = None,
) -> Problem:
    """Return a warning."""
    return Problem(
        rule=rule,
        severity=Severity.WARNING,
        place=place,
        message=message,
        expected=expected,
        actual=actual,
    )
