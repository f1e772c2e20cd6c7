"""What stands in the elements of an 835: amounts, quantities, dates, codes, adjustments.

Nothing here fails. What cannot be read is reported, by the name of its element and never by its
value, and something harmless stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from claimflow.importers._x12_segments import Segment
from claimflow.remittance.problems import Malformation
from claimflow.remittance.values import (
    ADJUSTMENTS_MAX,
    CENT,
    GROUP_CODES,
    ZERO,
    Adjustment,
    ProviderAdjustment,
)

_NUMBER = re.compile(r"-?(\d{1,15}(\.\d{0,10})?|\.\d{1,10})", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
# A qualifier, something that separates, and the rest.
_OTHER_SEPARATOR = re.compile(r"([A-Z0-9]{2})([^A-Za-z0-9 ])(.+)", re.ASCII)
_REASON = re.compile(r"[A-Z]{0,2}\d{1,3}", re.ASCII)

Report = Callable[[Malformation, int, str], None]


def told(code: str) -> str:
    """Return a reason code for a message; one that does not look like one may be anything."""
    return code if _REASON.fullmatch(code) else "?"


class Elements:
    """Takes values out of segments."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def _tell(self, kind: Malformation, segment: Segment, place: int, text: str) -> None:
        self._report(kind, segment.number, f"{segment.id}{place:02} {text}")

    def required(self, segment: Segment, place: int) -> str:
        """Return a text that has to be there."""
        text = segment.get(place)
        if not text:
            self._tell(Malformation.ELEMENT_MISSING, segment, place, "is empty")
        return text

    def code(self, segment: Segment, place: int, known: frozenset[str]) -> str:
        """Return a code; one that is not known is reported and kept."""
        text = self.required(segment, place)
        if text and text not in known:
            self._tell(Malformation.CODE, segment, place, "is not a known code")
        return text

    def amount(self, segment: Segment, place: int) -> Decimal:
        """Return an amount that has to be there."""
        if not segment.get(place):
            self._tell(Malformation.NUMBER, segment, place, "is empty")
        return self.optional_amount(segment, place) or ZERO

    def optional_amount(self, segment: Segment, place: int) -> Decimal | None:
        """Return an amount, rounded half-up to cents where there are more decimals."""
        number = self.quantity(segment, place)
        if number is None:
            return None
        cents = number.quantize(CENT, ROUND_HALF_UP)
        if cents != number:
            self._tell(Malformation.SCALE, segment, place, "has more than two decimals")
        return cents or ZERO  # no minus zero

    def quantity(self, segment: Segment, place: int) -> Decimal | None:
        """Return a number."""
        text = segment.get(place)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            self._tell(Malformation.NUMBER, segment, place, "is not a number")
            return None
        return Decimal(text)

    def day(self, segment: Segment, place: int) -> date | None:
        """Return a day that has to be there, of CCYYMMDD."""
        text = self.required(segment, place)
        if not text:
            return None
        if _DAY.fullmatch(text):
            try:
                return date(int(text[:4]), int(text[4:6]), int(text[6:]))
            except ValueError:
                pass
        self._tell(Malformation.DATE, segment, place, "is not a date")
        return None

    def qualified(self, segment: Segment, place: int) -> list[str]:
        """Return a composite whose first component is a code of two characters.

        Some senders separate by another character than their interchange declares.
        """
        parts = segment.components(place)
        if len(parts) == 1 and (mended := _OTHER_SEPARATOR.fullmatch(parts[0])):
            text = "is not separated as the interchange declares"
            self._tell(Malformation.COMPOSITE, segment, place, text)
            parts = [mended[1], *mended[3].split(mended[2])]
        return parts

    def adjustments(self, segment: Segment) -> Iterator[Adjustment]:
        """Yield the adjustments of a CAS."""
        group = self.code(segment, 1, GROUP_CODES)
        places = self._repeats(segment, first=2, width=3)
        for place in places:
            reason = self.required(segment, place)
            if reason and told(reason) != reason:
                self._tell(Malformation.CODE, segment, place, "does not look like a reason code")
            yield Adjustment(
                group_code=group,
                reason_code=reason,
                amount=self.amount(segment, place + 1),
                quantity=self.quantity(segment, place + 2),
            )

    def provider_adjustments(self, segment: Segment) -> Iterator[ProviderAdjustment]:
        """Yield the adjustments of a PLB."""
        provider, fiscal_date = self.required(segment, 1), self.day(segment, 2)
        for place in self._repeats(segment, first=3, width=2):
            self.required(segment, place)
            parts = [*self.qualified(segment, place), "", ""]
            yield ProviderAdjustment(
                provider_id=provider,
                fiscal_date=fiscal_date,
                reason_code=parts[0],
                reference=parts[1],
                amount=self.amount(segment, place + 1),
            )

    def _repeats(self, segment: Segment, *, first: int, width: int) -> list[int]:
        """Return where the groups of a segment begin; those that are empty are left out."""
        places = [
            place
            for place in range(first, len(segment.elements), width)
            if any(segment.get(inner) for inner in range(place, place + width))
        ]
        if not places:
            self.required(segment, first)
        elif places[-1] >= first + ADJUSTMENTS_MAX * width:
            text = f"{segment.id} has more than {ADJUSTMENTS_MAX} adjustments"
            self._report(Malformation.REPEATED_TOO_OFTEN, segment.number, text)
        return places
