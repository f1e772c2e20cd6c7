"""CommandService: each method maps its request, hands it to the engine and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

from claimflow.v1 import command_service_pb2 as wire
from server.claims.refusals import Refused
from server.command import replies
from server.command.errors import failure_of
from server.command.ingest import Ingest
from server.command.inquiries import Inquiries, caller_of, purpose_of, redactor, released_to
from server.command.mapping import command_of, method_of, payload_hash, request_id_of
from server.command.requests import NotDone, Request
from server.command.shape import Invalid
from server.platform.call import CONSISTENCY_TOKEN, Call

REPLAYED: Final = "claimflow-replayed"


class CommandService(Inquiries):
    """The methods of `claimflow.v1.CommandService`."""

    async def submit_claim(self, request: wire.SubmitClaimRequest, call: Call) -> bytes:
        """Commands 1 to 3."""
        return await self._command("SubmitClaim", request, call)

    async def pend_claim(self, request: wire.PendClaimRequest, call: Call) -> bytes:
        """Command 4."""
        return await self._command("PendClaim", request, call)

    async def resolve_pend(self, request: wire.ResolvePendRequest, call: Call) -> bytes:
        """Command 5."""
        return await self._command("ResolvePend", request, call)

    async def request_information(
        self, request: wire.RequestInformationRequest, call: Call
    ) -> bytes:
        """Command 6."""
        return await self._command("RequestInformation", request, call)

    async def receive_information(
        self, request: wire.ReceiveInformationRequest, call: Call
    ) -> bytes:
        """Command 7."""
        return await self._command("ReceiveInformation", request, call)

    async def expire_information_request(
        self, request: wire.ExpireInformationRequestRequest, call: Call
    ) -> bytes:
        """Command 8."""
        return await self._command("ExpireInformationRequest", request, call)

    async def adjudicate_claim(self, request: wire.AdjudicateClaimRequest, call: Call) -> bytes:
        """Command 9."""
        return await self._command("AdjudicateClaim", request, call)

    async def approve_adjudication(
        self, request: wire.ApproveAdjudicationRequest, call: Call
    ) -> bytes:
        """Command 10."""
        return await self._command("ApproveAdjudication", request, call)

    async def return_for_rework(self, request: wire.ReturnForReworkRequest, call: Call) -> bytes:
        """Command 11."""
        return await self._command("ReturnForRework", request, call)

    async def finalize_claim(self, request: wire.FinalizeClaimRequest, call: Call) -> bytes:
        """Command 12."""
        return await self._command("FinalizeClaim", request, call)

    async def close_claim(self, request: wire.CloseClaimRequest, call: Call) -> bytes:
        """Command 19."""
        return await self._command("CloseClaim", request, call)

    async def assign_claim(self, request: wire.AssignClaimRequest, call: Call) -> bytes:
        """Command 20."""
        return await self._command("AssignClaim", request, call)

    async def release_claim(self, request: wire.ReleaseClaimRequest, call: Call) -> bytes:
        """Command 20."""
        return await self._command("ReleaseClaim", request, call)

    async def transfer_claim(self, request: wire.TransferClaimRequest, call: Call) -> bytes:
        """Command 20."""
        return await self._command("TransferClaim", request, call)

    async def take_next_claim(self, request: wire.TakeNextClaimRequest, call: Call) -> bytes:
        """Command 20."""
        return await self._command("TakeNextClaim", request, call)

    async def add_note(self, request: wire.AddNoteRequest, call: Call) -> bytes:
        """Command 21."""
        return await self._command("AddNote", request, call)

    async def redact_note(self, request: wire.RedactNoteRequest, call: Call) -> bytes:
        """Command 21."""
        return await self._command("RedactNote", request, call)

    async def add_attachment(self, request: wire.AddAttachmentRequest, call: Call) -> bytes:
        """Command 22."""
        return await self._command("AddAttachment", request, call)

    async def void_claim(self, request: wire.VoidClaimRequest, call: Call) -> bytes:
        """Command 3."""
        return await self._command("VoidClaim", request, call)

    async def issue_remittance(self, request: wire.IssueRemittanceRequest, call: Call) -> bytes:
        """Command 13."""
        return await self._command("IssueRemittance", request, call)

    async def report_payment_failure(
        self, request: wire.ReportPaymentFailureRequest, call: Call
    ) -> bytes:
        """Command 14."""
        return await self._command("ReportPaymentFailure", request, call)

    async def reopen_claim(self, request: wire.ReopenClaimRequest, call: Call) -> bytes:
        """Command 15."""
        return await self._command("ReopenClaim", request, call)

    async def file_appeal(self, request: wire.FileAppealRequest, call: Call) -> bytes:
        """Command 16."""
        return await self._command("FileAppeal", request, call)

    async def withdraw_appeal(self, request: wire.WithdrawAppealRequest, call: Call) -> bytes:
        """Command 17."""
        return await self._command("WithdrawAppeal", request, call)

    async def dismiss_appeal(self, request: wire.DismissAppealRequest, call: Call) -> bytes:
        """Command 17."""
        return await self._command("DismissAppeal", request, call)

    async def decide_appeal(self, request: wire.DecideAppealRequest, call: Call) -> bytes:
        """Command 18."""
        return await self._command("DecideAppeal", request, call)

    async def place_hold(self, request: wire.PlaceHoldRequest, call: Call) -> bytes:
        """Command 23."""
        return await self._command("PlaceHold", request, call)

    async def release_hold(self, request: wire.ReleaseHoldRequest, call: Call) -> bytes:
        """Command 23."""
        return await self._command("ReleaseHold", request, call)

    async def record_prior_payer(self, request: wire.RecordPriorPayerRequest, call: Call) -> bytes:
        """Command 24."""
        return await self._command("RecordPriorPayer", request, call)

    async def record_overpayment(self, request: wire.RecordOverpaymentRequest, call: Call) -> bytes:
        """Command 25."""
        return await self._command("RecordOverpayment", request, call)

    async def recoup_overpayment(self, request: wire.RecoupOverpaymentRequest, call: Call) -> bytes:
        """Command 25."""
        return await self._command("RecoupOverpayment", request, call)

    def ingest_claims(
        self, requests: AsyncIterator[wire.IngestClaimsRequest], call: Call
    ) -> AsyncIterator[bytes]:
        """Receive batches of claims through the same engine."""
        ingest = Ingest(
            engine=self._engine,
            caller=caller_of(call),
            deadline=call.deadline,
            ids=self._ids,
            clock=self._clock,
            durability=self._durability,
            token=lambda epoch, lsn: self._token(epoch, lsn, call),
            redact=redactor(call),
            purpose=purpose_of(call),
            correlation_id=call.correlation_id,
        )
        return ingest.answers(requests)

    async def _command(self, name: str, request: Any, call: Call) -> bytes:
        caller = caller_of(call)
        method = method_of(name)
        try:
            request_id = request_id_of(request, self._ids)
            command = command_of(name, request, caller, self._clock(), self._ids)
            done = await self._engine.submit(
                Request(
                    tenant_id=caller.tenant_id,
                    request_id=request_id,
                    method=method,
                    payload_hash=payload_hash(method, caller.actor, request),
                    command=command,
                    answer=replies.reply_builder(
                        name,
                        caller.role,
                        redactor(call),
                        self._durability,
                        preview=request.validate_only,
                    ),
                    deadline=call.deadline,
                    size_bytes=request.ByteSize(),
                    validate_only=request.validate_only,
                    purpose=purpose_of(call),
                    classes=released_to(call),
                    correlation_id=call.correlation_id,
                )
            )
        except (Refused, NotDone, Invalid) as error:
            raise failure_of(error) from None
        if done.replayed:
            call.reply_metadata[REPLAYED] = "true"
        if done.lsn is None:
            return done.reply
        token = self._token(done.epoch, done.lsn, call)
        call.reply_metadata[CONSISTENCY_TOKEN] = token
        return replies.with_token(done.reply, token)
