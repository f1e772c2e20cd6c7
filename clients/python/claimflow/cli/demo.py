"""A claim's life, step by step through the SDK: `claimflow demo`, `make demo`.

Seven people take part, each with a credential of their own, since nobody may decide alone.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from claimflow.client import Client, errors, values
from claimflow.v1.claim_pb2 import INFORMATION_PARTY_PROVIDER, Claim, ClaimState
from claimflow.v1.document_pb2 import ClaimDocument

PEOPLE = ("submitter", "examiner", "intake", "approver", "approver-2", "finance", "auditor")
Say = Callable[[str], None]


def document(number: str, today: date) -> ClaimDocument:
    """Return a surgical claim of 30,000.00 that passes every edit; all people are made up."""
    service = today - timedelta(days=9)
    line = {"service_from_date": service, "units": 1, "unit_basis_code": "UN"}
    return values.document(
        type="PROFESSIONAL",
        patient_control_number=number,
        frequency_code="1",
        total_charge=Decimal("30000.00"),
        currency_code="USD",
        place_of_service_code="21",
        claim_filing_indicator="CI",
        payer_sequence="P",
        payer={"payer_id": "DEMO1", "name": "Demonstration Health Plan"},
        billing_provider={
            "npi": "1234567893",
            "tax_id": "123456789",
            "tax_id_type": "EIN",
            "taxonomy_code": "207X00000X",
            "name": "Riverside Surgical Group",
            "address": {
                "lines": ["1 Main Street"],
                "city": "Springfield",
                "state": "IL",
                "postal_code": "627010001",
            },
        },
        rendering_provider={"npi": "1993999998", "name": "Surgeon", "first_name": "Sam"},
        subscriber={
            "member_id": f"DEMO-{number}",
            "last_name": "Sample",
            "first_name": "Alex",
            "birth_date": date(1968, 5, 4),
            "sex_code": "U",
            "relationship_code": "18",
        },
        diagnoses=[{"qualifier": "PRINCIPAL", "code_system": "ICD_10_CM", "code": "M1711"}],
        service_lines=[
            {
                "line_number": 1,
                "procedure": {"code_system": "HCPCS", "code": "27447"},
                "charge": Decimal("27500.00"),
                "diagnosis_pointers": [1],
                **line,
            },
            {
                "line_number": 2,
                "procedure": {"code_system": "HCPCS", "code": "01402"},
                "charge": Decimal("2500.00"),
                "diagnosis_pointers": [1],
                **line,
            },
        ],
        assignment_of_benefits_code="Y",
        release_of_information_code="Y",
        provider_accept_assignment_code="A",
        source={"system": "DEMO"},
        line_of_business="COMMERCIAL",
        jurisdiction="US",
    )


DETERMINATIONS = (
    {
        "line_number": 1,
        "charge": Decimal("27500.00"),
        "allowed": Decimal("26400.00"),
        "paid": Decimal("25400.00"),
        "adjustments": [
            {"group_code": "CO", "reason_code": "45", "amount": Decimal("1100.00")},
            {"group_code": "PR", "reason_code": "2", "amount": Decimal("1000.00")},
        ],
    },
    {
        "line_number": 2,
        "charge": Decimal("2500.00"),
        "allowed": Decimal("2500.00"),
        "paid": Decimal("2500.00"),
    },
)


def play(people: Mapping[str, Client], say: Say, today: date) -> str:
    """Carry one claim from submission to PAID and find it; return its number."""
    claim = _take_in(people, say, today)
    claim = _decide(people, say, claim)
    _pay(people, say, claim)
    _find(people, say, claim)
    return claim.claim_number


def _take_in(people: Mapping[str, Client], say: Say, today: date) -> Claim:
    control_number = f"DEMO-{uuid.uuid4().hex[:8].upper()}"
    claim = people["submitter"].submit_claim(document(control_number, today)).claim
    say(f"submitter submits a claim of 30,000.00: {claim.claim_number} is {_state(claim)}")

    examiner = people["examiner"]
    claim = examiner.pend_claim(
        claim.claim_id, pend_code="DOCUMENTS_MISSING", reason="OPERATIVE_REPORT_MISSING"
    ).claim
    say(f"examiner pends it for a missing document: {_state(claim)}")
    claim = examiner.request_information(
        claim.claim_id,
        party=INFORMATION_PARTY_PROVIDER,
        items=[{"report_type_code": "11504-8", "text": "operative report"}],
        due_date=today + timedelta(days=30),
        reason="OPERATIVE_REPORT_MISSING",
    ).claim
    asked = claim.information_requests[-1]
    say(f"examiner asks the provider for the operative report: {_state(claim)}")

    report = hashlib.sha256(control_number.encode()).hexdigest()
    claim = (
        people["intake"]
        .receive_information(
            claim.claim_id,
            information_request_id=asked.information_request_id,
            control_number=asked.control_number,
            attachments=[
                {
                    "sha256": report,
                    "media_type": "application/pdf",
                    "size_bytes": 48_213,
                    "report_type_code": "11504-8",
                    "transmission_code": "EL",
                    "control_number": asked.control_number,
                    "name": "operative-report.pdf",
                }
            ],
        )
        .claim
    )
    say(f"intake links the report that came in: {_state(claim)}")
    claim = examiner.resolve_pend(
        claim.claim_id, pend_code="DOCUMENTS_MISSING", reason="REPORT_REVIEWED"
    ).claim
    say(f"examiner resolves the pend: {_state(claim)}")
    return claim


def _decide(people: Mapping[str, Client], say: Say, claim: Claim) -> Claim:
    try:
        people["examiner"].adjudicate_claim(
            claim.claim_id,
            lines=DETERMINATIONS,
            paid=Decimal("27900.01"),
            patient_responsibility=Decimal("1000.00"),
        )
    except errors.ClaimNotBalanced as refusal:
        say(f"examiner is one cent off and is refused: {refusal.reason}")
    claim = (
        people["examiner"]
        .adjudicate_claim(
            claim.claim_id,
            lines=DETERMINATIONS,
            paid=Decimal("27900.00"),
            patient_responsibility=Decimal("1000.00"),
            expected_version=claim.version,
        )
        .claim
    )
    current = claim.adjudication
    say(
        f"examiner decides every line, 27,900.00 to pay: {_state(claim)},"
        f" {current.approvals_needed} approvals by other people needed"
    )
    for person in ("approver", "approver-2"):
        claim = (
            people[person]
            .approve_adjudication(
                claim.claim_id,
                adjudication_number=current.adjudication_number,
                adjudication_hash=current.adjudication_hash,
            )
            .claim
        )
        say(f"{person} approves adjudication {current.adjudication_number}: {_state(claim)}")
    return claim


def _pay(people: Mapping[str, Client], say: Say, claim: Claim) -> None:
    reply = people["finance"].issue_remittance([claim.claim_id])
    told = reply.remittance
    paid = sum((Decimal(one.paid) for one in told.claims), Decimal(0))
    say(
        f"finance issues remittance {told.trace_number}: {paid:,.2f} for {len(told.claims)} claim,"
        f" amount {Decimal(told.amount):,.2f}: {_name(reply.claims[0].state)}"
    )


def _find(people: Mapping[str, Client], say: Say, claim: Claim) -> None:
    # A session begun at this token reads the write that gave it.
    outcome = people["examiner"].get_claim(claim.claim_id, consistency=values.STRONG)
    session = people["examiner"].session(outcome.freshness.consistency_token)
    found = list(
        session.search_claims(
            'state="PAID" AND total_charge>=30000 AND service_lines.procedure_code:"27447"',
            order_by="update_time desc",
        )
    )
    numbers = [one.claim_number for one in found]
    if claim.claim_number not in numbers:
        raise RuntimeError("a search at least as fresh as the last write did not find the claim")
    say(f"a search for paid claims of 30,000.00 and more finds it: {claim.claim_number}")
    verified = people["auditor"].verify_claim_history(claim.claim_id)
    say(
        f"auditor verifies {verified.event_count} events and their hash chain:"
        f" {'valid' if verified.valid else 'BROKEN'}"
    )
    if not verified.valid:
        raise RuntimeError("the history does not verify")


def _state(claim: Claim) -> str:
    return _name(claim.state)


def _name(state: ClaimState) -> str:
    return ClaimState.Name(state).removeprefix("CLAIM_STATE_")
