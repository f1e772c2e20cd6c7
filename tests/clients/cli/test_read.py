"""Words that ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from claimflow.client import values
from claimflow.v1 import command_service_pb2 as command
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.common_pb2 import Freshness

ID = "01890000-0000-7000-8000-000000000001"
FRESH = Freshness(consistency_token="T9")


def a_claim(number: int) -> Claim:
    return values.build(
        Claim,
        {
            "claim_id": f"{ID[:-1]}{number}",
            "claim_number": f"C{number}",
            "state": "PENDED",
            "version": 4,
            "receive_time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "document": {
                "type": "PROFESSIONAL",
                "total_charge": "100.00",
                "diagnoses": [{"code": "E119", "code_system": "ICD_10_CM"}],
                "service_lines": [
                    {"line_number": 1, "charge": "100.00", "procedure": {"code": "99213"}}
                ],
            },
            "findings": [
                {"edit_id": "E02", "severity": "WARN", "field_path": "billing_provider.npi"}
            ],
            "pends": [{"code": "SUSPECT_DUPLICATE"}],
        },
    )


def test_show_tells_a_claim_by_number(shell: Any, servers: Any) -> None:
    servers.on("GetClaim", query.GetClaimResponse(claim=a_claim(1), freshness=FRESH))
    told = shell("show", "C1")
    assert told.exit_code == 0, told.stderr
    for part in ("C1", "PENDED", "100.00", "99213", "E119", "E02", "SUSPECT_DUPLICATE", "T9"):
        assert part in told.stdout
    assert servers.requests("GetClaim")[0].claim_number == "C1"


def test_show_reads_a_claim_as_it_was(shell: Any, servers: Any) -> None:
    servers.on("GetClaim", query.GetClaimResponse(claim=a_claim(1)))
    shell("show", ID, "--at", "2026-01-02T00:00:00", "--full", "--after", "T1")
    request = servers.requests("GetClaim")[0]
    assert request.claim_id == ID
    assert request.time.ToDatetime(UTC) == datetime(2026, 1, 2, tzinfo=UTC)
    assert request.view == query.CLAIM_VIEW_FULL
    assert request.consistency.at_least_as_fresh.token == "T1"


def test_a_claim_that_does_not_exist_is_exit_code_1(shell: Any, servers: Any, refusal: Any) -> None:
    servers.on("GetClaim", refusal(grpc.StatusCode.NOT_FOUND, "CLAIM_NOT_FOUND"))
    told = shell("show", "C1")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "CLAIM_NOT_FOUND" in told.stderr


def two_pages(servers: Any) -> None:
    servers.on(
        "SearchClaims",
        query.SearchClaimsResponse(claims=[a_claim(1)], next_page_token="P2", total_size=7),
        query.SearchClaimsResponse(claims=[a_claim(2), a_claim(3)], freshness=FRESH),
    )


def test_search_follows_pages_to_its_limit(shell: Any, servers: Any) -> None:
    two_pages(servers)
    told = shell("search", "state", "=", "PENDED", "--limit", 2, "--count")
    assert "C1" in told.stdout
    assert "C2" in told.stdout
    assert "C3" not in told.stdout
    assert "7 in all" in told.stdout
    assert servers.requests("SearchClaims")[0].filter == "state = PENDED"


def test_search_as_json_is_a_claim_a_line(shell: Any, servers: Any) -> None:
    two_pages(servers)
    documents = shell.json("search", "--limit", 0, "--strong").documents
    assert [document["claim_number"] for document in documents] == ["C1", "C2", "C3"]
    assert documents[0]["receive_time"] == "2026-01-02T03:04:05Z"
    requirement = servers.requests("SearchClaims")[0].consistency.WhichOneof("requirement")
    assert requirement == "strong"


def test_aggregate_groups_and_sums(shell: Any, servers: Any) -> None:
    group = query.AggregateGroup(
        keys=["PENDED", "2026-01-01"],
        claim_count=3,
        sums=[query.Sum(field="total_charge", amount="300.00")],
    )
    servers.on("AggregateClaims", query.AggregateClaimsResponse(groups=[group], claim_count=3))
    told = shell(
        "aggregate", "--by", "state", "--by", "receive_time:month", "--sum", "total_charge"
    )
    assert "300.00" in told.stdout
    request = servers.requests("AggregateClaims")[0]
    assert [(item.field, item.interval) for item in request.group_by] == [
        ("state", query.CALENDAR_INTERVAL_UNSPECIFIED),
        ("receive_time", query.CALENDAR_INTERVAL_MONTH),
    ]


def test_an_unknown_interval_is_a_usage_error(shell: Any) -> None:
    told = shell("aggregate", "--by", "receive_time:fortnight")
    assert told.exit_code == 2
    assert "week" in told.stderr


def test_history_tells_who_did_what_and_why(shell: Any, servers: Any) -> None:
    event = values.build(
        query.ClaimEvent,
        {
            "version": 2,
            "event_type": "ClaimPended",
            "to_state": "PENDED",
            "actor": "ana",
            "role": "EXAMINER",
            "reason": {"code": "WHY"},
        },
    )
    servers.on("GetClaimHistory", query.GetClaimHistoryResponse(events=[event]))
    told = shell("history", ID).stdout
    for part in ("ClaimPended", "PENDED", "ana (EXAMINER)", "WHY"):
        assert part in told


@pytest.mark.parametrize(("valid", "exit_code"), [(True, 0), (False, 1)])
def test_verify_ends_with_its_verdict(
    shell: Any, servers: Any, valid: bool, exit_code: int
) -> None:
    problems = [] if valid else [query.HistoryProblem(version=2, problem="version missing")]
    servers.on(
        "VerifyClaimHistory",
        query.VerifyClaimHistoryResponse(valid=valid, event_count=3, problems=problems),
    )
    told = shell("verify", ID)
    assert told.exit_code == exit_code
    assert ("version missing" in told.stdout) is not valid


def test_actions_tell_what_blocks(shell: Any, servers: Any) -> None:
    actions = [
        command.AllowedAction(command="PendClaim", allowed=True),
        command.AllowedAction(command="CloseClaim", blocked_by="TRANSITION_NOT_ALLOWED"),
    ]
    servers.on("ListAllowedActions", command.ListAllowedActionsResponse(actions=actions, version=3))
    told = shell("actions", ID).stdout
    assert "TRANSITION_NOT_ALLOWED" in told
    assert "version 3" in told


def test_status_tells_lag_and_position(shell: Any, servers: Any) -> None:
    view = query.ProjectionStatus(view="claims", phase="FOLLOWING", position="0/16B3748")
    servers.on("GetProjectionStatus", query.GetProjectionStatusResponse(projections=[view]))
    told = shell("status").stdout
    assert "FOLLOWING" in told
    assert "0/16B3748" in told


def test_outcome_tells_how_a_command_ended(shell: Any, servers: Any) -> None:
    servers.on(
        "GetCommandOutcome",
        command.GetCommandOutcomeResponse(
            claim_id=ID, method="/claimflow.v1.CommandService/PendClaim"
        ),
    )
    told = shell("outcome", "r-1").stdout
    assert "PendClaim" in told
    assert ID in told


def test_the_catalogues_are_listed(shell: Any, servers: Any) -> None:
    servers.on("ListEdits", command.ListEditsResponse(edits=[command.Edit(edit_id="E02")]))
    servers.on(
        "ListPendReasons",
        command.ListPendReasonsResponse(reasons=[command.PendReason(pend_code="DUP")]),
    )
    assert "E02" in shell("edits").stdout
    assert "DUP" in shell("pend-reasons", "--line-of-business", "MEDICARE").stdout
    assert servers.requests("ListPendReasons")[0].line_of_business == "MEDICARE"


def test_text_of_the_server_is_no_markup(shell: Any, servers: Any) -> None:
    edit = command.Edit(edit_id="E02", description="path [bold]service_lines[2][/bold]")
    servers.on("ListEdits", command.ListEditsResponse(edits=[edit]))
    assert "[bold]service_lines[2][/bold]" in shell("edits").stdout
