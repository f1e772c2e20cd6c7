"""One call: its deadline, its retries, its credential, its failure."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest

from claimflow.client import ClaimflowError, RetryClass, RetryPolicy, TransportError, errors
from claimflow.v1.command_service_pb2 import PendClaimResponse
from claimflow.v1.query_service_pb2 import GetClaimResponse

LOST = grpc.StatusCode.UNAVAILABLE
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_command_without_request_id_gets_one(talk: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="SUSPECT_DUPLICATE"))
    request, _ = talk.answer("PendClaim", PendClaimResponse())
    call.result()
    assert str(uuid.UUID(request.request_id)) == request.request_id


def test_the_common_fields_of_a_command_are_sent(talk: Any) -> None:
    call = talk.begin(
        lambda: talk.client.pend_claim(
            "c-1",
            pend_code="X",
            reason=("DOCUMENTS_MISSING", "page two"),
            expected_version=7,
            validate_only=True,
            request_id="given",
        )
    )
    request, _ = talk.answer("PendClaim", PendClaimResponse())
    call.result()
    assert (request.claim_id, request.pend_code, request.request_id) == ("c-1", "X", "given")
    assert (request.reason.code, request.reason.text) == ("DOCUMENTS_MISSING", "page two")
    assert (request.expected_version, request.validate_only) == (7, True)


def test_a_lost_call_is_sent_again_under_its_request_id(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X"))
    first, _ = talk.refuse("PendClaim", refusal(LOST))
    second, _ = talk.answer("PendClaim", PendClaimResponse())
    call.result()
    assert first == second
    assert first.request_id


def test_a_full_server_that_says_when_is_asked_again(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X"))
    first, _ = talk.refuse("PendClaim", refusal(EXHAUSTED, "RATE_LIMITED", retry_seconds=0.0))
    second, _ = talk.answer("PendClaim", PendClaimResponse())
    call.result()
    assert first.request_id == second.request_id


def test_a_full_server_that_does_not_say_when_is_not_asked_again(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X"))
    talk.refuse("PendClaim", refusal(EXHAUSTED, "STORAGE_FULL"))
    with pytest.raises(errors.StorageFull):
        call.result()


def test_attempts_are_bounded(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X"))
    for _ in range(3):
        talk.refuse("PendClaim", refusal(LOST, "DATABASE_UNAVAILABLE"))
    with pytest.raises(errors.DatabaseUnavailable):
        call.result()


def test_a_retry_that_would_pass_the_deadline_is_not_made(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X", timeout=20.0))
    talk.refuse("PendClaim", refusal(LOST, "SHUTTING_DOWN", retry_seconds=60.0))
    with pytest.raises(errors.ShuttingDown):
        call.result()


def test_a_refusal_is_not_sent_again(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X"))
    talk.refuse("PendClaim", refusal(grpc.StatusCode.ABORTED, "WRITE_CONFLICT"))
    with pytest.raises(errors.WriteConflict):
        call.result()


def test_an_expired_credential_is_read_anew_once(talk: Any, refusal: Any) -> None:
    expired = refusal(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_EXPIRED")
    call = talk.begin(lambda: talk.client.get_claim("c-1"))
    _, first = talk.refuse("GetClaim", expired)
    _, second = talk.refuse("GetClaim", expired)
    with pytest.raises(errors.CredentialsExpired):
        call.result()
    assert (first["authorization"], second["authorization"]) == ("Bearer first", "Bearer second")


def test_a_credential_is_read_once_for_many_calls(talk: Any) -> None:
    sent = []
    for _ in range(2):
        call = talk.begin(lambda: talk.client.get_claim("c-1"))
        sent.append(talk.answer("GetClaim", GetClaimResponse())[1]["authorization"])
        call.result()
    assert sent == ["Bearer first", "Bearer first"]


def test_an_error_carries_what_the_server_said(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.pend_claim("c-1", pend_code="X", expected_version=3))
    talk.refuse(
        "PendClaim",
        refusal(
            grpc.StatusCode.ABORTED,
            "VERSION_MISMATCH",
            message="the claim has changed",
            metadata={"current_version": "4"},
            violations={"expected_version": "is not current"},
        ),
    )
    with pytest.raises(errors.VersionMismatch) as caught:
        call.result()
    error = caught.value
    assert (error.reason, error.code) == ("VERSION_MISMATCH", grpc.StatusCode.ABORTED)
    assert error.retry_class is RetryClass.READ_AGAIN
    assert error.metadata == {"current_version": "4"}
    assert error.field_violations[0].field_path == "expected_version"
    assert str(error) == "VERSION_MISMATCH: the claim has changed (expected_version)"


def test_a_status_without_details_is_the_transports(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.get_claim("c-1"))
    talk.refuse("GetClaim", refusal(grpc.StatusCode.INTERNAL, message="broken stream"))
    with pytest.raises(TransportError) as caught:
        call.result()
    assert (caught.value.reason, caught.value.code) == ("", grpc.StatusCode.INTERNAL)


def test_a_reason_of_a_newer_server_is_still_named(talk: Any, refusal: Any) -> None:
    call = talk.begin(lambda: talk.client.get_claim("c-1"))
    talk.refuse("GetClaim", refusal(grpc.StatusCode.FAILED_PRECONDITION, "OF_NEXT_YEAR"))
    with pytest.raises(ClaimflowError) as caught:
        call.result()
    assert type(caught.value) is ClaimflowError
    assert caught.value.reason == "OF_NEXT_YEAR"


def test_pauses_double_up_to_their_limit_and_vary() -> None:
    policy = RetryPolicy(attempts_max=9, pause_seconds_first=1.0, pause_seconds_max=4.0)
    lost = TransportError("lost", code=LOST)
    longest = [policy.pause_seconds(lost, attempt, chance=lambda: 1.0) for attempt in range(1, 5)]
    shortest = [policy.pause_seconds(lost, attempt, chance=lambda: 0.0) for attempt in range(1, 5)]
    assert longest == [1.0, 2.0, 4.0, 4.0]
    assert shortest == [0.5, 1.0, 2.0, 2.0]
