"""Words that pay, and what a claim shows of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import grpc
import pytest

from claimflow.client import values
from claimflow.v1 import command_service_pb2 as command
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1 import remittance_pb2
from claimflow.v1.claim_pb2 import CLAIM_STATE_PAID, Claim
from claimflow.v1.common_pb2 import Receipt
from claimflow.v1.remittance_pb2 import Remittance

ID = "01890000-0000-7000-8000-000000000001"
OTHER = "01890000-0000-7000-8000-000000000002"
REMITTANCE_ID = "01890000-0000-7000-8000-0000000000aa"
REMITTANCE = values.build(
    Remittance,
    {
        "remittance_id": REMITTANCE_ID,
        "trace_number": "T[1]",
        "payee": "1234567893",
        "payer_id": "PAYER1",
        "currency_code": "USD",
        "payment_date": date(2026, 1, 31),
        "method": "ACH",
        "amount": "70.00",
        "issued_by": "fin",
        "issue_time": datetime(2026, 1, 30, 12, tzinfo=UTC),
        "claims": [
            {
                "claim_id": ID,
                "claim_number": "C7",
                "status_code": "22",
                "charge": "-100.00",
                "paid": "-9.00",
                "reverses": True,
            },
            {
                "claim_id": OTHER,
                "claim_number": "C8",
                "status_code": "1",
                "charge": "100.00",
                "paid": "79.00",
                "patient_responsibility": "21.00",
            },
        ],
        "provider_adjustments": [{"reason_code": "WO", "reference": "o-1", "amount": "0.00"}],
    },
)
STATES = [command.RemittedClaimState(claim_id=OTHER, state=CLAIM_STATE_PAID, version=9)]
RECEIPT = Receipt(request_id="r-1", consistency_token="T5")


def issued() -> command.IssueRemittanceResponse:
    return command.IssueRemittanceResponse(remittance=REMITTANCE, claims=STATES, receipt=RECEIPT)


def test_remit_pays_the_claims_it_names(shell: Any, servers: Any) -> None:
    servers.on("IssueRemittance", issued())
    told = shell(
        "remit", ID, OTHER, "--date", "2026-01-31", "--trace", "T1", "--method", "check",
        "--reason", "WHY", "--request-id", "r-1",
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    assert servers.requests("IssueRemittance") == [
        command.IssueRemittanceRequest(
            claim_ids=[ID, OTHER],
            payment_date={"year": 2026, "month": 1, "day": 31},
            trace_number="T1",
            method=remittance_pb2.PAYMENT_METHOD_CHECK,
            reason={"code": "WHY"},
            request_id="r-1",
        )
    ]
    for part in ("T[1]", "70.00 USD", "1234567893", "reversal", "79.00", "WO", "PAID", "T5"):
        assert part in told.stdout
    assert "nothing was written" not in told.stdout


def test_remit_finds_claims_by_number(shell: Any, servers: Any) -> None:
    servers.on("GetClaim", query.GetClaimResponse(claim=Claim(claim_id=OTHER)))
    servers.on("IssueRemittance", issued())
    shell("remit", ID, "C8")
    request = servers.requests("IssueRemittance")[0]
    assert request.claim_ids == [ID, OTHER]
    assert not request.HasField("payment_date")


def test_remit_can_only_try(shell: Any, servers: Any) -> None:
    servers.on("IssueRemittance", issued())
    told = shell("remit", ID, "--validate-only")
    assert servers.requests("IssueRemittance")[0].validate_only
    assert "nothing was written" in told.stdout


def test_remit_as_json_is_one_document(shell: Any, servers: Any) -> None:
    servers.on("IssueRemittance", issued())
    (document,) = shell.json("remit", ID).documents
    assert document["remittance"]["amount"] == "70.00"
    assert document["claims"][0]["state"] == "PAID"
    assert document["receipt"]["consistency_token"] == "T5"


@pytest.mark.parametrize(
    "arguments", [("remit",), ("remit", ID, "--date", "soon"), ("remit", ID, "--method", "cash")]
)
def test_remit_wants_claims_a_day_and_a_known_method(shell: Any, arguments: Any) -> None:
    assert shell(*arguments).exit_code == 2


def test_a_refused_remittance_names_the_claim(shell: Any, servers: Any, refusal: Any) -> None:
    servers.on(
        "IssueRemittance",
        refusal(
            grpc.StatusCode.FAILED_PRECONDITION,
            "PAYMENT_ON_HOLD",
            violations={"claim_ids[1]": "a hold stops the claim's payment"},
        ),
    )
    told = shell("remit", ID, OTHER)
    assert told.exit_code == 1
    assert "PAYMENT_ON_HOLD" in told.stderr
    assert "claim_ids[1]" in told.stderr


def test_payment_failed_names_remittance_and_trace(shell: Any, servers: Any) -> None:
    failed = Remittance()
    failed.CopyFrom(REMITTANCE)
    failed.fail_time.FromDatetime(datetime(2026, 2, 3, tzinfo=UTC))
    servers.on(
        "ReportPaymentFailure",
        command.ReportPaymentFailureResponse(remittance=failed, claims=STATES, receipt=RECEIPT),
    )
    told = shell("payment-failed", REMITTANCE_ID, "--trace", "T1", "--reason", "RETURNED")
    assert told.exit_code == 0, told.stderr
    request = servers.requests("ReportPaymentFailure")[0]
    assert (request.remittance_id, request.trace_number) == (REMITTANCE_ID, "T1")
    assert request.reason.code == "RETURNED"
    assert "FAILED" in told.stdout
    assert "2026-02-03" in told.stdout


def test_payment_failed_finds_a_remittance_by_its_trace_number(shell: Any, servers: Any) -> None:
    servers.on("GetRemittance", query.GetRemittanceResponse(remittance=REMITTANCE))
    servers.on("ReportPaymentFailure", command.ReportPaymentFailureResponse())
    shell("payment-failed", "T1", "--trace", "T1")
    assert servers.requests("GetRemittance")[0].trace_number == "T1"
    assert servers.requests("ReportPaymentFailure")[0].remittance_id == REMITTANCE_ID


def test_payment_failed_wants_the_trace_number(shell: Any) -> None:
    told = shell("payment-failed", REMITTANCE_ID)
    assert told.exit_code == 2
    assert "--trace" in told.stderr


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        (REMITTANCE_ID, query.GetRemittanceRequest(remittance_id=REMITTANCE_ID)),
        (REMITTANCE_ID.upper(), query.GetRemittanceRequest(remittance_id=REMITTANCE_ID)),
        ("T1", query.GetRemittanceRequest(trace_number="T1")),
    ],
)
def test_remittance_is_named_by_id_or_trace(
    shell: Any, servers: Any, name: str, asked: query.GetRemittanceRequest
) -> None:
    servers.on("GetRemittance", query.GetRemittanceResponse(remittance=REMITTANCE))
    told = shell("remittance", name)
    assert told.exit_code == 0, told.stderr
    assert servers.requests("GetRemittance") == [asked]
    for part in ("T[1]", "2026-01-31", "ACH", "C7", "C8", "-9.00", "o-1"):
        assert part in told.stdout


def test_remittance_as_json_is_one_document(shell: Any, servers: Any) -> None:
    servers.on("GetRemittance", query.GetRemittanceResponse(remittance=REMITTANCE))
    (document,) = shell.json("remittance", "T1").documents
    assert document["claims"][1]["patient_responsibility"] == "21.00"
    assert document["payment_date"] == "2026-01-31"


def test_accumulators_tell_what_is_used(shell: Any, servers: Any) -> None:
    used = query.Accumulator(
        plan_id="GOLD", benefit_year=2026, deductible_used="250.00", out_of_pocket_used="310.40"
    )
    servers.on("GetMemberAccumulators", query.GetMemberAccumulatorsResponse(accumulators=[used]))
    told = shell("accumulators", "M1").stdout
    for part in ("GOLD", "2026", "250.00", "310.40"):
        assert part in told
    assert servers.requests("GetMemberAccumulators")[0].member_id == "M1"
    (document,) = shell.json("accumulators").documents
    assert document["accumulators"][0]["deductible_used"] == "250.00"
    assert servers.requests("GetMemberAccumulators")[1].member_id == ""


def test_show_tells_payment_holds_appeals_and_family(shell: Any, servers: Any) -> None:
    claim = values.build(
        Claim,
        {
            "claim_id": ID,
            "claim_number": "C9",
            "state": "PAID",
            "adjudication": {
                "adjudication_number": 2,
                "mode": "AUTO",
                "shares": [
                    {
                        "plan_id": "GOLD",
                        "benefit_year": 2026,
                        "deductible": "11.00",
                        "out_of_pocket": "12.00",
                    }
                ],
                "provenance": {"plan_id": "GOLD", "plan_version": 3},
            },
            "link": {
                "relation": "REPLACES",
                "prior_claim_number": "C8",
                "prior_claim_id": OTHER,
                "original_claim_number": "C7",
                "original_claim_id": REMITTANCE_ID,
            },
            "next_claim_id": "the-next-one",
            "payment": {
                "trace_number": "T1",
                "remittance_id": REMITTANCE_ID,
                "payment_date": date(2026, 1, 31),
                "paid": "79.00",
                "interest": "0.13",
                "overpayments": [{"overpayment_id": "o-1", "amount": "9.00", "recouped": "4.00"}],
            },
            "holds": [{"kind": "LEGAL", "placed_by": "siu-1"}],
            "appeals": [
                {
                    "appeal_id": "a-1",
                    "level": 1,
                    "line_numbers": [1, 3],
                    "amount_in_controversy": "21.00",
                    "filed_by": "sub-1",
                    "due_date": date(2026, 3, 15),
                    "status": "OPEN",
                },
                {"appeal_id": "a-0", "status": "DECIDED", "outcome": "UPHELD", "late": True},
            ],
            "breach_time": datetime(2026, 2, 1, tzinfo=UTC),
        },
    )
    servers.on("GetClaim", query.GetClaimResponse(claim=claim))
    told = shell("show", ID)
    assert told.exit_code == 0, told.stderr
    for part in (
        "replaces", "C8", OTHER, "the original", "C7", "the-next-one", "T1", REMITTANCE_ID,
        "2026-01-31", "79.00", "0.13", "o-1", "9.00", "4.00", "LEGAL", "siu-1", "a-1", "1, 3",
        "21.00", "2026-03-15", "OPEN", "UPHELD", "2026-02-01", "GOLD", "deductible 11.00",
        "the rules",
    ):  # fmt: skip
        assert part in told.stdout, part


def test_show_names_the_first_of_a_family_once(shell: Any, servers: Any) -> None:
    link = {
        "relation": "VOIDS",
        "prior_claim_number": "C7",
        "prior_claim_id": OTHER,
        "original_claim_number": "C7",
        "original_claim_id": OTHER,
    }
    claim = values.build(Claim, {"claim_id": ID, "claim_number": "C9", "link": link})
    servers.on("GetClaim", query.GetClaimResponse(claim=claim))
    told = shell("show", ID).stdout
    assert told.count("C7") == 1
    assert "voids" in told


def test_show_is_silent_about_what_there_is_not(shell: Any, servers: Any) -> None:
    servers.on("GetClaim", query.GetClaimResponse(claim=Claim(claim_id=ID, claim_number="C9")))
    told = shell("show", ID).stdout
    for part in ("payment", "Holds", "Appeals", "original", "unspecified", "late", "priced"):
        assert part not in told
