"""A claim as a remittance tells it, and its reversal with every amount negated: rule M17."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from server.claims.balances import total
from server.claims.document import (
    ZERO,
    Adjustment,
    ClaimDocument,
    CodeSystem,
    Procedure,
    ServiceLine,
)
from server.claims.model import Adjudication, AdjudicationLine, Claim, Decision, Remitted
from server.claims.payees import EntryKind, RemittedClaim, RemittedService
from server.claims.policy import Policy

_PRIMARY = "P"
_LATER = "T"  # a third or later payer reports as one


def remitted_determination(claim: Claim) -> Adjudication:
    """Return the determination that was remitted last; the claim has one."""
    remitted, current = claim.remitted, claim.adjudication
    assert remitted is not None, "something was remitted"
    if current is not None and current.number == remitted.adjudication_number:
        return current
    kept = claim.remitted_adjudication
    assert kept is not None and kept.number == remitted.adjudication_number, "reopening keeps it"
    return kept


def remitted_claim(claim: Claim, policy: Policy) -> RemittedClaim:
    """Return what the last remittance told of a claim."""
    return told(claim, remitted_determination(claim), policy)


def told(claim: Claim, adjudication: Adjudication, policy: Policy) -> RemittedClaim:
    """Return a determination as a remittance tells it (CLP, CAS, SVC)."""
    return RemittedClaim(
        claim_id=claim.claim_id,
        claim_number=claim.claim_number,
        patient_control_number=claim.document.patient_control_number,
        status_code=_status(claim, adjudication, policy),
        adjudication_number=adjudication.number,
        charge=total(line.charge for line in adjudication.lines),
        paid=adjudication.paid,
        patient_responsibility=adjudication.patient_responsibility,
        adjustments=adjudication.adjustments,
        lines=adjudication.lines,
        services=_services(claim.document, adjudication.lines),
    )


def _services(
    document: ClaimDocument, lines: Iterable[AdjudicationLine]
) -> tuple[RemittedService, ...]:
    """Return what determinations are about: the procedure that was decided, or else submitted."""
    decided = {line.line_number: line.adjudicated_procedure for line in lines}
    return tuple(
        _service(document, line, decided.get(line.line_number) or line.procedure)
        for line in document.service_lines
    )


def _service(
    document: ClaimDocument, line: ServiceLine, procedure: Procedure | None
) -> RemittedService:
    first = line.service_from_date or document.statement_from_date
    return RemittedService(
        line_number=line.line_number,
        code_system=procedure.code_system if procedure else CodeSystem.UNSPECIFIED,
        procedure_code=procedure.code if procedure else "",
        modifiers=procedure.modifiers if procedure else (),
        revenue_code=line.revenue_code,
        ndc=line.drug.ndc if line.drug else "",
        line_control_number=line.line_control_number,
        service_from_date=first,
        service_through_date=line.service_through_date or line.service_from_date
        if line.service_from_date
        else document.statement_through_date,
    )


def reversal(of: RemittedClaim, policy: Policy) -> RemittedClaim:
    """Return the reversal: every amount of claim and lines negated, at the same detail (M17)."""
    return replace(
        of,
        status_code=policy.payment.claim_statuses["REVERSAL"],
        charge=_negated(of.charge),
        paid=_negated(of.paid),
        patient_responsibility=_negated(of.patient_responsibility),
        adjustments=_all_negated(of.adjustments),
        lines=tuple(_line(line) for line in of.lines),
        reverses=True,
    )


def beside_reversal(remitted: Remitted, claim_number: str) -> list[tuple[EntryKind, str, Decimal]]:
    """Return what goes with a reversal at provider level: kind, reference and amount.

    Interest is taken back; what was recovered of the payment is given back, since the reversal
    takes it again.
    """
    beside = [
        (EntryKind.OVERPAYMENT, str(one.overpayment_id), -one.recouped)
        for one in remitted.overpayments
        if one.recouped
    ]
    if remitted.interest:
        beside.append((EntryKind.INTEREST, claim_number, remitted.interest))
    return beside


def provider_level_codes(policy: Policy) -> Mapping[EntryKind, str]:
    """Return the code (PLB03-1) under which each kind of entry stands on a remittance."""
    rules = policy.payment
    return {
        EntryKind.OVERPAYMENT: rules.overpayment_code,
        EntryKind.FORWARD_BALANCE: rules.forward_balance_code,
        EntryKind.INTEREST: rules.interest_code,
    }


def _status(claim: Claim, adjudication: Adjudication, policy: Policy) -> str:
    statuses = policy.payment.claim_statuses
    if adjudication.decision is Decision.DENIED:
        return statuses["DENIED"]
    sequence = claim.document.payer_sequence or _PRIMARY
    return statuses.get(sequence) or statuses[_LATER]


def _line(line: AdjudicationLine) -> AdjudicationLine:
    return replace(
        line,
        charge=_negated(line.charge),
        allowed=_negated(line.allowed),
        paid=_negated(line.paid),
        units_paid=None if line.units_paid is None else _negated(line.units_paid),
        adjustments=_all_negated(line.adjustments),
    )


def _all_negated(adjustments: Iterable[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(replace(one, amount=_negated(one.amount)) for one in adjustments)


def _negated(amount: Decimal) -> Decimal:
    return ZERO - amount  # never a negative nothing
