"""What each method of the later workflow sends: decisions anew, appeals, holds, money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import grpc
import pytest

from claimflow.client import errors
from claimflow.v1 import claim_pb2, remittance_pb2
from claimflow.v1 import command_service_pb2 as pb
from claimflow.v1 import query_service_pb2 as query
from claimflow.v1.common_pb2 import Freshness, Reason, Receipt
from claimflow.v1.document_pb2 import Payer, PriorPayer, PriorPayerLine
from claimflow.v1.query_service_pb2 import GetClaimResponse

WHY: dict[str, Any] = {"reason": ("WHY", "since"), "expected_version": 3, "request_id": "r-1"}
SENT: dict[str, Any] = {
    "claim_id": "c-1",
    "request_id": "r-1",
    "expected_version": 3,
    "reason": Reason(code="WHY", text="since"),
}
PAID: dict[str, Any] = {"request_id": "r-1", "reason": Reason(code="WHY", text="since")}
WITHOUT_CLAIM: dict[str, Any] = {"reason": ("WHY", "since"), "request_id": "r-1"}
AUTO = claim_pb2.ADJUDICATION_MODE_AUTO
MANUAL = claim_pb2.ADJUDICATION_MODE_MANUAL

# By RPC: the call, and all that it must send.
CALLS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "VoidClaim": (lambda client: client.void_claim("c-1", **WHY), pb.VoidClaimRequest(**SENT)),
    "ReopenClaim": (
        lambda client: client.reopen_claim("c-1", **WHY),
        pb.ReopenClaimRequest(**SENT),
    ),
    "FileAppeal": (
        lambda client: client.file_appeal(
            "c-1", level=2, line_numbers=[1, 3], good_cause_code="ILLNESS", **WHY
        ),
        pb.FileAppealRequest(level=2, line_numbers=[1, 3], good_cause_code="ILLNESS", **SENT),
    ),
    "WithdrawAppeal": (
        lambda client: client.withdraw_appeal("c-1", appeal_id="a-1", **WHY),
        pb.WithdrawAppealRequest(appeal_id="a-1", **SENT),
    ),
    "DismissAppeal": (
        lambda client: client.dismiss_appeal("c-1", appeal_id="a-1", **WHY),
        pb.DismissAppealRequest(appeal_id="a-1", **SENT),
    ),
    "DecideAppeal": (
        lambda client: client.decide_appeal(
            "c-1", appeal_id="a-1", outcome="partly_overturned", **WHY
        ),
        pb.DecideAppealRequest(
            appeal_id="a-1", outcome=claim_pb2.APPEAL_OUTCOME_PARTLY_OVERTURNED, **SENT
        ),
    ),
    "PlaceHold": (
        lambda client: client.place_hold("c-1", kind="LEGAL", **WHY),
        pb.PlaceHoldRequest(kind="LEGAL", **SENT),
    ),
    "ReleaseHold": (
        lambda client: client.release_hold("c-1", kind="LEGAL", **WHY),
        pb.ReleaseHoldRequest(kind="LEGAL", **SENT),
    ),
    "RecordPriorPayer": (
        lambda client: client.record_prior_payer(
            "c-1",
            prior_payer={"payer": {"payer_id": "P1"}, "paid_amount": Decimal("80")},
            lines=[{"line_number": 1, "decision": {"payer_id": "P1", "paid_amount": "80"}}],
            **WHY,
        ),
        pb.RecordPriorPayerRequest(
            prior_payer=PriorPayer(payer=Payer(payer_id="P1"), paid_amount="80.00"),
            lines=[
                pb.PriorPayerDecision(
                    line_number=1, decision=PriorPayerLine(payer_id="P1", paid_amount="80.00")
                )
            ],
            **SENT,
        ),
    ),
    "RecordOverpayment": (
        lambda client: client.record_overpayment("c-1", amount=Decimal("9.5"), **WHY),
        pb.RecordOverpaymentRequest(amount="9.50", **SENT),
    ),
    "RecoupOverpayment": (
        lambda client: client.recoup_overpayment("c-1", overpayment_id="o-1", amount=4, **WHY),
        pb.RecoupOverpaymentRequest(overpayment_id="o-1", amount="4.00", **SENT),
    ),
    "IssueRemittance": (
        lambda client: client.issue_remittance(
            iter(["c-1", "c-2"]),
            payment_date=date(2026, 1, 31),
            trace_number="T1",
            method="check",
            **WITHOUT_CLAIM,
        ),
        pb.IssueRemittanceRequest(
            claim_ids=["c-1", "c-2"],
            payment_date={"year": 2026, "month": 1, "day": 31},
            trace_number="T1",
            method=remittance_pb2.PAYMENT_METHOD_CHECK,
            **PAID,
        ),
    ),
    "ReportPaymentFailure": (
        lambda client: client.report_payment_failure("m-1", trace_number="T1", **WITHOUT_CLAIM),
        pb.ReportPaymentFailureRequest(remittance_id="m-1", trace_number="T1", **PAID),
    ),
    "AdjudicateClaim": (
        lambda client: client.adjudicate_claim("c-1", mode="auto", **WHY),
        pb.AdjudicateClaimRequest(mode=AUTO, **SENT),
    ),
}


def sent(talk: Any, method: str, call: Callable[[], Any]) -> Any:
    """Make the call, answer it with an empty reply, return what it asked."""
    running = talk.begin(call)
    kind = pb if hasattr(pb, f"{method}Response") else query
    request, _ = talk.answer(method, getattr(kind, f"{method}Response")())
    running.result()
    return request


@pytest.mark.parametrize("method", CALLS)
def test_a_command_sends_what_it_was_given(talk: Any, method: str) -> None:
    call, expected = CALLS[method]
    assert sent(talk, method, lambda: call(talk.client)) == expected


def test_a_remittance_is_todays_by_ach_under_a_number_of_the_server_unless_told(talk: Any) -> None:
    request = sent(talk, "IssueRemittance", lambda: talk.client.issue_remittance(["c-1"]))
    assert not request.HasField("payment_date")
    assert request.trace_number == ""
    assert request.method == remittance_pb2.PAYMENT_METHOD_ACH
    assert request.request_id


def test_an_appeal_is_of_the_first_level_on_all_lines_unless_told(talk: Any) -> None:
    request = sent(talk, "FileAppeal", lambda: talk.client.file_appeal("c-1"))
    assert (request.level, request.line_numbers[:], request.good_cause_code) == (1, [], "")


def test_a_persons_determination_states_lines_and_amounts(talk: Any) -> None:
    line = {"line_number": 1, "charge": "10.00", "allowed": 8, "paid": Decimal("7.5")}
    request = sent(
        talk,
        "AdjudicateClaim",
        lambda: talk.client.adjudicate_claim(
            "c-1",
            lines=[line],
            adjustments=[{"group_code": "CO", "reason_code": "45", "amount": 2}],
            paid=Decimal("7.50"),
            patient_responsibility=0,
        ),
    )
    assert request.mode == MANUAL
    assert (request.paid, request.patient_responsibility) == ("7.50", "0.00")
    assert (request.lines[0].allowed, request.lines[0].paid) == ("8.00", "7.50")
    assert request.adjustments[0].amount == "2.00"


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (
            lambda client: client.record_overpayment("c-1", amount=1.5),
            TypeError,
            "an amount is a Decimal",
        ),
        (
            lambda client: client.recoup_overpayment("c-1", overpayment_id="o-1", amount="1.005"),
            ValueError,
            "decimals",
        ),
        (
            lambda client: client.decide_appeal("c-1", appeal_id="a-1", outcome="maybe"),
            ValueError,
            "outcome: unknown AppealOutcome",
        ),
        (
            lambda client: client.issue_remittance(["c-1"], method="cash"),
            ValueError,
            "method: unknown PaymentMethod",
        ),
        (
            lambda client: client.issue_remittance(
                ["c-1"], payment_date=datetime(2026, 1, 1, tzinfo=UTC)
            ),
            ValueError,
            "payment_date: a date is needed",
        ),
        (
            lambda client: client.record_prior_payer("c-1", prior_payer={"paid": 1}),
            TypeError,
            r"prior_payer\.paid: no such field",
        ),
        (
            lambda client: client.adjudicate_claim("c-1", mode="guess"),
            ValueError,
            "mode: unknown AdjudicationMode",
        ),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_sent(
    talk: Any, call: Callable[[Any], Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        call(talk.client)


def test_a_remittance_is_read_by_id_or_by_trace_number(talk: Any) -> None:
    asked = sent(talk, "GetRemittance", lambda: talk.client.get_remittance("m-1"))
    assert asked == query.GetRemittanceRequest(remittance_id="m-1")
    asked = sent(talk, "GetRemittance", lambda: talk.client.get_remittance(trace_number="T1"))
    assert asked == query.GetRemittanceRequest(trace_number="T1")


def test_accumulators_are_read_for_a_member(talk: Any) -> None:
    method = "GetMemberAccumulators"
    asked = sent(talk, method, lambda: talk.client.get_member_accumulators("M1"))
    assert asked == query.GetMemberAccumulatorsRequest(member_id="M1")


@pytest.mark.parametrize(
    ("method", "read"),
    [
        ("GetRemittance", lambda session: session.get_remittance("m-1")),
        ("GetMemberAccumulators", lambda session: session.get_member_accumulators("M1")),
    ],
)
def test_a_session_goes_no_further_back_than_what_it_read(
    talk: Any, method: str, read: Callable[[Any], Any]
) -> None:
    session = talk.client.session("T0")
    reply = getattr(query, f"{method}Response")(freshness=Freshness(consistency_token="T1"))
    call = talk.begin(lambda: read(session))
    talk.answer(method, reply)
    call.result()
    assert session.consistency_token == "T1"


def test_a_session_reads_the_claims_it_has_paid(talk: Any) -> None:
    session = talk.client.session()
    call = talk.begin(lambda: session.issue_remittance(["c-1"]))
    receipt = Receipt(consistency_token="T1")
    talk.answer("IssueRemittance", pb.IssueRemittanceResponse(receipt=receipt))
    call.result()
    call = talk.begin(lambda: session.get_claim("c-1"))
    request, _ = talk.answer("GetClaim", GetClaimResponse())
    call.result()
    assert request.consistency.at_least_as_fresh.token == "T1"


def test_a_lost_remittance_is_sent_again_under_its_request_id(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.issue_remittance(["c-1"]))
    first, _ = talk.refuse("IssueRemittance", refusal(grpc.StatusCode.UNAVAILABLE))
    second, _ = talk.answer("IssueRemittance", pb.IssueRemittanceResponse())
    call.result()
    assert first == second
    assert first.request_id


def test_a_refused_remittance_names_the_claim(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.issue_remittance(["c-1", "c-2"]))
    talk.refuse(
        "IssueRemittance",
        refusal(
            grpc.StatusCode.FAILED_PRECONDITION,
            "PAYEE_MISMATCH",
            violations={"claim_ids[1]": "another payee"},
        ),
    )
    with pytest.raises(errors.PayeeMismatch) as caught:
        call.result()
    assert caught.value.field_violations[0].field_path == "claim_ids[1]"
