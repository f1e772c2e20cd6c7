"""A claim with two of everything, and what one event makes of it, field by field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.claims.document import Adjustment, Payer, PriorPayer, PriorPayerLine
from server.claims.events import Event
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    Appeal,
    AppealOutcome,
    AppealStatus,
    Approval,
    Attachment,
    Claim,
    Decision,
    Finding,
    Hold,
    InformationItem,
    InformationParty,
    InformationRequest,
    InformationRequestStatus,
    Link,
    Note,
    NoteKind,
    Overpayment,
    Pend,
    Relation,
    Remitted,
    Severity,
    Share,
    State,
)
from tests.server.claims.cast import professional


@dataclass(frozen=True)
class Fold:
    """What an event makes of a claim."""

    name: str
    before: Claim | None
    event: Event
    after: Claim


def changed(before: Claim, **fields: Any) -> Claim:
    """Return a claim one event later, with exactly these fields changed."""
    same = [name for name, value in fields.items() if getattr(before, name) == value]
    assert not same, f"named as changed, but as before: {same}"
    return replace(before, version=before.version + 1, **fields)


def at(day: int, hour: int = 9) -> datetime:
    """A moment in March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


NOW = at(30, 17)  # when the event happens; nothing on the claim is of that moment

# Prices: closed once, open again; suspicion: open.
CLOSED_PRICING = Pend(
    code="PRICING", opened_by="ida", opened_at=at(2), resolved_by="sue", resolved_at=at(3)
)
OPEN_PRICING = Pend(code="PRICING", opened_by="ana", opened_at=at(4))
OPEN_DUPLICATE = Pend(code="SUSPECT_DUPLICATE", opened_by="abe", opened_at=at(5))


def request(number: int, **changes: Any) -> InformationRequest:
    fields: dict[str, Any] = {
        "information_request_id": UUID(int=0x600 + number),
        "party": InformationParty.PROVIDER,
        "items": (InformationItem(report_type_code="11504-8", text=f"report {number}"),),
        "control_number": f"CN{number}",
        "due_date": date(2026, 4, number),
        "requested_at": at(5 + number),
    }
    return InformationRequest(**(fields | changes))


FIRST_REQUEST = request(1)
SECOND_REQUEST = request(2)
EXPIRED_REQUEST = request(3, status=InformationRequestStatus.EXPIRED, closed_at=at(9))


def attachment(number: int) -> Attachment:
    return Attachment(
        attachment_id=UUID(int=0x800 + number),
        sha256=f"{number:064x}",
        media_type="application/pdf",
        size_bytes=1000 + number,
        linked_at=at(9 + number),
    )


def note(number: int, **changes: Any) -> Note:
    fields: dict[str, Any] = {
        "note_id": UUID(int=0x700 + number),
        "kind": NoteKind.CLINICAL,
        "text": f"note {number}",
        "text_hash": f"{number:x}" * 64,
        "author": "mia",
        "created_at": at(11 + number),
    }
    return Note(**(fields | changes))


def overpayment(number: int, **changes: Any) -> Overpayment:
    fields: dict[str, Any] = {
        "overpayment_id": UUID(int=0xE00 + number),
        "amount": Decimal(20 + number),
        "recouped": Decimal(number),
        "recorded_by": "fay",
        "recorded_at": at(13 + number),
    }
    return Overpayment(**(fields | changes))


def remitted(number: int, adjudication_number: int, **changes: Any) -> Remitted:
    fields: dict[str, Any] = {
        "adjudication_number": adjudication_number,
        "remittance_id": UUID(int=0xD00 + number),
        "trace_number": f"T{number}",
        "payment_date": date(2026, 3, 15 + number),
        "paid": Decimal(70 + number),
    }
    return Remitted(**(fields | changes))


def adjudication(number: int, **changes: Any) -> Adjudication:
    fields: dict[str, Any] = {
        "number": number,
        "hash": f"{number:x}" * 64,
        "lines": (AdjudicationLine(line_number=1, charge=Decimal(100), paid=Decimal(number)),),
        "paid": Decimal(80 + number),
        "decision": Decision.PARTIAL,
        "by": "ana",
        "at": at(17 + number),
        "approvals_needed": 2,
        "shares": (share(number),),
    }
    return Adjudication(**(fields | changes))


def share(number: int) -> Share:
    return Share(plan_id="PLAN", benefit_year=2026, deductible=Decimal(number))


def hold(kind: str, number: int, **changes: Any) -> Hold:
    return Hold(kind=kind, placed_by="sid", placed_at=at(20 + number), **changes)


def appeal(number: int, **changes: Any) -> Appeal:
    fields: dict[str, Any] = {
        "appeal_id": UUID(int=0xA00 + number),
        "level": number,
        "adjudication_number": 2,
        "line_numbers": (number,),
        "amount_in_controversy": Decimal(40 + number),
        "filed_by": "clara",
        "filed_at": at(23 + number),
        "due_date": date(2026, 5, number),
    }
    return Appeal(**(fields | changes))


def finding(edit_id: str) -> Finding:
    return Finding(
        edit_id=edit_id, severity=Severity.WARN, field_path="total_charge", message="does not add"
    )


def prior_payer(payer_id: str, paid: str) -> PriorPayer:
    return PriorPayer(payer=Payer(payer_id=payer_id), paid_amount=Decimal(paid))


def prior_line(payer_id: str, paid: str) -> PriorPayerLine:
    cut = Adjustment(group_code="CO", reason_code="45", amount=Decimal(1))
    return PriorPayerLine(payer_id=payer_id, paid_amount=Decimal(paid), adjustments=(cut,))


def link(number: int) -> Link:
    return Link(
        relation=Relation.REPLACES,
        prior_claim_id=UUID(int=number),
        prior_claim_number=f"CF{number}",
        original_claim_id=UUID(int=number - 1),
        original_claim_number=f"CF{number - 1}",
    )


_PLAIN = professional("100.00", "50.00", "25.00")
_FIRST, _SECOND, _THIRD = _PLAIN.service_lines
DOCUMENT = replace(
    _PLAIN,
    prior_payers=(prior_payer("FIRST", "10.00"),),
    service_lines=(
        replace(_FIRST, prior_payer_lines=(prior_line("FIRST", "6.00"),)),
        replace(_SECOND, prior_payer_lines=(prior_line("FIRST", "4.00"),)),
        _THIRD,
    ),
)

APPROVED_ONCE = adjudication(
    3, approvals=(Approval(approver="bob", role="APPROVER", approved_at=at(21)),)
)
DECIDED_APPEAL = appeal(
    3,
    status=AppealStatus.DECIDED,
    outcome=AppealOutcome.UPHELD,
    closed_by="amy",
    closed_at=at(27),
    late=True,
)
RELEASED_LEGAL = hold("LEGAL", 1, released_by="fay", released_at=at(22, 18))
OPEN_LEGAL = hold("LEGAL", 2)
OPEN_COB = hold("COB", 3)

# More than commands bring about at once, so that it shows what an event leaves alone.
FULL = Claim(
    claim_id=UUID(int=90),
    claim_number="CF0000000000090",
    state=State.INFO_REQUESTED,
    version=23,
    document=DOCUMENT,
    receipt_date=date(2026, 3, 1),
    received_at=at(1),
    submitted_by="clara",
    findings=(finding("E1"),),
    adjudications=3,
    adjudication=APPROVED_ONCE,
    decision=Decision.DENIED,
    final_paid=Decimal("12.34"),
    pends=(CLOSED_PRICING, OPEN_PRICING, OPEN_DUPLICATE),
    information_requests=(EXPIRED_REQUEST, FIRST_REQUEST, SECOND_REQUEST),
    attachments=(attachment(1), attachment(2)),
    notes=(note(1), note(2)),
    queue="SIU",
    assignee="ana",
    lease_until=at(28),
    final_shares=(share(2),),
    decided_at=at(16),
    deciders=("ana", "bob"),
    duplicate_key="before",
    link=link(80),
    next_claim_id=UUID(int=91),
    remitted=remitted(1, 2, overpayments=(overpayment(1), overpayment(2))),
    reversed=remitted(2, 1, overpayments=(overpayment(3),)),
    remitted_adjudication=adjudication(2, final=True),
    holds=(RELEASED_LEGAL, OPEN_LEGAL, OPEN_COB),
    appeals=(DECIDED_APPEAL, appeal(1), appeal(2)),
    breached_at=at(26),
    reopenings=4,
)
