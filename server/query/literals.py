"""Values as people type them in a filter, read by the kind of the field they are compared with."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from server.query.conditions import Prefix, Value
from server.query.fields import Field, Kind

_AMOUNT = re.compile(r"-?\d{1,13}(\.\d{1,2})?", re.ASCII)
_QUANTITY = re.compile(r"-?\d{1,12}(\.\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def value_of(field: Field, text: str, star: bool) -> Value:
    """Return a typed value; raises ValueError with a sentence without the value."""
    if not text and not star and field.kind is not Kind.HASH:
        return ""  # the field is empty
    if field.kind is Kind.KEYWORD:
        text = text.upper() if field.upper else text
        return Prefix(text) if star else text
    if star:
        raise ValueError("an asterisk goes with codes and names only")
    if field.kind is Kind.HASH:
        if not text.strip():
            raise ValueError("a number is missing")
        return text.strip()
    if field.kind is Kind.ENUM:
        name = text.upper().removeprefix(field.prefix)
        if name in field.values:
            return name
        raise ValueError("this field has no such value")
    return _number_or_date(field, text)


def _number_or_date(field: Field, text: str) -> Value:
    kind = field.kind
    if kind is Kind.AMOUNT and _AMOUNT.fullmatch(text):
        return Decimal(text).quantize(Decimal("0.01"))
    if kind is Kind.QUANTITY and _QUANTITY.fullmatch(text):
        return Decimal(text)
    if kind is Kind.INTEGER and _INTEGER.fullmatch(text):
        return int(text)
    if kind is Kind.BOOLEAN and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in (Kind.DATE, Kind.SERVICE_DATE, Kind.TIME) and _DATE.fullmatch(text):
        return _calendar(text)
    if kind is Kind.TIME and _TIME.fullmatch(text):
        return _instant(text)
    raise ValueError(_EXPECTED[kind])


_EXPECTED = {
    Kind.AMOUNT: "an amount has at most two decimals, such as 125.00",
    Kind.QUANTITY: "a quantity has at most three decimals",
    Kind.INTEGER: "a whole number is missing",
    Kind.BOOLEAN: "true or false is missing",
    Kind.DATE: "a date is written 2026-01-31",
    Kind.SERVICE_DATE: "a date is written 2026-01-31",
    Kind.TIME: "a time is written 2026-01-31T08:00:00Z, or as a date",
}


def _calendar(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such date") from None


def _instant(text: str) -> datetime:
    head, fraction, zone = text[:19].upper(), "", text[19:].upper()
    if zone.startswith("."):
        digits = re.match(r"\.\d+", zone, re.ASCII)
        assert digits is not None, "the pattern has seen digits"
        fraction, zone = digits[0][:7].ljust(7, "0"), zone[digits.end() :]
    try:
        return datetime.fromisoformat(head + fraction + zone.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None
