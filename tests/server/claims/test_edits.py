"""The intake edits of domain.md 1.5: what each finds, and what it lets be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

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
    ServiceLine,
)
from server.claims.duplicates import duplicate_key
from server.claims.edits import Submission
from server.claims.events import ClaimAccepted, ClaimPended, ClaimReceived, ClaimRejected
from server.claims.facts import Facts
from server.claims.intake import EDITS, PENDED_BY, run_edits
from server.claims.model import Severity, State
from server.claims.services import services_of
from tests.server.claims.cast import (
    NOW,
    SANDBOX,
    SERVICE_DAY,
    STRICT,
    TODAY,
    Tables,
    dental,
    institutional,
    professional,
    service_line,
    submit,
    with_policy,
    with_tables,
)
from tests.server.claims.dsl import given, play

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
    "E01 places of service on the lines": replace(
        one_line(place_of_service_code="11"), place_of_service_code=""
    ),
    "E02 nothing charged": professional("0.00"),
    "E03 X14": professional(billing_provider=Provider(npi="1558598797")),
    "E04 a code of 2026 that textbooks reject": diagnosed("QA051"),
    "E05 a HCPCS level two code": coded("J1100", modifiers=("25", "RT")),
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


def findings(
    document: ClaimDocument, facts: Facts = STRICT, receipt: date = TODAY, **meets: Any
) -> list[tuple[str, str]]:
    submission = Submission(document, receipt, facts.policy, facts.codes, **meets)
    return [(one.edit_id, one.field_path) for one in run_edits(submission)]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.replace(" ", "_"))
def test_an_edit_finds(case: str) -> None:
    document, paths = FAULTS[case]
    found = findings(document)
    assert [path for edit, path in found if edit == case[:3]] == list(paths)


@pytest.mark.parametrize("case", MEETINGS, ids=lambda case: case.replace(" ", "_"))
def test_an_edit_finds_by_other_records(case: str) -> None:
    document, meets, paths = MEETINGS[case]
    assert findings(document, **meets) == [(case[:3], path) for path in paths]


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: case.replace(" ", "_"))
def test_an_edit_lets_be(case: str) -> None:
    assert findings(CLEAN[case]) == []


def test_e04_icd_9_counts_before_the_change() -> None:
    # So old a claim is late (E09), but its diagnosis is as it was to be.
    found = findings(diagnosed("V5861", CodeSystem.ICD_9_CM, LONG_AGO))
    assert found == [("E09", "service_lines[0].service_from_date")]


@pytest.mark.parametrize(
    "document",
    [
        professional(type=ClaimType.UNSPECIFIED),
        professional(frequency_code=""),
        professional(total_charge=None),
        professional(service_lines=()),
        one_line(procedure=None),
        one_line(service_from_date=None),
        coded(""),
    ],
    ids=["type", "frequency", "total", "lines", "procedure", "date", "code"],
)
def test_what_is_missing_is_a_fault_of_e01_alone(document: ClaimDocument) -> None:
    assert {edit for edit, _ in findings(document)} == {"E01"}


def test_every_edit_has_a_fault_and_a_clean_claim() -> None:
    faulty = {case[:3] for case in (*FAULTS, *MEETINGS)}
    assert faulty == {case[:3] for case in CLEAN} == set(EDITS)


def test_e02_a_policy_lets_an_institutional_header_exceed_its_lines() -> None:
    facts = with_policy(institutional_total_above_lines=True)
    assert findings(stay(total_charge=Decimal("150.01")), facts) == []
    assert findings(stay(total_charge=Decimal("149.99")), facts) == [("E02", "total_charge")]
    assert findings(professional(total_charge=Decimal("150.01")), facts) == [
        ("E02", "total_charge")
    ]


TABLES = with_tables(
    {
        "ICD_10_CM": {"M1711": (date(2016, 1, 1), SERVICE_DAY)},
        "HCPCS": {"99213": EVER},
        "POS": {"11": EVER},
        "MODIFIER": {"25": EVER},
        "REVENUE": {"0450": EVER},
    }
)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param(professional("150.00"), [], id="E04-E05-all_listed"),
        pytest.param(diagnosed("M1712"), [("E04", "diagnoses[0].code")], id="E04-not_listed"),
        pytest.param(
            diagnosed("M1711", day=SERVICE_DAY + timedelta(days=1)),
            [("E04", "diagnoses[0].code")],
            id="E04-no_longer_valid",
        ),
        pytest.param(
            coded("99214"), [("E05", "service_lines[0].procedure.code")], id="E05-not_listed"
        ),
        pytest.param(
            coded(modifiers=("59",)),
            [("E05", "service_lines[0].procedure.modifiers[0]")],
            id="E05-modifier_not_listed",
        ),
        pytest.param(
            professional("150.00", place_of_service_code="99"),
            [("E05", "place_of_service_code")],
            id="E05-place_not_listed",
        ),
        pytest.param(
            institutional(
                place_of_service_code="",
                service_lines=(service_line(1, "150.00", revenue_code="0451"),),
            ),
            [("E05", "service_lines[0].revenue_code")],
            id="E05-revenue_not_listed",
        ),
    ],
)
def test_a_loaded_table_decides(document: ClaimDocument, found: list[tuple[str, str]]) -> None:
    assert findings(document, TABLES) == found


def test_e05_a_line_is_judged_on_its_own_day_and_a_header_on_the_first() -> None:
    first, later = date(2026, 2, 9), date(2026, 2, 11)
    procedure = IcdProcedure(code_system=CodeSystem.ICD_10_PCS, code="0SRC0J9")
    facts = with_tables(
        {"HCPCS": {"99213": (later, later)}, "ICD_10_PCS": {"0SRC0J9": (later, later)}}
    )

    def found(line_day: date | None, procedure_day: date | None) -> list[str]:
        line = service_line(1, "150.00", revenue_code="0450", service_from_date=line_day)
        document = institutional(
            service_lines=(line,),
            icd_procedures=(replace(procedure, procedure_date=procedure_day),),
        )
        return [path for _, path in findings(document, facts)]

    assert found(later, later) == []
    assert found(None, later) == found(first, later) == ["service_lines[0].procedure.code"]
    assert found(later, None) == found(later, first) == ["icd_procedures[0].code"]


def test_e06_services_lie_between_birth_receipt_and_the_days_after_death() -> None:
    path = "service_lines[0].service_from_date"
    day = timedelta(days=1)

    def found(**dates: Any) -> list[tuple[str, str]]:
        return findings(replace(one_line(), subscriber=Person(member_id="M-1", **dates)))

    assert found() == []
    assert found(birth_date=SERVICE_DAY) == []
    assert found(birth_date=SERVICE_DAY + day) == [("E06", path)]
    assert found(death_date=SERVICE_DAY - GRACE) == []
    assert found(death_date=SERVICE_DAY - GRACE - day) == [("E06", path)]
    assert findings(one_line(), receipt=SERVICE_DAY) == []
    assert findings(one_line(), receipt=SERVICE_DAY - day) == [("E06", path)]


def test_e05_a_claim_without_dates_is_judged_on_its_receipt() -> None:
    facts = with_tables({"POS": {"11": (TODAY, TODAY)}})
    document = one_line(service_from_date=None)
    assert "place_of_service_code" not in [path for _, path in findings(document, facts)]
    assert "place_of_service_code" in [path for _, path in findings(one_line(), facts)]


BROKEN = professional(
    total_charge=Decimal("1.00"),
    billing_provider=Provider(npi="1234567890"),
    frequency_code="3",
)


def test_every_failed_edit_is_listed() -> None:
    received, rejected = given().when(submit(BROKEN)).decided()
    assert isinstance(received, ClaimReceived) and isinstance(rejected, ClaimRejected)
    assert [one.edit_id for one in rejected.findings] == ["E02", "E03", "E14"]
    assert {one.severity for one in rejected.findings} == {Severity.REJECT}


def test_a_finding_carries_its_277ca_answer_and_no_value() -> None:
    _, rejected = given().when(submit(BROKEN)).decided()
    assert isinstance(rejected, ClaimRejected)
    finding = rejected.findings[1]
    assert (finding.status_category_code, finding.status_code) == ("A7", "562")
    assert "1234567890" not in finding.message


def test_a_clean_claim_is_accepted() -> None:
    received, accepted = given().when(submit()).decided()
    assert accepted == ClaimAccepted(duplicate_key=duplicate_key(professional()))
    assert received == ClaimReceived(
        claim_id=submit().claim_id,
        claim_number=submit().claim_number,
        document=professional(),
        receipt_date=TODAY,
        received_at=NOW,
        submitted_by="clara",
        queue="GENERAL",
    )


def test_a_warning_lets_the_claim_in_and_stays_on_it() -> None:
    broken = replace(BROKEN, frequency_code="1")
    claim = play(submit(broken), facts=SANDBOX)
    assert claim.state is State.ACCEPTED
    assert [(one.edit_id, one.severity) for one in claim.findings] == [
        ("E02", Severity.WARN),
        ("E03", Severity.WARN),
    ]


def test_a_pending_edit_pends_the_claim() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E03": "PEND"})
    broken = professional(billing_provider=Provider(npi="1234567890"))
    _, accepted, pended = given(facts=facts).when(submit(broken)).decided()
    assert isinstance(accepted, ClaimAccepted) and len(accepted.findings) == 1
    assert pended == ClaimPended(code="INTAKE_EDIT", by=PENDED_BY, at=NOW)
    assert play(submit(broken), facts=facts).state is State.PENDED


def test_a_rejection_outweighs_a_pend_and_lists_both() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E03": "PEND"})
    claim = play(submit(BROKEN), facts=facts)
    assert claim.state is State.REJECTED
    assert [one.severity for one in claim.findings] == [
        Severity.REJECT,
        Severity.PEND,
        Severity.REJECT,
    ]


def test_an_edit_that_is_off_finds_nothing() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E02": "OFF", "E03": "OFF"})
    assert findings(BROKEN, facts) == [("E14", "frequency_code")]


def test_an_edit_without_severity_rejects() -> None:
    assert play(submit(BROKEN), facts=with_policy(severities={})).state is State.REJECTED


def test_an_empty_claim_breaks_no_edit() -> None:
    for facts in (STRICT, SANDBOX, Facts(STRICT.policy, Tables({"POS": {}}))):
        claim = play(submit(ClaimDocument(service_lines=(ServiceLine(),))), facts=facts)
        assert claim.findings
