"""What the determinations of a claim must add up to: command 9, rules M1-M4, M6-M14, M16.

The first broken rule refuses the whole adjudication; nothing is rounded or repaired here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from server.claims import accumulators, codec, codes
from server.claims.approvals import basis, conclude
from server.claims.balances import require_balanced_line, total
from server.claims.benefits import Plan
from server.claims.commands import AdjudicateClaim
from server.claims.document import Adjustment
from server.claims.events import AdjudicationRecorded, ApprovalRequired, Event
from server.claims.facts import Facts
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    AdjudicationMode,
    Claim,
    Decision,
    Provenance,
)
from server.claims.policy import Policy
from server.claims.ranges import cents, in_range
from server.claims.refusals import Refusal, require
from server.claims.services import services_of

_ZERO = Decimal("0.00")


def adjudicate(command: AdjudicateClaim, claim: Claim, facts: Facts) -> list[Event]:
    """Command 9, MANUAL: record a determination of every line as a person states it."""
    return record(command, claim, facts, Provenance(policy_version=facts.policy.version))


def adjudicate_and_finalize(command: AdjudicateClaim, claim: Claim, facts: Facts) -> list[Event]:
    """Record determinations that pay nothing, and make them final unless people must approve."""
    recorded, *required = adjudicate(command, claim, facts)
    assert isinstance(recorded, AdjudicationRecorded), "determinations were recorded"
    if required:
        return [recorded, *required]
    return [recorded, conclude(recorded.adjudication, command.actor, command.now)]


def record(
    command: AdjudicateClaim, claim: Claim, facts: Facts, provenance: Provenance
) -> list[Event]:
    """Record determinations that add up, and ask for approvals by their amount."""
    _require_every_line(command.lines, claim)
    _require_amounts_in_range(command, facts.policy)
    for place, line in enumerate(command.lines):
        path = f"lines[{place}]"
        number = str(line.line_number)
        _require_reasons(line, line.adjustments, line.remark_codes, number, path, command, facts)
        require_balanced_line(line, facts.policy, path)
    remarks = tuple(code for line in command.lines for code in line.remark_codes)
    _require_reasons(None, command.adjustments, remarks, "0", "adjustments", command, facts)
    _require_balanced_claim(command)
    if command.mode is AdjudicationMode.MANUAL:
        _require_within_charge(command, claim)  # a price is within it by construction
    recorded = _recorded(command, claim, facts, provenance)
    accumulators.require_within_limits(
        facts.used,
        claim,
        replace(claim, adjudication=recorded),
        facts.benefits,
        service_days(claim),
    )
    events: list[Event] = [AdjudicationRecorded(adjudication=recorded)]
    if recorded.approvals_needed:
        events.append(
            ApprovalRequired(number=recorded.number, approvals_needed=recorded.approvals_needed)
        )
    return events


def service_days(claim: Claim) -> list[date]:
    """Return the first days of the services in order; that of the receipt if there is none."""
    days = {one.from_date for one in services_of(claim.document) if one.from_date is not None}
    return sorted(days or {claim.receipt_date})


def plan_of(claim: Claim, facts: Facts) -> Plan | None:
    """Return the plan that covers a claim's first day: the member's, or the policy's default."""
    on = service_days(claim)[0]
    if facts.coverages is None:
        return facts.benefits.plan(facts.policy.pricing.default_plan_id, on)
    for coverage in facts.coverages:
        if coverage.covers(on):
            return facts.benefits.plan(coverage.plan_id, on)
    return None


def _require_within_charge(command: AdjudicateClaim, claim: Claim) -> None:
    """Go on when all payers together pay no more than the charge (C6).

    What an earlier payer paid above the charge, it has said by negative adjustments.
    """
    document = claim.document
    if not document.prior_payers or not command.paid > 0:
        return
    adjusted = [one for prior in document.prior_payers for one in prior.adjustments]
    for line in document.service_lines:
        adjusted.extend(one for told in line.prior_payer_lines for one in told.adjustments)
    above = total(-one.amount for one in adjusted if one.amount < 0)
    paid = total(prior.paid_amount or _ZERO for prior in document.prior_payers) + command.paid
    charge = total(line.charge or _ZERO for line in document.service_lines)
    within = paid <= charge + above
    require(within, Refusal.AMOUNT_OUT_OF_BOUNDS, {"line_number": "0"}, "paid")


def _require_every_line(lines: Sequence[AdjudicationLine], claim: Claim) -> None:
    """Go on when each service line is decided exactly once, at its own charge (M2)."""
    charges = {line.line_number: line.charge or _ZERO for line in claim.document.service_lines}
    decided = Counter(line.line_number for line in lines)
    for place, line in enumerate(lines):
        facts = {"line_number": str(line.line_number)}
        path = f"lines[{place}]"
        require(line.line_number in charges, Refusal.LINE_UNKNOWN, facts, f"{path}.line_number")
        require(decided[line.line_number] == 1, Refusal.LINES_INCOMPLETE, facts, path)
        same = line.charge == charges[line.line_number]
        require(same, Refusal.LINE_CHARGE_CHANGED, facts, f"{path}.charge")
    # A claim whose line numbers name no single line cannot be decided line by line.
    dense = bool(charges) and len(charges) == len(claim.document.service_lines)
    require(dense, Refusal.LINES_INCOMPLETE, {"line_number": "0"}, "lines")
    for number in charges:
        require(number in decided, Refusal.LINES_INCOMPLETE, {"line_number": str(number)}, "lines")


def _require_amounts_in_range(command: AdjudicateClaim, policy: Policy) -> None:
    """Go on when every amount has at most two decimals and is not too large (M1)."""
    for place, line in enumerate(command.lines):
        facts = {"line_number": str(line.line_number)}
        for name in ("charge", "allowed", "paid"):
            fine = in_range(getattr(line, name), policy.amount_max)
            require(fine, Refusal.AMOUNT_OUT_OF_RANGE, facts, f"lines[{place}].{name}")
        _require_adjustments_in_range(line.adjustments, policy, facts, f"lines[{place}].")
    facts = {"line_number": "0"}
    _require_adjustments_in_range(command.adjustments, policy, facts, "")
    for name in ("paid", "patient_responsibility"):
        fine = in_range(getattr(command, name), policy.amount_max)
        require(fine, Refusal.AMOUNT_OUT_OF_RANGE, facts, name)


def _require_adjustments_in_range(
    adjustments: Iterable[Adjustment], policy: Policy, facts: Mapping[str, str], path: str
) -> None:
    for place, one in enumerate(adjustments):
        require(
            in_range(one.amount, policy.amount_max),
            Refusal.AMOUNT_OUT_OF_RANGE,
            facts,
            f"{path}adjustments[{place}].amount",
        )


def _require_reasons(
    line: AdjudicationLine | None,
    adjustments: Sequence[Adjustment],
    remarks: Sequence[str],
    number: str,
    path: str,
    command: AdjudicateClaim,
    facts: Facts,
) -> None:
    """Go on when reasons are known, in their groups, said once, and remarked on (M9, M11, M12)."""
    at = {"line_number": number}
    policy = facts.policy
    today = command.now.date()
    if line is not None:
        stated = line.paid == line.charge or bool(adjustments)
        require(stated, Refusal.ADJUSTMENT_REASON_REQUIRED, at, f"{path}.adjustments")
        for code in line.remark_codes:
            known = codes.fits(codes.RARC, code) and (
                facts.codes.valid("RARC", code, today) is not False
            )
            require(known, Refusal.REASON_CODE_UNKNOWN, at, f"{path}.remark_codes")
    seen: set[tuple[str, str]] = set()
    for one in adjustments:
        reason = {**at, "reason_code": one.reason_code}
        key = (one.group_code, one.reason_code)
        known = codes.fits(codes.CARC, one.reason_code) and (
            facts.codes.valid("CARC", one.reason_code, today) is not False
        )
        require(known, Refusal.REASON_CODE_UNKNOWN, at, path)
        groups = policy.reason_groups.get(one.reason_code, codes.GROUP_CODES)
        require(one.group_code in groups, Refusal.GROUP_CODE_NOT_ALLOWED, reason, path)
        require(one.amount != 0, Refusal.ADJUSTMENT_ZERO, at, path)
        require(key not in seen, Refusal.ADJUSTMENT_REPEATED, at, path)
        seen.add(key)
        remarked = one.reason_code not in policy.remark_required or bool(remarks)
        require(remarked, Refusal.REMARK_REQUIRED, reason, path)
        reviewed = (
            one.reason_code not in policy.medical_necessity or command.role == "MEDICAL_REVIEWER"
        )
        require(reviewed, Refusal.MEDICAL_REVIEW_REQUIRED, at, path)


def _require_balanced_claim(command: AdjudicateClaim) -> None:
    """Go on when the claim's payment and patient responsibility follow from its lines (M4, M6).

    M4: paid = sum of line payments less claim-level adjustments. With M3 on every line this is
    the charge of all lines less all adjustments, also where the header's total says otherwise.
    """
    paid = total(line.paid for line in command.lines)
    adjusted = total(one.amount for one in command.adjustments)
    require(command.paid == paid - adjusted, Refusal.CLAIM_NOT_BALANCED, field_path="paid")
    require(command.paid >= 0, Refusal.AMOUNT_OUT_OF_BOUNDS, {"line_number": "0"}, "paid")
    patients = patient_responsibility(command.lines, command.adjustments)
    require(
        command.patient_responsibility == patients,
        Refusal.PATIENT_RESPONSIBILITY_MISMATCH,
        field_path="patient_responsibility",
    )


def patient_responsibility(
    lines: Iterable[AdjudicationLine], adjustments: Iterable[Adjustment]
) -> Decimal:
    """Return the sum of all PR adjustments, of lines and claim (M6)."""
    every = [one for line in lines for one in line.adjustments] + list(adjustments)
    return total(one.amount for one in every if one.group_code == "PR")


def is_denial(lines: Sequence[AdjudicationLine], paid: Decimal) -> bool:
    """Tell whether determinations deny a claim: every line is denied, and nothing is paid (M16)."""
    # A charge of nothing can be neither paid nor denied, so it decides nothing.
    deciding = [line for line in lines if line.charge] or lines
    return paid == 0 and all(line.denied for line in deciding)


def classify(
    lines: Sequence[AdjudicationLine], adjustments: Sequence[Adjustment], policy: Policy
) -> Decision:
    """Return what determinations come to (M16); a payment of zero alone is no denial.

    DENIED when every line is denied and nothing is paid. APPROVED when no line is denied, and
    nothing was cut but what was to be expected: the patient's share, the contract's, an earlier
    payer's, and what the policy takes off every payment. PARTIAL otherwise.
    """
    paid = total(line.paid for line in lines) - total(one.amount for one in adjustments)
    if is_denial(lines, paid):
        return Decision.DENIED
    expected = {
        *policy.contractual,
        *policy.above_charge,
        *policy.prior_payer,
        *policy.payment_reductions,
    }
    every = [one for line in lines for one in line.adjustments] + list(adjustments)
    as_expected = all(one.group_code == "PR" or one.reason_code in expected for one in every)
    if as_expected and not any(line.denied for line in lines):
        return Decision.APPROVED
    return Decision.PARTIAL


def adjudication_hash(adjudication: Adjudication) -> str:
    """Return SHA-256, hex, of the determinations as canonical JSON: what an approval names (W5).

    Who adjudicated, when, and who approved since are no part of it.
    """
    payload, _ = codec.encode(
        replace(adjudication, hash="", by="", approvals_needed=0, approvals=(), final=False)
    )
    del payload["at"]
    return hashlib.sha256(codec.canonical(payload)).hexdigest()


def _recorded(
    command: AdjudicateClaim, claim: Claim, facts: Facts, provenance: Provenance
) -> Adjudication:
    policy, plan = facts.policy, plan_of(claim, facts)
    lines = tuple(_with_cents(line) for line in command.lines)
    adjustments = tuple(_adjustment_with_cents(one) for one in command.adjustments)
    recorded = Adjudication(
        number=claim.adjudications + 1,
        hash="",
        lines=tuple(sorted(lines, key=lambda line: line.line_number)),
        adjustments=adjustments,
        paid=cents(command.paid),
        allowed=cents(total(line.allowed for line in lines)),
        patient_responsibility=cents(command.patient_responsibility),
        decision=classify(lines, adjustments, policy),
        by=command.actor,
        at=command.now,
        approvals_needed=policy.tier(basis(command.paid, claim.final_paid)).approvals,
        mode=command.mode,
        shares=accumulators.shares(
            lines,
            adjustments,
            services_of(claim.document),
            plan,
            claim.receipt_date,
            policy.pricing.deductible_codes,
        ),
        provenance=replace(
            provenance,
            plan_id=plan.plan_id if plan else "",
            plan_version=plan.version if plan else 0,
        ),
    )
    return replace(recorded, hash=adjudication_hash(recorded))


def _with_cents(line: AdjudicationLine) -> AdjudicationLine:
    return replace(
        line,
        charge=cents(line.charge),
        allowed=cents(line.allowed),
        paid=cents(line.paid),
        adjustments=tuple(_adjustment_with_cents(one) for one in line.adjustments),
    )


def _adjustment_with_cents(adjustment: Adjustment) -> Adjustment:
    return replace(adjustment, amount=cents(adjustment.amount))
