"""`claimflow watch` and `claimflow export`: JSON lines, and a file to go on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.claim_pb2 import CLAIM_STATE_PENDED, Claim

CLAIM = Claim(claim_id="c1", version=3, state=CLAIM_STATE_PENDED)


def message(event: str, token: str, **fields: Any) -> pb.WatchClaimsResponse:
    return pb.WatchClaimsResponse(event=f"WATCH_EVENT_{event}", resume_token=token, **fields)


def test_a_watch_is_written_line_by_line(shell: Any, servers: Any, tmp_path: Path) -> None:
    gone = pb.RemovedClaim(claim_id="c2", version=9)
    servers.on(
        "WatchClaims",
        [
            message("SNAPSHOT", "T1", claims=[CLAIM]),
            message("HEARTBEAT", "T2"),
            message("CHANGES", "T3", removed=[gone]),
            message("CAUGHT_UP", "T4"),
        ],
    )
    file = tmp_path / "token"
    words = ("watch", "state", "=", "PENDED", "--resume-file", file, "--until-caught-up")
    told = shell(*words)
    assert told.exit_code == 0
    lines = told.documents
    assert [one["event"] for one in lines] == ["SNAPSHOT", "REMOVED", "CAUGHT_UP"]
    assert (lines[0]["claim"]["claim_id"], lines[0]["claim"]["version"]) == ("c1", 3)
    assert (lines[1]["claim_id"], lines[1]["version"]) == ("c2", 9)
    assert file.read_text() == "T4\n"

    shell(*words)
    requests = servers.requests("WatchClaims")
    assert [one.resume_token for one in requests] == ["", "T4"]
    assert requests[0].filter == "state = PENDED"


def test_a_message_that_was_not_written_to_its_end_is_told_again(
    shell: Any, servers: Any, refusal: Any, tmp_path: Path
) -> None:
    denied = refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
    two = [CLAIM, Claim(claim_id="c2", version=1)]
    servers.on("WatchClaims", [message("SNAPSHOT", "T1", claims=two), denied])
    file = tmp_path / "token"
    told = shell("watch", "--resume-file", file)
    assert told.exit_code == 1
    assert len(told.documents) == 2
    assert file.read_text() == "T1\n"


def test_a_restart_is_told(shell: Any, servers: Any, refusal: Any, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("T9\n")
    servers.on(
        "WatchClaims",
        refusal(grpc.StatusCode.OUT_OF_RANGE, "TOKEN_COMPACTED"),
        [message("SNAPSHOT", "T1", claims=[CLAIM]), message("CAUGHT_UP", "T2")],
    )
    told = shell("watch", "--changes-only", "--resume-file", file, "--until-caught-up")
    assert told.documents[0] == {"event": "RESTARTED", "reason": "TOKEN_COMPACTED"}
    assert [one["event"] for one in told.documents[1:]] == ["SNAPSHOT", "CAUGHT_UP"]
    assert file.read_text() == "T2\n"


@pytest.mark.parametrize("heartbeats", [True, False])
def test_heartbeats_are_written_when_asked_for(shell: Any, servers: Any, heartbeats: bool) -> None:
    servers.on("WatchClaims", [message("HEARTBEAT", "T1"), message("CAUGHT_UP", "T2")])
    told = shell("watch", "--until-caught-up", *["--heartbeats"] * heartbeats)
    assert ("HEARTBEAT" in told.stdout) == heartbeats


def test_the_changes_since_a_token(shell: Any, servers: Any) -> None:
    servers.on("WatchClaims", [message("CAUGHT_UP", "T1")])
    shell("watch", "--changes-only", "--after", "S1", "--until-caught-up")
    (request,) = servers.requests("WatchClaims")
    assert request.skip_snapshot
    assert request.consistency.at_least_as_fresh.token == "S1"


def test_an_export_is_written_and_summed_up(
    shell: Any, servers: Any, refusal: Any, tmp_path: Path
) -> None:
    last = pb.ExportClaimsResponse(resume_token="T2")
    last.summary.claim_count = 2
    last.summary.position = "0/1388"
    denied = refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
    servers.on(
        "ExportClaims",
        [pb.ExportClaimsResponse(claims=[CLAIM], resume_token="T1"), denied],
        [pb.ExportClaimsResponse(claims=[CLAIM], resume_token="T2"), last],
    )
    file = tmp_path / "token"
    words = ("export", "state = PENDED", "--resume-file", file, "--batch-size", 7)
    told = shell(*words)
    assert (told.exit_code, len(told.documents), file.read_text()) == (1, 1, "T1\n")

    told = shell(*words)
    assert told.exit_code == 0
    assert [one["claim_id"] for one in told.documents] == ["c1"]
    assert '"claim_count": 2' in told.stderr
    assert not file.exists()
    first, second = servers.requests("ExportClaims")
    assert (first.filter, first.batch_size) == ("state = PENDED", 7)
    assert second.resume_token == "T1"
