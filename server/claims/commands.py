"""What may be asked of a claim: one frozen class for each command of domain.md 1.4.

Who, when and new ids are fields, filled in at the edge; nothing here is fetched or made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from server.claims.document import ZERO, Adjustment, ClaimDocument, PriorPayer, sealed
from server.claims.events import DecidedLine
from server.claims.model import (
    AdjudicationLine,
    AdjudicationMode,
    AppealOutcome,
    InformationItem,
    InformationParty,
    NoteKind,
)
from server.claims.payees import PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a command is given; the code is public, the text is a person's."""

    code: str = ""
    text: str = sealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every command carries."""

    claim_id: UUID
    actor: str  # the credential's subject
    role: str  # the role it acts in, a name of domain.md 1.3
    now: datetime  # UTC, from the injected clock
    expected_version: int = 0  # 0: not checked (W10)
    reason: Reason | None = None
    member_number: str = sealed()  # whose data a MEMBER may touch, from the credential


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitClaim(Asked):
    """Commands 1 to 3, by the document's frequency code. The claim id and number are new."""

    claim_number: str
    document: ClaimDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class PendClaim(Asked):
    """Command 4 (R)."""

    pend_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePend(Asked):
    """Command 5 (R)."""

    pend_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInformation(Asked):
    """Command 6 (R). The request id and its control number are new."""

    information_request_id: UUID
    control_number: str
    party: InformationParty
    items: tuple[InformationItem, ...]
    due_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttachment:
    """A document to link, under a new id."""

    attachment_id: UUID
    sha256: str
    media_type: str
    size_bytes: int
    report_type_code: str = ""
    transmission_code: str = ""
    control_number: str = sealed()
    name: str = sealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveInformation(Asked):
    """Command 7."""

    information_request_id: UUID
    control_number: str
    attachments: tuple[NewAttachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireInformationRequest(Asked):
    """Command 8."""

    information_request_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicateClaim(Asked):
    """Command 9. MANUAL: the caller states determinations and sums, and all are checked.

    AUTO: the rules price the claim, and the caller states nothing.
    """

    mode: AdjudicationMode = AdjudicationMode.MANUAL
    lines: tuple[AdjudicationLine, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    paid: Decimal = ZERO
    patient_responsibility: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAdjudication(Asked):
    """Command 10: approves exactly the adjudication that was read (W5)."""

    adjudication_number: int
    adjudication_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnForRework(Asked):
    """Command 11 (R)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalizeClaim(Asked):
    """Command 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseClaim(Asked):
    """Command 19 (R)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignClaim(Asked):
    """Command 20; an empty assignee means the actor."""

    assignee: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNextClaim(Asked):
    """Command 20: the ledger has chosen the claim, by queue and skip-locked (W12)."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseClaim(Asked):
    """Command 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferClaim(Asked):
    """Command 20."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote(Asked):
    """Command 21. The note id is new; the salt keeps short texts from being guessed by hash."""

    note_id: UUID
    kind: NoteKind
    text: str = sealed()
    salt: bytes = sealed(b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactNote(Asked):
    """Command 21 (R)."""

    note_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAttachment(Asked):
    """Command 22."""

    attachment: NewAttachment


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidClaim(Asked):
    """Command 3 (R)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRemittance(Asked):
    """Command 13: one payment to the payee of these claims. The remittance id is new."""

    remittance_id: UUID
    trace_number: str
    claim_ids: tuple[UUID, ...]
    payment_date: date
    method: PaymentMethod = PaymentMethod.ACH


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPaymentFailure(Asked):
    """Command 14 (R): of a whole remittance, since that is what a payment is."""

    remittance_id: UUID
    trace_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenClaim(Asked):
    """Command 15 (R)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAppeal(Asked):
    """Command 16. No line numbers: the whole claim. The appeal id is new."""

    appeal_id: UUID
    level: int
    line_numbers: tuple[int, ...] = ()
    good_cause_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAppeal(Asked):
    """Command 17 (R), by the appellant."""

    appeal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissAppeal(Asked):
    """Command 17 (R)."""

    appeal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideAppeal(Asked):
    """Command 18 (R)."""

    appeal_id: UUID
    outcome: AppealOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(Asked):
    """Command 23 (R)."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold(Asked):
    """Command 23 (R)."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPriorPayer(Asked):
    """Command 24."""

    prior_payer: PriorPayer
    lines: tuple[DecidedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOverpayment(Asked):
    """Command 25 (R). The overpayment id is new."""

    overpayment_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoupOverpayment(Asked):
    """Command 25 (R): hand an amount to the payee's next remittance. The entry id is new."""

    overpayment_id: UUID
    entry_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBreach(Asked):
    """The system's own: the decision was not made by its due date (K1)."""


Command = (
    SubmitClaim
    | VoidClaim
    | PendClaim
    | ResolvePend
    | RequestInformation
    | ReceiveInformation
    | ExpireInformationRequest
    | AdjudicateClaim
    | ApproveAdjudication
    | ReturnForRework
    | FinalizeClaim
    | IssueRemittance
    | ReportPaymentFailure
    | ReopenClaim
    | FileAppeal
    | WithdrawAppeal
    | DismissAppeal
    | DecideAppeal
    | CloseClaim
    | AssignClaim
    | TakeNextClaim
    | ReleaseClaim
    | TransferClaim
    | AddNote
    | RedactNote
    | AddAttachment
    | PlaceHold
    | ReleaseHold
    | RecordPriorPayer
    | RecordOverpayment
    | RecoupOverpayment
    | RecordBreach
)
