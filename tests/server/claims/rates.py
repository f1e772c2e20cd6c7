"""Plans, fees, code edits and questions to price by; all amounts are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from server.claims.adjudication import adjudicate
from server.claims.benefits import CostShare, Coverage, Fee, Plan, Unlisted, Used
from server.claims.code_edits import MueLimit, PtpPair
from server.claims.commands import AdjudicateClaim
from server.claims.document import ClaimDocument, CodeSystem, Procedure, ServiceLine
from server.claims.events import AdjudicationRecorded
from server.claims.facts import Facts
from server.claims.model import Adjudication, AdjudicationLine, Claim, State
from server.claims.policy import Policy
from server.claims.pricing import Priced, Question, price
from server.claims.pricing_rules import DenialReason, PricingRules
from tests.server.claims.cast import BECAUSE, CLAIM_ID, NOW, STRICT, TODAY, Tables
from tests.server.claims.documents import SERVICE_DAY, money, professional, service_line

YEAR = SERVICE_DAY.year
LAST_YEAR = date(YEAR - 1, 12, 31)

RULES = PricingRules(
    denials={
        "E10": DenialReason(group_code="OA", reason_code="18"),
        "K5": DenialReason(group_code="CO", reason_code="29"),
        "COVERAGE_BEFORE": DenialReason(group_code="PR", reason_code="26"),
        "COVERAGE_AFTER": DenialReason(group_code="PR", reason_code="27"),
        "NO_COVERAGE": DenialReason(group_code="PR", reason_code="31"),
        "NOT_COVERED": DenialReason(
            group_code="PR", reason_code="96", remark_codes=("N130", "N30")
        ),
        "AUTHORIZATION": DenialReason(group_code="CO", reason_code="197"),
        "PTP": DenialReason(group_code="CO", reason_code="97"),
        "MUE": DenialReason(group_code="CO", reason_code="151"),
        "NO_FEE": DenialReason(group_code="CO", reason_code="147"),
    },
    pends={
        "NO_FEE": "PRICING",
        "NO_PLAN": "ELIGIBILITY",
        "PLAN_CHANGES": "ELIGIBILITY",
        "CHARGE_MAX": "HIGH_DOLLAR",
        "PRIOR_PAYER_MISSING": "COB_REVIEW",
        "PRIOR_PAYER_UNBALANCED": "COB_REVIEW",
        "UNUSABLE": "PRICING",
    },
    ptp_modifiers=("59", "XS", "25", "RT"),
    charge_max=money("50000.00"),
    default_plan_id="PLAN",
)


def policy(pricing: PricingRules = RULES, **changes: Any) -> Policy:
    return replace(STRICT.policy, pricing=pricing, **changes)


POLICY = policy()

SHARES: Mapping[str, CostShare] = {
    "*": CostShare(coinsurance_rate=Decimal("0.20")),
    "FREE": CostShare(deductible_applies=False),
    "OFFICE": CostShare(copay=money("25.00"), deductible_applies=False),
    "EMERGENCY": CostShare(copay=money("150.00"), coinsurance_rate=Decimal("0.20")),
    "IMAGING": CostShare(authorization_required=True, deductible_applies=False),
    "COSMETIC": CostShare(covered=False),
}


def plan(**changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "plan_id": "PLAN",
        "version": 3,
        "effective_from": date(2000, 1, 1),
        "fee_schedule_id": "FEES",
        "deductible": money("500.00"),
        "out_of_pocket_max": money("4000.00"),
        "cost_shares": SHARES,
    }
    return Plan(**(fields | changes))


PLAN = plan()


@dataclass(frozen=True)
class Loaded:
    """Plans, and fees by code or by code and modifier: an amount and a category."""

    plans: tuple[Plan, ...] = (PLAN,)
    fees: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def plan(self, plan_id: str, on: date) -> Plan | None:
        begun = [p for p in self.plans if p.plan_id == plan_id and p.effective_from <= on]
        return max(begun, key=lambda one: one.effective_from, default=None)

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        assert on >= date.min
        for key in (*(f"{procedure_code}-{one}" for one in modifiers), procedure_code):
            if key in self.fees:
                amount, category = self.fees[key]
                return Fee(
                    amount=money(amount), category=category, schedule_id=schedule_id, version=4
                )
        return None


@dataclass(frozen=True)
class Edits:
    """Tables in memory: rows as they come, not even those of the day alone."""

    rows: tuple[PtpPair, ...] = ()
    limits: tuple[MueLimit, ...] = ()
    version: int = 5

    def pairs(self, code_1: str, code_2: str, on: date) -> PtpPair | None:
        assert on >= date.min
        return next((r for r in self.rows if (r.column_1, r.column_2) == (code_1, code_2)), None)

    def limit(self, code: str, on: date) -> MueLimit | None:
        assert on >= date.min
        return next((one for one in self.limits if one.code == code), None)


def pair(first: str, second: str, indicator: int = 0, **changes: Any) -> PtpPair:
    fields: dict[str, Any] = {
        "column_1": first,
        "column_2": second,
        "effective_from": date(2020, 1, 1),
        "modifier_indicator": indicator,
    }
    return PtpPair(**(fields | changes))


def limit(code: str, units: str, indicator: int, **changes: Any) -> MueLimit:
    fields: dict[str, Any] = {
        "code": code,
        "max_units": Decimal(units),
        "adjudication_indicator": indicator,
        "effective_from": date(2020, 1, 1),
    }
    return MueLimit(**(fields | changes))


FEES = {
    "99213": ("80.00", "FREE"),
    "99214": ("120.00", "*"),
    "99215": ("200.00", "OFFICE"),
    "99284": ("400.00", "EMERGENCY"),
    "70551": ("300.00", "IMAGING"),
    "15780": ("900.00", "COSMETIC"),
    "0120": ("700.00", "*"),
}


def line(number: int, charge: str, code: str = "99213", **changes: Any) -> ServiceLine:
    modifiers = changes.pop("modifiers", ())
    procedure = Procedure(code_system=CodeSystem.HCPCS, code=code, modifiers=modifiers)
    return service_line(number, charge, **({"procedure": procedure} | changes))


def bill(*lines: ServiceLine, **changes: Any) -> ClaimDocument:
    total = sum((one.charge or Decimal(0) for one in lines), money("0.00"))
    return professional(**({"service_lines": lines, "total_charge": total} | changes))


def question(document: ClaimDocument, **changes: Any) -> Question:
    fields: dict[str, Any] = {
        "document": document,
        "receipt_date": TODAY,
        "policy": POLICY,
        "plan": PLAN,
        "benefits": Loaded(fees=FEES),
    }
    if "plan" in changes and "benefits" not in changes and changes["plan"] is not None:
        fields["benefits"] = Loaded(plans=(changes["plan"],), fees=FEES)
    return Question(**(fields | changes))


def ask(document: ClaimDocument, **changes: Any) -> Priced:
    """Price a claim, and record what comes of it when nothing is pended."""
    asked = question(document, **changes)
    answer = price(asked)
    if not answer.pends:
        recorded(asked, answer)
    return answer


def recorded(asked: Question, answer: Priced) -> Adjudication:
    """Push determinations through all the balances, as command 9 does."""
    claim = Claim(
        claim_id=CLAIM_ID,
        claim_number="CF0000000000000",
        state=State.ACCEPTED,
        version=2,
        document=asked.document,
        receipt_date=asked.receipt_date,
        received_at=NOW,
        submitted_by="clara",
    )
    facts = Facts(
        asked.policy,
        Tables(),
        benefits=asked.benefits,
        used={(asked.plan.plan_id, year): one for year, one in asked.used.items()}
        if asked.plan
        else {},
    )
    command = AdjudicateClaim(
        claim_id=CLAIM_ID,
        actor="claimflow",
        role="SYSTEM",
        now=NOW,
        reason=BECAUSE,
        lines=answer.lines,
        adjustments=answer.adjustments,
        paid=answer.paid,
        patient_responsibility=answer.patient_responsibility,
    )
    event = adjudicate(command, claim, facts)[0]
    assert isinstance(event, AdjudicationRecorded)
    return event.adjudication


def reasons(line: AdjudicationLine) -> dict[str, str]:
    """Adjustments as in {"CO-45": "20.00"}."""
    return {f"{one.group_code}-{one.reason_code}": str(one.amount) for one in line.adjustments}


def only(answer: Priced) -> AdjudicationLine:
    (found,) = answer.lines
    return found


def used(deductible: str = "0.00", out_of_pocket: str = "0.00") -> Used:
    return Used(deductible=money(deductible), out_of_pocket=money(out_of_pocket))


def covered(first: date | None = None, last: date | None = None, plan_id: str = "PLAN") -> Coverage:
    return Coverage(plan_id=plan_id, from_date=first or date(2000, 1, 1), through_date=last)


OPEN = plan(unlisted=Unlisted.PERCENT_OF_CHARGE, unlisted_rate=Decimal("0.80"))
