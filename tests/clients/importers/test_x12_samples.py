"""X12 837: every published sample goes in, or says why not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from claimflow.importers import UnknownFormat, detect
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    CODE_SYSTEM_HCPCS,
    CODE_SYSTEM_ICD_9_CM,
    CODE_SYSTEM_ICD_9_PCS,
    DIAGNOSIS_QUALIFIER_EXTERNAL_CAUSE,
    DIAGNOSIS_QUALIFIER_PRINCIPAL,
    ClaimDocument,
)
from tests.clients.importers.support import charged, documents, line_sum, problems, records

SOUND = "linuxforhealth-x12"
BROKEN = "imsweb-x12-parser/837_5010"
PROFESSIONAL = f"{SOUND}/837_005010X222A2"
COMPOSITE = "CLM05 at segment {} is not a facility code, its qualifier and a frequency code"

# What the envelopes say and are not, counted by hand; every other sound file has no problem.
SOUND_PROBLEMS = {
    "dependent-commercial-insurance-01.837": [
        "CLM05 at segment 28 has a frequency code of more than one character"
    ],
    "demo.example6.837": [COMPOSITE.format(21)],
    "demo.example11.837": [COMPOSITE.format(21)],
    "out-of-network-repriced-claim.837i": [COMPOSITE.format(20)],
}
# Claims, lines and what is wrong beside them.
BROKEN_FILES = {
    "x12_ambiguous_loop.txt": (1, 1, ["SE counts 25, there are 33"]),
    "x12_bad_first_line.txt": (
        2, 2, ["ISA is 105 characters long, 106 expected", "SE counts 25, there are 34"],
    ),
    "x12_bad_segment_identifier.txt": (
        2, 2, ["unknown segment identifier"] * 3 + ["SE counts 25, there are 34"],
    ),
    "x12_complex.txt": (
        6, 10,
        [
            "SE counts 25, there are 147", "SE counts 26, there are 147",
            "GE counts 1, there are 2",
        ],
    ),
    "x12_loop_errors1_exceeds_max_1_parent.txt": (1, 1, ["SE counts 25, there are 31"]),
    "x12_loop_errors3_missing_loops.txt": (1, 1, ["SE counts 25, there are 19"]),
    "x12_many_claims.txt": (820, 820, ["SE counts 25, there are 11486"]),
    "x12_missing_elements.txt": (2, 2, ["SE counts 25, there are 34"]),
    "x12_missing_required_loop_in_one_repeat.txt": (2, 2, ["SE counts 25, there are 40"]),
    "x12_multiple_isa.txt": (4, 4, ["SE counts 25, there are 34"] * 2),
    "x12_multiple_st.txt": (
        4, 4, ["SE counts 25, there are 34"] * 2 + ["GE counts 1, there are 2"],
    ),
    "x12_no_errors.txt": (2, 2, ["SE counts 25, there are 41"]),
    "x12_no_isa_line.txt": (
        2, 2,
        [
            "no ISA: the interchange has no envelope", "SE counts 25, there are 41",
            "IEA without ISA",
        ],
    ),
    "x12_segment_errors.txt": (1, 1, ["SE counts 25, there are 23"]),
    "x12_valid.txt": (2, 2, ["SE counts 25, there are 34"]),
    "x12_writer_test.txt": (1, 1, ["SE counts 25, there are 31"]),
    "x223-test.txt": (1, 1, ["SE counts 25, there are 48"]),
}  # fmt: skip


def sound_files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / SOUND).glob("837_*/*"))


def claim_of(path: Path) -> ClaimDocument:
    (claim,) = documents(records(path))
    return claim


def test_the_sound_files_have_19_claims_and_say_what_is_wrong_with_four(shared_data: Path) -> None:
    read = {path.name: records(path) for path in sound_files(shared_data)}
    assert sum(map(len, read.values())) == 19
    assert {name: told for name in read if (told := problems(read[name]))} == SOUND_PROBLEMS


def test_e02_every_sound_total_is_the_sum_of_its_lines(shared_data: Path) -> None:
    claims = [claim for path in sound_files(shared_data) for claim in documents(records(path))]
    assert len(claims) == 15
    # 54 lines in all, ten of them on the four claims whose CLM05 cannot be read.
    assert sum(len(claim.service_lines) for claim in claims) == 44
    assert all(charged([claim]) == line_sum(claim) for claim in claims)


def test_types_are_told_by_the_guide(shared_data: Path) -> None:
    claims = [claim for path in sound_files(shared_data) for claim in documents(records(path))]
    systems = Counter((claim.type, claim.source.system) for claim in claims)
    assert systems == {
        (CLAIM_TYPE_PROFESSIONAL, "X12_837P"): 11,
        (CLAIM_TYPE_INSTITUTIONAL, "X12_837I"): 4,
    }


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_gives_its_claims_and_tells_its_problems(
    shared_data: Path, name: str
) -> None:
    claim_count, line_count, told = BROKEN_FILES[name]
    read = records(shared_data / BROKEN / name)
    claims = list(documents(read))
    assert len(claims) == claim_count
    assert sum(len(claim.service_lines) for claim in claims) == line_count
    assert problems(read) == told
    assert [record.position for record in read] == list(range(1, len(read) + 1))
    assert all(record.where.startswith(f"{name} segment ") for record in read)


def test_the_broken_files_have_852_claims_and_856_lines_none_with_the_right_total(
    shared_data: Path,
) -> None:
    # As counted in files that have an envelope; the one without has two more of each.
    files = sorted((shared_data / BROKEN).glob("*.txt"))
    claims = []
    for path in files:
        try:
            importer = detect(path)
        except UnknownFormat:
            assert path.name == "x12_999_accepted.txt"
            continue
        if path.name != "x12_no_isa_line.txt":
            claims += list(documents(importer.records(path)))
    assert len(claims) == 852
    assert sum(len(claim.service_lines) for claim in claims) == 856
    assert {claim.total_charge for claim in claims} == {"500.00"}
    assert all(charged([claim]) != line_sum(claim) for claim in claims)


def test_the_duplicate_storm_has_two_control_numbers(shared_data: Path) -> None:
    claims = documents(records(shared_data / BROKEN / "x12_many_claims.txt"))
    numbers = Counter(claim.patient_control_number for claim in claims)
    assert numbers == {"A37YH556": 410, "A37YH667": 410}


def test_a_diagnosis_that_is_cut_in_two_keeps_its_places(shared_data: Path) -> None:
    claim = next(documents(records(shared_data / BROKEN / "x12_valid.txt")))
    assert [diagnosis.code for diagnosis in claim.diagnoses] == ["", "8901", "", "87200", "5559"]


@pytest.mark.parametrize("after", [0, 1, 400, 820, 821, 900])
def test_going_on_after_a_position_gives_the_same_rest(shared_data: Path, after: int) -> None:
    path = shared_data / BROKEN / "x12_many_claims.txt"
    whole = records(path)
    assert detect(path).count(path) == len(whole) == 821
    assert list(detect(path).records(path, start_after=after)) == whole[after:]


def test_a_secondary_claim_has_what_the_earlier_payer_decided(shared_data: Path) -> None:
    claim = claim_of(shared_data / PROFESSIONAL / "demo.cob.example3.B.837")
    (prior,) = claim.prior_payers
    assert (claim.payer_sequence, prior.payer_sequence) == ("S", "P")
    assert (prior.payer.payer_id, prior.claim_filing_indicator) == ("999996666", "12")
    assert (prior.paid_amount, prior.remaining_patient_liability) == ("39.15", "36.89")
    assert [(each.group_code, each.reason_code, each.amount) for each in prior.adjustments] == [
        ("PR", "1", "21.89"), ("PR", "2", "15.00"),
    ]  # fmt: skip
    (decided,) = claim.service_lines[0].prior_payer_lines
    assert (decided.payer_id, decided.paid_amount, decided.units_paid) == (
        "999996666",
        "40.00",
        "1",
    )
    assert (decided.adjustments[0].reason_code, decided.adjustments[0].amount) == ("42", "3.00")
    assert (decided.adjudication_date.year, decided.adjudication_date.day) == (2005, 15)


def test_a_payer_that_has_decided_nothing_is_no_prior_payer(shared_data: Path) -> None:
    assert not claim_of(shared_data / PROFESSIONAL / "demo.cob.example3.A.837").prior_payers


def test_subscriber_and_patient_are_two_people(shared_data: Path) -> None:
    claim = claim_of(shared_data / PROFESSIONAL / "demo.cob.example3.B.837")
    assert (claim.subscriber.first_name, claim.subscriber.member_id) == ("JACK", "222334444")
    assert (claim.patient.first_name, claim.patient.relationship_code) == ("TED", "19")
    assert (claim.patient.birth_date.year, claim.patient.sex_code) == (1973, "M")
    assert (claim.patient.address.city, claim.patient.address.postal_code) == ("MIAMI", "33413")


def test_parties_of_a_professional_claim(shared_data: Path) -> None:
    claim = claim_of(shared_data / PROFESSIONAL / "demo.autoaccident.837")
    assert (claim.billing_provider.npi, claim.billing_provider.tax_id) == (
        "1253695747",
        "579999999",
    )
    assert claim.billing_provider.address.lines == ["10 1/2 SHOEMAKER STREET"]
    assert (claim.rendering_provider.name, claim.rendering_provider.taxonomy_code) == (
        "MOGLIE", "208D00000X",
    )  # fmt: skip
    assert claim.service_facility.address.city == "LOMA LINDA"
    assert claim.payer.payer_id == "999888777"
    (cause,) = claim.related_causes
    assert (cause.code, cause.state, claim.accident_date.month) == ("AA", "CA", 10)
    assert (claim.place_of_service_code, claim.frequency_code) == ("11", "1")
    assert claim.service_lines[0].emergency


def test_drugs_and_ranges_of_dates(shared_data: Path) -> None:
    claim = claim_of(shared_data / PROFESSIONAL / "demo.drug.example10.2.837")
    line = claim.service_lines[1]
    assert (line.drug.ndc, line.drug.quantity, line.drug.unit_code) == ("00004196501", "7", "UN")
    assert (line.service_from_date.day, line.service_through_date.day, line.units) == (1, 7, "7")
    assert claim.billing_provider.tax_id == "101234567"


def test_attachments_of_lines_are_the_claims(shared_data: Path) -> None:
    claim = claim_of(shared_data / PROFESSIONAL / "demo.example7.837")
    assert [(each.report_type_code, each.transmission_code) for each in claim.attachments] == [
        ("CT", "AA"), ("CT", "AA"),
    ]  # fmt: skip
    assert claim.service_lines[0].procedure.modifiers == ["RR"]


def test_an_institutional_claim_has_its_codes(shared_data: Path) -> None:
    claim = claim_of(shared_data / SOUND / "837_005010X223A3" / "institutional-claim.837i")
    assert (claim.facility_type_code, claim.frequency_code, claim.patient_status_code) == (
        "14", "1", "01",
    )  # fmt: skip
    assert (claim.statement_from_date.day, claim.statement_through_date.day) == (11, 11)
    assert claim.attending_provider.name == "JONES"
    assert [code.code for code in claim.occurrence_codes] == ["A1", "A2", "B1", "B2"]
    assert (claim.value_codes[0].code, claim.value_codes[0].amount) == ("A2", "15.31")
    assert claim.condition_codes == ["09"]
    line = claim.service_lines[1]
    assert (line.revenue_code, line.charge, line.units) == ("0730", "76.54", "3")
    assert (line.procedure.code_system, line.procedure.code) == (CODE_SYSTEM_HCPCS, "93005")


def test_4010_codes_lose_their_dots_and_revenue_codes_gain_their_zero(shared_data: Path) -> None:
    claim = claim_of(shared_data / SOUND / "837_004010X096A1" / "institutional.837")
    assert [diagnosis.code for diagnosis in claim.diagnoses] == ["3669", "4019", "79431"]
    assert {diagnosis.code_system for diagnosis in claim.diagnoses} == {CODE_SYSTEM_ICD_9_CM}
    (procedure,) = claim.icd_procedures
    assert (procedure.code_system, procedure.code) == (CODE_SYSTEM_ICD_9_PCS, "153")
    assert [line.revenue_code for line in claim.service_lines] == ["0305", "0730"]


def test_external_causes_are_told_from_diagnoses(shared_data: Path) -> None:
    claim = claim_of(shared_data / SOUND / "837_004010X096A1" / "automobile-accident.837")
    assert [diagnosis.qualifier for diagnosis in claim.diagnoses[:2]] == [
        DIAGNOSIS_QUALIFIER_PRINCIPAL, DIAGNOSIS_QUALIFIER_EXTERNAL_CAUSE,
    ]  # fmt: skip


def test_the_source_names_interchange_group_set_and_reference(shared_data: Path) -> None:
    source = claim_of(shared_data / PROFESSIONAL / "demo.example1.837").source
    assert (source.system, source.batch, source.position) == (
        "X12_837P", "000000907/1/0021/244579", 1,
    )  # fmt: skip
    assert source.record_id == "17312345600006351"
