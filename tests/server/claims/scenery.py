"""What plausible histories are made of: plans, fees, bills, determinations; all made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from server.claims.benefits import CostShare, Coverage, Fee, Plan, Unlisted
from server.claims.document import (
    Adjustment,
    ClaimDocument,
    CodeSystem,
    Payer,
    Person,
    PriorPayer,
    PriorPayerLine,
    Procedure,
    Provider,
    ServiceLine,
)
from server.claims.model import AdjudicationLine, Claim
from server.claims.policy import Policy, Tier
from tests.server.claims.cast import NOW, STRICT
from tests.server.claims.documents import professional, service_line
from tests.server.claims.world import Rules

TODAY = NOW.date()
ZERO = Decimal("0.00")
STAFF: dict[str, tuple[str, ...]] = {
    "SUBMITTER": ("clara", "otto"),
    "MEMBER": ("mona",),
    "INTAKE": ("ida",),
    "EXAMINER": ("ana", "abe", "eve"),
    "MEDICAL_REVIEWER": ("mia", "max"),
    "SUPERVISOR": ("sue", "sam"),
    "APPROVER": ("bob", "bea"),
    "FINANCE": ("fay",),
    "APPEALS_ANALYST": ("amy", "art", "ann", "alf"),
    "COB_SPECIALIST": ("cob",),
    "SIU": ("sid",),
    "SYSTEM": ("claimflow",),
    "ADMIN": ("adam",),
    "AUDITOR": ("audrey",),
}
PROVIDERS = ("1234567893", "1993999998")
PAY_TO = "1245319599"

_SHARES = {
    "*": CostShare(coinsurance_rate=Decimal("0.20")),
    "FREE": CostShare(deductible_applies=False),
    "OFFICE": CostShare(copay=Decimal("25.00"), deductible_applies=False),
    "EMERGENCY": CostShare(copay=Decimal("50.00"), coinsurance_rate=Decimal("0.15")),
    "COSMETIC": CostShare(covered=False),
}
GOLD = Plan(
    plan_id="GOLD",
    version=3,
    effective_from=date(2000, 1, 1),
    fee_schedule_id="FEES",
    deductible=Decimal("100.00"),
    out_of_pocket_max=Decimal("400.00"),
    cost_shares=_SHARES,
)
SILVER = replace(
    GOLD,
    plan_id="SILVER",
    deductible=Decimal("300.00"),
    out_of_pocket_max=Decimal("5000.00"),
    benefit_year_begins_month=7,
    copay_first=False,
    unlisted=Unlisted.PERCENT_OF_CHARGE,
    unlisted_rate=Decimal("0.73"),
)
_FEES = {
    "99213": ("80.00", "FREE"),
    "99214": ("120.00", "*"),
    "99215": ("200.00", "OFFICE"),
    "99284": ("400.05", "EMERGENCY"),
    "27447": ("31000.00", "*"),
    "15780": ("900.00", "COSMETIC"),
}
PROCEDURES = (*_FEES, "99214", "99284", "36415")  # the last one has no fee


@dataclass(frozen=True)
class Tariffs:
    """The plans and fees that are loaded."""

    def plan(self, plan_id: str, on: date) -> Plan | None:
        return {"GOLD": GOLD, "SILVER": SILVER}.get(plan_id)

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        if procedure_code not in _FEES:
            return None
        amount, category = _FEES[procedure_code]
        return Fee(amount=Decimal(amount), category=category, schedule_id=schedule_id, version=4)


COVERAGES: Mapping[str, tuple[Coverage, ...]] = {
    "M-1": (Coverage(plan_id="GOLD", from_date=date(2000, 1, 1)),),
    "M-2": (
        Coverage(plan_id="GOLD", from_date=date(2000, 1, 1), through_date=date(2026, 2, 11)),
        Coverage(plan_id="SILVER", from_date=date(2026, 2, 12)),
    ),
    "M-3": (Coverage(plan_id="SILVER", from_date=date(2025, 1, 1)),),
}
PAYERS = ("PAYER1", "PAYER1", "PAYER1", "PAYER2")
MEMBERS = ("M-1", "M-2", "M-3")
_EYES = (
    Tier(basis_from=ZERO, approvals=0, roles=()),
    Tier(basis_from=Decimal("100.00"), approvals=1, roles=("APPROVER", "SUPERVISOR")),
    Tier(basis_from=Decimal("400.00"), approvals=2, roles=("APPROVER", "SUPERVISOR")),
)


def rules(r: Random) -> Rules:
    """What a history is decided by: the strict policy, stricter here and more lenient there."""
    policy = STRICT.policy
    suspects = dict(policy.severities)
    if r.random() < 0.7:
        suspects["E11"] = "WARN"
    changes: dict[str, object] = {"severities": suspects}
    if r.random() < 0.3:
        changes["tiers"] = _EYES
    if r.random() < 0.1:
        changes["replace_with_open_appeal"] = True
    limits = {**policy.limits, "SYSTEM": Decimal("50000.00")}
    if r.random() < 0.25:
        limits |= {"EXAMINER": Decimal("300.00"), "SUPERVISOR": Decimal("2000.00")}
    coverages: Mapping[str, tuple[Coverage, ...]] | None = COVERAGES
    pricing = policy.pricing
    if r.random() < 0.25:
        coverages, pricing = None, replace(pricing, default_plan_id="GOLD")
    if r.random() < 0.2:
        pricing = replace(pricing, payment_reduction_rate=Decimal("0.02"))
    first = replace(policy, limits=limits, pricing=pricing, **changes)  # type: ignore[arg-type]
    later: Policy = replace(first, version=first.version + 1, lease_minutes=60)
    dated = ((date.min, first), (TODAY + timedelta(days=25), later))
    return Rules(policies=dated, benefits=Tariffs(), coverages=coverages)


def cents(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def charge(r: Random) -> Decimal:
    """Nothing, small change, and amounts that need one approval or two."""
    most = r.choice((0, 1_000, 20_000, 20_000, 60_000, 60_000, 60_000, 900_000, 4_000_000))
    return cents(r.randint(min(most, 1), most))


def bill(r: Random, today: date, **changes: object) -> ClaimDocument:
    """A claim as a practice bills it, now and then with a fault."""
    days = [TODAY - timedelta(days=n) for n in (20, 18, 10, 72, 5, 30)]
    if r.random() < 0.06:
        days = [today - timedelta(days=380)]
    if r.random() < 0.3:
        days = [today - timedelta(days=r.randint(0, 5))]
    lines = tuple(_line(r, number, r.choice(days)) for number in range(1, r.choice((2, 2, 3, 4))))
    fields: dict[str, object] = {
        "patient_control_number": f"PCN-{r.randint(1, 99)}",
        "service_lines": lines,
        "total_charge": sum((line.charge or ZERO for line in lines), ZERO),
        "billing_provider": Provider(npi=r.choice(PROVIDERS), name="A Practice"),
        "subscriber": Person(member_id=r.choice(MEMBERS), birth_date=date(1970, 1, 1)),
        "payer": Payer(payer_id=r.choice(PAYERS)),
    }
    if r.random() < 0.15:
        fields["pay_to_provider"] = Provider(npi=PAY_TO, name="A Group")
    if r.random() < 0.04:
        fields["total_charge"] = cents(r.randint(0, 99_999))
    document = professional(**(fields | changes))
    if r.random() < 0.15 and all(line.charge for line in lines):
        document = with_earlier_payer(r, document)
    return document


def _line(r: Random, number: int, day: date) -> ServiceLine:
    procedure = Procedure(code_system=CodeSystem.HCPCS, code=r.choice(PROCEDURES))
    return service_line(
        number, str(charge(r)), procedure=procedure, service_from_date=day, units=Decimal(1)
    )


def with_earlier_payer(r: Random, document: ClaimDocument) -> ClaimDocument:
    """A claim that another payer has decided before, line by line (C1 to C3)."""
    decided = []
    paid = ZERO
    for line in document.service_lines:
        decision = earlier_decision(r, line)
        paid += decision.paid_amount or ZERO
        decided.append(replace(line, prior_payer_lines=(decision,)))
    return replace(
        document,
        payer_sequence="S",
        service_lines=tuple(decided),
        prior_payers=(earlier_payer(paid),),
    )


def earlier_payer(paid: Decimal, name: str = "OTHER") -> PriorPayer:
    return PriorPayer(payer=Payer(payer_id=name), payer_sequence="P", paid_amount=paid)


def earlier_decision(r: Random, line: ServiceLine, name: str = "OTHER") -> PriorPayerLine:
    whole = int((line.charge or ZERO) * 100)
    off = r.randint(0, whole)
    left = r.randint(0, whole - off)
    return PriorPayerLine(
        payer_id=name,
        paid_amount=cents(whole - off - left),
        adjustments=adjustments(("CO", "45", off), ("PR", "2", left)),
    )


def adjustments(*stated: tuple[str, str, int]) -> tuple[Adjustment, ...]:
    """Adjustments by group, reason and cents; of nothing none."""
    return tuple(
        Adjustment(group_code=group, reason_code=reason, amount=cents(amount))
        for group, reason, amount in stated
        if amount
    )


def determinations(r: Random, claim: Claim, clinician: bool) -> list[AdjudicationLine]:
    """Balanced lines of every kind: in full, cut, shared, denied, above the charge, secondary."""
    denying = r.random() < 0.2
    return [_determined(r, line, denying, clinician) for line in claim.document.service_lines]


def _determined(r: Random, line: ServiceLine, denying: bool, clinician: bool) -> AdjudicationLine:
    number, stated = line.line_number, line.charge or ZERO
    whole = int(stated * 100)
    if not whole:
        return AdjudicationLine(line_number=number, charge=stated)
    if denying or r.random() < 0.15:
        reasons = [("CO", "29"), ("CO", "97"), ("OA", "18"), ("PR", "96")]
        group, reason = r.choice([*reasons, ("CO", "50")] if clinician else reasons)
        return AdjudicationLine(
            line_number=number,
            charge=stated,
            denied=True,
            adjustments=adjustments((group, reason, whole)),
            remark_codes=("N130",) if reason == "96" else (),
        )
    if r.random() < 0.08 and not line.prior_payer_lines:
        above = r.randint(1, 5_000)
        return AdjudicationLine(
            line_number=number,
            charge=stated,
            allowed=cents(whole + above),
            paid=cents(whole + above),
            adjustments=adjustments(("OA", "94", -above)),
        )
    return _shared(r, line, whole)


def _shared(r: Random, line: ServiceLine, whole: int) -> AdjudicationLine:
    """Charge less write-off, not covered, an earlier payer's effect, the patient's, a reduction."""
    paid_before = sum((one.paid_amount or ZERO for one in line.prior_payer_lines), ZERO)
    earlier = min(int(paid_before * 100), whole)
    off = r.choice((0, r.randint(0, whole - earlier)))
    cut = r.choice((0, 0, r.randint(0, whole - earlier - off)))
    allowed = whole - off - cut
    rest = allowed - earlier
    first = r.choice((0, r.randint(0, min(rest, 6_000))))
    second = r.choice((0, r.randint(0, min(rest - first, 9_000))))
    reduced = r.choice((0, 0, r.randint(0, (rest - first - second) // 10)))
    return AdjudicationLine(
        line_number=line.line_number,
        charge=cents(whole),
        allowed=cents(allowed),
        paid=cents(rest - first - second - reduced),
        adjustments=adjustments(
            ("CO", "45", off),
            ("CO", "97", cut),
            ("OA", "23", earlier),
            ("PR", "1", first),
            ("PR", r.choice(("2", "3")), second),
            ("CO", "253", reduced),
        ),
    )


def on_the_claim(r: Random, lines: Sequence[AdjudicationLine]) -> tuple[Adjustment, ...]:
    """Now and then an adjustment that no line has."""
    paid = int(sum((line.paid for line in lines), ZERO) * 100)
    if not paid or r.random() > 0.1:
        return ()
    return adjustments(*[(*r.choice((("CO", "24"), ("PR", "3"))), r.randint(1, min(paid, 3_000)))])
