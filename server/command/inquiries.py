"""What a caller may ask of the write process: outcomes, allowed actions, the catalogues."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from claimflow.v1 import claim_pb2, document_pb2, options_pb2
from claimflow.v1 import command_service_pb2 as wire
from server.claims.available import allowed_actions
from server.claims.facts import Facts
from server.claims.intake import EDITS
from server.claims.model import Claim
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused, require
from server.command.engine import Engine
from server.command.errors import failure_of
from server.command.ids import Ids
from server.command.mapping import Caller, method_of
from server.command.requests import NOBODY, Done, Inquiry, Look, NotDone, Request
from server.command.shape import Invalid, Shape
from server.platform.auth import roles_of
from server.platform.call import PURPOSE, Call
from server.platform.positions import ConsistencyToken, TokenCodec
from server.platform.redaction import classes_in, redact, sight_of

_WORD_MAX: Final = 40
_TYPE: Final = "CLAIM_TYPE_"
# What a purpose says nothing about when a caller states none: payment and operations of the payer.
_DEFAULT_PURPOSE: Final = "HPAYMT"
_PURPOSES: Final = frozenset({"TREAT", "HPAYMT", "HOPERAT", "ETREAT", "PATRQT"})


def caller_of(call: Call) -> Caller:
    """Return who asks, in the words of the rules."""
    return Caller(
        tenant_id=call.principal.tenant,
        actor=call.principal.subject,
        role=role_name(call.role),
        member_number=call.principal.member_id or "",
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


def _edit(edit_id: str, description: str, policy: Policy) -> wire.Edit:
    category, status = policy.edit_answers.get(edit_id, ("", ""))
    general = policy.severity(edit_id, "")
    return wire.Edit(
        edit_id=edit_id,
        description=description,
        severity=f"EDIT_SEVERITY_{general}",
        status_category_code=category,
        status_code=status,
        type_severities=[
            wire.TypeSeverity(
                type=name,
                severity=f"EDIT_SEVERITY_{policy.severity(edit_id, name.removeprefix(_TYPE))}",
            )
            for name in document_pb2.ClaimType.keys()[1:]
            if policy.severity(edit_id, name.removeprefix(_TYPE)) != general
        ],
    )


class Inquiries:
    """The methods that change nothing."""

    def __init__(
        self,
        engine: Engine,
        tokens: TokenCodec,
        *,
        durability: int,
        ids: Ids | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._durability = durability
        self._ids = ids or Ids()
        self._clock = clock

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
        assert receipt is not None, "an inquiry finds a receipt"
        reply = wire.GetCommandOutcomeResponse(
            claim_id=str(receipt.claim_id), method=receipt.method
        )
        reply.commit_time.FromDatetime(receipt.created_at)
        proof = reply.receipt
        proof.request_id = str(receipt.request_id)
        proof.version = receipt.version
        proof.commit_time.FromDatetime(receipt.created_at)
        proof.consistency_token = self._token(done.epoch, done.lsn, call)
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
            actions = allowed_actions(
                claim, caller.actor, roles, look.now, facts, caller.member_number
            )
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
                edits=[_edit(edit.edit_id, edit.description, policy) for edit in EDITS.values()],
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
                        reattach=reason.reattach,
                    )
                    for code, reason in facts.policy.pend_reasons.items()
                ],
                policy_version=facts.policy.version,
            ).SerializeToString()

        return await self._catalogue("ListPendReasons", request, call, view)

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

    def _token(self, epoch: UUID | None, lsn: int | None, call: Call) -> str:
        assert epoch is not None and lsn is not None, "what was committed has a position"
        return self._tokens.seal(ConsistencyToken(epoch, lsn, call.principal.tenant))
