"""The generator: same for the same seed, clean under the strict rules, spoilt only as wished."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from claimflow.importers import generate
from claimflow.importers._defects import _COARSE_DIAGNOSES, _UNKNOWN_DIAGNOSES, DEFECTS
from claimflow.importers._generate_lists import DIAGNOSES, PLACES_OF_SERVICE
from claimflow.importers._generate_people import check_digit, member_of
from claimflow.v1.document_pb2 import CLAIM_TYPE_INSTITUTIONAL
from claimflow.v1.document_pb2 import ClaimDocument as Document
from server.claims import codec, intake
from server.claims.document import ClaimDocument
from server.claims.edits import Submission
from server.claims.policy import Policy
from server.command.shape import Shape, read
from tests.clients.importers.support import line_sum

ROOT = Path(__file__).resolve().parents[3]
STRICT = codec.decode(
    Policy, json.loads((ROOT / "server/command/policies/strict.json").read_text())
)
RECEIPT_DATE = date(2026, 11, 1)


TABLES = {"ICD_10_CM": DIAGNOSES, "POS": PLACES_OF_SERVICE}


class Codes:
    """Complete tables of what generated claims are made of."""

    def valid(self, system: str, code: str, on: date) -> bool | None:
        return code in TABLES[system] if system in TABLES else None


def failed_edits(document: Document) -> set[str]:
    """Return the ids of the strict policy's edits that a claim fails."""
    shape = Shape()
    claim = read(ClaimDocument, document, "", shape)
    shape.done()
    submission = Submission(claim, RECEIPT_DATE, STRICT, Codes())
    return {finding.edit_id for finding in intake.run_edits(submission)}


def test_the_same_seed_gives_the_same_claims() -> None:
    assert list(generate(200, seed=7)) == list(generate(200, seed=7))
    assert list(generate(200, seed=7)) == list(islice(generate(10**9, seed=7), 200))


def test_another_seed_gives_other_claims() -> None:
    mine = {claim.patient_control_number for claim in generate(200, seed=7)}
    others = {claim.patient_control_number for claim in generate(200, seed=8)}
    assert not mine & others


def test_clean_claims_pass_every_strict_edit() -> None:
    claims = list(generate(2_000))
    assert {edit for claim in claims for edit in failed_edits(claim)} == set()
    assert {claim.type for claim in claims} == {1, 2}


@pytest.mark.parametrize("edit", DEFECTS)
def test_a_defect_breaks_exactly_its_edit(edit: str) -> None:
    for claim in generate(300, seed=5, defects={edit: 1.0}):
        assert failed_edits(claim) == {edit}


def test_every_edit_of_one_claim_of_any_type_has_a_defect() -> None:
    # Coverage is loaded apart, duplicates are two claims, a stay is an institution's.
    others = {"E08", "E10", "E11", "E16"}
    assert set(DEFECTS) == set(intake.EDITS) - others


def test_shares_of_defects_are_as_wished_and_the_rest_is_untouched() -> None:
    clean = list(generate(4_000, seed=3))
    mixed = list(generate(4_000, seed=3, defects={"E02": 0.1, "E03": 0.05}))
    failed = Counter(
        edit
        for sound, claim in zip(clean, mixed, strict=True)
        if claim != sound
        for edit in failed_edits(claim)
    )
    assert set(failed) == {"E02", "E03"}
    assert 330 < failed["E02"] < 470 and 150 < failed["E03"] < 250


@pytest.mark.parametrize("defects", [{"E99": 0.1}, {"E02": -0.1}, {"E02": 0.6, "E03": 0.5}])
def test_defects_that_cannot_be_are_refused(defects: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        generate(1, defects=defects)


def test_claims_look_like_claims() -> None:
    claims = list(generate(5_000))
    assert len({claim.patient_control_number for claim in claims}) == 5_000
    assert {len(claim.service_lines) for claim in claims} == set(range(1, 9))
    charges = sorted(float(claim.total_charge) for claim in claims)
    mean = sum(charges) / len(charges)
    assert charges[2_500] * 1.5 < mean < charges[-1] / 10, "skewed: few claims have most money"
    billers = Counter(claim.billing_provider.npi for claim in claims)
    busy = sum(count for _, count in billers.most_common(400))
    assert busy > len(claims) * 0.4, "one provider in a hundred has half of the claims"
    assert all(f"{line_sum(claim):f}" == claim.total_charge for claim in claims)


def test_services_begin_on_the_wished_day_or_later() -> None:
    claims = generate(300, start_date=date(2027, 1, 1))
    days = {
        date(day.year, day.month, day.day)
        for claim in claims
        for day in (line.service_from_date for line in claim.service_lines)
    }
    assert min(days) == date(2027, 1, 1) and max(days) < date(2027, 3, 1)


def test_a_member_is_the_same_person_in_every_claim() -> None:
    assert member_of(5) == member_of(5) != member_of(6)


@pytest.mark.parametrize(
    ("first_nine", "digit"), [("123456789", 3), ("199399999", 8), ("155859879", 7)]
)
def test_x14_check_digits_of_providers(first_nine: str, digit: int) -> None:
    assert check_digit(first_nine) == digit


def test_inpatient_claims_have_a_stay() -> None:
    stays = [claim for claim in generate(500) if claim.facility_type_code == "11"]
    assert stays
    for claim in stays:
        assert claim.type == CLAIM_TYPE_INSTITUTIONAL
        assert claim.HasField("admission_date") and claim.patient_status_code == "01"


def test_diagnoses_are_billable_codes_of_the_release(shared_data: Path) -> None:
    with (shared_data / "icd10cm" / "icd10cm_2026_04.csv").open() as file:
        billable = {row["code"] for row in csv.DictReader(file) if row["billable"] == "1"}
    assert set(DIAGNOSES) <= billable
    assert not billable & {*_UNKNOWN_DIAGNOSES, *_COARSE_DIAGNOSES}


def test_places_of_service_are_of_the_public_list(shared_data: Path) -> None:
    listed = (shared_data / "code-lists" / "place_of_service.csv").read_text().split()
    assert set(PLACES_OF_SERVICE) <= set(listed)
    assert "98" not in listed, "what the defect of E05 says"
