"""The word that lets the rules decide all that wait."""

from __future__ import annotations

import threading
import time
from typing import Any

import grpc
import pytest

from claimflow.v1 import command_service_pb2 as command
from claimflow.v1.claim_pb2 import (
    ADJUDICATION_MODE_AUTO,
    CLAIM_STATE_APPROVED,
    CLAIM_STATE_PENDED,
    Claim,
)
from tests.clients.cli.waiting import a_claim, search, summary

PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries come at once."""

    async def at_once(seconds: float) -> None:
        return None

    monkeypatch.setattr("claimflow.client._wire_async.sleep", at_once)


def decided(request: command.AdjudicateClaimRequest) -> command.AdjudicateClaimResponse:
    states = {"a": CLAIM_STATE_APPROVED, "b": CLAIM_STATE_PENDED, "c": CLAIM_STATE_APPROVED}
    state = states[request.claim_id]
    return command.AdjudicateClaimResponse(claim=Claim(claim_id=request.claim_id, state=state))


def test_auto_adjudicates_what_a_search_finds(shell: Any, servers: Any) -> None:
    search(servers, a_claim("a"), a_claim("b"), a_claim("c"))
    servers.on("AdjudicateClaim", decided)
    told = shell.json("auto", "line_of_business = COMMERCIAL OR", "payer_id = P1")
    assert told.exit_code == 0, told.stderr
    asked = servers.requests("SearchClaims")[0]
    assert asked.filter == ("state = ACCEPTED AND (line_of_business = COMMERCIAL OR payer_id = P1)")
    assert asked.consistency.WhichOneof("requirement") == "strong"
    requests = servers.requests("AdjudicateClaim")
    assert sorted(request.claim_id for request in requests) == ["a", "b", "c"]
    assert {request.mode for request in requests} == {ADJUDICATION_MODE_AUTO}
    assert len({request.request_id for request in requests}) == 3
    counted = summary(told)
    assert counted["states"] == {"APPROVED": 2, "PENDED": 1}
    assert counted["claims"] == 3
    assert counted["claims_per_second"] > 0


def test_auto_without_filter_asks_for_all_accepted(shell: Any, servers: Any) -> None:
    search(servers)
    assert summary(shell.json("auto"))["claims"] == 0
    assert servers.requests("SearchClaims")[0].filter == "state = ACCEPTED"


def test_auto_shows_states_and_pace(shell: Any, servers: Any) -> None:
    search(servers, a_claim("a"), a_claim("b"))
    servers.on("AdjudicateClaim", decided)
    told = shell("auto").stdout
    for part in ("APPROVED", "PENDED", "claims a second"):
        assert part in told


def test_auto_goes_on_after_a_refusal_and_counts_it(shell: Any, servers: Any, refusal: Any) -> None:
    def answer(request: Any) -> Any:
        if request.claim_id == "b":
            raise refusal(PRECONDITION, "TRANSITION_NOT_ALLOWED")
        return decided(request)

    search(servers, a_claim("a"), a_claim("b"), a_claim("c"))
    servers.on("AdjudicateClaim", answer)
    told = shell.json("auto")
    assert told.exit_code == 0
    counted = summary(told)
    assert counted["states"] == {"APPROVED": 2}
    assert counted["refused"] == {"TRANSITION_NOT_ALLOWED": 1}


def test_auto_stops_at_its_limit(shell: Any, servers: Any) -> None:
    search(servers, a_claim("a"), a_claim("b"), a_claim("c"))
    servers.on("AdjudicateClaim", decided)
    assert summary(shell.json("auto", "--limit", 1))["claims"] == 1
    assert servers.requests("SearchClaims")[0].page_size == 1


def test_auto_ends_when_nobody_would_be_allowed(shell: Any, servers: Any, refusal: Any) -> None:
    search(servers, *(a_claim(f"c{number}") for number in range(40)))
    missing = refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
    servers.on("AdjudicateClaim", missing)
    told = shell("auto", "--in-flight", 2)
    assert told.exit_code == 1
    assert "PERMISSION_MISSING" in told.stderr
    assert "the same command goes on" in told.stderr
    assert len(servers.requests("AdjudicateClaim")) <= 2


def test_auto_begins_nothing_new_after_that(shell: Any, servers: Any, refusal: Any) -> None:
    def answer(request: Any) -> Any:
        if request.claim_id == "c0":
            raise refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_MISSING")
        time.sleep(0.05)
        return command.AdjudicateClaimResponse()

    search(servers, *(a_claim(f"c{number}") for number in range(40)))
    servers.on("AdjudicateClaim", answer)
    assert shell("auto", "--in-flight", 2).exit_code == 1
    assert len(servers.requests("AdjudicateClaim")) <= 4


def test_auto_goes_on_when_only_an_authority_is_too_small(
    shell: Any, servers: Any, refusal: Any
) -> None:
    search(servers, a_claim("a"), a_claim("b"))
    small = refusal(grpc.StatusCode.PERMISSION_DENIED, "AMOUNT_AUTHORITY_EXCEEDED")
    servers.on("AdjudicateClaim", small)
    told = shell.json("auto")
    assert told.exit_code == 0
    assert summary(told)["refused"] == {"AMOUNT_AUTHORITY_EXCEEDED": 2}


def test_a_part_of_a_run_is_told_when_the_servers_are_lost(
    shell: Any, servers: Any, refusal: Any, patient: None
) -> None:
    def answer(request: Any) -> Any:
        if request.claim_id == "b":
            raise refusal(grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE")
        return decided(request)

    search(servers, a_claim("a"), a_claim("b"), a_claim("c"))
    servers.on("AdjudicateClaim", answer)
    told = shell.json("auto", "--in-flight", 1)
    assert told.exit_code == 3
    assert summary(told)["states"] == {"APPROVED": 1}
    assert [request.claim_id for request in servers.requests("AdjudicateClaim")].count("c") == 0


def test_auto_keeps_several_calls_in_flight_and_no_more(shell: Any, servers: Any) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def answer(request: Any) -> Any:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.03)
        with lock:
            now[0] -= 1
        return command.AdjudicateClaimResponse()

    search(servers, *(a_claim(f"c{number}") for number in range(12)))
    servers.on("AdjudicateClaim", answer)
    assert shell("auto", "--in-flight", 3).exit_code == 0
    assert most[0] == 3


@pytest.mark.parametrize("arguments", [("--in-flight", 0), ("--limit", -1)])
def test_auto_wants_sensible_numbers(shell: Any, arguments: Any) -> None:
    assert shell("auto", *arguments).exit_code == 2
