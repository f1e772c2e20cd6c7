"""Claims with one fault each that an intake edit finds, and claims that it lets be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.claims.document import (
    AttachmentIndicator,
    ClaimDocument,
    ClaimType,
    CodeSystem,
    Diagnosis,
    Drug,
    IcdProcedure,
    Payer,
    Person,
    Procedure,
    Provider,
)
from server.claims.services import services_of
from tests.server.claims.cast import STRICT, TODAY
from tests.server.claims.documents import (
    SERVICE_DAY,
    dental,
    institutional,
    professional,
    service_line,
)

LONG_AGO = date(2014, 5, 1)
LINE = service_line(1, "150.00")
EVER = (date.min, date.max)


def one_line(**changes: Any) -> ClaimDocument:
    return professional("150.00", service_lines=(replace(LINE, **changes),))


def coded(code: str = "99213", **changes: Any) -> ClaimDocument:
    procedure = Procedure(code_system=CodeSystem.HCPCS, code=code)
    return one_line(procedure=replace(procedure, **changes))


def diagnosed(
    code: str, system: CodeSystem = CodeSystem.ICD_10_CM, day: date = SERVICE_DAY
) -> ClaimDocument:
    return professional(
        "150.00",
        diagnoses=(Diagnosis(code_system=system, code=code),),
        service_lines=(replace(LINE, service_from_date=day),),
    )


def born(day: date) -> ClaimDocument:
    return professional(subscriber=Person(member_id="M-1", birth_date=day))


def died(day: date) -> ClaimDocument:
    return professional(patient=Person(death_date=day), subscriber=Person(member_id="M-1"))


def stay(**changes: Any) -> ClaimDocument:
    return institutional(**changes)


def hospital_line(**changes: Any) -> ClaimDocument:
    line = service_line(1, "150.00", revenue_code="0450", **changes)
    return institutional(service_lines=(line,))


GRACE = timedelta(days=STRICT.policy.death_grace_days)
TOMORROW = TODAY + timedelta(days=1)

# Edit and cause: a claim, and the paths that the edit finds fault with.
FAULTS: Mapping[str, tuple[ClaimDocument, tuple[str, ...]]] = {
    "E01 no type": (professional(type=ClaimType.UNSPECIFIED), ("type",)),
    "E01 no patient control number": (
        professional(patient_control_number=""),
        ("patient_control_number",),
    ),
    "E01 no frequency": (professional(frequency_code=""), ("frequency_code",)),
    "E01 no total charge": (professional(total_charge=None), ("total_charge",)),
    "E01 no payer": (professional(payer=None), ("payer.payer_id",)),
    "E01 no billing provider": (professional(billing_provider=None), ("billing_provider.npi",)),
    "E01 a provider without number": (
        professional(billing_provider=Provider(name="A Practice")),
        ("billing_provider.npi",),
    ),
    "E01 no member id": (professional(subscriber=Person()), ("subscriber.member_id",)),
    "E01 no lines": (professional(service_lines=()), ("service_lines",)),
    "E01 no diagnosis": (
        replace(one_line(diagnosis_pointers=()), diagnoses=()),
        ("diagnoses",),
    ),
    "E01 no place of service": (
        professional("150.00", place_of_service_code=""),
        ("service_lines[0].place_of_service_code",),
    ),
    "E01 no facility type": (stay(facility_type_code=""), ("facility_type_code",)),
    "E01 no attending provider": (stay(attending_provider=None), ("attending_provider.npi",)),
    "E01 no statement dates": (
        stay(statement_from_date=None, statement_through_date=None),
        ("statement_from_date", "statement_through_date"),
    ),
    "E01 no line charge": (one_line(charge=None), ("service_lines[0].charge",)),
    "E01 no line date": (
        one_line(service_from_date=None),
        ("service_lines[0].service_from_date",),
    ),
    "E01 no procedure": (one_line(procedure=None), ("service_lines[0].procedure.code",)),
    "E01 a procedure without code": (coded(""), ("service_lines[0].procedure.code",)),
    "E01 a payer without id and name": (professional(payer=Payer()), ("payer.payer_id",)),
    "E01 an attending provider without number and name": (
        stay(attending_provider=Provider()),
        ("attending_provider.npi",),
    ),
    "E01 no revenue code": (
        institutional(service_lines=(LINE,)),
        ("service_lines[0].revenue_code",),
    ),
    "E01 line numbers with a gap": (
        professional("2.00", service_lines=(service_line(1, "1.00"), service_line(3, "1.00"))),
        ("service_lines[1].line_number",),
    ),
    "E01 too many lines": (professional(*["1.00"] * 51), ("service_lines",)),
    "E02 a cent off": (professional(total_charge=Decimal("149.99")), ("total_charge",)),
    "E02 an institutional header above its lines": (
        stay(total_charge=Decimal("150.01")),
        ("total_charge",),
    ),
    "E03 a wrong check digit": (
        professional(billing_provider=Provider(npi="1234567890")),
        ("billing_provider.npi",),
    ),
    "E03 a wrong first digit": (
        professional(billing_provider=Provider(npi="6543210903")),
        ("billing_provider.npi",),
    ),
    "E03 a line's provider": (
        one_line(rendering_provider=Provider(npi="12345")),
        ("service_lines[0].rendering_provider.npi",),
    ),
    "E04 a dot": (diagnosed("M17.11"), ("diagnoses[0].code",)),
    "E04 ICD-9 after the change": (
        diagnosed("71516", CodeSystem.ICD_9_CM),
        ("diagnoses[0].code_system",),
    ),
    "E04 ICD-10 before the change": (
        diagnosed("M1711", CodeSystem.ICD_10_CM, LONG_AGO),
        ("diagnoses[0].code_system",),
    ),
    "E04 SNOMED": (
        diagnosed("239873007", CodeSystem.SNOMED_CT),
        ("diagnoses[0].code_system",),
    ),
    "E04 an ICD-9 code without its shape": (
        diagnosed("715161", CodeSystem.ICD_9_CM, LONG_AGO),
        ("diagnoses[0].code",),
    ),
    "E04 a pointer beyond the list": (
        one_line(diagnosis_pointers=(1, 2)),
        ("service_lines[0].diagnosis_pointers",),
    ),
    "E04 a pointer of zero": (
        one_line(diagnosis_pointers=(0,)),
        ("service_lines[0].diagnosis_pointers",),
    ),
    "E04 five pointers": (
        one_line(diagnosis_pointers=(1, 1, 1, 1, 1)),
        ("service_lines[0].diagnosis_pointers",),
    ),
    "E04 thirteen diagnoses": (
        professional(diagnoses=professional().diagnoses * 13),
        ("diagnoses",),
    ),
    "E04 26 diagnoses of a stay": (
        stay(diagnoses=institutional().diagnoses * 26),
        ("diagnoses",),
    ),
    "E05 a procedure without shape": (coded("9921"), ("service_lines[0].procedure.code",)),
    "E05 a procedure of SNOMED": (
        coded("185349003", code_system=CodeSystem.SNOMED_CT),
        ("service_lines[0].procedure.code_system",),
    ),
    "E05 a dental code outside dentistry": (
        coded("D1110", code_system=CodeSystem.CDT),
        ("service_lines[0].procedure.code_system",),
    ),
    "E05 a medical code in dentistry": (
        dental(service_lines=(replace(LINE, diagnosis_pointers=()),)),
        ("service_lines[0].procedure.code_system",),
    ),
    "E05 a modifier without shape": (
        coded(modifiers=("2",)),
        ("service_lines[0].procedure.modifiers[0]",),
    ),
    "E05 a modifier twice": (
        coded(modifiers=("25", "25")),
        ("service_lines[0].procedure.modifiers",),
    ),
    "E05 five modifiers": (
        coded(modifiers=("25", "59", "RT", "LT", "76")),
        ("service_lines[0].procedure.modifiers",),
    ),
    "E05 a place of service without shape": (
        professional(place_of_service_code="1"),
        ("place_of_service_code",),
    ),
    "E05 a line's place of service without shape": (
        one_line(place_of_service_code="XX"),
        ("service_lines[0].place_of_service_code",),
    ),
    "E05 a revenue code without shape": (
        institutional(service_lines=(replace(LINE, revenue_code="450"),)),
        ("service_lines[0].revenue_code",),
    ),
    "E05 a facility type without shape": (stay(facility_type_code="1"), ("facility_type_code",)),
    "E05 a DRG without shape": (stay(drg_code="4701"), ("drg_code",)),
    "E05 a drug without shape": (
        one_line(drug=Drug(ndc="0002-8215-01")),
        ("service_lines[0].drug.ndc",),
    ),
    "E05 an inpatient procedure without shape": (
        stay(icd_procedures=(IcdProcedure(code_system=CodeSystem.ICD_10_PCS, code="0SRC0J"),)),
        ("icd_procedures[0].code",),
    ),
    "E05 an inpatient procedure of ICD-9": (
        stay(icd_procedures=(IcdProcedure(code_system=CodeSystem.ICD_9_PCS, code="8154"),)),
        ("icd_procedures[0].code_system",),
    ),
    "E06 ends before it begins": (
        one_line(service_through_date=SERVICE_DAY - timedelta(days=1)),
        ("service_lines[0].service_through_date",),
    ),
    "E06 after the receipt": (
        one_line(service_through_date=TOMORROW),
        ("service_lines[0].service_through_date",),
    ),
    "E06 before birth": (
        born(SERVICE_DAY + timedelta(days=1)),
        ("service_lines[0].service_from_date", "service_lines[1].service_from_date"),
    ),
    "E06 long after death": (
        died(SERVICE_DAY - GRACE - timedelta(days=1)),
        ("service_lines[0].service_from_date", "service_lines[1].service_from_date"),
    ),
    "E06 a statement that ends before it begins": (
        stay(
            statement_through_date=date(2026, 2, 8),
            admission_date=None,
            service_lines=(replace(LINE, revenue_code="0450", service_from_date=None),),
        ),
        ("statement_through_date",),
    ),
    "E06 a line before the statement": (
        hospital_line(service_from_date=date(2026, 2, 8)),
        ("service_lines[0].service_from_date",),
    ),
    "E06 a line after the statement": (
        hospital_line(service_through_date=date(2026, 2, 13)),
        ("service_lines[0].service_through_date",),
    ),
    "E06 an admission after the statement": (
        stay(admission_date=date(2026, 2, 13)),
        ("admission_date",),
    ),
    "E06 a discharge before the admission": (
        stay(discharge_date=date(2026, 2, 8)),
        ("discharge_date",),
    ),
    "E13 a negative charge": (
        professional("160.00", "-10.00"),
        ("service_lines[1].charge",),
    ),
    "E13 a negative total": (
        professional("-10.00"),
        ("total_charge", "service_lines[0].charge"),
    ),
    "E13 negative units": (one_line(units=Decimal(-1)), ("service_lines[0].units",)),
    "E13 no units": (one_line(units=Decimal(0)), ("service_lines[0].units",)),
    "E07 a replacement of nothing": (
        professional(frequency_code="7"),
        ("original_claim_number",),
    ),
    "E07 a void of nothing": (stay(frequency_code="8"), ("original_claim_number",)),
    "E07 a first bill of another": (
        professional(original_claim_number="CF0000000000000"),
        ("original_claim_number",),
    ),
    "E09 a line of long ago": (
        one_line(service_from_date=LONG_AGO),
        ("service_lines[0].service_from_date",),
    ),
    "E12 a second payer's claim without the first's decision": (
        professional(payer_sequence="S"),
        ("prior_payers",),
    ),
    "E14 late charges": (stay(frequency_code="5"), ("frequency_code",)),
    "E14 an interim bill of a practice": (professional(frequency_code="2"), ("frequency_code",)),
    "E15 sent without a number": (
        professional(attachments=(AttachmentIndicator(transmission_code="EL"),)),
        ("attachments[0].control_number",),
    ),
    "E16 a stay without its discharge status": (
        stay(patient_status_code=""),
        ("patient_status_code",),
    ),
}

# Faults that come of other records: a claim, those records, and the paths.
MEETINGS: Mapping[str, tuple[ClaimDocument, Mapping[str, Any], tuple[str, ...]]] = {
    "E08 an unknown member": (professional(), {"coverages": ()}, ("subscriber.member_id",)),
    "E10 every line is billed": (
        professional(),
        {"services": services_of(professional(), UUID(int=9))},
        ("service_lines",),
    ),
    "E11 a line is billed": (
        professional(),
        {"services": services_of(professional(), UUID(int=9))[:1]},
        ("service_lines[0]", "service_lines[1]"),
    ),
}

CLEAN: Mapping[str, ClaimDocument] = {
    "E01 professional": professional(),
    "E01 institutional": institutional(),
    "E01 dental": dental(),
    "E01 a tax number for an NPI": professional(billing_provider=Provider(tax_id="123456789")),
    "E01 a payer by its name": professional(payer=Payer(name="A Plan")),
    "E01 a payer by its id": professional(payer=Payer(payer_id="PAYER1")),
    "E01 places of service on the lines": replace(
        one_line(place_of_service_code="11"), place_of_service_code=""
    ),
    "E02 nothing charged": professional("0.00"),
    "E03 X14": professional(billing_provider=Provider(npi="1558598797")),
    "E01 as many lines as there may be": professional(*["1.00"] * 50),
    "E04 a code of 2026 that textbooks reject": diagnosed("QA051"),
    "E04 four pointers": one_line(diagnosis_pointers=(1, 1, 1, 1)),
    "E04 twelve diagnoses": professional(diagnoses=professional().diagnoses * 12),
    "E04 25 diagnoses of a stay": stay(diagnoses=institutional().diagnoses * 25),
    "E05 a HCPCS level two code": coded("J1100", modifiers=("25", "RT")),
    "E05 four modifiers": coded(modifiers=("25", "RT", "59", "76")),
    "E05 an inpatient procedure": stay(
        icd_procedures=(IcdProcedure(code_system=CodeSystem.ICD_10_PCS, code="0SRC0J9"),)
    ),
    "E05 a DRG and a drug": institutional(
        drg_code="470",
        service_lines=(
            service_line(1, "150.00", revenue_code="0450", drug=Drug(ndc="00028215010")),
        ),
    ),
    "E05 a drug without number": one_line(drug=Drug(quantity=Decimal(1))),
    "E06 an end alone": hospital_line(
        service_from_date=None, service_through_date=date(2026, 2, 12)
    ),
    "E06 on the day of birth": born(SERVICE_DAY),
    "E06 within the days after death": died(SERVICE_DAY - GRACE),
    "E06 on the day of receipt": one_line(service_through_date=TODAY),
    "E07 a first bill names none": professional(original_claim_number=""),
    "E08 no table of coverage": professional(subscriber=Person(member_id="M-9")),
    "E09 a service of a year ago": one_line(service_from_date=date(2025, 3, 3)),
    "E10 no other claim": professional(),
    "E11 no other claim": professional(),
    "E12 a first payer's claim": professional(payer_sequence="P"),
    "E13 nothing charged": professional("0.00"),
    "E14 an interim bill": stay(frequency_code="2"),
    "E15 available on request": professional(
        attachments=(AttachmentIndicator(transmission_code="AA"),)
    ),
    "E16 a visit without admission": stay(
        facility_type_code="13", admission_date=None, patient_status_code=""
    ),
}
