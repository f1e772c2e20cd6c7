"""What is paid to whom: the remittance (X12 835), and what stands open with a payee.

A remittance is written once and never changed. What one remittance leaves for the next, such as
the reversal of a voided claim, money to be recovered or a balance below zero, is an `Entry`:
opened once, taken whole by exactly one remittance, so that for each reference the sum returns to
nothing (R1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from server.claims import codec
from server.claims.balances import total
from server.claims.document import ZERO, Adjustment, ClaimDocument, CodeSystem, sealed
from server.claims.model import AdjudicationLine
from server.claims.services import payee


class EntryKind(StrEnum):
    """Why an entry stands open."""

    REVERSAL = "REVERSAL"  # a remitted claim was voided or replaced
    OVERPAYMENT = "OVERPAYMENT"  # PLB WO
    FORWARD_BALANCE = "FORWARD_BALANCE"  # PLB FB
    INTEREST = "INTEREST"  # PLB L6: of a reversed claim, to be taken back


class PaymentMethod(StrEnum):
    """How the money moves (BPR04)."""

    ACH = "ACH"
    CHECK = "CHECK"
    NON_PAYMENT = "NON_PAYMENT"  # the amount is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who owes whom in what currency: no remittance settles across two of these (M5)."""

    payer_id: str
    payee: str
    currency_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedService:
    """What a line of a remittance pays for (SVC, DTM)."""

    line_number: int
    code_system: CodeSystem = CodeSystem.UNSPECIFIED
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    ndc: str = ""
    line_control_number: str = ""
    service_from_date: date | None = None
    service_through_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedClaim:
    """A claim on a remittance (CLP); of a reversal every amount is negated (M17)."""

    claim_id: UUID
    claim_number: str
    patient_control_number: str = sealed()
    status_code: str  # CLP02
    adjudication_number: int
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[AdjudicationLine, ...] = ()
    reverses: bool = False
    services: tuple[RemittedService, ...] = ()  # what the lines are about


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAdjustment:
    """A provider-level amount (PLB); a positive one reduces the payment."""

    reason_code: str
    reference: str
    amount: Decimal
    entry_id: UUID | None = None  # the entry that it takes or, of a new forward balance, opens
    claim_id: UUID | None = None  # the claim that it belongs to, when no entry says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """One payment and advice to one payee: what it pays = claims less provider adjustments (M5)."""

    remittance_id: UUID
    trace_number: str  # TRN02
    payee: str
    payer_id: str
    currency_code: str
    payment_date: date
    method: PaymentMethod
    amount: Decimal
    claims: tuple[RemittedClaim, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    issued_by: str
    issued_at: datetime

    @property
    def account(self) -> Account:
        """Who pays whom in what currency."""
        return Account(payer_id=self.payer_id, payee=self.payee, currency_code=self.currency_code)

    @property
    def claims_paid(self) -> Decimal:
        """The sum of what its claims pay, reversals included."""
        return total(one.paid for one in self.claims)

    @property
    def adjusted(self) -> Decimal:
        """The sum of its provider-level amounts."""
        return total(one.amount for one in self.provider_adjustments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the next remittance of its account has to take."""

    entry_id: UUID
    account: Account
    kind: EntryKind
    reference: str
    amount: Decimal = ZERO  # provider-level: positive reduces the payment; of a reversal nothing
    claim_id: UUID | None = None
    remittance_id: UUID | None = None  # where it comes from: the reversed or the closing one
    reversal: RemittedClaim | None = None
    opened_at: datetime
    reopens: UUID | None = None  # the entry whose remittance failed


def account_of(document: ClaimDocument) -> Account:
    """Return the account that a claim is paid from and recovered to."""
    payer = document.payer
    return Account(
        payer_id=(payer.payer_id or payer.name) if payer else "",
        payee=payee(document),
        currency_code=document.currency_code,
    )


def balance(claims: Iterable[RemittedClaim], adjustments: Iterable[ProviderAdjustment]) -> Decimal:
    """Return what a remittance pays: M5."""
    return total(one.paid for one in claims) - total(one.amount for one in adjustments)


def content_hash(remittance: Remittance) -> str:
    """Return SHA-256, hex, of a remittance: every claim's event on it names this (W3)."""
    payload, apart = codec.encode(remittance)
    return hashlib.sha256(codec.canonical([payload, apart])).hexdigest()
