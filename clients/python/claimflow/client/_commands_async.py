"""The methods of CommandService; the synchronous form is generated."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Unpack

from claimflow.client._appeals_async import AsyncAppeals
from claimflow.client._ingest_async import IN_FLIGHT_BATCHES, AsyncIngestion
from claimflow.client._payments_async import AsyncPayments
from claimflow.client._requests import CommandOptions, CreateOptions
from claimflow.client.values import build, document
from claimflow.v1 import claim_pb2
from claimflow.v1 import command_service_pb2 as pb
from claimflow.v1.document_pb2 import Adjustment, ClaimDocument, PriorPayer

Fields = Mapping[str, Any]


class AsyncCommands(AsyncAppeals, AsyncPayments):
    """One method per RPC of CommandService; each command takes also the `CommandOptions`."""

    async def submit_claim(
        self, claim: ClaimDocument | Fields, **options: Unpack[CreateOptions]
    ) -> pb.SubmitClaimResponse:
        """Receive a claim and run every intake edit; a rejected one lists its failed edits."""
        body = claim if isinstance(claim, ClaimDocument) else document(claim)
        request = pb.SubmitClaimRequest(document=body)
        return await self._create(self._connection.commands.SubmitClaim, request, options)

    async def void_claim(
        self, claim_id: str, **options: Unpack[CommandOptions]
    ) -> pb.VoidClaimResponse:
        """Withdraw a claim for good; what was paid for it is taken back."""
        request = pb.VoidClaimRequest()
        return await self._command(self._connection.commands.VoidClaim, claim_id, request, options)

    async def pend_claim(
        self, claim_id: str, *, pend_code: str, **options: Unpack[CommandOptions]
    ) -> pb.PendClaimResponse:
        """Open a pend."""
        request = pb.PendClaimRequest(pend_code=pend_code)
        return await self._command(self._connection.commands.PendClaim, claim_id, request, options)

    async def resolve_pend(
        self, claim_id: str, *, pend_code: str, **options: Unpack[CommandOptions]
    ) -> pb.ResolvePendResponse:
        """Close a pend."""
        request = pb.ResolvePendRequest(pend_code=pend_code)
        return await self._command(
            self._connection.commands.ResolvePend, claim_id, request, options
        )

    async def request_information(
        self,
        claim_id: str,
        *,
        party: claim_pb2.InformationParty | str,
        items: Iterable[claim_pb2.InformationItem | Fields],
        due_date: date,
        **options: Unpack[CommandOptions],
    ) -> pb.RequestInformationResponse:
        """Ask an outside party for documents."""
        fields = {"party": party, "items": list(items), "due_date": due_date}
        request = build(pb.RequestInformationRequest, fields)
        return await self._command(
            self._connection.commands.RequestInformation, claim_id, request, options
        )

    async def receive_information(
        self,
        claim_id: str,
        *,
        information_request_id: str,
        control_number: str,
        attachments: Iterable[pb.NewAttachment | Fields],
        **options: Unpack[CommandOptions],
    ) -> pb.ReceiveInformationResponse:
        """Record the answer to a request for information."""
        fields = {
            "information_request_id": information_request_id,
            "control_number": control_number,
            "attachments": list(attachments),
        }
        request = build(pb.ReceiveInformationRequest, fields)
        return await self._command(
            self._connection.commands.ReceiveInformation, claim_id, request, options
        )

    async def expire_information_request(
        self, claim_id: str, *, information_request_id: str, **options: Unpack[CommandOptions]
    ) -> pb.ExpireInformationRequestResponse:
        """End a request for information whose due date has passed."""
        request = pb.ExpireInformationRequestRequest(information_request_id=information_request_id)
        return await self._command(
            self._connection.commands.ExpireInformationRequest, claim_id, request, options
        )

    async def adjudicate_claim(
        self,
        claim_id: str,
        *,
        lines: Iterable[claim_pb2.AdjudicationLine | Fields] = (),
        paid: Decimal | int | str | None = None,
        patient_responsibility: Decimal | int | str | None = None,
        adjustments: Iterable[Adjustment | Fields] = (),
        mode: claim_pb2.AdjudicationMode | str = claim_pb2.ADJUDICATION_MODE_MANUAL,
        **options: Unpack[CommandOptions],
    ) -> pb.AdjudicateClaimResponse:
        """Record a determination for every line; every balance must hold.

        With mode AUTO nothing else is given: the rules price the claim, and make the decision
        final as far as the caller's authority goes.
        """
        fields = {
            "lines": list(lines),
            "adjustments": list(adjustments),
            "paid": paid,
            "patient_responsibility": patient_responsibility,
            "mode": mode,
        }
        request = build(pb.AdjudicateClaimRequest, fields)
        return await self._command(
            self._connection.commands.AdjudicateClaim, claim_id, request, options
        )

    async def approve_adjudication(
        self,
        claim_id: str,
        *,
        adjudication_number: int,
        adjudication_hash: str,
        **options: Unpack[CommandOptions],
    ) -> pb.ApproveAdjudicationResponse:
        """Approve exactly the adjudication that was read."""
        request = pb.ApproveAdjudicationRequest(
            adjudication_number=adjudication_number, adjudication_hash=adjudication_hash
        )
        return await self._command(
            self._connection.commands.ApproveAdjudication, claim_id, request, options
        )

    async def return_for_rework(
        self, claim_id: str, **options: Unpack[CommandOptions]
    ) -> pb.ReturnForReworkResponse:
        """Refuse approval and withdraw the adjudication."""
        request = pb.ReturnForReworkRequest()
        return await self._command(
            self._connection.commands.ReturnForRework, claim_id, request, options
        )

    async def finalize_claim(
        self, claim_id: str, **options: Unpack[CommandOptions]
    ) -> pb.FinalizeClaimResponse:
        """Make an adjudication final that needs no approval."""
        request = pb.FinalizeClaimRequest()
        return await self._command(
            self._connection.commands.FinalizeClaim, claim_id, request, options
        )

    async def reopen_claim(
        self, claim_id: str, **options: Unpack[CommandOptions]
    ) -> pb.ReopenClaimResponse:
        """Let a final decision be made anew; what was paid stands until the new one is remitted."""
        request = pb.ReopenClaimRequest()
        return await self._command(
            self._connection.commands.ReopenClaim, claim_id, request, options
        )

    async def close_claim(
        self, claim_id: str, **options: Unpack[CommandOptions]
    ) -> pb.CloseClaimResponse:
        """Close a paid or denied claim."""
        request = pb.CloseClaimRequest()
        return await self._command(self._connection.commands.CloseClaim, claim_id, request, options)

    async def assign_claim(
        self, claim_id: str, *, assignee: str = "", **options: Unpack[CommandOptions]
    ) -> pb.AssignClaimResponse:
        """Lease the claim to a person, by default to the caller."""
        request = pb.AssignClaimRequest(assignee=assignee)
        return await self._command(
            self._connection.commands.AssignClaim, claim_id, request, options
        )

    async def release_claim(
        self, claim_id: str, **options: Unpack[CommandOptions]
    ) -> pb.ReleaseClaimResponse:
        """End the lease."""
        request = pb.ReleaseClaimRequest()
        return await self._command(
            self._connection.commands.ReleaseClaim, claim_id, request, options
        )

    async def transfer_claim(
        self, claim_id: str, *, queue: str, **options: Unpack[CommandOptions]
    ) -> pb.TransferClaimResponse:
        """Move the claim to another queue; a lease ends."""
        request = pb.TransferClaimRequest(queue=queue)
        return await self._command(
            self._connection.commands.TransferClaim, claim_id, request, options
        )

    async def add_note(
        self,
        claim_id: str,
        *,
        text: str,
        kind: claim_pb2.NoteKind | str = claim_pb2.NOTE_KIND_INTERNAL,
        **options: Unpack[CommandOptions],
    ) -> pb.AddNoteResponse:
        """Add a note."""
        request = build(pb.AddNoteRequest, {"kind": kind, "text": text})
        return await self._command(self._connection.commands.AddNote, claim_id, request, options)

    async def redact_note(
        self, claim_id: str, *, note_id: str, **options: Unpack[CommandOptions]
    ) -> pb.RedactNoteResponse:
        """Take a note's text away for good."""
        request = pb.RedactNoteRequest(note_id=note_id)
        return await self._command(self._connection.commands.RedactNote, claim_id, request, options)

    async def add_attachment(
        self,
        claim_id: str,
        *,
        attachment: pb.NewAttachment | Fields,
        **options: Unpack[CommandOptions],
    ) -> pb.AddAttachmentResponse:
        """Link a document by its hash."""
        request = build(pb.AddAttachmentRequest, {"attachment": attachment})
        return await self._command(
            self._connection.commands.AddAttachment, claim_id, request, options
        )

    async def place_hold(
        self, claim_id: str, *, kind: str, **options: Unpack[CommandOptions]
    ) -> pb.PlaceHoldResponse:
        """Stop payment, not adjudication."""
        request = pb.PlaceHoldRequest(kind=kind)
        return await self._command(self._connection.commands.PlaceHold, claim_id, request, options)

    async def release_hold(
        self, claim_id: str, *, kind: str, **options: Unpack[CommandOptions]
    ) -> pb.ReleaseHoldResponse:
        """Let payment go on."""
        request = pb.ReleaseHoldRequest(kind=kind)
        return await self._command(
            self._connection.commands.ReleaseHold, claim_id, request, options
        )

    async def record_prior_payer(
        self,
        claim_id: str,
        *,
        prior_payer: PriorPayer | Fields,
        lines: Iterable[pb.PriorPayerDecision | Fields] = (),
        **options: Unpack[CommandOptions],
    ) -> pb.RecordPriorPayerResponse:
        """Record what an earlier payer decided, as a whole and by line."""
        fields = {"prior_payer": prior_payer, "lines": list(lines)}
        request = build(pb.RecordPriorPayerRequest, fields)
        return await self._command(
            self._connection.commands.RecordPriorPayer, claim_id, request, options
        )

    async def take_next_claim(
        self, *, queue: str = "", **options: Unpack[CreateOptions]
    ) -> pb.TakeNextClaimResponse:
        """Lease the longest waiting claim of a queue to the caller."""
        request = pb.TakeNextClaimRequest(queue=queue)
        return await self._create(self._connection.commands.TakeNextClaim, request, options)

    async def ingest_claims(
        self,
        batches: Iterable[pb.IngestClaimsRequest] | AsyncIterable[pb.IngestClaimsRequest],
        *,
        in_flight: int = IN_FLIGHT_BATCHES,
    ) -> AsyncIterator[pb.IngestClaimsResponse]:
        """Receive claims in bulk and yield an answer for each batch, in order.

        Up to `in_flight` batches are sent ahead. A lost stream is taken up again where the
        answers ended; nothing happens twice, since a batch keeps its id.
        """
        ingestion = AsyncIngestion(self._connection, batches, in_flight)
        async for reply in ingestion.replies():
            if self._memory is not None:
                self._memory.learn(reply, self._memory.token)
            yield reply

    async def get_command_outcome(
        self, request_id: str, *, timeout: float | None = None
    ) -> pb.GetCommandOutcomeResponse:
        """Tell how a command ended whose answer was lost."""
        request = pb.GetCommandOutcomeRequest(request_id=request_id)
        return await self._ask(self._connection.commands.GetCommandOutcome, request, timeout)

    async def list_allowed_actions(
        self, claim_id: str, *, timeout: float | None = None
    ) -> pb.ListAllowedActionsResponse:
        """Tell what the caller may do to this claim now, and what blocks the rest."""
        request = pb.ListAllowedActionsRequest(claim_id=claim_id)
        return await self._ask(self._connection.commands.ListAllowedActions, request, timeout)

    async def list_edits(
        self, *, line_of_business: str = "", jurisdiction: str = "", timeout: float | None = None
    ) -> pb.ListEditsResponse:
        """List the intake edits with the severities in force."""
        request = pb.ListEditsRequest(line_of_business=line_of_business, jurisdiction=jurisdiction)
        return await self._ask(self._connection.commands.ListEdits, request, timeout)

    async def list_pend_reasons(
        self, *, line_of_business: str = "", jurisdiction: str = "", timeout: float | None = None
    ) -> pb.ListPendReasonsResponse:
        """List the pend codes in force and who may resolve them."""
        request = pb.ListPendReasonsRequest(
            line_of_business=line_of_business, jurisdiction=jurisdiction
        )
        return await self._ask(self._connection.commands.ListPendReasons, request, timeout)
