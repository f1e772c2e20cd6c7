"""A remittance advice (X12 835) as values: what was charged, adjusted and paid, and to whom.

A positive adjustment reduces the payment, a negative one increases it, at every level. What names a
person or an account is left out of every `repr`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
# HIPAA gives an amount ten digits, cents included.
AMOUNT_MAX = Decimal("99999999.99")
# As many as one CAS or PLB may hold.
ADJUSTMENTS_MAX = 6

GROUP_CODES = frozenset({"CO", "OA", "PI", "PR"})
REVERSAL = "22"
STATUS_CODES = frozenset({"1", "2", "3", "4", "19", "20", "21", REVERSAL, "23", "25"})
HANDLING_CODES = frozenset("CDHIPUX")
METHOD_CODES = frozenset({"ACH", "BOP", "CHK", "FWT", "NON"})
CREDIT_DEBIT_CODES = frozenset("CD")
# The currency where no CUR names one.
US_DOLLARS = "USD"
# The qualifier of a line that has no procedure, only a revenue code.
REVENUE_SYSTEM = "NU"
# The elements that hold a claim's remark codes.
MIA_REMARKS = (5, 20, 21, 22, 23)
MOA_REMARKS = (3, 4, 5, 6, 7)


def is_amount(value: Decimal) -> bool:
    """Tell whether a number is an amount: finite, of at most ten digits, two of them cents (M1)."""
    return value.is_finite() and abs(value) <= AMOUNT_MAX and value == value.quantize(CENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Adjustment:
    """Why a part of a charge was not paid (CAS)."""

    group_code: str
    # The claim adjustment reason code (CARC).
    reason_code: str
    amount: Decimal
    quantity: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RemittanceLine:
    """One service and what became of its charge (SVC and what follows it)."""

    charge: Decimal
    paid: Decimal
    # The qualifier of the procedure code: HC, AD, N4 and so on; empty for a revenue code alone.
    procedure_system: str = ""
    procedure_code: str = ""
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    # None is as good as 1.
    units_paid: Decimal | None = None
    service_from: date | None = None
    # None for a single day.
    service_through: date | None = None
    # AMT*B6; informational, in no balance.
    allowed: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    # REF*6R, the provider's number of the line.
    control_number: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """Whom the claim is for (NM1*QC)."""

    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    identifier_qualifier: str = ""
    identifier: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemittedClaim:
    """One claim and what became of its charge (CLP and what follows it)."""

    patient_control_number: str = field(repr=False)
    # CLP02; 22 is a reversal.
    status_code: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal | None = None
    filing_indicator: str = ""
    payer_claim_control_number: str = ""
    facility_type_code: str = ""
    frequency_code: str = ""
    patient: Patient | None = None
    # Of the claim itself, beside those of its lines.
    adjustments: tuple[Adjustment, ...] = ()
    remark_codes: tuple[str, ...] = ()
    # The remark codes stand in an MIA; else in an MOA.
    inpatient: bool = False
    # DTM*232 and DTM*233: the period that the claim is about; None where only its lines say it.
    statement_from: date | None = None
    # None for a single day.
    statement_through: date | None = None
    # DTM*050: the day on which the payer received the claim.
    received: date | None = None
    lines: tuple[RemittanceLine, ...] = ()

    @property
    def is_reversal(self) -> bool:
        """Whether an earlier payment is taken back."""
        return self.status_code == REVERSAL

    def all_adjustments(self) -> Iterator[Adjustment]:
        """Yield the adjustments of the claim, then those of its lines."""
        yield from self.adjustments
        for line in self.lines:
            yield from line.adjustments


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderAdjustment:
    """What changes the payment apart from any claim (PLB)."""

    provider_id: str
    # The last day of the provider's fiscal year.
    fiscal_date: date | None
    # WO overpayment recovery, FB forward balance, L6 interest and so on.
    reason_code: str
    reference: str = field(default="", repr=False)
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """The payer or the payee (N1 and what follows it)."""

    name: str
    identifier_qualifier: str = ""
    identifier: str = field(default="", repr=False)
    address_lines: tuple[str, ...] = field(default=(), repr=False)
    city: str = ""
    state: str = ""
    postal_code: str = ""
    # Whom to ask about technical matters (PER*BL); only payers have it.
    contact_name: str = field(default="", repr=False)
    contact_telephone: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account at a bank (four elements of BPR)."""

    bank_qualifier: str = ""
    bank: str = ""
    account_qualifier: str = ""
    account: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """Between which accounts the money moves (BPR05 to BPR15)."""

    format_code: str = ""
    sender: Account = Account()
    originator: str = ""
    originator_supplement: str = ""
    receiver: Account = Account()


@dataclass(frozen=True, kw_only=True, slots=True)
class Remittance:
    """One transaction set: one payment and the claims that explain it."""

    payer: Party
    payee: Party
    # TRN02 finds the money, TRN03 says who sent it.
    trace_number: str
    trace_originator: str = ""
    # None only where a file has none that can be read.
    payment_date: date | None
    # BPR02.
    amount: Decimal
    handling_code: str = "I"
    method_code: str = "CHK"
    credit_debit: str = "C"
    # Of every amount (CUR02).
    currency_code: str = US_DOLLARS
    transfer: Transfer | None = None
    claims: tuple[RemittedClaim, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
