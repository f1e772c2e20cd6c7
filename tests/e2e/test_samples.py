"""Real sample files go in through the command line, and every record is accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.e2e.conftest import System

# Batch and records of each source, as counted in the data's own list of sources.
SOURCES = {
    "cms-desynpuf/carrier.csv": ("carrier.csv", 9_538),
    "cms-desynpuf/outpatient.csv": ("outpatient.csv", 1_602),
    "cms-desynpuf/inpatient.csv": ("inpatient.csv", 126),
    "synthea-us-dbt": ("synthea-us-dbt", 1_267),
    "synthea-au/csv": ("synthea-au/csv", 188),
}


def imported(
    system: System, *paths: Path, options: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Import files as the submitter; return the summary and the problems that are reported."""
    shown = system.cli("--json", "--as", "submitter", "import", *options, *map(str, paths))
    assert shown.returncode == 0, shown.stderr.decode()[-2000:]
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    return lines[-1]["summary"], lines[:-1]


def states_in_postgres(system: System, batch: str) -> dict[str, int]:
    with psycopg.connect(system.env["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "select state, count(*) from claimflow.claim"
            " where document::jsonb #>> '{document,source,batch}' = %s group by 1",
            (batch,),
        ).fetchall()
    return {str(state): int(count) for state, count in rows}


def states_by_search(system: System, batch: str) -> dict[str, int]:
    with system.client("supervisor") as client:
        answer = client.aggregate_claims(f'source.batch="{batch}"', group_by=["state"])
    return {group.keys[0]: group.claim_count for group in answer.groups}


@pytest.mark.parametrize("source", SOURCES)
def test_every_record_ends_in_a_state_and_both_stores_agree(
    system: System, shared_data: Path, source: str
) -> None:
    batch, records = SOURCES[source]
    summary, problems = imported(system, shared_data / source)
    assert summary["read"] == records
    assert summary["stored"] + len(problems) == records
    assert summary["stored"] >= records * 0.95
    assert states_in_postgres(system, batch) == summary["states"]
    assert states_by_search(system, batch) == summary["states"]
    assert summary["findings"], "sample files are what they are"


def test_837_files_go_in_and_broken_ones_say_where(system: System, shared_data: Path) -> None:
    summary, problems = imported(
        system, *sorted((shared_data / "linuxforhealth-x12").glob("837_*/*.837*"))
    )
    assert (summary["read"], summary["stored"], len(problems)) == (19, 15, 4)
    broken = sorted((shared_data / "imsweb-x12-parser" / "837_5010").glob("*.txt"))
    summary, problems = imported(system, *(path for path in broken if "999" not in path.name))
    assert summary["stored"] == 854
    assert summary["findings"]["E02 WARN"] >= 850
    assert problems, "their envelopes are broken on purpose"
    assert all(problem["where"] and problem["problem"] for problem in problems)


def test_the_same_file_twice_changes_nothing(system: System, shared_data: Path) -> None:
    path = shared_data / "cms-desynpuf" / "inpatient.csv"
    imported(system, path)
    before = states_in_postgres(system, "inpatient.csv")
    imported(system, path, options=("--no-resume",))
    assert states_in_postgres(system, "inpatient.csv") == before
