"""Synthea's CSV export: counts and sums of the samples, and ledgers that do not fit."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from claimflow.importers import IMPORTERS, detect
from claimflow.importers._snomed import is_snomed_concept
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    CODE_SYSTEM_CVX,
    CODE_SYSTEM_RXNORM,
    CODE_SYSTEM_SNOMED_CT,
)
from tests.clients.importers.support import charged, documents, line_sum, problems, records

CLAIM = "Id,PATIENTID,PROVIDERID,PRIMARYPATIENTINSURANCEID,DIAGNOSIS1,DIAGNOSIS2,SERVICEDATE,"
CLAIMS = CLAIM + "HEALTHCARECLAIMTYPEID1\n"
LEDGER = (
    "ID,CLAIMID,TYPE,AMOUNT,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,UNITS,NOTES,"
    "DIAGNOSISREF1,DIAGNOSISREF2\n"
)
DAY = "2024-01-02T03:04:05Z"
CHARGE = f"t1,c1,CHARGE,27.200000000000003,{DAY},{DAY},o1,162673000,1,Exam,1,2\n"
ROW = "c1,p1,d1,0,410620009,,2024-01-02,1\n"


def export(folder: Path, claims: str = ROW, ledger: str = CHARGE) -> Path:
    (folder / "claims.csv").write_text(CLAIMS + claims)
    (folder / "claims_transactions.csv").write_text(LEDGER + ledger)
    return folder


SAMPLES = {
    "synthea-us-dbt": (1_267, 1_545, "1092402.73", "US", "USD"),
    "synthea-au/csv": (188, 542, "309683.09", "AU", "AUD"),
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_has_all_its_claims_charges_and_money(shared_data: Path, sample: str) -> None:
    claim_count, line_count, total, jurisdiction, currency = SAMPLES[sample]
    read = records(shared_data / sample)
    claims = list(documents(read))
    assert [record.position for record in read] == list(range(1, claim_count + 1))
    assert len(claims) == claim_count
    assert sum(len(claim.service_lines) for claim in claims) == line_count
    assert f"{charged(claims):f}" == total
    assert all(charged([claim]) == line_sum(claim) for claim in claims)
    assert {claim.jurisdiction for claim in claims} == {jurisdiction}
    assert {claim.currency_code for claim in claims} == {currency}
    assert {claim.source.batch for claim in claims} == {sample}


def test_the_us_sample_has_both_types_names_and_three_code_systems(shared_data: Path) -> None:
    claims = list(documents(records(shared_data / "synthea-us-dbt")))
    types = Counter(claim.type for claim in claims)
    assert types == {CLAIM_TYPE_PROFESSIONAL: 822, CLAIM_TYPE_INSTITUTIONAL: 445}
    systems = {line.procedure.code_system for claim in claims for line in claim.service_lines}
    assert systems == {CODE_SYSTEM_SNOMED_CT, CODE_SYSTEM_RXNORM, CODE_SYSTEM_CVX}
    assert all(claim.subscriber.last_name and claim.billing_provider.name for claim in claims)
    assert {claim.subscriber.address.state for claim in claims} == {"MA"}


def test_the_australian_claims_are_those_of_the_fhir_bundles(shared_data: Path) -> None:
    folder = shared_data / "synthea-au"
    bundles = [json.loads(path.read_bytes()) for path in (folder / "fhir").glob("*.json")]
    resources = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    ids = {each["id"] for each in resources if each["resourceType"] == "Claim"}
    claims = documents(records(folder / "csv"))
    assert {claim.patient_control_number for claim in claims} == ids


def test_a_binary_float_is_rounded_half_up_to_cents(tmp_path: Path) -> None:
    ledger = CHARGE + CHARGE.replace("27.200000000000003", "0.005")
    (claim,) = documents(records(export(tmp_path, ledger=ledger)))
    assert [line.charge for line in claim.service_lines] == ["27.20", "0.01"]
    assert claim.total_charge == "27.21"


def test_only_charges_are_lines_and_their_order_is_the_ledgers(tmp_path: Path) -> None:
    other = CHARGE.replace("t1,c1", "t2,c2")
    payment = CHARGE.replace("CHARGE", "PAYMENT")
    ledger = CHARGE + other + payment + CHARGE.replace("t1", "t3")
    folder = export(tmp_path, ROW + ROW.replace("c1", "c2"), ledger)
    first, second = documents(records(folder))
    assert [line.line_control_number for line in first.service_lines] == ["t1", "t3"]
    assert [line.line_control_number for line in second.service_lines] == ["t2"]


def test_pointers_follow_diagnoses_past_an_empty_column(tmp_path: Path) -> None:
    claims = ROW.replace("410620009,", ",410620009")
    (claim,) = documents(records(export(tmp_path, claims)))
    assert len(claim.diagnoses) == 1
    # The first column is empty, so 2 is the first diagnosis; 1 points to nothing.
    assert list(claim.service_lines[0].diagnosis_pointers) == [0, 1]


def test_the_exporters_date_of_no_end_is_no_date(tmp_path: Path) -> None:
    ledger = CHARGE.replace(f"{DAY},{DAY}", f"{DAY},1970-01-01T00:00:00Z")
    (claim,) = documents(records(export(tmp_path, ledger=ledger)))
    assert claim.service_lines[0].service_through_date.year == 2024


PAYMENT = CHARGE.replace("CHARGE", "PAYMENT")
FLOAT = "27.200000000000003"
BAD = {
    "no charge": (ROW, PAYMENT, "the claim has no charge in the ledger"),
    "no amount": (ROW, CHARGE.replace(FLOAT, ""), "AMOUNT of charge 1 is empty"),
    "amount": (ROW, CHARGE.replace(FLOAT, "x"), "AMOUNT of charge 1 is not a number"),
    "date": (ROW, CHARGE.replace(DAY, "soon"), "FROMDATE of charge 1 is not a date"),
    "type": (ROW.replace(",1\n", ",3\n"), CHARGE, "HEALTHCARECLAIMTYPEID1 is neither 1 nor 2"),
    "columns": ("c1,p1\n", "", "2 columns, the header has 8"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_claim_that_does_not_fit_is_told_with_its_place(tmp_path: Path, kind: str) -> None:
    claims, ledger, problem = BAD[kind]
    (record,) = records(export(tmp_path, claims, ledger))
    assert (record.position, record.where, record.problem) == (1, "claims.csv line 2", problem)


def test_charges_of_no_claim_and_broken_ledger_rows_are_told_after_the_claims(
    tmp_path: Path,
) -> None:
    folder = export(tmp_path, ledger=CHARGE + "t9,c9\n" + CHARGE.replace("c1", "c9"))
    assert [(record.position, record.where, record.problem) for record in records(folder)] == [
        (1, "claims.csv line 2", None),
        (2, "claims_transactions.csv line 3", "2 columns, the header has 12"),
        (3, "claims_transactions.csv line 4", "charges of a claim that is not in claims.csv"),
    ]


def test_a_ledger_without_its_columns_is_one_problem(tmp_path: Path) -> None:
    folder = export(tmp_path)
    (folder / "claims_transactions.csv").write_text("a,b\n")
    assert problems(records(folder))[0].startswith("claims_transactions.csv: the header lacks ")


def test_a_stream_is_no_export() -> None:
    (record,) = IMPORTERS["synthea"].records(io.BytesIO())
    assert (
        record.problem == "a Synthea export is a folder with claims.csv and claims_transactions.csv"
    )


def test_the_small_tables_may_be_missing(shared_data: Path, tmp_path: Path) -> None:
    for name in ("claims.csv", "claims_transactions.csv"):
        shutil.copy(shared_data / "synthea-us-dbt" / name, tmp_path / name)
    claims = list(documents(records(tmp_path)))
    assert len(claims) == 1_267
    assert f"{charged(claims):f}" == "1092402.73"


@pytest.mark.parametrize("after", [0, 1, 1_000, 1_267, 2_000])
def test_going_on_after_a_position_gives_the_same_rest(shared_data: Path, after: int) -> None:
    folder = shared_data / "synthea-us-dbt"
    whole = records(folder)
    assert list(detect(folder).records(folder, start_after=after)) == whole[after:]


def test_the_count_is_that_of_the_claims(shared_data: Path) -> None:
    folder = shared_data / "synthea-us-dbt"
    assert detect(folder).count(folder) == 1_267


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("162673000", True),
        ("428211000124100", True),  # of an extension
        ("162673001", False),  # check digit
        ("314231", False),  # RxNorm
        ("140", False),  # CVX
    ],
)
def test_a_snomed_concept_is_told_by_partition_and_check_digit(code: str, answer: bool) -> None:
    assert is_snomed_concept(code) is answer
