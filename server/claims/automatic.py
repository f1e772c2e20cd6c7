"""Adjudication without a person: command 9 with mode AUTO.

The rules price the claim from plan, fee schedule, code edits and limits. What balances by
construction is checked all the same, by the rules that hold for a person. Within the caller's
authority the decision is final at once, for a caller who may finalize; what the rules cannot
decide, they pend and say why.
"""

from __future__ import annotations

from dataclasses import replace

from server.claims import accumulators, adjudication
from server.claims.approvals import basis, conclude
from server.claims.commands import AdjudicateClaim, FinalizeClaim
from server.claims.duplicates import exact_duplicate_lines
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ClaimPended,
    Event,
)
from server.claims.facts import Facts
from server.claims.filing import late_lines
from server.claims.model import AdjudicationMode, Claim, Severity
from server.claims.permissions import PERMISSIONS
from server.claims.policy import Policy
from server.claims.pricing import Question, price
from server.claims.pricing_rules import CHARGE_MAX
from server.claims.services import Service

_DENIES = frozenset({Severity.DENY, Severity.REJECT, Severity.PEND})
_DUPLICATE, _SUSPECT, _UNTIMELY = "E10", "E11", "E09"


def adjudicate(command: AdjudicateClaim, claim: Claim, facts: Facts) -> list[Event]:
    """Command 9: record what a person states, or what the rules come to."""
    if command.mode is AdjudicationMode.MANUAL:
        return adjudication.adjudicate(command, claim, facts)
    priced = price(question(claim, facts))
    if priced.pends:
        return _pended([code for code, _ in priced.pends], command, claim)
    stated = replace(
        command,
        lines=priced.lines,
        adjustments=priced.adjustments,
        paid=priced.paid,
        patient_responsibility=priced.patient_responsibility,
    )
    events = adjudication.record(stated, claim, facts, priced.provenance)
    if len(events) > 1:
        return events  # other people have to approve it
    (recorded,) = events
    assert isinstance(recorded, AdjudicationRecorded), "determinations were recorded"
    if command.role not in PERMISSIONS[FinalizeClaim].roles:
        return [recorded]
    limit = facts.policy.limits.get(command.role)
    if limit is not None and basis(priced.paid, claim.final_paid) <= limit:
        return [recorded, conclude(recorded.adjudication, command.actor, command.now)]
    code = facts.policy.pricing.pends[CHARGE_MAX]
    if _settled(code, claim, facts.policy):
        return [recorded]  # a person has looked, and one with the authority finalizes it
    return _pended([code], command, claim)


def _settled(code: str, claim: Claim, policy: Policy) -> bool:
    """Tell whether a person has resolved a pend that does not reattach."""
    reason = policy.pend_reasons.get(code)
    return code in _resolved(claim) and not (reason and reason.reattach)


def _resolved(claim: Claim) -> frozenset[str]:
    return frozenset(one.code for one in claim.pends if one.resolved_at is not None)


def question(claim: Claim, facts: Facts) -> Question:
    """Return what the price of a claim depends on."""
    plan = adjudication.plan_of(claim, facts)
    unused = accumulators.available(facts.used, claim)
    return Question(
        document=claim.document,
        receipt_date=claim.receipt_date,
        policy=facts.policy,
        plan=plan,
        coverage=facts.coverages,
        benefits=facts.benefits,
        code_edits=facts.code_edits,
        used={
            year: one for (plan_id, year), one in unused.items() if plan and plan_id == plan.plan_id
        },
        services=_before(claim, facts),
        duplicate_lines=_duplicates(claim, facts),
        late_lines=_late(claim, facts),
        documented=bool(claim.attachments),
        resolved_pends=_resolved(claim),
    )


def _before(claim: Claim, facts: Facts) -> tuple[Service, ...]:
    """Return the services that a code edit may count against this claim: earlier or decided ones.

    Of two claims that nobody has decided the later one gives way, whichever is priced first.
    """
    return tuple(
        one
        for one in facts.services
        if one.decided or (one.claim_id is not None and one.claim_id < claim.claim_id)
    )


def _duplicates(claim: Claim, facts: Facts) -> frozenset[int]:
    """Return the lines that repeat an earlier claim's; of two equal claims the later is denied.

    A person who looked at the suspicion and let the claim go on has decided that there are none.
    """
    policy, kind = facts.policy, claim.document.type.value
    if policy.severity(_DUPLICATE, kind) not in _DENIES:
        return frozenset()
    if _settled(policy.edit_pend(_SUSPECT), claim, policy):
        return frozenset()
    earlier = [
        one for one in facts.services if one.claim_id is not None and one.claim_id < claim.claim_id
    ]
    return frozenset(exact_duplicate_lines(claim.document, earlier))


def _late(claim: Claim, facts: Facts) -> frozenset[int]:
    kind = claim.document.type.value
    if facts.policy.severity(_UNTIMELY, kind) not in _DENIES:
        return frozenset()
    return late_lines(claim.document, claim.receipt_date, facts.policy.filing)


def _pended(codes: list[str], command: AdjudicateClaim, claim: Claim) -> list[Event]:
    """Return the pends that the rules raise; a determination that is not final falls."""
    pended: list[Event] = [
        ClaimPended(code=code, by=command.actor, at=command.now) for code in codes
    ]
    if claim.adjudication is None:
        return pended
    return [AdjudicationWithdrawn(number=claim.adjudication.number), *pended]
