"""The pure decider: decide and evolve of a five-line adjudication, beside a JSON round trip.

Standard library and rules only; nothing is stored. The round trip of the same claim's fold as
canonical JSON is the yardstick: what any store of it would cost at least.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial, reduce
from pathlib import Path
from uuid import UUID

from server.claims import codec
from server.claims.benefits import ANY, CostShare, Fee, Plan
from server.claims.commands import AdjudicateClaim, SubmitClaim
from server.claims.document import (
    Adjustment,
    ClaimDocument,
    ClaimType,
    CodeSystem,
    Diagnosis,
    DiagnosisQualifier,
    Payer,
    Person,
    Procedure,
    Provider,
    ServiceLine,
)
from server.claims.evolution import evolve
from server.claims.facts import Facts
from server.claims.model import AdjudicationLine, AdjudicationMode, Claim
from server.claims.policy import policy_from_json
from server.claims.workflow import decide

ROOT = Path(__file__).resolve().parents[1]
LINES = 5
_DAY = date(2026, 2, 10)
_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_PLAN = Plan(
    plan_id="BENCH",
    version=1,
    effective_from=date(2026, 1, 1),
    fee_schedule_id="BENCH",
    deductible=Decimal("50.00"),
    out_of_pocket_max=Decimal("4000.00"),
    cost_shares={ANY: CostShare(copay=Decimal("5.00"), coinsurance_rate=Decimal("0.2"))},
)


class _Codes:
    def valid(self, system: str, code: str, on: date) -> bool | None:
        return None


class _Benefits:
    def plan(self, plan_id: str, on: date) -> Plan | None:
        return _PLAN

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        return Fee(amount=Decimal("80.00"), schedule_id="BENCH", version=1)


def _facts() -> Facts:
    text = (ROOT / "server/command/policies/strict.json").read_text("utf-8")
    policy = policy_from_json(text, 1)
    policy = replace(policy, pricing=replace(policy.pricing, default_plan_id="BENCH"))
    return Facts(policy, _Codes(), benefits=_Benefits())


def _document() -> ClaimDocument:
    diagnosis = Diagnosis(
        qualifier=DiagnosisQualifier.PRINCIPAL, code_system=CodeSystem.ICD_10_CM, code="M1711"
    )
    lines = tuple(
        ServiceLine(
            line_number=number,
            procedure=Procedure(code_system=CodeSystem.HCPCS, code=f"9921{number}"),
            charge=Decimal("100.00"),
            units=Decimal(1),
            unit_basis_code="UN",
            service_from_date=_DAY,
            diagnosis_pointers=(1,),
        )
        for number in range(1, LINES + 1)
    )
    return ClaimDocument(
        type=ClaimType.PROFESSIONAL,
        patient_control_number="PCN-1",
        frequency_code="1",
        total_charge=Decimal(100 * LINES),
        currency_code="USD",
        place_of_service_code="11",
        payer=Payer(payer_id="PAYER1"),
        billing_provider=Provider(npi="1234567893"),
        subscriber=Person(member_id="M-1", birth_date=date(1970, 1, 1)),
        diagnoses=(diagnosis,),
        service_lines=lines,
    )


def _commands(claim_id: UUID) -> dict[str, AdjudicateClaim]:
    asked = {"claim_id": claim_id, "actor": "ana", "role": "EXAMINER", "now": _NOW}
    write_off = Adjustment(group_code="CO", reason_code="45", amount=Decimal("20.00"))
    copay = Adjustment(group_code="PR", reason_code="3", amount=Decimal("5.00"))
    line = AdjudicationLine(
        line_number=1,
        charge=Decimal("100.00"),
        allowed=Decimal("80.00"),
        paid=Decimal("75.00"),
        adjustments=(write_off, copay),
    )
    manual = AdjudicateClaim(
        **asked,  # type: ignore[arg-type]
        lines=tuple(replace(line, line_number=number) for number in range(1, LINES + 1)),
        paid=Decimal(75 * LINES),
        patient_responsibility=Decimal(5 * LINES),
    )
    auto = AdjudicateClaim(**asked, mode=AdjudicationMode.AUTO)  # type: ignore[arg-type]
    return {"manual": manual, "auto": auto}


def median_us(work: Callable[[], object], rounds: int) -> float:
    """Return the median of so many runs, microseconds."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter_ns()
        work()
        spent.append(time.perf_counter_ns() - began)
    return statistics.median(spent) / 1000


def measure(rounds: int = 2000) -> dict[str, float]:
    """Return medians in microseconds: MANUAL, AUTO, and the JSON round trip of the same claim."""
    facts, claim_id = _facts(), UUID(int=1)
    submit = SubmitClaim(
        claim_id=claim_id,
        actor="clara",
        role="SUBMITTER",
        now=_NOW,
        claim_number="CF0000000000000",
        document=_document(),
    )
    accepted: Claim | None = reduce(evolve, decide(submit, None, facts).events, None)
    assert accepted is not None, "the claim was received"

    def run(command: AdjudicateClaim) -> Claim:
        return reduce(evolve, decide(command, accepted, facts).events, accepted)

    commands = _commands(claim_id)
    decided = run(commands["auto"])
    assert decided.adjudication is not None and decided.adjudication.final, "it was priced"

    def round_trip() -> Claim:
        payload, sealed = codec.encode(decided)
        text = codec.canonical(payload)
        return codec.decode(Claim, json.loads(text), sealed)

    found = {name: median_us(partial(run, command), rounds) for name, command in commands.items()}
    return {**found, "round trip": median_us(round_trip, rounds)}


def report() -> str:
    """Return the figures as a line."""
    found = measure()
    yardstick = found["round trip"]
    return (
        f"decide+evolve of {LINES} lines: manual {found['manual']:.0f} us, auto"
        f" {found['auto']:.0f} us; JSON round trip of the claim {yardstick:.0f} us;"
        f" ratios {found['manual'] / yardstick:.2f} and {found['auto'] / yardstick:.2f}"
    )


if __name__ == "__main__":
    print(report())
