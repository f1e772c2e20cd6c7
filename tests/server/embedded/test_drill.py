"""The drill in its short form: it proves a restore, and does not prove what is not so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.embedded import drill as module
from server.embedded.backup import Base
from server.embedded.drill import Acknowledged, Drill, Verdict, drill
from server.embedded.restore import Restored
from server.embedded.settings import Settings

DONE = Restored(Base(Path(), datetime.now(UTC), 1, 0), 2, "0/1", 1.0, None)


def test_the_drill_proves_a_restore(capsys: pytest.CaptureFixture[str]) -> None:
    status = drill(Settings(), claims=6)
    said = capsys.readouterr().out
    print(said)
    assert status == 0
    assert "the log is a prefix of what was acknowledged: 16 of 24 commands" in said
    assert "3 of 3 old tokens refused" in said
    assert "of 13 documents 0 are ahead" in said
    assert "RPO 0.0 s" in said and "RTO " in said


def seen(rows: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> Drill:
    """Return a drill that acknowledged three commands, two before the moment, and finds `rows`."""
    monkeypatch.setattr(module, "_rows", lambda system, query: rows)
    run = Drill(1, Verdict(say=lambda text: None))
    run.acknowledged = [
        Acknowledged("a", 1, ""),
        Acknowledged("a", 2, ""),
        Acknowledged("b", 1, ""),
    ]
    run.before_point, run.epoch = 2, "old"
    return run


@pytest.mark.parametrize(
    ("held", "failed"),
    [
        ([("a", 2, "", 2)], 0),
        ([("a", 1, "", 1)], 1),  # one that was acknowledged before is missing
        ([("a", 2, "", 2), ("b", 1, "", 1)], 1),  # one after the moment is there
        ([("b", 1, "", 1)], 3),  # a later one is there without the earlier
        ([("a", 2, "", 2), ("c", 1, "", 1)], 1),  # one that nobody was told of
    ],
)
def test_a_log_that_is_no_prefix_is_not_proved(
    held: list[tuple[Any, ...]], failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = seen(held, monkeypatch)
    run._prove_log(SimpleNamespace())  # type: ignore[arg-type]
    assert run.verdict.failed == failed


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        (("new", 2, "TIMELINE_CHANGED"), 0),
        (("old", 2, "TIMELINE_CHANGED"), 1),
        (("new", 1, "TIMELINE_CHANGED"), 1),
        (("new", 2, "by hand"), 1),
    ],
)
def test_an_epoch_that_has_not_begun_by_itself_is_not_proved(
    row: tuple[Any, ...], failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = seen([row], monkeypatch)
    run._prove_epoch(SimpleNamespace(), DONE)  # type: ignore[arg-type]
    assert run.verdict.failed == failed


def ahead(document: dict[str, Any]) -> None:
    document["version"] += 1


def of_another_epoch(document: dict[str, Any]) -> None:
    document["store_epoch"] = "old"


def of_another_history(document: dict[str, Any]) -> None:
    document["head_hash"] = "00"


def of_no_claim(document: dict[str, Any]) -> None:
    document["claim_id"] = "z"


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (lambda document: None, 0),
        (ahead, 2),
        (of_another_epoch, 1),
        (of_another_history, 1),
        (of_no_claim, 2),
    ],
)
def test_a_document_that_is_not_its_claim_is_not_proved(
    change: Callable[[dict[str, Any]], None], failed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"claim_id": "a", "version": 1, "head_hash": "ff", "store_epoch": "new"}
    change(document)
    body = json.dumps({"hits": {"hits": [{"_source": document}]}}).encode()
    run = seen([], monkeypatch)
    monkeypatch.setattr(module, "get", lambda *arguments: (200, body))
    monkeypatch.setattr(
        module, "_rows", lambda s, query: [("a", 1, "ff", 1)] if "JOIN" in query else [("new",)]
    )
    run._prove_documents(SimpleNamespace(environment={"ELASTICSEARCH_URL": ""}))  # type: ignore[arg-type]
    assert run.verdict.failed == failed


def test_the_words_are_told_what_is_wrong(tmp_path: Path) -> None:
    for words, told in (
        (["backup", str(tmp_path / "b")], "there is no installation"),
        (["restore", str(tmp_path / "b")], "there is no installation"),
        (["restore", str(tmp_path / "b"), "--to", "2026-01-01T00:00:00"], "say the zone too"),
        (["drill", "--claims", "0"], "--claims takes"),
    ):
        ran = subprocess.run(
            [sys.executable, "-m", "server.embedded", *words],
            env={"CLAIMFLOW_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode != 0
        assert told in ran.stderr
