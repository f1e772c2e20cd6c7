"""Segments being written: every element is checked, every segment counted.

What cannot stand in an 835 is refused by the name of its element, never by its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from claimflow.remittance.values import ADJUSTMENTS_MAX, is_amount

ELEMENT = "*"
COMPONENT = ":"
REPETITION = "^"
TERMINATOR = "~"

_DELIMITERS = frozenset((ELEMENT, COMPONENT, REPETITION, TERMINATOR))
_QUANTITY_DIGITS_MAX = 15
_QUANTITY_END = Decimal("1E15")

T = TypeVar("T")


class CannotWrite(ValueError):
    """A value has no place in an 835; the text names the element, without the value."""


def text(value: str, what: str, length_max: int, *, required: bool = False) -> str:
    """Return a text as an element: ASCII, no delimiter, no blanks around, not too long."""
    if required and not value:
        raise CannotWrite(f"{what} is empty")
    if not (value.isascii() and value.isprintable()) or _DELIMITERS.intersection(value):
        raise CannotWrite(f"{what} has a character that an 835 cannot have")
    if value != value.strip():
        raise CannotWrite(f"{what} begins or ends with a blank")
    if len(value) > length_max:
        raise CannotWrite(f"{what} has more than {length_max} characters")
    return value


def code(value: str, what: str, known: frozenset[str]) -> str:
    """Return a code of a closed list."""
    if value not in known:
        raise CannotWrite(f"{what} is not a known code")
    return value


def amount(value: Decimal | None, what: str) -> str:
    """Return an amount, without needless zeros as X12 wants numbers; empty for None."""
    if value is None:
        return ""
    if not is_amount(value):
        raise CannotWrite(f"{what} is not an amount of ten digits, two of them cents")
    return _plain(f"{value:.2f}")


def quantity(value: Decimal | None, what: str) -> str:
    """Return a quantity; empty for None."""
    if value is None:
        return ""
    if not value.is_finite() or abs(value) >= _QUANTITY_END:
        raise CannotWrite(f"{what} is not a quantity")
    plain = _plain(f"{value:f}")
    if sum(map(str.isdigit, plain)) > _QUANTITY_DIGITS_MAX:
        raise CannotWrite(f"{what} has more than {_QUANTITY_DIGITS_MAX} digits")
    return plain


def _plain(number: str) -> str:
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    sign = "-" if number.startswith("-") else ""
    digits = number.removeprefix("-").lstrip("0")
    return sign + digits if digits else "0"


def day(value: date) -> str:
    """Return a day as CCYYMMDD."""
    return value.isoformat().replace("-", "")


class Segments:
    """The segments of one transaction set."""

    def __init__(self) -> None:
        self._segments: list[str] = []

    def put(self, identifier: str, *elements: str) -> None:
        """Add a segment; empty elements at its end are left out."""
        self._segments.append(joined((identifier, *elements), ELEMENT) + TERMINATOR)

    def __len__(self) -> int:
        return len(self._segments)

    def __str__(self) -> str:
        return "".join(self._segments)


def joined(parts: tuple[str, ...], separator: str) -> str:
    """Return elements or components as one text; empty ones at its end are left out."""
    return separator.join(parts).rstrip(separator)


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield as many items at a time as one CAS or PLB may hold."""
    for begin in range(0, len(items), ADJUSTMENTS_MAX):
        yield items[begin : begin + ADJUSTMENTS_MAX]
