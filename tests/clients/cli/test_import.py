"""Whole files: streamed, resumable, nothing dropped silently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from claimflow import importers
from claimflow.v1 import claim_pb2, query_service_pb2
from claimflow.v1.claim_pb2 import Finding
from claimflow.v1.command_service_pb2 import (
    IngestClaimsRequest,
    IngestClaimsResponse,
    IngestedClaim,
)
from claimflow.v1.document_pb2 import ClaimDocument, Source


def write(path: Path, numbers: Sequence[int], *, bad_after: int | None = None) -> Path:
    """Write a claim a line, and a line that is none after one of them."""
    lines = []
    for number in numbers:
        source = Source(system="TEST", batch="batch one", position=number)
        document = ClaimDocument(
            patient_control_number=f"P{number}", total_charge="10.00", source=source
        )
        lines.append(importers.to_json_line(document).rstrip(b"\n"))
        if number == bad_after:
            lines.append(b"this is no claim")
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def accept(request: IngestClaimsRequest) -> IngestClaimsResponse:
    """Accept every claim but the third, which is rejected."""
    reply = IngestClaimsResponse(batch_id=request.batch_id, consistency_token="T1")
    for position, document in enumerate(request.documents):
        third = document.patient_control_number == "P3"
        state = claim_pb2.CLAIM_STATE_REJECTED if third else claim_pb2.CLAIM_STATE_ACCEPTED
        severity = claim_pb2.EDIT_SEVERITY_REJECT
        findings = [Finding(edit_id="E02", severity=severity)] if third else []
        reply.claims.add(position=position, claim_id="c", state=state, findings=findings)
    return reply


@pytest.fixture(autouse=True)
def answers(servers: Any) -> None:
    servers.on("IngestClaims", accept)
    servers.on("SearchClaims", query_service_pb2.SearchClaimsResponse(total_size=4))
    groups = [query_service_pb2.AggregateGroup(keys=["ACCEPTED"], claim_count=4)]
    servers.on("AggregateClaims", query_service_pb2.AggregateClaimsResponse(groups=groups))


@pytest.fixture
def five(tmp_path: Path) -> Path:
    return write(tmp_path / "five.jsonl", range(1, 6), bad_after=4)


def sent(servers: Any) -> list[tuple[str, list[str]]]:
    return [
        (request.batch_id, [document.patient_control_number for document in request.documents])
        for request in servers.requests("IngestClaims")
    ]


def summary(told: Any) -> dict[str, Any]:
    assert told.exit_code == 0, told.stderr
    result: dict[str, Any] = told.documents[-1]["summary"]
    return result


def test_a_file_goes_in_as_batches(shell: Any, servers: Any, five: Path) -> None:
    result = summary(shell.json("import", five, "--batch-size", 2))
    assert [documents for _, documents in sent(servers)] == [["P1", "P2"], ["P3", "P4"], ["P5"]]
    assert result["states"] == {"ACCEPTED": 4, "REJECTED": 1}
    assert result["findings"] == {"E02 REJECT": 1}
    assert (result["read"], result["stored"]) == (6, 5)


def test_the_same_file_again_is_the_same_batches(shell: Any, servers: Any, five: Path) -> None:
    shell("import", five, "--batch-size", 2)
    first = sent(servers)
    servers.calls.clear()
    shell("import", five, "--batch-size", 2)
    assert sent(servers) == first
    assert len({batch_id for batch_id, _ in first}) == 3


@pytest.mark.parametrize("other", [("--batch-size", "3"), ("--line-of-business", "MEDICARE")])
def test_another_plan_is_other_batches(
    shell: Any, servers: Any, five: Path, other: Sequence[str]
) -> None:
    shell("import", five)
    shell("import", five, *other)
    ids = [batch_id for batch_id, _ in sent(servers)]
    assert len(set(ids)) == len(ids)


def test_every_bad_record_is_reported_with_its_position(
    shell: Any, five: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    told = shell.json("import", five, "--report", report)
    (line,) = (json.loads(text) for text in report.read_text().splitlines())
    assert (line["source"], line["position"]) == ("five.jsonl", 5)
    assert told.documents[0] == line
    assert summary(told)["bad"] == {line["problem"]: 1}


def test_a_bad_record_is_shown_on_stderr(shell: Any, five: Path) -> None:
    told = shell("import", five)
    assert "five.jsonl" in told.stderr
    assert "bad records" in told.stdout


def test_a_file_of_bad_records_sends_nothing(shell: Any, servers: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("no claim\nno claim either\n")
    result = summary(shell.json("import", path, "--format", "jsonl"))
    assert (result["read"], result["stored"], sum(result["bad"].values())) == (2, 0, 2)
    assert sent(servers) == []


def test_a_claim_too_large_to_send_is_a_bad_record(
    shell: Any, servers: Any, tmp_path: Path
) -> None:
    large = ClaimDocument(patient_control_number="P2", notes=["x" * 3_000_000])
    path = write(tmp_path / "large.jsonl", [1])
    path.write_bytes(path.read_bytes() + importers.to_json_line(large).rstrip(b"\n") + b"\n")
    result = summary(shell.json("import", path))
    assert (result["stored"], sum(result["bad"].values())) == (1, 1)
    assert [documents for _, documents in sent(servers)] == [["P1"]]


def test_a_refused_claim_is_reported_with_its_position(
    shell: Any, servers: Any, five: Path
) -> None:
    detail = AnyMessage()
    detail.Pack(error_details_pb2.ErrorInfo(reason="LINE_OF_BUSINESS_UNKNOWN", domain="claimflow"))
    error = status_pb2.Status(code=9, details=[detail])

    def refuse_the_last(request: IngestClaimsRequest) -> IngestClaimsResponse:
        reply = accept(request)
        reply.claims[-1].CopyFrom(IngestedClaim(position=len(reply.claims) - 1, error=error))
        return reply

    servers.on("IngestClaims", refuse_the_last)
    told = shell.json("import", five)
    assert summary(told)["refused"] == {"LINE_OF_BUSINESS_UNKNOWN": 1}
    refused = [line for line in told.documents[:-1] if "refused" in line]
    assert [(line["refused"], line["position"]) for line in refused] == [
        ("LINE_OF_BUSINESS_UNKNOWN", 6)
    ]


def interrupt(servers: Any, refusal: Any) -> None:
    """Answer one batch, refuse the stream at the next, and accept from then on."""
    denied = refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
    servers.on("IngestClaims", accept, denied, accept)


def test_an_interrupted_import_goes_on_where_the_answers_ended(
    shell: Any, servers: Any, refusal: Any, five: Path
) -> None:
    interrupt(servers, refusal)
    arguments = ("import", five, "--batch-size", 2, "--in-flight", 1)
    assert shell.json(*arguments).exit_code == 1
    interrupted = sent(servers)
    servers.calls.clear()
    result = summary(shell.json(*arguments))
    assert [documents for _, documents in sent(servers)] == [["P3", "P4"], ["P5"]]
    assert sent(servers)[0] == interrupted[1]
    assert (result["read"], result["stored"], sum(result["bad"].values())) == (6, 5, 1)


def test_no_resume_begins_again_under_the_same_ids(
    shell: Any, servers: Any, refusal: Any, five: Path
) -> None:
    interrupt(servers, refusal)
    arguments = ("import", five, "--batch-size", 2, "--in-flight", 1)
    shell(*arguments)
    first = sent(servers)[0]
    servers.calls.clear()
    shell(*arguments, "--no-resume")
    assert sent(servers)[0] == first


def test_a_finished_import_leaves_no_mark(shell: Any, five: Path) -> None:
    shell("import", five, "--batch-size", 2)
    assert list((shell.home / "imports").glob("*")) == []


def test_standard_input_takes_json_lines(shell: Any, servers: Any, five: Path) -> None:
    result = summary(shell.json("import", "-", stdin=five.read_bytes()))
    assert result["stored"] == 5
    first = sent(servers)
    shell("import", "-", stdin=five.read_bytes())
    assert sent(servers) == first * 2


def test_what_generate_writes_import_takes(shell: Any, servers: Any) -> None:
    made = shell("generate", "-n", 7, "--seed", 3)
    assert made.exit_code == 0, made.stderr
    result = summary(shell.json("import", "-", "--batch-size", 3, stdin=made.stdout))
    assert (result["stored"], result["bad"]) == (7, {})
    assert [len(documents) for _, documents in sent(servers)] == [3, 3, 1]


def test_the_line_of_business_is_set_on_every_claim(shell: Any, servers: Any, five: Path) -> None:
    shell("import", five, "--line-of-business", "MEDICARE")
    (request,) = servers.requests("IngestClaims")
    assert {document.line_of_business for document in request.documents} == {"MEDICARE"}


def test_it_waits_until_the_last_write_is_searchable(shell: Any, servers: Any, five: Path) -> None:
    result = summary(shell.json("import", five))
    asked = servers.requests("SearchClaims")[0].consistency.at_least_as_fresh
    assert (asked.token, asked.max_wait.seconds) == ("T1", 5)
    assert result["seconds_to_searchable"] >= result["seconds_to_acknowledge"]


def test_it_counts_what_searches_find(shell: Any, servers: Any, five: Path) -> None:
    assert summary(shell.json("import", five))["found_by_state"] == {"ACCEPTED": 4}
    assert servers.requests("AggregateClaims")[0].filter == 'source.batch:"batch one"'


def test_who_may_not_aggregate_counts_by_search(
    shell: Any, servers: Any, refusal: Any, five: Path
) -> None:
    servers.on("AggregateClaims", refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING"))
    found = summary(shell.json("import", five))["found_by_state"]
    assert found == {"ACCEPTED": 4, "REJECTED": 4}


def test_a_lagging_index_is_waited_for(
    shell: Any, servers: Any, refusal: Any, five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimflow.client._wire.sleep", lambda seconds: None)
    monkeypatch.setattr("claimflow.cli._searchable.PAUSE_SECONDS", 0.0)
    lagging = refusal(grpc.StatusCode.UNAVAILABLE, "PROJECTION_LAGGING")
    servers.on("SearchClaims", *[lagging] * 7, query_service_pb2.SearchClaimsResponse())
    assert summary(shell.json("import", five))["seconds_to_searchable"] is not None


def test_no_wait_asks_nothing(shell: Any, servers: Any, five: Path) -> None:
    result = summary(shell.json("import", five, "--no-wait"))
    assert result["seconds_to_searchable"] is None
    assert servers.requests("SearchClaims") == []


def test_a_folder_is_every_file_of_a_known_format(shell: Any, servers: Any, tmp_path: Path) -> None:
    folder = tmp_path / "several"
    folder.mkdir()
    write(folder / "a.jsonl", [1])
    write(folder / "b.jsonl", [2])
    (folder / "notes.txt").write_text("nothing of ours")
    told = shell("import", folder)
    assert told.exit_code == 0, told.stderr
    assert [documents for _, documents in sent(servers)] == [["P1"], ["P2"]]
    assert "notes.txt" in told.stderr


def test_a_named_file_of_no_known_format_is_a_usage_error(shell: Any, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing of ours")
    assert shell("import", path).exit_code == 2


def test_the_summary_tells_people_states_and_seconds(shell: Any, five: Path) -> None:
    told = shell("import", five).stdout
    for part in ("ACCEPTED", "REJECTED", "E02 REJECT", "acknowledged", "searchable", "claims a"):
        assert part in told


@pytest.mark.parametrize("defect", ["E03", "E03=2", "E03=often"])
def test_a_defect_is_an_edit_and_a_share(shell: Any, defect: str) -> None:
    assert shell("generate", "--defect", defect).exit_code == 2
