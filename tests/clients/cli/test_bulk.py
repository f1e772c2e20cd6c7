"""Words over all claims that wait: auto, remit-all."""

from __future__ import annotations

import threading
import time
from datetime import date
from decimal import Decimal
from typing import Any

import grpc
import pytest

from claimflow.client import values
from claimflow.v1 import command_service_pb2 as command
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1 import remittance_pb2
from claimflow.v1.claim_pb2 import (
    ADJUDICATION_MODE_AUTO,
    CLAIM_STATE_APPROVED,
    CLAIM_STATE_DENIED,
    CLAIM_STATE_PAID,
    CLAIM_STATE_PENDED,
    Claim,
)

PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION


def a_claim(name: str, **fields: Any) -> Claim:
    """Return a claim as a search shows it, payable to one of all."""
    document = {
        "currency_code": "USD",
        "payer": {"payer_id": "P1"},
        "billing_provider": {"npi": "1234567893"},
        **fields.pop("document", {}),
    }
    plain = {
        "claim_id": name,
        "state": "APPROVED",
        "receipt_date": date(2026, 1, 5),
        "adjudication": {"adjudication_number": 1, "paid": Decimal("10.00")},
        "document": document,
    }
    return values.build(Claim, {**plain, **fields})


def search(servers: Any, *claims: Claim) -> None:
    """Let a search find these, two a page."""
    pages = [claims[begin : begin + 2] for begin in range(0, len(claims), 2)] or [()]
    servers.on(
        "SearchClaims",
        *(
            query.SearchClaimsResponse(
                claims=page,
                total_size=len(claims),
                next_page_token=f"P{number}" if number < len(pages) else "",
            )
            for number, page in enumerate(pages, start=1)
        ),
    )


def summary(told: Any) -> dict[str, Any]:
    found: dict[str, Any] = told.documents[-1]["summary"]
    return found


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


def issued(request: command.IssueRemittanceRequest) -> command.IssueRemittanceResponse:
    """Pay 10.00 for each claim, but nothing for one whose name begins with "d"."""
    denied = [name.startswith("d") for name in request.claim_ids]
    amount = 10 * denied.count(False)
    return command.IssueRemittanceResponse(
        remittance=remittance_pb2.Remittance(
            trace_number=f"T-{request.claim_ids[0]}", amount=f"{amount}.00", currency_code="USD"
        ),
        claims=[
            command.RemittedClaimState(
                claim_id=name, state=CLAIM_STATE_DENIED if told else CLAIM_STATE_PAID
            )
            for name, told in zip(request.claim_ids, denied, strict=True)
        ],
    )


def asked_for(servers: Any) -> list[list[str]]:
    """Return the claims of each remittance that was asked for."""
    return sorted(list(request.claim_ids) for request in servers.requests("IssueRemittance"))


def test_remit_all_pays_each_payee_by_itself(shell: Any, servers: Any) -> None:
    other_payee = {"billing_provider": {"npi": "1993999998"}}
    elsewhere = {"pay_to_provider": {"npi": "1993999998"}}
    search(
        servers,
        a_claim("a"),
        a_claim("b", document=other_payee),
        a_claim("c"),
        a_claim("d", state="DENIED"),
        a_claim("e", document=elsewhere),
        a_claim("f", document={"payer": {"payer_id": "P2"}}),
        a_claim("g", document={"currency_code": "EUR"}),
    )
    servers.on("IssueRemittance", issued)
    told = shell.json("remit-all", "payer_id = P1", "--date", "2026-01-31", "--method", "check")
    assert told.exit_code == 0, told.stderr
    assert servers.requests("SearchClaims")[0].filter == (
        "state = APPROVED OR state = DENIED AND (payer_id = P1)"
    )
    assert asked_for(servers) == [["a", "c", "d"], ["b", "e"], ["f"], ["g"]]
    request = servers.requests("IssueRemittance")[0]
    assert request.payment_date.day == 31
    assert request.method == remittance_pb2.PAYMENT_METHOD_CHECK
    counted = summary(told)
    assert counted["remittances"] == 4
    assert counted["states"] == {"PAID": 6, "DENIED": 1}
    assert counted["paid"] == "60.00 USD"
    traces = {document["trace_number"] for document in told.documents[:-1]}
    assert traces == {"T-a", "T-b", "T-f", "T-g"}


def test_remit_all_shows_the_remittances(shell: Any, servers: Any) -> None:
    search(servers, a_claim("a"))
    servers.on("IssueRemittance", issued)
    told = shell("remit-all").stdout
    for part in ("T-a", "10.00 USD", "PAID", "claims a second"):
        assert part in told


def test_remit_all_leaves_out_what_is_told_already(shell: Any, servers: Any) -> None:
    told_before = {"payment": {"adjudication_number": 1}}
    reopened = {
        "payment": {"adjudication_number": 1},
        "adjudication": {"adjudication_number": 2, "paid": "7.00"},
    }
    search(
        servers,
        a_claim("a", state="DENIED", **told_before),
        a_claim("b", **reopened),
        a_claim("c", state="DENIED"),
    )
    servers.on("IssueRemittance", issued)
    shell("remit-all")
    assert asked_for(servers) == [["b", "c"]]


def test_remit_all_pays_at_most_500_claims_at_a_time(shell: Any, servers: Any) -> None:
    claims = [a_claim(f"{number:04}") for number in range(501)]
    servers.on("SearchClaims", query.SearchClaimsResponse(claims=claims, total_size=501))
    servers.on("IssueRemittance", issued)
    assert summary(shell.json("remit-all"))["claims"] == 501
    assert sorted(len(names) for names in asked_for(servers)) == [1, 500]


def standing_in_the_way(refusal: Any, names: str, reason: str) -> Any:
    """Refuse the first of these claims that a remittance names."""

    def answer(request: Any) -> Any:
        for place, name in enumerate(request.claim_ids):
            if name in names:
                raise refusal(PRECONDITION, reason, violations={f"claim_ids[{place}]": "stands"})
        return issued(request)

    return answer


def test_remit_all_leaves_out_what_stands_in_the_way(
    shell: Any, servers: Any, refusal: Any
) -> None:
    search(servers, *map(a_claim, "abc"))
    servers.on("IssueRemittance", standing_in_the_way(refusal, "ac", "PAYMENT_ON_HOLD"))
    told = shell.json("remit-all")
    assert told.exit_code == 0, told.stderr
    assert asked_for(servers) == [["a", "b", "c"], ["b"], ["b", "c"]]
    ids = {request.request_id for request in servers.requests("IssueRemittance")}
    assert len(ids) == 3
    counted = summary(told)
    assert (counted["remittances"], counted["claims"]) == (1, 1)
    assert counted["refused"] == {"PAYMENT_ON_HOLD": 2}


def test_remit_all_pays_none_when_all_stand_in_the_way(
    shell: Any, servers: Any, refusal: Any
) -> None:
    search(servers, a_claim("a"))
    servers.on("IssueRemittance", standing_in_the_way(refusal, "a", "ALREADY_REMITTED"))
    counted = summary(shell.json("remit-all"))
    assert (counted["remittances"], counted["refused"]) == (0, {"ALREADY_REMITTED": 1})


def test_remit_all_pays_another_payee_that_only_the_server_knew(
    shell: Any, servers: Any, refusal: Any
) -> None:
    payees = {"a": 1, "b": 2, "c": 1, "e": 2}

    def answer(request: Any) -> Any:
        for place, name in enumerate(request.claim_ids):
            if payees[name] != payees[request.claim_ids[0]]:
                paths = {f"claim_ids[{place}]": "another payee"}
                raise refusal(PRECONDITION, "PAYEE_MISMATCH", violations=paths)
        return issued(request)

    search(servers, *map(a_claim, payees))
    servers.on("IssueRemittance", answer)
    counted = summary(shell.json("remit-all"))
    assert (counted["remittances"], counted["claims"], counted["refused"]) == (2, 4, {})
    assert asked_for(servers)[-1] == ["b", "e"]


def test_remit_all_waits_for_what_came_later_on_the_same_terms(
    shell: Any, servers: Any, refusal: Any
) -> None:
    def received(name: str, day: int, **fields: Any) -> Claim:
        return a_claim(name, receipt_date=date(2026, 1, day), **fields)

    medicare = {"line_of_business": "MEDICARE"}
    search(
        servers,
        received("a", 2),
        received("b", 5),
        received("c", 6),
        received("d", 6, state="DENIED", adjudication={"adjudication_number": 1, "paid": "0.00"}),
        received("e", 6, document=medicare),
        received("f", 5),
    )
    servers.on("IssueRemittance", standing_in_the_way(refusal, "bcf", "PAYMENT_FLOOR_NOT_REACHED"))
    counted = summary(shell.json("remit-all"))
    assert asked_for(servers) == [["a", "b", "c", "d", "e", "f"], ["a", "d", "e"]]
    assert counted["refused"] == {"PAYMENT_FLOOR_NOT_REACHED": 3}
    assert counted["claims"] == 3


def test_remit_all_ends_at_a_refusal_of_no_claim_in_particular(
    shell: Any, servers: Any, refusal: Any
) -> None:
    search(servers, a_claim("a"))
    servers.on(
        "IssueRemittance",
        refusal(PRECONDITION, "PAYMENT_DATE_OUT_OF_RANGE", violations={"payment_date": "is past"}),
    )
    told = shell("remit-all", "--date", "2020-01-31")
    assert told.exit_code == 1
    assert "PAYMENT_DATE_OUT_OF_RANGE" in told.stderr
    assert len(servers.requests("IssueRemittance")) == 1


def test_remit_all_can_only_try(shell: Any, servers: Any) -> None:
    search(servers, a_claim("a"))
    servers.on("IssueRemittance", issued)
    shell("remit-all", "--validate-only")
    assert servers.requests("IssueRemittance")[0].validate_only


@pytest.mark.parametrize(
    "arguments",
    [
        ("auto", "--in-flight", 0),
        ("auto", "--limit", -1),
        ("remit-all", "--date", "soon"),
        ("remit-all", "--method", "cash"),
    ],
)
def test_a_run_wants_sensible_numbers_days_and_methods(shell: Any, arguments: Any) -> None:
    assert shell(*arguments).exit_code == 2
