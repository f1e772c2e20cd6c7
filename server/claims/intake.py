"""What happens to a claim on arrival: commands 1 to 3, the edits of domain.md 1.5.

Every edit runs and every fault is told. The policy says for each edit whether its faults reject
the claim, deny it at once, pend it, stay on it as warnings, or are not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from server.claims import adjudication, family
from server.claims.commands import AdjudicateClaim, SubmitClaim
from server.claims.decided import SYSTEM_ACTOR, SYSTEM_ROLE, Decided
from server.claims.document import ZERO, Adjustment, ServiceLine
from server.claims.duplicates import duplicate_key, exact_duplicate, suspect_duplicate
from server.claims.edits import (
    Fault,
    Submission,
    charge_sum,
    frequency,
    provider_identifiers,
    required_fields,
    signs,
)
from server.claims.edits_cob import cob_balanced
from server.claims.edits_codes import diagnosis_codes, service_codes
from server.claims.edits_dates import service_dates
from server.claims.edits_relations import member_covered, original_claim, timely_filing
from server.claims.edits_stay import attachment_indicators, inpatient_stay
from server.claims.events import (
    ClaimAccepted,
    ClaimLinked,
    ClaimPended,
    ClaimReceived,
    ClaimRejected,
    ClaimVoided,
    Event,
)
from server.claims.evolution import evolve
from server.claims.facts import Facts, Other
from server.claims.filing import late_lines
from server.claims.model import AdjudicationLine, Finding, Relation, Severity
from server.claims.payees import Entry
from server.claims.policy import Policy
from server.claims.refusals import Refused

PENDED_BY = "SYSTEM"
DUPLICATE = "E10"
UNTIMELY = "E09"
RELATED = "E07"


@dataclass(frozen=True, slots=True)
class Edit:
    """One intake edit: what it demands, and how it looks for faults."""

    edit_id: str
    description: str
    find: Callable[[Submission], Iterator[Fault]]


EDITS: Mapping[str, Edit] = MappingProxyType(
    {
        edit.edit_id: edit
        for edit in (
            Edit("E01", "required fields are present, lines are counted from 1", required_fields),
            Edit("E02", "the total charge is the sum of the line charges", charge_sum),
            Edit("E03", "national provider identifiers are valid", provider_identifiers),
            Edit("E04", "diagnosis codes are valid, pointers are in range", diagnosis_codes),
            Edit(
                "E05",
                "procedure, modifier, revenue, place of service and drug codes are valid",
                service_codes,
            ),
            Edit("E06", "dates follow each other, within a life, before receipt", service_dates),
            Edit("E07", "a replacement or void names a claim that is held", original_claim),
            Edit("E08", "the member is covered on the days of service", member_covered),
            Edit("E09", "the claim is filed in time", timely_filing),
            Edit("E10", "no live claim bills exactly the same", exact_duplicate),
            Edit("E11", "no live claim bills nearly the same", suspect_duplicate),
            Edit("E12", "what earlier payers decided balances with the claim", cob_balanced),
            Edit("E13", "charges are not negative, units are above zero", signs),
            Edit("E14", "the frequency code is taken in for the claim type", frequency),
            Edit(
                "E15",
                "announced attachments have a control number, unless they come on request",
                attachment_indicators,
            ),
            Edit("E16", "an inpatient stay has admission and discharge status", inpatient_stay),
        )
    }
)


def receive(command: SubmitClaim, facts: Facts) -> Decided:
    """Commands 1 to 3: store and number a claim, then accept, pend, deny or reject it.

    An accepted replacement takes the place of the claim that it names, an accepted void withdraws
    it, both in the same decision (W11).
    """
    submission = _submission(command, facts)
    named = _named(submission, facts)
    if named is not None:
        family.require_replaceable(command, named)
    received = ClaimReceived(
        claim_id=command.claim_id,
        claim_number=command.claim_number,
        document=command.document,
        receipt_date=submission.receipt_date,
        received_at=command.now,
        submitted_by=command.actor,
        queue=facts.policy.queues[0],
    )
    findings = tuple(run_edits(submission))
    if any(finding.severity is Severity.REJECT for finding in findings):
        return Decided(events=(received, ClaimRejected(findings=findings)))
    accepted = ClaimAccepted(findings=findings, duplicate_key=_key(submission, findings))
    linked, other_events, entries = _take_the_place(command, named)
    outcome: list[Event]
    by_system: Sequence[Event] = ()
    if command.document.frequency_code == family.VOID:
        outcome = [ClaimVoided(by=command.actor, at=command.now)]
    else:
        outcome = [*_pends(findings, command, facts.policy)]
        if not outcome:
            by_system = _denial(command, received, findings, facts)
    return Decided(
        events=(received, accepted, *linked, *outcome),
        by_system=tuple(by_system),
        others={named.claim.claim_id: tuple(other_events)} if named else {},
        opened=tuple(entries),
    )


def _submission(command: SubmitClaim, facts: Facts) -> Submission:
    """Return what the edits look at; a claim that is replaced is no duplicate (1.9)."""
    original = facts.original.claim.claim_id if facts.original else None
    return Submission(
        command.document,
        command.now.date(),
        facts.policy,
        facts.codes,
        services=tuple(one for one in facts.services if one.claim_id != original),
        coverages=facts.coverages,
        original=family.original_of(facts.original),
    )


def _named(submission: Submission, facts: Facts) -> Other | None:
    """Return the claim that a replacement or void names and has everything in common with."""
    if submission.document.frequency_code not in (family.REPLACEMENT, family.VOID):
        return None
    return None if any(original_claim(submission)) else facts.original


def run_edits(submission: Submission) -> Iterator[Finding]:
    """Yield a finding for every fault of every edit that the policy has not switched off."""
    policy, document = submission.policy, submission.document
    void = document.frequency_code == family.VOID
    for edit in EDITS.values():
        severity = Severity(policy.severity(edit.edit_id, document.type.value))
        if void and edit.edit_id == RELATED:
            severity = Severity.REJECT  # a void of nothing must never become a claim to be paid
        if severity is Severity.OFF or (void and edit.edit_id in (DUPLICATE, "E11")):
            continue
        category, status = policy.edit_answers.get(edit.edit_id, ("", ""))
        for path, message in edit.find(submission):
            yield Finding(
                edit_id=edit.edit_id,
                severity=severity,
                field_path=path,
                message=message,
                status_category_code=category,
                status_code=status,
            )


def _key(submission: Submission, findings: Sequence[Finding]) -> str:
    """Return the key that no other live claim may have; none for what is a duplicate itself."""
    document = submission.document
    looked_for = submission.policy.severity(DUPLICATE, document.type.value) != Severity.OFF
    repeats = any(finding.edit_id == DUPLICATE for finding in findings)
    if not looked_for or repeats or document.frequency_code == family.VOID:
        return ""
    return duplicate_key(document)


def _take_the_place(
    command: SubmitClaim, named: Other | None
) -> tuple[list[Event], list[Event], list[Entry]]:
    """Return the link, what happens to the claim that is named, and what its payee owes by it."""
    if named is None:
        return [], [], []
    if command.document.frequency_code == family.VOID:
        events, entries = family.voided(named, command, command.claim_id)
        relation = Relation.VOIDS
    else:
        events, entries = family.replaced(named, command)
        relation = Relation.REPLACES
    return [ClaimLinked(link=family.link_to(named.claim, relation))], events, entries


def _pends(findings: Sequence[Finding], command: SubmitClaim, policy: Policy) -> list[Event]:
    codes = dict.fromkeys(
        policy.edit_pend(finding.edit_id)
        for finding in findings
        if finding.severity is Severity.PEND
    )
    return [ClaimPended(code=code, by=PENDED_BY, at=command.now) for code in codes]


def _denial(
    command: SubmitClaim, received: ClaimReceived, findings: Sequence[Finding], facts: Facts
) -> Sequence[Event]:
    """Return the denial of a claim that needs no clerical work, in the system's name (1.9)."""
    denying = {one.edit_id for one in findings if one.severity is Severity.DENY}
    lines = command.document.service_lines
    if DUPLICATE in denying:
        rule = DUPLICATE
    elif UNTIMELY in denying and _all_late(received, facts.policy):
        rule = "K5"
    else:
        return ()
    claim = evolve(evolve(None, received), ClaimAccepted())
    decision = AdjudicateClaim(
        claim_id=command.claim_id,
        actor=SYSTEM_ACTOR,
        role=SYSTEM_ROLE,
        now=command.now,
        lines=tuple(_denied(line, rule, facts.policy) for line in lines),
    )
    try:
        return adjudication.adjudicate_and_finalize(decision, claim, facts)
    except Refused:
        return ()  # numbers that no determination can be made of: a person decides


def _all_late(received: ClaimReceived, policy: Policy) -> bool:
    document = received.document
    late = late_lines(document, received.receipt_date, policy.filing)
    return late == {line.line_number for line in document.service_lines}


def _denied(line: ServiceLine, rule: str, policy: Policy) -> AdjudicationLine:
    charge = line.charge or ZERO
    reason = policy.pricing.denials[rule]
    told = AdjudicationLine(line_number=line.line_number, charge=charge, edit_ids=(rule,))
    if not charge:
        return told  # a charge of nothing cannot be adjusted (M9)
    return replace(
        told,
        denied=True,
        adjustments=(
            Adjustment(group_code=reason.group_code, reason_code=reason.reason_code, amount=charge),
        ),
        remark_codes=reason.remark_codes,
    )
