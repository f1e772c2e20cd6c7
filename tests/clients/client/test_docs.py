"""What docs/clients.md shows, runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import grpc
import pytest

from claimflow.cli._remittance_profile import read_profile
from claimflow.cli.main import main
from claimflow.v1.claim_pb2 import ADJUDICATION_MODE_AUTO, CLAIM_STATE_APPROVED, Claim
from claimflow.v1.command_service_pb2 import (
    AdjudicateClaimRequest,
    AdjudicateClaimResponse,
    IngestClaimsRequest,
    IngestClaimsResponse,
    IssueRemittanceRequest,
    IssueRemittanceResponse,
    SubmitClaimRequest,
    SubmitClaimResponse,
)
from claimflow.v1.common_pb2 import Receipt
from claimflow.v1.query_service_pb2 import (
    ExportClaimsResponse,
    ExportSummary,
    RemovedClaim,
    SearchClaimsResponse,
    WatchClaimsResponse,
)
from claimflow.v1.remittance_pb2 import Remittance

TEXT = (Path(__file__).parents[3] / "docs" / "clients.md").read_text()


def submitted(request: SubmitClaimRequest) -> SubmitClaimResponse:
    claim = Claim(claim_id="c-1", claim_number="C7", document=request.document)
    return SubmitClaimResponse(claim=claim, receipt=Receipt(consistency_token="T1"))


def priced(request: AdjudicateClaimRequest) -> AdjudicateClaimResponse:
    assert request.mode == ADJUDICATION_MODE_AUTO
    claim = Claim(claim_id=request.claim_id, state=CLAIM_STATE_APPROVED)
    return AdjudicateClaimResponse(claim=claim)


def issued(request: IssueRemittanceRequest) -> IssueRemittanceResponse:
    assert request.claim_ids == ["c-1"]
    return IssueRemittanceResponse(remittance=Remittance(trace_number="T1", amount="80.00"))


def acknowledged(request: IngestClaimsRequest) -> IngestClaimsResponse:
    return IngestClaimsResponse(batch_id=request.batch_id)


def watched() -> list[WatchClaimsResponse]:
    claims = [Claim(claim_id="c-1"), Claim(claim_id="c-2")]
    return [
        WatchClaimsResponse(event="WATCH_EVENT_SNAPSHOT", claims=claims),
        WatchClaimsResponse(
            event="WATCH_EVENT_CHANGES", removed=[RemovedClaim(claim_id="c-1", version=2)]
        ),
        WatchClaimsResponse(event="WATCH_EVENT_CAUGHT_UP"),
    ]


def exported() -> list[ExportClaimsResponse]:
    claim = Claim(claim_id="c-1")
    claim.document.total_charge = "12.50"
    summary = ExportSummary(claim_count=1, one_point_in_time=True)
    return [ExportClaimsResponse(claims=[claim]), ExportClaimsResponse(summary=summary)]


def test_its_python_runs_from_top_to_bottom(
    servers: Any,
    refusal: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    servers.on("SubmitClaim", submitted)
    servers.on("AdjudicateClaim", priced)
    servers.on("IssueRemittance", issued)
    servers.on("SearchClaims", SearchClaimsResponse(claims=[Claim(claim_number="C7")]))
    servers.on("IngestClaims", acknowledged)
    servers.on("WatchClaims", watched())
    servers.on("ExportClaims", exported())
    mismatch = refusal(
        grpc.StatusCode.ABORTED, "VERSION_MISMATCH", metadata={"current_version": "2"}
    )
    servers.on("CloseClaim", mismatch)
    monkeypatch.setenv("CLAIMFLOW_COMMAND_ADDR", servers.address)
    monkeypatch.setenv("CLAIMFLOW_QUERY_ADDR", servers.address)
    names: dict[str, Any] = {}
    try:
        for block in re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL):
            exec(compile(block, "docs/clients.md", "exec"), names)
    finally:
        names["client"].close()
    told = capsys.readouterr().out
    assert "C7 125.00" in told
    assert "T1 80.00" in told
    assert "now at 2" in told
    assert "1 claims\n" in told
    assert "12.50\n1 True\n" in told


def test_its_profile_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", TEXT, flags=re.DOTALL)
    path = tmp_path / "profile.json"
    path.write_text(block)
    profile = read_profile(path)
    assert profile.transfer is not None
    assert (profile.usage, profile.transfer.receiver.account) == ("P", "2")


def test_its_lines_of_shell_are_understood() -> None:
    lines = [
        part.split("claimflow ", 1)[1]
        for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
        for line in block.splitlines()
        for part in line.split(" | ")
    ]
    assert len(lines) > 8
    for line in lines:
        arguments = shlex.split(line.partition(" > ")[0])
        word = next(name for name in arguments if name in main.commands)
        after = arguments[arguments.index(word) + 1 :]
        files = [name for name in after if name.endswith(".835")]
        parsed = main.commands[word].make_context(
            word, [name for name in after if name not in files] + [__file__] * len(files)
        )
        assert parsed.info_name == word


def test_it_names_every_word() -> None:
    words = set(re.findall(r"`([a-z-]+)[ `]", TEXT))
    assert set(main.commands) <= words
