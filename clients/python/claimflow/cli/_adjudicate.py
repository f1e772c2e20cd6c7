"""Determinations that balance by construction: pay all lines, or deny all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from claimflow.client.values import amount, money
from claimflow.v1.claim_pb2 import AdjudicationLine
from claimflow.v1.document_pb2 import Adjustment, ServiceLine

CENT = Decimal("0.01")
ALL = Decimal(1)
NOTHING = Decimal("0.00")
# Contractual: the charge exceeds the fee schedule (M8).
CARC_CONTRACTUAL = "45"
# An exact duplicate; the one reason that stands with OA only (M12).
CARC_DUPLICATE = "18"


@dataclass(frozen=True)
class Determination:
    """The lines of an adjudication, and the claim-level amounts that go with them."""

    lines: Sequence[AdjudicationLine]
    adjustments: Sequence[Adjustment] = ()

    @property
    def paid(self) -> Decimal:
        """Return what the claim pays: the lines' payments less claim-level adjustments (M4)."""
        lines = sum((_amount(line.paid) for line in self.lines), NOTHING)
        return lines - sum((_amount(item.amount) for item in self.adjustments), NOTHING)

    @property
    def patient_responsibility(self) -> Decimal:
        """Return the sum of all PR adjustments (M6)."""
        of_lines = (item for line in self.lines for item in line.adjustments)
        every = (*of_lines, *self.adjustments)
        return sum((_amount(item.amount) for item in every if item.group_code == "PR"), NOTHING)


def pay(lines: Iterable[ServiceLine], share: Decimal = ALL) -> Determination:
    """Pay every line this share of its charge; the rest is contractual (CO-45).

    The allowed amount is rounded half up to the cent, once for each line.
    """
    return Determination([_paid_line(line, share) for line in lines])


def deny(lines: Iterable[ServiceLine], reason_code: str, remark_code: str = "") -> Determination:
    """Deny every line for a reason; one without charge has nothing to deny and pays nothing."""
    return Determination(
        [
            _denied_line(line, reason_code, remark_code)
            if _amount(line.charge)
            else _paid_line(line, ALL)
            for line in lines
        ]
    )


def _paid_line(line: ServiceLine, share: Decimal) -> AdjudicationLine:
    charge = _amount(line.charge)
    allowed = (charge * share).quantize(CENT, rounding=ROUND_HALF_UP)
    result = AdjudicationLine(
        line_number=line.line_number,
        charge=money(charge),
        allowed=money(allowed),
        paid=money(allowed),
        units_paid=line.units,
    )
    if charge != allowed:
        result.adjustments.add(
            group_code="CO", reason_code=CARC_CONTRACTUAL, amount=money(charge - allowed)
        )
    return result


def _denied_line(line: ServiceLine, reason_code: str, remark_code: str) -> AdjudicationLine:
    group = "OA" if reason_code == CARC_DUPLICATE else "CO"
    whole = Adjustment(group_code=group, reason_code=reason_code, amount=line.charge)
    return AdjudicationLine(
        line_number=line.line_number,
        charge=line.charge,
        allowed=money(NOTHING),
        paid=money(NOTHING),
        units_paid="0",
        adjustments=[whole],
        remark_codes=[remark_code] if remark_code else [],
        denied=True,
    )


def _amount(text: str) -> Decimal:
    return amount(text) if text else NOTHING
