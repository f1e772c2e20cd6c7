"""What stands in X12 elements: dates, codes, adjustments."""

from __future__ import annotations

import re
from datetime import date

from google.type.date_pb2 import Date

from claimflow.importers._record import Flaw
from claimflow.importers._values import amount, quantity, to_date
from claimflow.importers._x12_segments import Segment
from claimflow.v1.document_pb2 import (
    CODE_SYSTEM_CDT,
    CODE_SYSTEM_HCPCS,
    CODE_SYSTEM_LOCAL,
    CODE_SYSTEM_UNSPECIFIED,
    Adjustment,
    CodeSystem,
    Procedure,
)

_DAY_AND_HOUR = re.compile(r"\d{8,12}", re.ASCII)
_FOUR_DIGITS_MAX = re.compile(r"\d{1,4}", re.ASCII)
_PROCEDURE_SYSTEMS = {"HC": CODE_SYSTEM_HCPCS, "AD": CODE_SYSTEM_CDT}


def at(segment: Segment, what: str) -> str:
    """Return how to name a part of a segment in a problem."""
    return f"{what} at segment {segment.number}"


def day(text: str, what: str) -> Date:
    """Return the day that CCYYMMDD says; more digits are the hour."""
    if not _DAY_AND_HOUR.fullmatch(text):
        raise Flaw(f"{what} is not a date")
    try:
        return to_date(date(int(text[:4]), int(text[4:6]), int(text[6:8])))
    except ValueError:
        raise Flaw(f"{what} is not a date") from None


def period(form: str, text: str, what: str) -> tuple[Date, Date | None]:
    """Return from and through of D8, DT or RD8; through is None for a single day."""
    if form in ("RD8", "RDT"):
        begin, dash, end = text.partition("-")
        if not dash:
            raise Flaw(f"{what} is not a range of dates")
        return day(begin, what), day(end, what)
    if form not in ("D8", "DT"):
        raise Flaw(f"{what} is of no form that can be read")
    return day(text, what), None


def dates(segment: Segment) -> tuple[Date, Date | None]:
    """Return from and through of a DTP."""
    return period(segment.get(2), segment.get(3), at(segment, f"DTP*{_word(segment.get(1))}"))


def _word(text: str) -> str:
    return text if re.fullmatch(r"\d{3}", text, re.ASCII) else "?"


def whole(text: str, what: str) -> int:
    """Return a small whole number."""
    if not _FOUR_DIGITS_MAX.fullmatch(text):
        raise Flaw(f"{what} is not a whole number")
    return int(text)


def procedure(components: list[str]) -> Procedure | None:
    """Return SV101, SV202 or SV301: qualifier, code, four modifiers, description."""
    if len(components) < 2 or not components[1]:
        return None
    system: CodeSystem = _PROCEDURE_SYSTEMS.get(
        components[0], CODE_SYSTEM_LOCAL if components[0] else CODE_SYSTEM_UNSPECIFIED
    )
    return Procedure(
        code_system=system,
        code=components[1],
        modifiers=[modifier for modifier in components[2:6] if modifier],
        description=components[6] if len(components) > 6 else "",
    )


def adjustments(segment: Segment) -> list[Adjustment]:
    """Return the up to six adjustments of a CAS."""
    found = []
    for place in range(2, len(segment.elements), 3):
        if not segment.get(place) and not segment.get(place + 1):
            continue
        found.append(
            Adjustment(
                group_code=segment.get(1),
                reason_code=segment.get(place),
                amount=optional_amount(segment, place + 1),
                quantity=optional_quantity(segment, place + 2),
            )
        )
    return found


def optional_amount(segment: Segment, place: int) -> str:
    """Return an element as an amount; empty when it is not there."""
    text = segment.get(place)
    return amount(text, at(segment, f"{segment.id}{place:02}")) if text else ""


def optional_quantity(segment: Segment, place: int) -> str:
    """Return an element as a quantity; empty when it is not there."""
    return quantity(segment.get(place), at(segment, f"{segment.id}{place:02}"))
