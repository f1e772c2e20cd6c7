"""What happens to a claim on arrival: command 1, the edits of domain.md 1.5.

Every edit runs and every fault is told. The policy says for each edit whether its faults reject
the claim, pend it, stay on it as warnings, or are not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.claims.commands import SubmitClaim
from server.claims.edits import (
    Fault,
    Submission,
    charge_sum,
    frequency,
    provider_identifiers,
    required_fields,
    signs,
)
from server.claims.edits_codes import diagnosis_codes, service_codes
from server.claims.edits_dates import service_dates
from server.claims.events import (
    ClaimAccepted,
    ClaimPended,
    ClaimReceived,
    ClaimRejected,
    Event,
)
from server.claims.model import Facts, Finding, Severity

PEND_CODE = "INTAKE_EDIT"
PENDED_BY = "SYSTEM"


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
            Edit("E13", "charges are not negative, units are above zero", signs),
            Edit("E14", "the frequency code is taken in for the claim type", frequency),
        )
    }
)


def receive(command: SubmitClaim, facts: Facts) -> list[Event]:
    """Command 1: store and number a claim, and accept, pend or reject it by its findings."""
    received = ClaimReceived(
        claim_id=command.claim_id,
        claim_number=command.claim_number,
        document=command.document,
        receipt_date=command.now.date(),
        received_at=command.now,
        submitted_by=command.actor,
        queue=facts.policy.queues[0],
    )
    findings = tuple(
        run_edits(Submission(command.document, received.receipt_date, facts.policy, facts.codes))
    )
    severities = {finding.severity for finding in findings}
    if Severity.REJECT in severities:
        return [received, ClaimRejected(findings=findings)]
    accepted = ClaimAccepted(findings=findings)
    if Severity.PEND in severities:
        return [received, accepted, ClaimPended(code=PEND_CODE, by=PENDED_BY, at=command.now)]
    return [received, accepted]


def run_edits(submission: Submission) -> Iterator[Finding]:
    """Yield a finding for every fault of every edit that the policy has not switched off."""
    policy = submission.policy
    for edit in EDITS.values():
        severity = Severity(policy.severities.get(edit.edit_id, Severity.REJECT))
        if severity is Severity.OFF:
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
