"""What the rules read: the claim as its events made it, and facts of other records.

`Claim` is the fold of a claim's events (workflow.evolve). Its field names mirror `claim.proto` and
are stored as the claim row's state document: add fields with a default, never rename one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from server.claims.document import (
    ZERO,
    Adjustment,
    ClaimDocument,
    CodeSystem,
    Procedure,
    sealed,
)
from server.claims.policy import Policy


class State(StrEnum):
    """The states of domain.md 1.2."""

    RECEIVED = "RECEIVED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"
    PENDED = "PENDED"
    INFO_REQUESTED = "INFO_REQUESTED"
    ADJUDICATED = "ADJUDICATED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    PAID = "PAID"
    CLOSED = "CLOSED"
    VOIDED = "VOIDED"
    REPLACED = "REPLACED"


TERMINAL = frozenset({State.REJECTED, State.VOIDED, State.REPLACED})


class Decision(StrEnum):
    """What an adjudication comes to (M16)."""

    APPROVED = "APPROVED"
    PARTIAL = "PARTIAL"
    DENIED = "DENIED"


class Severity(StrEnum):
    """What a failed edit does."""

    OFF = "OFF"
    WARN = "WARN"
    PEND = "PEND"
    REJECT = "REJECT"


class InformationParty(StrEnum):
    """Whom a request for information goes to."""

    PROVIDER = "PROVIDER"
    MEMBER = "MEMBER"
    OTHER = "OTHER"


class InformationRequestStatus(StrEnum):
    """How a request for information stands."""

    OPEN = "OPEN"
    RECEIVED = "RECEIVED"
    EXPIRED = "EXPIRED"


class NoteKind(StrEnum):
    """Who may read a note."""

    INTERNAL = "INTERNAL"
    PROVIDER_VISIBLE = "PROVIDER_VISIBLE"
    MEMBER_VISIBLE = "MEMBER_VISIBLE"
    CLINICAL = "CLINICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A failed intake edit: where and why, never a value."""

    edit_id: str
    severity: Severity
    field_path: str
    message: str
    status_category_code: str = ""
    status_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicationLine:
    """The determination of one service line."""

    line_number: int
    charge: Decimal
    allowed: Decimal = ZERO
    paid: Decimal = ZERO
    units_paid: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    denied: bool = False
    adjudicated_procedure: Procedure | None = None
    edit_ids: tuple[str, ...] = ()
    pricing_method: str = ""
    fee_schedule_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval of one adjudication."""

    approver: str
    role: str
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """The n-th complete set of determinations; immutable once recorded, but for its approvals."""

    number: int
    hash: str
    lines: tuple[AdjudicationLine, ...]
    adjustments: tuple[Adjustment, ...] = ()
    paid: Decimal = ZERO
    allowed: Decimal = ZERO
    patient_responsibility: Decimal = ZERO
    decision: Decision
    by: str
    at: datetime
    approvals_needed: int = 0
    approvals: tuple[Approval, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pend:
    """A named reason why the claim may not be finalised; open until resolved."""

    code: str
    opened_by: str
    opened_at: datetime
    resolved_by: str = ""
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationItem:
    """One thing a request asks for."""

    report_type_code: str = ""
    line_number: int = 0
    text: str = sealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """A pend directed to an outside party."""

    information_request_id: UUID
    party: InformationParty
    items: tuple[InformationItem, ...]
    control_number: str
    due_date: date
    requested_at: datetime
    status: InformationRequestStatus = InformationRequestStatus.OPEN
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document linked to the claim; its bytes live elsewhere."""

    attachment_id: UUID
    sha256: str
    media_type: str
    size_bytes: int
    report_type_code: str = ""
    transmission_code: str = ""
    control_number: str = sealed()
    name: str = sealed()
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note; a redacted one has lost its text but keeps its hash (W17)."""

    note_id: UUID
    kind: NoteKind
    text: str = sealed()
    text_hash: str
    author: str
    created_at: datetime
    redacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim: the fold of its events."""

    claim_id: UUID
    claim_number: str
    state: State
    version: int  # number of events so far (W2)
    document: ClaimDocument
    receipt_date: date  # frozen at receipt; clocks count from it
    received_at: datetime
    submitted_by: str
    findings: tuple[Finding, ...] = ()
    adjudications: int = 0  # how many were ever recorded; the current one's number while it stands
    adjudication: Adjudication | None = None  # absent before the first and after a withdrawal
    decision: Decision | None = None  # of the last final adjudication
    final_paid: Decimal | None = None  # paid of the last final adjudication, for the basis (W5)
    pends: tuple[Pend, ...] = ()
    information_requests: tuple[InformationRequest, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[Note, ...] = ()
    queue: str = ""
    assignee: str = ""
    lease_until: datetime | None = None

    @property
    def open_pends(self) -> tuple[Pend, ...]:
        """Pends that nobody has resolved."""
        return tuple(pend for pend in self.pends if pend.resolved_at is None)

    @property
    def open_information_requests(self) -> tuple[InformationRequest, ...]:
        """Requests for information that are neither answered nor expired."""
        return tuple(
            request
            for request in self.information_requests
            if request.status is InformationRequestStatus.OPEN
        )


class Codes(Protocol):
    """The dated code tables."""

    def valid(self, system: str, code: str, on: date) -> bool | None:
        """Tell whether a code may be billed on a day; None when no table of that system is loaded.

        Systems are the names of `CodeSystem`, and "POS", "CARC", "RARC", "REVENUE", "MODIFIER".
        """


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision needs besides the command and the claim, loaded under the claim's lock."""

    policy: Policy
    codes: Codes


__all__ = ["TERMINAL", "Claim", "ClaimDocument", "CodeSystem", "Codes", "Facts", "State"]
