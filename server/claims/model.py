"""What the rules read: the claim as its events made it, and facts of other records.

`Claim` is the fold of a claim's events (workflow.evolve). Its field names mirror `claim.proto` and
are stored as the claim row's state document: add fields with a default, never rename one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from server.claims.document import (
    ZERO,
    Adjustment,
    ClaimDocument,
    CodeSystem,
    Procedure,
    sealed,
)


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
DECIDED = frozenset({State.APPROVED, State.DENIED, State.PAID, State.CLOSED})


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
    DENY = "DENY"  # taken in and denied at once, without clerical work


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


class AdjudicationMode(StrEnum):
    """Who worked the determinations out."""

    MANUAL = "MANUAL"  # a person states them
    AUTO = "AUTO"  # the rules price them


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a determination uses up of a person's limits in one plan and benefit year (M14)."""

    plan_id: str
    benefit_year: int
    deductible: Decimal = ZERO  # sum of PR-1
    out_of_pocket: Decimal = ZERO  # sum of all PR


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a determination was made by; the rule of each line stands in its `edit_ids`."""

    policy_version: int = 0
    plan_id: str = ""
    plan_version: int = 0
    fee_schedule_versions: tuple[str, ...] = ()  # such as "DEMO@4"
    code_edits_version: int = 0


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
    mode: AdjudicationMode = AdjudicationMode.MANUAL
    shares: tuple[Share, ...] = ()
    provenance: Provenance | None = None


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
class Hold:
    """A stop on payment, not on adjudication; open until released."""

    kind: str
    placed_by: str
    placed_at: datetime
    released_by: str = ""
    released_at: datetime | None = None


class AppealStatus(StrEnum):
    """How an appeal stands."""

    OPEN = "OPEN"
    WITHDRAWN = "WITHDRAWN"
    DISMISSED = "DISMISSED"
    ESCALATED = "ESCALATED"  # not decided in time and taken to the next level
    DECIDED = "DECIDED"


class AppealOutcome(StrEnum):
    """What an appeal came to."""

    UPHELD = "UPHELD"  # the decision stands
    PARTLY_OVERTURNED = "PARTLY_OVERTURNED"
    OVERTURNED = "OVERTURNED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An objection to one final adjudication, at one level (W13)."""

    appeal_id: UUID
    level: int
    adjudication_number: int
    line_numbers: tuple[int, ...]  # the lines in dispute
    amount_in_controversy: Decimal
    filed_by: str
    filed_at: datetime
    due_date: date  # decide by
    good_cause_code: str = ""  # why it was let in after its deadline
    status: AppealStatus = AppealStatus.OPEN
    outcome: AppealOutcome | None = None
    closed_by: str = ""
    closed_at: datetime | None = None
    late: bool = False  # decided after its due date


@dataclass(frozen=True, slots=True, kw_only=True)
class Overpayment:
    """Money the payee has to give back; recovered through later remittances (R1)."""

    overpayment_id: UUID
    amount: Decimal
    recouped: Decimal = ZERO  # handed to the payee's next remittances so far
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remitted:
    """The determination that a remittance told and paid, until it is reversed or fails."""

    adjudication_number: int
    remittance_id: UUID
    trace_number: str
    payment_date: date
    paid: Decimal
    interest: Decimal = ZERO  # reported apart, as a provider-level amount (M20)
    interest_rate: Decimal = Decimal(0)
    interest_days: int = 0
    first_paid_on: date | None = None  # when money first went out, whose interest terms stay (K2)
    overpayments: tuple[Overpayment, ...] = ()  # of this payment, recorded since


class Relation(StrEnum):
    """How a claim stands to the one it names."""

    REPLACES = "REPLACES"  # frequency 7
    VOIDS = "VOIDS"  # frequency 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What ties the claims of a family: both the first and the previous one (1.12)."""

    relation: Relation
    prior_claim_id: UUID
    prior_claim_number: str
    original_claim_id: UUID
    original_claim_number: str


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
    final_shares: tuple[Share, ...] = ()  # of the last final adjudication (M14)
    decided_at: datetime | None = None  # when it became final
    deciders: tuple[str, ...] = ()  # all who took part in any decision so far (W13)
    duplicate_key: str = ""  # no two live claims have the same (1.9); "" when it does not count
    link: Link | None = None  # to the claim that this one replaces or voids
    next_claim_id: UUID | None = None  # the claim that replaced or voided this one
    remitted: Remitted | None = None  # absent before the first remittance, after a reversal
    reversed: Remitted | None = None  # the last reversal, which a failed payment undoes
    remitted_adjudication: Adjudication | None = None  # of `remitted`, once it is not current
    holds: tuple[Hold, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    breached_at: datetime | None = None  # the decision was not made in time (K1)
    reopenings: int = 0

    @property
    def family_id(self) -> UUID:
        """The first claim of the family: what replacements and voids go back to (W8)."""
        return self.link.original_claim_id if self.link else self.claim_id

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """Holds that nobody has released."""
        return tuple(hold for hold in self.holds if hold.released_at is None)

    @property
    def open_appeals(self) -> tuple[Appeal, ...]:
        """Appeals that are neither decided nor ended otherwise."""
        return tuple(one for one in self.appeals if one.status is AppealStatus.OPEN)

    @property
    def overpayments(self) -> tuple[Overpayment, ...]:
        """What was found to be overpaid of the payment that stands."""
        return self.remitted.overpayments if self.remitted else ()

    @property
    def open_recovery(self) -> Decimal:
        """What is recorded as overpaid and not yet handed to a remittance."""
        return sum((one.amount - one.recouped for one in self.overpayments), ZERO)

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


__all__ = ["TERMINAL", "Claim", "ClaimDocument", "CodeSystem", "State"]
