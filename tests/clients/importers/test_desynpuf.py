"""CMS DE-SynPUF: counts and sums of the sample, and what happens to rows that are not right."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimflow.importers import IMPORTERS, detect
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    CODE_SYSTEM_HCPCS,
    CODE_SYSTEM_ICD_9_CM,
    CODE_SYSTEM_ICD_9_PCS,
    DIAGNOSIS_QUALIFIER_ADMITTING,
    ClaimDocument,
)
from tests.clients.importers.support import charged, documents, line_sum, problems, records

HEADER = (
    "DESYNPUF_ID,CLM_ID,CLM_FROM_DT,CLM_THRU_DT,ICD9_DGNS_CD_1,ICD9_DGNS_CD_2,PRF_PHYSN_NPI_1,"
    "PRF_PHYSN_NPI_2,TAX_NUM_1,TAX_NUM_2,HCPCS_CD_1,HCPCS_CD_2,LINE_NCH_PMT_AMT_1,"
    "LINE_NCH_PMT_AMT_2,LINE_ALOWD_CHRG_AMT_1,LINE_ALOWD_CHRG_AMT_2,LINE_PRCSG_IND_CD_1,"
    "LINE_PRCSG_IND_CD_2,LINE_ICD9_DGNS_CD_1,LINE_ICD9_DGNS_CD_2"
)
GOOD = "P1,C1,20090102,20090103,4011,2810,11,,999999999,,99213,,5.00,0.00,7.50,0.00,A,,2810,"


def carrier(folder: Path, *rows: str) -> Path:
    path = folder / "carrier.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


def only(folder: Path, row: str) -> ClaimDocument:
    (claim,) = documents(records(carrier(folder, row)))
    return claim


def test_the_carrier_sample_has_all_its_claims_lines_and_allowed_amounts(
    shared_data: Path,
) -> None:
    read = records(shared_data / "cms-desynpuf" / "carrier.csv")
    claims = list(documents(read))
    assert [record.position for record in read] == list(range(1, 9_539))
    assert len(claims) == 9_538
    assert sum(len(claim.service_lines) for claim in claims) == 17_737
    assert f"{charged(claims):f}" == "1059640.00"
    assert all(charged([claim]) == line_sum(claim) for claim in claims)
    assert {claim.source.charge_basis for claim in claims} == {"ALLOWED_AMOUNT"}


@pytest.mark.parametrize(("name", "count"), [("outpatient", 1_602), ("inpatient", 126)])
def test_the_facility_samples_have_all_their_claims(
    shared_data: Path, name: str, count: int
) -> None:
    read = records(shared_data / "cms-desynpuf" / f"{name}.csv")
    claims = list(documents(read))
    assert len(read) == len(claims) == count
    assert {claim.type for claim in claims} == {CLAIM_TYPE_INSTITUTIONAL}
    assert all(charged([claim]) == line_sum(claim) for claim in claims)
    assert all(claim.statement_from_date.year in (2008, 2009, 2010) for claim in claims)


def test_e13_a_negative_payment_stays_a_negative_charge(shared_data: Path) -> None:
    claims = documents(records(shared_data / "cms-desynpuf" / "outpatient.csv"))
    first = next(claims)
    assert (first.total_charge, first.service_lines[0].charge) == ("-40.00", "-40.00")
    assert [line.procedure.code for line in first.service_lines] == ["80048", "83880"]
    assert first.service_lines[1].charge == "0.00"


def test_an_inpatient_claim_has_its_stay_and_all_that_was_paid_and_owed(shared_data: Path) -> None:
    claim = next(documents(records(shared_data / "cms-desynpuf" / "inpatient.csv")))
    assert claim.total_charge == "4024.00"  # 3000.00 paid and 1024.00 deductible
    assert claim.source.charge_basis == "CLAIM_PAID_AND_OWED_ON_LINE_1"
    assert (claim.admission_date.day, claim.discharge_date.day, claim.drg_code) == (21, 25, "556")
    assert claim.billing_provider.other_id == "4505QV"
    assert claim.attending_provider.npi == "2865881059"
    assert claim.diagnoses[-1].qualifier == DIAGNOSIS_QUALIFIER_ADMITTING
    assert {diagnosis.code_system for diagnosis in claim.diagnoses} == {CODE_SYSTEM_ICD_9_CM}
    assert {procedure.code_system for procedure in claim.icd_procedures} <= {CODE_SYSTEM_ICD_9_PCS}


def test_people_come_from_the_beneficiary_summary_beside_the_file(shared_data: Path) -> None:
    person = next(documents(records(shared_data / "cms-desynpuf" / "carrier.csv"))).subscriber
    assert (person.member_id, person.sex_code) == ("00E040C6ECE8F878", "F")
    assert (person.birth_date.year, person.birth_date.month) == (1932, 11)
    assert not person.last_name


def test_without_a_beneficiary_summary_claims_stand_alone(tmp_path: Path) -> None:
    claim = only(tmp_path, GOOD)
    assert claim.subscriber.member_id == "P1"
    assert not claim.subscriber.HasField("birth_date")


def test_a_carrier_row_becomes_a_professional_claim(tmp_path: Path) -> None:
    claim = only(tmp_path, GOOD)
    (line,) = claim.service_lines  # nothing stands in the columns of the second
    assert claim.type == CLAIM_TYPE_PROFESSIONAL
    assert (claim.patient_control_number, claim.source.record_id) == ("C1", "C1")
    assert (claim.source.system, claim.source.batch, claim.source.position) == (
        "CMS_DESYNPUF", "carrier.csv", 1,
    )  # fmt: skip
    assert (claim.billing_provider.npi, claim.billing_provider.tax_id) == ("11", "999999999")
    assert (line.procedure.code_system, line.procedure.code) == (CODE_SYSTEM_HCPCS, "99213")
    assert (line.charge, list(line.diagnosis_pointers)) == ("7.50", [2])
    assert (line.service_from_date.day, line.service_through_date.day) == (2, 3)


def test_a_line_diagnosis_that_the_claim_has_not_is_added(tmp_path: Path) -> None:
    claim = only(tmp_path, GOOD.replace(",2810,", ",7812,", 2).replace(",7812,", ",2810,", 1))
    assert [diagnosis.code for diagnosis in claim.diagnoses] == ["4011", "2810", "7812"]
    assert list(claim.service_lines[0].diagnosis_pointers) == [3]


def test_a_line_of_an_amount_without_a_procedure_is_a_line(tmp_path: Path) -> None:
    claim = only(tmp_path, GOOD.replace("7.50,0.00,A,", "7.50,30.00,A,A"))
    assert [line.charge for line in claim.service_lines] == ["7.50", "30.00"]
    assert not claim.service_lines[1].HasField("procedure")
    assert claim.total_charge == "37.50"


BAD = {
    "columns": ("P,C,2009", "3 columns, the header has 20"),
    "number": (GOOD.replace("7.50", "SMITH"), "LINE_ALOWD_CHRG_AMT_1 is not a number"),
    "date": (GOOD.replace("20090102", "20090231"), "CLM_FROM_DT is not a date"),
    "key": (GOOD.replace("C1", ""), "CLM_ID is empty"),
    "NUL": (GOOD.replace("4011", "40\0"), "a NUL character"),
    "too large": (GOOD.replace("7.50", "1" * 13), "LINE_ALOWD_CHRG_AMT_1 is too large"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_row_is_told_with_its_place_and_the_rest_goes_on(tmp_path: Path, kind: str) -> None:
    row, problem = BAD[kind]
    read = records(carrier(tmp_path, GOOD, row, GOOD))
    assert [(record.position, record.where, record.problem) for record in read] == [
        (1, "carrier.csv line 2", None),
        (2, "carrier.csv line 3", problem),
        (3, "carrier.csv line 4", None),
    ]


def test_bytes_that_are_no_utf_8_are_told(tmp_path: Path) -> None:
    path = carrier(tmp_path)
    path.write_bytes(path.read_bytes() + GOOD.encode().replace(b"4011", b"\xff"))
    assert problems(records(path)) == ["not UTF-8 text"]


def test_a_file_without_the_columns_is_one_problem() -> None:
    read = list(IMPORTERS["desynpuf-carrier"].records(io.BytesIO(b"a,b\n1,2\n")))
    assert [(record.position, record.where) for record in read] == [(1, "standard input line 1")]
    assert problems(read)[0].startswith("the header lacks ")


@pytest.mark.parametrize("after", [0, 1, 700, 1_601, 1_602, 5_000])
def test_going_on_after_a_position_gives_the_same_rest(shared_data: Path, after: int) -> None:
    path = shared_data / "cms-desynpuf" / "outpatient.csv"
    whole = records(path)
    assert list(detect(path).records(path, start_after=after)) == whole[after:]


def test_the_count_is_that_of_the_records(shared_data: Path) -> None:
    path = shared_data / "cms-desynpuf" / "carrier.csv"
    assert detect(path).count(path) == 9_538
    assert detect(path).count(io.BytesIO()) is None


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(b'",\n\r\0\xff09-.eE')), max_size=8)
)
def test_a_file_with_any_bytes_changed_is_read_to_its_end(changes: list[tuple[int, int]]) -> None:
    content = bytearray("\n".join((HEADER, GOOD, GOOD, GOOD)).encode())
    for place, byte in changes:
        content[place % len(content)] = byte
    read = list(IMPORTERS["desynpuf-carrier"].records(io.BytesIO(content)))
    assert [record.position for record in read] == list(range(1, len(read) + 1))
    assert all((record.document is None) != (record.problem is None) for record in read)
