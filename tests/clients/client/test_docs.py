"""What docs/clients.md shows, runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import grpc
import pytest

from claimflow.cli.main import main
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.command_service_pb2 import (
    IngestClaimsRequest,
    IngestClaimsResponse,
    SubmitClaimRequest,
    SubmitClaimResponse,
)
from claimflow.v1.common_pb2 import Receipt
from claimflow.v1.query_service_pb2 import SearchClaimsResponse

TEXT = (Path(__file__).parents[3] / "docs" / "clients.md").read_text()


def submitted(request: SubmitClaimRequest) -> SubmitClaimResponse:
    claim = Claim(claim_id="c-1", claim_number="C7", document=request.document)
    return SubmitClaimResponse(claim=claim, receipt=Receipt(consistency_token="T1"))


def acknowledged(request: IngestClaimsRequest) -> IngestClaimsResponse:
    return IngestClaimsResponse(batch_id=request.batch_id)


def test_its_python_runs_from_top_to_bottom(
    servers: Any,
    refusal: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    servers.on("SubmitClaim", submitted)
    servers.on("SearchClaims", SearchClaimsResponse(claims=[Claim(claim_number="C7")]))
    servers.on("IngestClaims", acknowledged)
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
    assert "now at 2" in told


def test_it_names_every_word() -> None:
    words = set(re.findall(r"`([a-z-]+)[ `]", TEXT))
    assert set(main.commands) <= words
