"""What can be wrong with a remittance: with its text, and with its sums.

Neither kind of problem holds a person's value.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem means for the verdict."""

    # The verdict cannot be "balanced".
    ERROR = "ERROR"
    WARNING = "WARNING"


class Malformation(StrEnum):
    """What can be wrong with the text of an 835."""

    EMPTY = "EMPTY"
    TOO_LONG = "TOO_LONG"
    OUTSIDE_SET = "OUTSIDE_SET"
    TRAILER_MISSING = "TRAILER_MISSING"
    TRAILER_UNEXPECTED = "TRAILER_UNEXPECTED"
    COUNT = "COUNT"
    CONTROL_NUMBER = "CONTROL_NUMBER"
    SEGMENT_MISSING = "SEGMENT_MISSING"
    MISPLACED = "MISPLACED"
    NUMBER = "NUMBER"
    SCALE = "SCALE"
    # No money is lost by what follows.
    DATE = "DATE"
    INTERCHANGE_HEADER = "INTERCHANGE_HEADER"
    BYTE_ORDER_MARK = "BYTE_ORDER_MARK"
    ENVELOPE_MISSING = "ENVELOPE_MISSING"
    VERSION = "VERSION"
    FOREIGN_SET = "FOREIGN_SET"
    UNKNOWN_SEGMENT = "UNKNOWN_SEGMENT"
    ELEMENT_MISSING = "ELEMENT_MISSING"
    CODE = "CODE"
    COMPOSITE = "COMPOSITE"
    REPEATED_TOO_OFTEN = "REPEATED_TOO_OFTEN"

    @property
    def severity(self) -> Severity:
        """ERROR when the amounts that were read may not be those that were sent."""
        return Severity.WARNING if self in _HARMLESS else Severity.ERROR


_HARMLESS = frozenset(
    {
        Malformation.DATE,
        Malformation.INTERCHANGE_HEADER,
        Malformation.BYTE_ORDER_MARK,
        Malformation.ENVELOPE_MISSING,
        Malformation.VERSION,
        Malformation.FOREIGN_SET,
        Malformation.UNKNOWN_SEGMENT,
        Malformation.ELEMENT_MISSING,
        Malformation.CODE,
        Malformation.COMPOSITE,
        Malformation.REPEATED_TOO_OFTEN,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadProblem:
    """Something wrong with the text at a segment."""

    kind: Malformation
    # Counted from 1 in the file.
    segment: int
    message: str
    # Index of the remittance that it is about; None when it is about the file.
    transaction: int | None = None

    @property
    def severity(self) -> Severity:
        """Return the severity of the kind."""
        return self.kind.severity


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a remittance: indices, counted from 0; None for all above."""

    claim: int | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A rule that a remittance breaks."""

    # Of the domain's list: M3, M4 and so on.
    rule: str
    severity: Severity
    place: Place
    message: str
    expected: Decimal | None = None
    actual: Decimal | None = None
