"""CommandService through its real door: gRPC, credentials, replies and errors."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import grpc
import pytest
from google.rpc import error_details_pb2

from claimflow.v1 import claim_pb2, options_pb2
from claimflow.v1 import command_service_pb2 as wire
from server.claims.decided import SYSTEM_ACTOR
from tests.server.command.door import (
    CLINIC,
    EVE,
    Door,
    batch,
    claim_document,
    details,
    ingest,
    refused,
)
from tests.server.command.support import count, rows


async def test_a_submission_is_answered_with_the_claim_and_a_receipt(door: Door) -> None:
    sent = claim_document()

    reply = await door.submit(sent)

    assert reply.claim.state == claim_pb2.CLAIM_STATE_ACCEPTED
    assert reply.claim.document == sent
    assert (reply.claim.version, reply.receipt.version) == (2, 2)
    assert [one.event_type for one in reply.receipt.events] == ["ClaimReceived", "ClaimAccepted"]
    assert reply.receipt.consistency_token
    assert len(reply.claim.head_hash) == 64


@pytest.mark.parametrize("subject", [SYSTEM_ACTOR, SYSTEM_ACTOR.upper()])
async def test_w4_nobody_calls_in_the_systems_name(door: Door, database: str, subject: str) -> None:
    request = wire.SubmitClaimRequest(document=claim_document())
    for role in ("SYSTEM", "SUBMITTER"):
        reason, facts, fields = await refused(door.call("SubmitClaim", request, (role, subject)))
        assert (reason, facts, fields) == ("CREDENTIALS_INVALID", {}, [])

    assert count(database, "claim_event") == 0


async def test_w9_a_repeat_is_the_same_bytes_and_says_so(door: Door) -> None:
    request = wire.SubmitClaimRequest(document=claim_document(), request_id=str(uuid4()))
    first = await door.call("SubmitClaim", request)

    call = door.stub.SubmitClaim(request, metadata=door.metadata(CLINIC))
    again = await call

    assert again.SerializeToString(deterministic=True) == first.SerializeToString(
        deterministic=True
    )
    assert dict(await call.initial_metadata())["claimflow-replayed"] == "true"


async def test_w9_a_request_id_serves_one_caller_and_one_content(door: Door) -> None:
    request = wire.SubmitClaimRequest(document=claim_document(), request_id=str(uuid4()))
    await door.call("SubmitClaim", request)

    other_caller = refused(door.call("SubmitClaim", request, ("SUBMITTER", "other")))
    assert (await other_caller)[0] == "REQUEST_ID_REUSED"
    request.document.patient_control_number = "PCN-2"
    assert (await refused(door.call("SubmitClaim", request)))[0] == "REQUEST_ID_REUSED"


async def test_every_bad_field_is_named_and_no_value(door: Door) -> None:
    document = claim_document(patient_control_number="C" * 39, total_charge="1.5")
    document.subscriber.last_name = "Ca\x01nary"
    document.service_lines[0].service_from_date.day = 32
    document.diagnoses[0].code_system = 99  # type: ignore[assignment]

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await door.submit(document, request_id="no-uuid")
    reason, _, paths = details(caught.value)
    assert (reason, paths) == ("VALIDATION_FAILED", ["request_id"])

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await door.submit(document)
    reason, _, paths = details(caught.value)
    assert reason == "VALIDATION_FAILED"
    assert set(paths) == {
        "document.patient_control_number",
        "document.total_charge",
        "document.subscriber.last_name",
        "document.service_lines[0].service_from_date",
        "document.diagnoses[0].code_system",
    }
    assert "nary" not in str(caught.value.trailing_metadata())


async def test_a_rejected_claim_lists_every_failed_edit(door: Door) -> None:
    reply = await door.submit(claim_document(total_charge="90.00", frequency_code="9"))

    assert reply.claim.state == claim_pb2.CLAIM_STATE_REJECTED
    assert {finding.edit_id for finding in reply.claim.findings} == {"E02", "E14"}


async def test_w1_a_forbidden_transition_names_what_is_allowed(door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id

    request = wire.FinalizeClaimRequest(claim_id=claim_id)
    reason, metadata, _ = await refused(door.call("FinalizeClaim", request, EVE))

    assert reason == "TRANSITION_NOT_ALLOWED"
    assert metadata["state"] == "ACCEPTED"
    assert metadata["command"] == "FinalizeClaim"


async def test_w5_a_claim_goes_from_submission_to_approval_by_four_eyes(door: Door) -> None:
    document = claim_document(total_charge="9000.00")
    document.service_lines[0].charge = "9000.00"
    claim_id = (await door.submit(document)).claim.claim_id
    line = claim_pb2.AdjudicationLine(
        line_number=1,
        charge="9000.00",
        allowed="8000.00",
        paid="8000.00",
        adjustments=[{"group_code": "CO", "reason_code": "45", "amount": "1000.00"}],
    )
    adjudicated = await door.call(
        "AdjudicateClaim",
        wire.AdjudicateClaimRequest(
            claim_id=claim_id, lines=[line], paid="8000.00", patient_responsibility="0.00"
        ),
        EVE,
    )
    assert adjudicated.claim.state == claim_pb2.CLAIM_STATE_PENDING_APPROVAL
    current = adjudicated.claim.adjudication
    approval = wire.ApproveAdjudicationRequest(
        claim_id=claim_id,
        adjudication_number=current.adjudication_number,
        adjudication_hash=current.adjudication_hash,
    )

    reply = await door.call("ApproveAdjudication", approval, ("APPROVER", "ann"))

    assert reply.claim.state == claim_pb2.CLAIM_STATE_APPROVED
    assert reply.claim.adjudication.final
    assert reply.claim.adjudication.lines[0].paid == "8000.00"


async def test_information_is_asked_for_and_received(door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id
    asked = await door.call(
        "RequestInformation",
        wire.RequestInformationRequest(
            claim_id=claim_id,
            reason={"code": "DOCUMENTS_MISSING"},
            party=claim_pb2.INFORMATION_PARTY_PROVIDER,
            items=[{"report_type_code": "OZ", "line_number": 1}],
            due_date=_in_days(14),
        ),
        EVE,
    )
    (open_request,) = asked.claim.information_requests

    reply = await door.call(
        "ReceiveInformation",
        wire.ReceiveInformationRequest(
            claim_id=claim_id,
            information_request_id=open_request.information_request_id,
            control_number=open_request.control_number,
            attachments=[
                wire.NewAttachment(
                    sha256="ab" * 32,
                    media_type="application/pdf",
                    size_bytes=1000,
                    transmission_code="EL",
                    control_number=open_request.control_number,
                )
            ],
        ),
    )

    assert reply.claim.state == claim_pb2.CLAIM_STATE_ACCEPTED
    assert len(reply.claim.attachments) == 1


def _in_days(days: int) -> dict[str, int]:
    from datetime import UTC, datetime, timedelta

    day = (datetime.now(UTC) + timedelta(days=days)).date()
    return {"year": day.year, "month": day.month, "day": day.day}


async def test_a_submitter_reads_no_internal_note(door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id
    texts = {
        claim_pb2.NOTE_KIND_INTERNAL: "ours",
        claim_pb2.NOTE_KIND_PROVIDER_VISIBLE: "for the provider",
    }
    for kind, text in texts.items():
        note = wire.AddNoteRequest(claim_id=claim_id, kind=kind, text=text)
        await door.call("AddNote", note, EVE)

    attachment = wire.NewAttachment(
        sha256="ab" * 32, media_type="application/pdf", size_bytes=1, transmission_code="AA"
    )
    request = wire.AddAttachmentRequest(claim_id=claim_id, attachment=attachment)
    reply = await door.call("AddAttachment", request)

    assert [note.text for note in reply.claim.notes] == ["for the provider"]


async def test_p15_finance_sees_no_diagnosis_and_is_told_so(door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id

    request = wire.AddNoteRequest(claim_id=claim_id, kind=claim_pb2.NOTE_KIND_INTERNAL, text="seen")
    reply = await door.call("AddNote", request, ("FINANCE", "fay"))

    assert reply.claim.document.total_charge == "100.00"
    assert not reply.claim.document.diagnoses[0].code
    assert "document.diagnoses[0].code" in reply.claim.redacted_fields


async def test_p14_another_tenants_claim_is_not_there(door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id

    for name, request in (
        (
            "AddNote",
            wire.AddNoteRequest(claim_id=claim_id, kind=claim_pb2.NOTE_KIND_INTERNAL, text="x"),
        ),
        ("ListAllowedActions", wire.ListAllowedActionsRequest(claim_id=claim_id)),
    ):
        metadata = door.metadata(EVE, tenant=str(uuid4()))
        reason, _, _ = await refused(getattr(door.stub, name)(request, metadata=metadata))
        assert reason == "CLAIM_NOT_FOUND"


async def test_the_outcome_of_a_command_is_found_by_the_one_who_gave_it(door: Door) -> None:
    request_id = str(uuid4())
    first = await door.submit(request_id=request_id)

    request = wire.GetCommandOutcomeRequest(request_id=request_id)
    outcome = await door.call("GetCommandOutcome", request)

    assert outcome.claim_id == first.claim.claim_id
    assert outcome.method == "/claimflow.v1.CommandService/SubmitClaim"
    assert outcome.receipt.consistency_token == first.receipt.consistency_token
    assert list(outcome.receipt.events) == list(first.receipt.events)
    reason, _, _ = await refused(door.call("GetCommandOutcome", request, EVE))
    assert reason == "OUTCOME_NOT_FOUND"


async def test_allowed_actions_name_what_blocks_the_rest(door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id

    request = wire.ListAllowedActionsRequest(claim_id=claim_id)
    reply = await door.call("ListAllowedActions", request, EVE)

    actions = {one.command: one for one in reply.actions}
    assert actions["PendClaim"].allowed
    assert actions["FinalizeClaim"].blocked_by == "TRANSITION_NOT_ALLOWED"
    assert actions["ReturnForRework"].blocked_by == "PERMISSION_MISSING"
    assert reply.version == 2
    other = ("SUBMITTER", "another-clinic")
    assert (await refused(door.call("ListAllowedActions", request, other)))[0] == "CLAIM_NOT_FOUND"


async def test_the_catalogues_show_the_policy_in_force(door: Door) -> None:
    edits = await door.call("ListEdits", wire.ListEditsRequest())
    pends = await door.call("ListPendReasons", wire.ListPendReasonsRequest())

    severities = {edit.edit_id: edit.severity for edit in edits.edits}
    assert severities["E02"] == claim_pb2.EDIT_SEVERITY_REJECT
    reasons = {one.pend_code: set(one.resolvers) for one in pends.reasons}
    assert reasons["MEDICAL_REVIEW"] == {options_pb2.ROLE_MEDICAL_REVIEWER}
    assert edits.policy_version == pends.policy_version > 0


async def test_validate_only_shows_and_writes_nothing(door: Door, database: str) -> None:
    reply = await door.submit(validate_only=True)

    assert reply.claim.state == claim_pb2.CLAIM_STATE_ACCEPTED
    assert not reply.receipt.consistency_token
    assert not reply.receipt.events
    assert count(database, "claim") == 0


async def test_bulk_intake_answers_each_claim_of_each_batch_in_order(
    door: Door, database: str
) -> None:
    batches = [batch([claim_document() for _ in range(100)]) for _ in range(6)]

    answers = await ingest(door, *batches)

    assert [one.batch_id for one in answers] == [one.batch_id for one in batches]
    assert all([claim.position for claim in one.claims] == list(range(100)) for one in answers)
    assert {claim.state for one in answers for claim in one.claims} == {
        claim_pb2.CLAIM_STATE_ACCEPTED
    }
    assert all(one.consistency_token for one in answers)
    assert count(database, "claim") == 600


async def test_a_bad_claim_of_a_batch_costs_its_neighbours_nothing(door: Door) -> None:
    bad = claim_document(total_charge="ten")
    rejected = claim_document(total_charge="90.00")

    (answer,) = await ingest(door, batch([claim_document(), bad, rejected, claim_document()]))

    states = [claim.state for claim in answer.claims]
    assert states == [
        claim_pb2.CLAIM_STATE_ACCEPTED,
        claim_pb2.CLAIM_STATE_UNSPECIFIED,
        claim_pb2.CLAIM_STATE_REJECTED,
        claim_pb2.CLAIM_STATE_ACCEPTED,
    ]
    problem = answer.claims[1].error
    violations = error_details_pb2.BadRequest()
    assert any(detail.Unpack(violations) for detail in problem.details)
    assert [one.field for one in violations.field_violations] == ["documents[1].total_charge"]
    assert [one.edit_id for one in answer.claims[2].findings] == ["E02"]


async def test_w9_a_batch_sent_again_gets_the_same_outcomes(door: Door, database: str) -> None:
    one = batch([claim_document() for _ in range(20)])

    (first,) = await ingest(door, one)
    again = await ingest(door, one, one)

    assert again == [first, first]
    assert count(database, "claim") == 20


async def test_a_batch_above_the_limit_ends_the_stream(door: Door, database: str) -> None:
    large = batch([claim_document() for _ in range(501)])

    reason, metadata, _ = await refused(ingest(door, large))

    assert (reason, metadata) == ("BATCH_TOO_LARGE", {"limit": "500"})
    assert count(database, "claim") == 0


async def test_p2_two_clients_with_one_request_id_have_one_effect(
    door: Door, database: str
) -> None:
    request = wire.SubmitClaimRequest(document=claim_document(), request_id=str(uuid4()))

    replies = await asyncio.gather(*(door.call("SubmitClaim", request) for _ in range(8)))

    assert len({reply.SerializeToString(deterministic=True) for reply in replies}) == 1
    assert count(database, "claim") == 1


async def test_the_stored_reply_has_no_token_and_the_answer_has(door: Door, database: str) -> None:
    reply = await door.submit()

    (row,) = rows(database, "SELECT reply FROM claimflow.command_receipt")
    stored = wire.SubmitClaimResponse.FromString(row["reply"])
    assert not stored.receipt.consistency_token
    stored.receipt.consistency_token = reply.receipt.consistency_token
    assert stored == reply
