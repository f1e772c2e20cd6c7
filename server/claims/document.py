"""The claim as submitted: what an X12 837 holds (domain.md 2.1-2.3).

The classes mirror `protos/claimflow/v1/document.proto` field by field, and their names are the
storage format of `ClaimReceived`: add fields with a default, never rename one. Amounts and
quantities are exact decimals, dates are dates. A field marked `sealed` names a person or is text
typed by people; it is stored apart (codec.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

ZERO = Decimal("0.00")


def sealed(default: Any = "") -> Any:
    """Return a field that is stored apart from the payload."""
    return field(default=default, metadata={"sealed": True})


class ClaimType(StrEnum):
    """The kind of bill; decides which edits apply."""

    UNSPECIFIED = "UNSPECIFIED"
    PROFESSIONAL = "PROFESSIONAL"
    INSTITUTIONAL = "INSTITUTIONAL"
    DENTAL = "DENTAL"


class CodeSystem(StrEnum):
    """The list a code is taken from."""

    UNSPECIFIED = "UNSPECIFIED"
    ICD_10_CM = "ICD_10_CM"
    ICD_9_CM = "ICD_9_CM"
    ICD_10_PCS = "ICD_10_PCS"
    ICD_9_PCS = "ICD_9_PCS"
    HCPCS = "HCPCS"
    CDT = "CDT"
    SNOMED_CT = "SNOMED_CT"
    RXNORM = "RXNORM"
    CVX = "CVX"
    LOINC = "LOINC"
    LOCAL = "LOCAL"


class TaxIdType(StrEnum):
    """The scheme of a provider's tax number."""

    UNSPECIFIED = "UNSPECIFIED"
    EIN = "EIN"
    SSN = "SSN"


class DiagnosisQualifier(StrEnum):
    """What a diagnosis stands for (X12 HI qualifiers)."""

    UNSPECIFIED = "UNSPECIFIED"
    PRINCIPAL = "PRINCIPAL"
    OTHER = "OTHER"
    ADMITTING = "ADMITTING"
    PATIENT_REASON = "PATIENT_REASON"
    EXTERNAL_CAUSE = "EXTERNAL_CAUSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address."""

    lines: tuple[str, ...] = sealed(())
    city: str = sealed()
    state: str = sealed()
    postal_code: str = sealed()
    country_code: str = sealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider in one of its parts (X12 2010AA, 2310A-F)."""

    npi: str = ""
    tax_id: str = sealed()
    tax_id_type: TaxIdType = TaxIdType.UNSPECIFIED
    taxonomy_code: str = ""
    name: str = ""
    first_name: str = ""
    address: Address | None = None
    other_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The subscriber or the patient (X12 2010BA, 2010CA)."""

    member_id: str = sealed()
    last_name: str = sealed()
    first_name: str = sealed()
    middle_name: str = sealed()
    birth_date: date | None = sealed(None)
    death_date: date | None = sealed(None)
    sex_code: str = sealed()
    address: Address | None = None
    relationship_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A payer (X12 2010BB)."""

    payer_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A diagnosis; lines point to its place in the list, counted from 1."""

    qualifier: DiagnosisQualifier = DiagnosisQualifier.UNSPECIFIED
    code_system: CodeSystem = CodeSystem.UNSPECIFIED
    code: str = ""
    present_on_admission_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IcdProcedure:
    """An inpatient procedure (HI BBR, BBQ)."""

    code_system: CodeSystem = CodeSystem.UNSPECIFIED
    code: str = ""
    procedure_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceCode:
    """A circumstance with its dates (HI BH, BI)."""

    code: str = ""
    from_date: date | None = None
    through_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCode:
    """A code with an amount (HI BE)."""

    code: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedCause:
    """A cause outside the patient's health (CLM11)."""

    code: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentIndicator:
    """Announces a document that goes with the claim (PWK)."""

    report_type_code: str = ""
    transmission_code: str = ""
    control_number: str = sealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Why a payment differs from a charge (CAS); positive reduces the payment."""

    group_code: str = ""
    reason_code: str = ""
    amount: Decimal = ZERO
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorPayer:
    """What an earlier payer decided on the whole claim (X12 2320)."""

    payer: Payer | None = None
    payer_sequence: str = ""
    claim_filing_indicator: str = ""
    paid_amount: Decimal | None = None
    remaining_patient_liability: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorPayerLine:
    """What an earlier payer decided on one line (SVD, CAS, DTP*573)."""

    payer_id: str = ""
    paid_amount: Decimal | None = None
    units_paid: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    adjudication_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """What was done (SV101, SV202, SV301)."""

    code_system: CodeSystem = CodeSystem.UNSPECIFIED
    code: str = ""
    modifiers: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A drug (LIN03, CTP04, CTP05)."""

    ndc: str = ""
    quantity: Decimal | None = None
    unit_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tooth:
    """Where in the mouth (SV304, SV305, TOO)."""

    number: str = ""
    surfaces: tuple[str, ...] = ()
    oral_cavity_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service (LX loop)."""

    line_number: int = 0
    line_control_number: str = ""
    procedure: Procedure | None = None
    revenue_code: str = ""
    drug: Drug | None = None
    charge: Decimal | None = None
    units: Decimal | None = None
    unit_basis_code: str = ""
    service_from_date: date | None = None
    service_through_date: date | None = None
    place_of_service_code: str = ""
    emergency: bool = False
    epsdt: bool = False
    family_planning: bool = False
    diagnosis_pointers: tuple[int, ...] = ()
    tooth: Tooth | None = None
    rendering_provider: Provider | None = None
    prior_payer_lines: tuple[PriorPayerLine, ...] = ()
    note: str = sealed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a claim came from."""

    system: str = ""
    batch: str = ""
    position: int = 0
    charge_basis: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDocument:
    """The claim as submitted."""

    type: ClaimType = ClaimType.UNSPECIFIED
    patient_control_number: str = ""
    frequency_code: str = ""
    original_claim_number: str = ""
    total_charge: Decimal | None = None
    currency_code: str = ""
    place_of_service_code: str = ""
    facility_type_code: str = ""
    claim_filing_indicator: str = ""
    payer_sequence: str = ""
    payer: Payer | None = None
    billing_provider: Provider | None = None
    rendering_provider: Provider | None = None
    referring_provider: Provider | None = None
    attending_provider: Provider | None = None
    operating_provider: Provider | None = None
    service_facility: Provider | None = None
    pay_to_provider: Provider | None = None
    subscriber: Person | None = None
    patient: Person | None = None
    group_number: str = sealed()
    diagnoses: tuple[Diagnosis, ...] = ()
    service_lines: tuple[ServiceLine, ...] = ()
    statement_from_date: date | None = None
    statement_through_date: date | None = None
    admission_date: date | None = None
    discharge_date: date | None = None
    discharge_hour: str = ""
    patient_status_code: str = ""
    admission_type_code: str = ""
    admission_source_code: str = ""
    onset_date: date | None = None
    accident_date: date | None = None
    last_menstrual_period_date: date | None = None
    similar_illness_date: date | None = None
    related_causes: tuple[RelatedCause, ...] = ()
    prior_authorization_number: str = ""
    referral_number: str = ""
    icd_procedures: tuple[IcdProcedure, ...] = ()
    drg_code: str = ""
    occurrence_codes: tuple[OccurrenceCode, ...] = ()
    value_codes: tuple[ValueCode, ...] = ()
    condition_codes: tuple[str, ...] = ()
    assignment_of_benefits_code: str = ""
    release_of_information_code: str = ""
    provider_accept_assignment_code: str = ""
    attachments: tuple[AttachmentIndicator, ...] = ()
    prior_payers: tuple[PriorPayer, ...] = ()
    notes: tuple[str, ...] = sealed(())
    source: Source | None = None
    line_of_business: str = ""
    jurisdiction: str = ""
