"""The balance of one service line: rules M3, M7, M8, M10, M13.

Every adjustment stands on one side of the allowed amount. Above it, between charge and allowed:
the contractual write-off and whatever else was not allowed at all (CO-97, PR-96, a negative OA-94
where the payer allows more than was charged). Below it, between allowed and paid: the patient's
deductible, coinsurance and copay, and what the policy takes off every payment (CO-253). An earlier
payer's effect (OA-23) may lie on both sides: it holds that payer's payment and its write-off.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from decimal import Decimal

from server.claims.document import Adjustment
from server.claims.model import AdjudicationLine
from server.claims.policy import Policy
from server.claims.refusals import Refusal, require

_ZERO = Decimal("0.00")


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return an exact sum."""
    return sum(amounts, _ZERO)


def of_reasons(adjustments: Iterable[Adjustment], reasons: Container[str]) -> Decimal:
    """Return the sum of the adjustments with these reasons."""
    return total(one.amount for one in adjustments if one.reason_code in reasons)


def require_balanced_line(line: AdjudicationLine, policy: Policy, path: str) -> None:
    """Go on when a line's amounts agree with each other."""
    at = {"line_number": str(line.line_number)}
    adjusted = total(one.amount for one in line.adjustments)
    require(line.charge - adjusted == line.paid, Refusal.LINE_NOT_BALANCED, at, path)
    patients = total(one.amount for one in line.adjustments if one.group_code == "PR")
    bounded = (
        0 <= line.paid <= line.allowed
        and 0 <= patients <= max(line.charge, _ZERO)
        and (line.units_paid is None or line.units_paid >= 0)
    )
    if line.denied:
        require(_denied_in_full(line, policy), Refusal.DENIED_LINE_INVALID, at, path)
        require(bounded, Refusal.AMOUNT_OUT_OF_BOUNDS, at, path)
        return
    require(bounded, Refusal.AMOUNT_OUT_OF_BOUNDS, at, path)
    require(_allowed_is_explained(line, policy), Refusal.ALLOWED_MISMATCH, at, f"{path}.allowed")
    require(_contractual_is_due(line, policy), Refusal.CONTRACTUAL_MISMATCH, at, path)


def _denied_in_full(line: AdjudicationLine, policy: Policy) -> bool:
    """M10: nothing paid, all of the charge adjusted, and a reason that is no patient's share.

    That the adjustments reach the charge follows from M3 once nothing is paid.
    """
    reasons = {one.reason_code for one in line.adjustments}
    return line.paid == 0 and bool(reasons - set(policy.patient_shares))


def _allowed_is_explained(line: AdjudicationLine, policy: Policy) -> bool:
    """M7: allowed = paid + patient's shares + payment reductions + part of an earlier payer's.

    Without an earlier payer the part is nothing, and the equation exact.
    """
    shares = of_reasons(line.adjustments, policy.patient_shares)
    reductions = of_reasons(line.adjustments, policy.payment_reductions)
    earlier = of_reasons(line.adjustments, policy.prior_payer)
    part = line.allowed - line.paid - shares - reductions
    return min(earlier, _ZERO) <= part <= max(earlier, _ZERO)


def _contractual_is_due(line: AdjudicationLine, policy: Policy) -> bool:
    """M8: the contractual write-off = charge - allowed, less what else was not allowed.

    M3 and M7 make that difference come out; here the write-off itself must make sense: never
    negative, never beyond charge - allowed, and none at all when more is allowed than was
    charged, which is said by a negative adjustment of its own (OA-94).
    """
    contractual = of_reasons(line.adjustments, policy.contractual)
    return 0 <= contractual <= max(line.charge - line.allowed, _ZERO)
