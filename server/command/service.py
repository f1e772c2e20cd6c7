"""CommandService: each method maps its request, hands it to the engine and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from claimflow.v1 import claim_pb2, options_pb2
from claimflow.v1 import command_service_pb2 as wire
from server.claims.available import allowed_actions
from server.claims.intake import EDITS
from server.claims.model import Claim, Facts
from server.claims.refusals import Refusal, Refused, require
from server.command import replies
from server.command.books import NOBODY, Done, Inquiry, Look, NotDone, Request
from server.command.engine import Engine
from server.command.errors import failure_of
from server.command.ids import Ids
from server.command.ingest import Ingest
from server.command.mapping import (
    Caller,
    command_of,
    method_of,
    payload_hash,
    request_id_of,
)
from server.command.shape import Invalid, Shape
from server.platform.auth import roles_of
from server.platform.call import CONSISTENCY_TOKEN, PURPOSE, Call
from server.platform.positions import ConsistencyToken, TokenCodec
from server.platform.redaction import classes_in, redact, sight_of

REPLAYED: Final = "claimflow-replayed"
_WORD_MAX: Final = 40
# What a purpose says nothing about when a caller states none: payment and operations of the payer.
_DEFAULT_PURPOSE: Final = "HPAYMT"
_PURPOSES: Final = frozenset({"TREAT", "HPAYMT", "HOPERAT", "ETREAT", "PATRQT"})


def caller_of(call: Call) -> Caller:
    """Return who asks, in the words of the rules."""
    return Caller(
        tenant_id=call.principal.tenant,
        actor=call.principal.subject,
        role=role_name(call.role),
    )


def role_name(number: int) -> str:
    """Return a role as the rules name it."""
    return options_pb2.Role.Name(number).removeprefix("ROLE_")


def purpose_of(call: Call) -> str:
    """Return the purpose of use; an unknown word counts as none."""
    stated = call.metadata.get(PURPOSE, "")
    return stated if stated in _PURPOSES else _DEFAULT_PURPOSE


def released_to(call: Call) -> tuple[str, ...]:
    """Return the PHI classes that a claim in a reply may release to the caller."""
    sight = sight_of(call.principal.roles, call.break_glass)
    shown: Any = claim_pb2.Claim.DESCRIPTOR
    found = sorted(classes_in(shown, sight))
    return tuple(options_pb2.PhiClass.Name(one).removeprefix("PHI_CLASS_") for one in found)


def may_see(claim: Claim, call: Call) -> bool:
    """Say whether a caller may read a claim: outside parties read their own alone."""
    principal, document = call.principal, claim.document
    people = (document.subscriber, document.patient)
    for role in set(roles_of(options_pb2.PERMISSION_CLAIM_READ)) & principal.roles:
        match role:
            case options_pb2.ROLE_SUBMITTER:
                seen = claim.submitted_by == principal.subject
            case options_pb2.ROLE_PROVIDER_READER:
                billing = document.billing_provider
                seen = billing is not None and billing.npi in principal.npis
            case options_pb2.ROLE_MEMBER:
                numbers = {person.member_id for person in people if person and person.member_id}
                seen = principal.member_id in numbers
            case _:
                seen = True
        if seen:
            return True
    return False


def redactor(call: Call) -> Callable[[Any], None]:
    """Return what takes out of a message what the caller may not see."""
    roles, break_glass = call.principal.roles, call.break_glass
    return lambda message: redact(message, roles, break_glass)


class CommandService:
    """The methods of `claimflow.v1.CommandService`."""

    def __init__(
        self,
        engine: Engine,
        tokens: TokenCodec,
        epoch: UUID,
        *,
        durability: int,
        ids: Ids | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._epoch = epoch
        self._durability = durability
        self._ids = ids or Ids()
        self._clock = clock

    async def submit_claim(self, request: wire.SubmitClaimRequest, call: Call) -> bytes:
        """Command 1."""
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
            token=lambda lsn: self._token(lsn, call),
            redact=redactor(call),
        )
        return ingest.answers(requests)

    async def get_command_outcome(
        self, request: wire.GetCommandOutcomeRequest, call: Call
    ) -> wire.GetCommandOutcomeResponse:
        """Tell how a command ended; its receipt is touched before (R6)."""
        caller = caller_of(call)
        shape = Shape()
        request_id = shape.uuid("request_id", request.request_id)
        done = await self._ask(
            "GetCommandOutcome", request_id, self._asked(Inquiry, NOBODY, caller), call, shape
        )
        receipt = done.receipt
        assert receipt is not None and done.lsn is not None, "an inquiry finds a receipt"
        reply = wire.GetCommandOutcomeResponse(
            claim_id=str(receipt.claim_id), method=receipt.method
        )
        reply.commit_time.FromDatetime(receipt.created_at)
        proof = reply.receipt
        proof.request_id = str(receipt.request_id)
        proof.version = receipt.version
        proof.commit_time.FromDatetime(receipt.created_at)
        proof.consistency_token = self._token(done.lsn, call)
        proof.durability = self._durability  # type: ignore[assignment]
        for version, event_type, event_id in done.events:
            proof.events.add(version=version, event_type=event_type, event_id=str(event_id))
        return reply

    async def list_allowed_actions(
        self, request: wire.ListAllowedActionsRequest, call: Call
    ) -> bytes:
        """Tell what the caller may do to a claim now, and what blocks the rest."""
        caller = caller_of(call)
        shape = Shape()
        claim_id = shape.uuid("claim_id", request.claim_id)
        roles = [role_name(role) for role in call.principal.roles]
        look = self._asked(Look, claim_id, caller)

        def view(claim: Claim | None, facts: Facts) -> bytes:
            require(claim is not None and may_see(claim, call), Refusal.CLAIM_NOT_FOUND)
            assert claim is not None, "required above"
            actions = allowed_actions(claim, caller.actor, roles, look.now, facts)
            return wire.ListAllowedActionsResponse(
                actions=[
                    wire.AllowedAction(
                        command=name,
                        allowed=blocked is None,
                        blocked_by="" if blocked is None else blocked.value,
                    )
                    for name, blocked in actions
                ],
                version=claim.version,
            ).SerializeToString()

        done = await self._ask("ListAllowedActions", self._ids.new(), look, call, shape, view)
        return done.reply

    async def list_edits(self, request: wire.ListEditsRequest, call: Call) -> bytes:
        """List the intake edits with the severities in force."""

        def view(claim: Claim | None, facts: Facts) -> bytes:
            policy = facts.policy
            return wire.ListEditsResponse(
                edits=[
                    wire.Edit(
                        edit_id=edit.edit_id,
                        description=edit.description,
                        severity=f"EDIT_SEVERITY_{policy.severities.get(edit.edit_id, 'REJECT')}",
                        status_category_code=policy.edit_answers.get(edit.edit_id, ("", ""))[0],
                    )
                    for edit in EDITS.values()
                ],
                policy_version=policy.version,
            ).SerializeToString()

        return await self._catalogue("ListEdits", request, call, view)

    async def list_pend_reasons(self, request: wire.ListPendReasonsRequest, call: Call) -> bytes:
        """List the pend codes in force and who may resolve them."""

        def view(claim: Claim | None, facts: Facts) -> bytes:
            return wire.ListPendReasonsResponse(
                reasons=[
                    wire.PendReason(
                        pend_code=code,
                        description=reason.description,
                        resolvers=[f"ROLE_{role}" for role in reason.resolvers],
                    )
                    for code, reason in facts.policy.pend_reasons.items()
                ],
                policy_version=facts.policy.version,
            ).SerializeToString()

        return await self._catalogue("ListPendReasons", request, call, view)

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
        token = self._token(done.lsn, call)
        call.reply_metadata[CONSISTENCY_TOKEN] = token
        return replies.with_token(done.reply, token)

    async def _catalogue(
        self, name: str, request: Any, call: Call, view: Callable[[Claim | None, Facts], bytes]
    ) -> bytes:
        shape = Shape()
        look = self._asked(
            Look,
            NOBODY,
            caller_of(call),
            line_of_business=shape.text("line_of_business", request.line_of_business, _WORD_MAX),
            jurisdiction=shape.text("jurisdiction", request.jurisdiction, _WORD_MAX),
        )
        return (await self._ask(name, self._ids.new(), look, call, shape, view)).reply

    async def _ask(
        self,
        name: str,
        request_id: UUID,
        asked: Inquiry | Look,
        call: Call,
        shape: Shape,
        view: Callable[[Claim | None, Facts], bytes] | None = None,
    ) -> Done:
        caller = caller_of(call)
        try:
            shape.done()
            return await self._engine.submit(
                Request(
                    tenant_id=caller.tenant_id,
                    request_id=request_id,
                    method=method_of(name),
                    payload_hash=b"",
                    command=asked,
                    answer=lambda settled: b"",
                    view=view,
                    deadline=call.deadline,
                )
            )
        except (Refused, NotDone, Invalid) as error:
            raise failure_of(error) from None

    def _asked(self, kind: Any, claim_id: UUID, caller: Caller, **more: str) -> Any:
        return kind(
            claim_id=claim_id, actor=caller.actor, role=caller.role, now=self._clock(), **more
        )

    def _token(self, lsn: int, call: Call) -> str:
        return self._tokens.seal(ConsistencyToken(self._epoch, lsn, call.principal.tenant))
