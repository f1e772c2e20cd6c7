"""Formats are told by content."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimflow.importers import IMPORTERS, UnknownFormat, detect, generate, to_json_line

SAMPLES = {
    "cms-desynpuf/carrier.csv": "desynpuf-carrier",
    "cms-desynpuf/outpatient.csv": "desynpuf-outpatient",
    "cms-desynpuf/inpatient.csv": "desynpuf-inpatient",
    "synthea-us-dbt": "synthea",
    "synthea-au/csv": "synthea",
    "linuxforhealth-x12/837_005010X222A2/demo.example1.837": "x12-837",
    "imsweb-x12-parser/837_5010/x12_no_isa_line.txt": "x12-837",
}
OTHERS = (
    "cms-desynpuf",
    "cms-desynpuf/bene.csv",
    "cms-desynpuf/pde.csv",
    "cms-desynpuf/LICENSE.md",
    "synthea-us-dbt/claims.csv",
    "hcx-specs/Claim-example-01.json",
)
OTHER_X12 = (
    "imsweb-x12-parser/837_5010/x12_999_accepted.txt",
    "imsweb-x12-parser/277_5010/x12_277CA_accepted.txt",
    "linuxforhealth-x12/835_005010X221A1/managed-care.835",
)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_known_by_its_content(shared_data: Path, sample: str) -> None:
    assert detect(shared_data / sample).name == SAMPLES[sample]


@pytest.mark.parametrize("sample", OTHERS)
def test_other_content_is_unknown(shared_data: Path, sample: str) -> None:
    with pytest.raises(UnknownFormat):
        detect(shared_data / sample)


@pytest.mark.parametrize("sample", OTHER_X12)
def test_x12_of_another_kind_is_not_an_837(shared_data: Path, sample: str) -> None:
    with pytest.raises(UnknownFormat, match="not an 837"):
        detect(shared_data / sample)


def test_generated_claims_are_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "anything"
    path.write_bytes(b"".join(map(to_json_line, generate(3))))
    assert detect(path).name == "jsonl"


def test_an_empty_file_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    with pytest.raises(UnknownFormat):
        detect(path)


def test_importers_go_by_their_names() -> None:
    assert {name: importer.name for name, importer in IMPORTERS.items()} == {
        name: name
        for name in (
            "desynpuf-carrier", "desynpuf-outpatient", "desynpuf-inpatient", "synthea", "x12-837",
            "jsonl",
        )
    }  # fmt: skip
