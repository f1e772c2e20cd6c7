"""What has happened to a claim. These names and fields are the storage format of `claim_event`.

Add fields with a default, never rename or remove one: events are read for ever. Who, role, request
and reason live in the envelope `Recorded`; a person or time that the fold shows is in the event as
well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from uuid import UUID

from server.claims.document import ClaimDocument, sealed
from server.claims.events_after import (
    AppealDecided,
    AppealDismissed,
    AppealEscalated,
    AppealFiled,
    AppealWithdrawn,
    ClaimBreached,
    ClaimLinked,
    ClaimPaid,
    ClaimRemitted,
    ClaimReopened,
    ClaimReplaced,
    ClaimVoided,
    DecidedLine,
    EventAfter,
    HoldPlaced,
    HoldReleased,
    OverpaymentRecorded,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
    PriorPayerRecorded,
)
from server.claims.model import (
    Adjudication,
    Attachment,
    Decision,
    Finding,
    InformationRequest,
    Note,
    State,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReceived:
    """A claim was stored and numbered."""

    claim_id: UUID
    claim_number: str
    document: ClaimDocument
    receipt_date: date
    received_at: datetime
    submitted_by: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAccepted:
    """It passed the intake edits; findings are those the policy let pass."""

    findings: tuple[Finding, ...] = ()
    duplicate_key: str = ""  # no two live claims have the same (1.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRejected:
    """It failed intake edits, all of them listed; it is never adjudicated."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPended:
    """A pend was opened."""

    code: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendResolved:
    """A pend was closed."""

    code: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequested:
    """An outside party was asked for documents."""

    request: InformationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReceived:
    """A request for information was answered."""

    information_request_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequestExpired:
    """A request for information ran past its due date."""

    information_request_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLinked:
    """A document was linked."""

    attachment: Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicationRecorded:
    """Every line was decided and all balances hold."""

    adjudication: Adjudication


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequired:
    """The adjudication's basis asks for other people's approval."""

    number: int
    approvals_needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted:
    """One person approved the adjudication."""

    number: int
    approver: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRefused:
    """An approver sent the adjudication back."""

    number: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicationWithdrawn:
    """An adjudication that was not final no longer stands."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimApproved:
    """Final: no line denied and nothing cut below expectation."""

    number: int
    decision: Decision = Decision.APPROVED
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPartiallyApproved:
    """Final: some of it is paid or applied, some is not."""

    number: int
    decision: Decision = Decision.PARTIAL
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDenied:
    """Final: every line denied."""

    number: int
    decision: Decision = Decision.DENIED
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimClosed:
    """No work is left."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAssigned:
    """A person holds the lease until then."""

    assignee: str
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReleased:
    """Nobody holds the lease any more."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQueued:
    """The claim moved to a queue, and a lease ended."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded:
    """A note was added."""

    note: Note
    salt: bytes = sealed(b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRedacted:
    """A note's text was taken away."""

    note_id: UUID
    by: str
    at: datetime


LaterEvent = (
    ClaimAccepted
    | ClaimRejected
    | ClaimPended
    | PendResolved
    | InformationRequested
    | InformationReceived
    | InformationRequestExpired
    | AttachmentLinked
    | AdjudicationRecorded
    | ApprovalRequired
    | ApprovalGranted
    | ApprovalRefused
    | AdjudicationWithdrawn
    | ClaimApproved
    | ClaimPartiallyApproved
    | ClaimDenied
    | ClaimClosed
    | ClaimAssigned
    | ClaimReleased
    | ClaimQueued
    | NoteAdded
    | NoteRedacted
    | EventAfter
)
Event = ClaimReceived | LaterEvent  # every claim begins by being received

EVENT_TYPES: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}

SCHEMA_NUMBER = 1  # of every event type so far; a new number comes with an upcaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event with its envelope, as a row of `claim_event` holds it."""

    tenant_id: UUID
    claim_id: UUID
    version: int
    event_id: UUID
    event: Event
    from_state: State | None
    to_state: State
    actor: str
    role: str
    request_id: UUID
    reason_code: str | None
    policy_version: int
    recorded_at: datetime
    prev_hash: bytes
    hash: bytes


__all__ = [
    "EVENT_TYPES",
    "SCHEMA_NUMBER",
    "AdjudicationRecorded",
    "AdjudicationWithdrawn",
    "AppealDecided",
    "AppealDismissed",
    "AppealEscalated",
    "AppealFiled",
    "AppealWithdrawn",
    "ApprovalGranted",
    "ApprovalRefused",
    "ApprovalRequired",
    "AttachmentLinked",
    "ClaimAccepted",
    "ClaimApproved",
    "ClaimAssigned",
    "ClaimBreached",
    "ClaimClosed",
    "ClaimDenied",
    "ClaimLinked",
    "ClaimPaid",
    "ClaimPartiallyApproved",
    "ClaimPended",
    "ClaimQueued",
    "ClaimReceived",
    "ClaimRejected",
    "ClaimReleased",
    "ClaimRemitted",
    "ClaimReopened",
    "ClaimReplaced",
    "ClaimVoided",
    "DecidedLine",
    "Event",
    "HoldPlaced",
    "HoldReleased",
    "InformationReceived",
    "InformationRequestExpired",
    "InformationRequested",
    "LaterEvent",
    "NoteAdded",
    "NoteRedacted",
    "OverpaymentRecorded",
    "OverpaymentRecouped",
    "PaymentFailed",
    "PaymentReversed",
    "PendResolved",
    "PriorPayerRecorded",
    "Recorded",
]
