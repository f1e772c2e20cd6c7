"""What happens to a claim after its decision, and beside it; part of `events.py`, which see.

These names and fields are the storage format of `claim_event` too: add fields with a default, never
rename or remove one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from server.claims.document import PriorPayer, PriorPayerLine
from server.claims.model import Appeal, AppealOutcome, Link, Overpayment, Remitted


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLinked:
    """The claim replaces or voids an earlier one of its family (1.12)."""

    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReplaced:
    """An accepted replacement took this claim's place."""

    by_claim_id: UUID
    by_claim_number: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVoided:
    """The claim was withdrawn: by its payer, by a frequency 8, or as such a frequency 8 itself."""

    by: str
    at: datetime
    by_claim_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversed:
    """What a remittance paid is taken back in full, at the same level of detail (M17)."""

    remitted: Remitted
    at: datetime
    in_remittance_id: UUID | None = None  # None: the payee's next remittance takes it
    entry_id: UUID | None = None  # the entry that waits for it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPaid:
    """A remittance tells an approved claim; the amount may be nothing."""

    remitted: Remitted
    remittance_hash: str  # SHA-256 of the remittance, hex: ties it into this claim's chain
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRemitted:
    """A remittance tells a denied claim."""

    remitted: Remitted
    remittance_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed:
    """The money of the claim's remittance did not arrive."""

    remittance_id: UUID
    adjudication_number: int
    at: datetime
    undoes_reversal: bool = False  # the remittance reversed an earlier payment, which stands again


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReopened:
    """The decision is to be made anew."""

    by: str
    at: datetime
    appeal_id: UUID | None = None  # the appeal that overturned it


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFiled:
    """The decision was appealed."""

    appeal: Appeal


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealWithdrawn:
    """The appellant took the appeal back."""

    appeal_id: UUID
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDismissed:
    """The appeal was ended without a decision."""

    appeal_id: UUID
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEscalated:
    """The appeal was not decided in time and went to the next level."""

    appeal_id: UUID
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided:
    """The appeal was decided."""

    appeal_id: UUID
    outcome: AppealOutcome
    by: str
    at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """Payment is stopped."""

    kind: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """A stop of payment was ended."""

    kind: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """What an earlier payer decided on one of the claim's lines."""

    line_number: int
    decision: PriorPayerLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorPayerRecorded:
    """An earlier payer's decision became known (C1)."""

    prior_payer: PriorPayer
    lines: tuple[DecidedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverpaymentRecorded:
    """More was paid than was due."""

    overpayment: Overpayment


@dataclass(frozen=True, slots=True, kw_only=True)
class OverpaymentRecouped:
    """A part of an overpayment is taken from the payee's next remittance (R1)."""

    overpayment_id: UUID
    entry_id: UUID
    amount: Decimal
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBreached:
    """The decision was not made by its due date (K1)."""

    due_date: date
    at: datetime


EventAfter = (
    ClaimLinked
    | ClaimReplaced
    | ClaimVoided
    | PaymentReversed
    | ClaimPaid
    | ClaimRemitted
    | PaymentFailed
    | ClaimReopened
    | AppealFiled
    | AppealWithdrawn
    | AppealDismissed
    | AppealEscalated
    | AppealDecided
    | HoldPlaced
    | HoldReleased
    | PriorPayerRecorded
    | OverpaymentRecorded
    | OverpaymentRecouped
    | ClaimBreached
)
