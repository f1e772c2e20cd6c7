"""Real sample files go in through the command line, and every record is accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.e2e.conftest import System

# Records per source as counted in the data's own list of sources.
SOURCES = {
    "cms-desynpuf/carrier.csv": 9_538,
    "cms-desynpuf/outpatient.csv": 1_602,
    "cms-desynpuf/inpatient.csv": 126,
    "synthea-us-dbt": 1_267,
    "synthea-au/csv": 188,
}


def imported(system: System, *paths: Path) -> dict[str, Any]:
    """Import files as the submitter; return the summary that the command line prints."""
    shown = system.cli("--json", "--as", "submitter", "import", *map(str, paths))
    assert shown.returncode == 0, shown.stderr.decode()[-2000:]
    summary: dict[str, Any] = json.loads(shown.stdout.splitlines()[-1])
    return summary


def states_in_postgres(system: System, batch: str) -> dict[str, int]:
    with psycopg.connect(system.env["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "select state, count(*) from claimflow.claim"
            " where document::jsonb #>> '{document,source,batch}' like %s group by 1",
            (batch + "%",),
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
    summary = imported(system, shared_data / source)
    assert summary["records"] == SOURCES[source]
    stored = sum(summary["stored_by_state"].values())
    assert stored + summary["refused"] + summary["bad_records"] == SOURCES[source]
    assert stored >= SOURCES[source] * 0.95
    for batch in summary["batches"]:
        assert states_by_search(system, batch) == states_in_postgres(system, batch)


def test_837_files_go_in_and_broken_ones_say_where(system: System, shared_data: Path) -> None:
    sound = sorted((shared_data / "linuxforhealth-x12").glob("837_*/*.837*"))
    summary = imported(system, *sound)
    assert sum(summary["stored_by_state"].values()) + summary["bad_records"] >= 19
    broken = sorted((shared_data / "imsweb-x12-parser" / "837_5010").glob("*.txt"))
    readable = [path for path in broken if "999" not in path.name]
    summary = imported(system, *readable)
    assert summary["problems"], "the envelopes are broken on purpose"
    assert all(problem["where"] for problem in summary["problems"])


def test_the_same_file_twice_changes_nothing(system: System, shared_data: Path) -> None:
    path = shared_data / "cms-desynpuf" / "inpatient.csv"
    imported(system, path)
    before = states_in_postgres(system, "inpatient.csv")
    shown = system.cli("--json", "--as", "submitter", "import", "--no-resume", str(path))
    assert shown.returncode == 0, shown.stderr.decode()
    assert states_in_postgres(system, "inpatient.csv") == before
