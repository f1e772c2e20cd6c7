"""How claims are priced by the rules: reasons, pends, modifiers and limits, as policy (D17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Rules that deny a line; beside them stand PTP and MUE, whose ids go on to name the codes.
DUPLICATE: Final = "E10"
LATE: Final = "K5"
COVERAGE_BEFORE: Final = "COVERAGE_BEFORE"  # the service came before the coverage began
COVERAGE_AFTER: Final = "COVERAGE_AFTER"  # after it had ended
NO_COVERAGE: Final = "NO_COVERAGE"  # the member is not known, or no plan's terms are
NOT_COVERED: Final = "NOT_COVERED"  # the plan has no benefit for the category
AUTHORIZATION: Final = "AUTHORIZATION"  # it asks for a number that is not there
PTP: Final = "PTP"
MUE: Final = "MUE"
NO_FEE: Final = "NO_FEE"  # no rate is agreed

DENIALS: Final = frozenset(
    {
        DUPLICATE,
        LATE,
        COVERAGE_BEFORE,
        COVERAGE_AFTER,
        NO_COVERAGE,
        NOT_COVERED,
        AUTHORIZATION,
        PTP,
        MUE,
        NO_FEE,
    }
)

# Rules that ask for a person; NO_FEE is one as well, where the plan says so.
NO_PLAN: Final = "NO_PLAN"  # coverage names a plan without terms on the day, or none is told
PLAN_CHANGES: Final = "PLAN_CHANGES"  # another plan covers the day than the claim's first day
CHARGE_MAX: Final = "CHARGE_MAX"  # the claim charges more than is priced unseen
PRIOR_PAYER_MISSING: Final = "PRIOR_PAYER_MISSING"  # an earlier payer's decision is not told
PRIOR_PAYER_UNBALANCED: Final = "PRIOR_PAYER_UNBALANCED"  # or does not add up (C1-C3, C6)
UNUSABLE: Final = "UNUSABLE"  # numbers, charges or units that no determination can be made of

PENDS: Final = frozenset(
    {
        NO_FEE,
        NO_PLAN,
        PLAN_CHANGES,
        CHARGE_MAX,
        PRIOR_PAYER_MISSING,
        PRIOR_PAYER_UNBALANCED,
        UNUSABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentReason:
    """A group code and a CARC."""

    group_code: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialReason:
    """What a denied line says: a group code, a CARC, and the RARCs that go with it (M11)."""

    group_code: str
    reason_code: str
    remark_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingRules:
    """What pricing takes from the policy. Raises `ValueError` when a rule has no answer."""

    denials: Mapping[str, DenialReason]  # rule -> reason
    pends: Mapping[str, str]  # rule -> pend code
    ptp_modifiers: tuple[str, ...]  # any of them sets a pair with indicator 1 aside (1.10)
    charge_max: Decimal  # a claim that charges more waits for a person
    default_plan_id: str = ""  # of every member, while no coverage is loaded; "" is none
    write_off: AdjustmentReason = AdjustmentReason(group_code="CO", reason_code="45")  # M8
    above_charge: AdjustmentReason = AdjustmentReason(group_code="OA", reason_code="94")  # M8
    deductible: AdjustmentReason = AdjustmentReason(group_code="PR", reason_code="1")
    coinsurance: AdjustmentReason = AdjustmentReason(group_code="PR", reason_code="2")
    copay: AdjustmentReason = AdjustmentReason(group_code="PR", reason_code="3")
    prior_payer: AdjustmentReason = AdjustmentReason(group_code="OA", reason_code="23")  # C5
    paid_to_patient: tuple[str, ...] = ("100",)  # PR CARCs that count as earlier payment (X3)
    payment_reduction: AdjustmentReason = AdjustmentReason(group_code="CO", reason_code="253")
    payment_reduction_rate: Decimal = Decimal(0)  # 0 to 1, of what would be paid (sequestration)

    def __post_init__(self) -> None:
        if missing := sorted(DENIALS - set(self.denials)) + sorted(PENDS - set(self.pends)):
            raise ValueError(f"no answer for {', '.join(missing)}")
        if not 0 <= self.payment_reduction_rate <= 1:
            raise ValueError("a payment is reduced by a rate between 0 and 1")

    @property
    def deductible_codes(self) -> tuple[str, ...]:
        """The CARCs that use up the deductible (M14)."""
        return (self.deductible.reason_code,)

    def denial(self, edit_id: str) -> DenialReason:
        """Return the reason of a rule that denies; "PTP:99213/36415" is one of PTP."""
        return self.denials[edit_id.partition(":")[0]]
