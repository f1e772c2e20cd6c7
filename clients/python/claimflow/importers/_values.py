"""Texts of sources as values of the contract: amounts, quantities, dates."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from google.type.date_pb2 import Date

from claimflow.importers._record import Flaw

_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?", re.ASCII)
_AMOUNT = re.compile(r"\d{1,11}\.\d\d", re.ASCII)
_CENT = Decimal("0.01")
_THOUSANDTH = Decimal("0.001")
_AMOUNT_END = Decimal("1E11")


def decimal_of(text: str, what: str) -> Decimal:
    """Return the exact number that a text says; `Flaw` names what it is when there is none."""
    if not _NUMBER.fullmatch(text):
        raise Flaw(f"{what} is not a number")
    number = Decimal(text)
    if abs(number) >= _AMOUNT_END:
        raise Flaw(f"{what} is too large")
    return number


def amount(text: str, what: str) -> str:
    """Return an amount with two decimals, rounded half-up; binary floats are in the wild."""
    if _AMOUNT.fullmatch(text):
        # What nearly every amount looks like already; only leading zeros are in the way.
        return text if text[0] != "0" or text[1] == "." else f"{Decimal(text):f}"
    return amount_text(decimal_of(text, what))


def amount_text(number: Decimal) -> str:
    """Return the wire's text of an amount, rounded half-up to cents."""
    cents = number.quantize(_CENT, ROUND_HALF_UP)
    return f"{cents:f}" if cents else "0.00"


def total(amounts: list[str]) -> str:
    """Return the exact sum of amounts."""
    return amount_text(sum(map(Decimal, amounts), Decimal()))


def quantity(text: str, what: str) -> str:
    """Return a quantity without needless zeros, rounded half-up to three decimals."""
    if text == "1" or not text:
        return text
    number = decimal_of(text, what).quantize(_THOUSANDTH, ROUND_HALF_UP)
    plain = f"{number:f}".rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


def to_date(day: date) -> Date:
    """Return a day as the contract's message."""
    return Date(year=day.year, month=day.month, day=day.day)


def iso_date(text: str, what: str) -> Date | None:
    """Return the day of YYYY-MM-DD, YYYYMMDD or a time stamp that begins so; None for nothing."""
    if not text:
        return None
    day = text[:10].replace("-", "")[:8]
    try:
        return to_date(date(int(day[:4]), int(day[4:6]), int(day[6:8])))
    except ValueError:
        raise Flaw(f"{what} is not a date") from None
