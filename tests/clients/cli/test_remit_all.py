"""The word that pays and tells every final decision that was not told yet."""

from __future__ import annotations

from datetime import date
from typing import Any

import grpc
import pytest

from claimflow.v1 import command_service_pb2 as command
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1 import remittance_pb2
from claimflow.v1.claim_pb2 import CLAIM_STATE_DENIED, CLAIM_STATE_PAID, Claim
from tests.clients.cli.waiting import a_claim, search, summary

PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION


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
        "(state = APPROVED OR state = DENIED) AND remitted = false AND (payer_id = P1)"
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


def test_remit_all_asks_for_final_decisions_that_were_not_told(shell: Any, servers: Any) -> None:
    search(servers)
    counted = summary(shell.json("remit-all"))
    (asked,) = servers.requests("SearchClaims")
    assert asked.filter == "(state = APPROVED OR state = DENIED) AND remitted = false"
    assert asked.consistency.WhichOneof("requirement") == "strong"
    assert (counted["remittances"], counted["claims"]) == (0, 0)


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


@pytest.mark.parametrize("arguments", [("--date", "soon"), ("--method", "cash"), ("--limit", -1)])
def test_remit_all_wants_a_day_and_a_known_method(shell: Any, arguments: Any) -> None:
    assert shell("remit-all", *arguments).exit_code == 2
