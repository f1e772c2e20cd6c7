"""What was settled, as replies of the wire: bytes that are stored and given again as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from claimflow.v1 import claim_pb2, command_service_pb2, common_pb2, remittance_pb2
from server.claims.model import (
    Adjudication,
    Appeal,
    Attachment,
    Claim,
    Hold,
    InformationRequest,
    Link,
    Note,
    Overpayment,
    Pend,
    Remitted,
)
from server.claims.payees import Remittance, RemittedClaim, content_hash
from server.claims.workflow import OF_MANY
from server.command.requests import EventRow, Settled
from server.command.shape import day, moment, tree

_SERVICE: Final = command_service_pb2.DESCRIPTOR.services_by_name["CommandService"]
_RECEIPT_TAG: Final = b"\x12"  # field 2 of every reply, a message
_TOKEN_TAG: Final = b"\x2a"  # field 5 of a receipt, a text

# Which notes a party outside the payer may read; everybody else reads all.
_OUTSIDE: Final = {
    "SUBMITTER": frozenset({"PROVIDER_VISIBLE"}),
    "PROVIDER_READER": frozenset({"PROVIDER_VISIBLE"}),
    "MEMBER": frozenset({"MEMBER_VISIBLE"}),
}

# Commands on the claims of a remittance; their replies show that instead of one claim.
_OF_MANY: Final = frozenset(kind.__name__ for kind in OF_MANY)

Redact = Callable[[Any], None]


def claim_message(settled: Settled, role: str) -> claim_pb2.Claim:
    """Return a claim as a message, with the notes that a role may read; not yet redacted."""
    claim = settled.claim
    assert claim is not None, "a command on one claim leads to it"
    arguments: dict[str, Any] = {
        "claim_id": str(claim.claim_id),
        "claim_number": claim.claim_number,
        "state": claim_pb2.ClaimState.Value(f"CLAIM_STATE_{claim.state.value}"),
        "version": claim.version,
        "head_hash": settled.head_hash.hex(),
        "document": tree(claim.document),
        "findings": [tree(finding) for finding in claim.findings],
        "pends": [_pend(pend) for pend in claim.pends],
        "information_requests": [_information(one) for one in claim.information_requests],
        "attachments": [_attachment(one) for one in claim.attachments],
        "notes": [_note(note) for note in _readable(claim, role)],
        "assignment": _assignment(claim),
        "receive_time": moment(claim.received_at),
        "receipt_date": day(claim.receipt_date),
        "update_time": moment(settled.recorded_at),
        "submitted_by": claim.submitted_by,
        "policy_version": settled.policy_version,
        "holds": [_hold(hold) for hold in claim.holds],
        "appeals": [_appeal(appeal) for appeal in claim.appeals],
        **_family(claim),
    }
    if claim.remitted is not None:
        arguments["payment"] = _payment(claim.remitted)
    if claim.decided_at is not None:
        arguments["decide_time"] = moment(claim.decided_at)
    if claim.breached_at is not None:
        arguments["breach_time"] = moment(claim.breached_at)
    if claim.adjudication is not None:
        arguments["adjudication"] = _adjudication(claim.adjudication)
    if claim.decision is not None:
        arguments["decision"] = f"DECISION_{claim.decision.value}"
    return claim_pb2.Claim(**arguments)


def receipt_message(
    settled: Settled, durability: int, *, preview: bool = False
) -> common_pb2.Receipt:
    """Return the proof of a write, without its token; of a preview, what it would be."""
    receipt = common_pb2.Receipt(
        request_id=str(settled.request_id),
        events=event_references(settled.events),
        version=settled.claim.version if settled.claim else 0,
    )
    if not preview:
        receipt.commit_time.FromDatetime(settled.recorded_at)
        receipt.durability = durability  # type: ignore[assignment]
    return receipt


def event_references(events: Sequence[EventRow]) -> list[common_pb2.EventReference]:
    """Return what happened, in order."""
    return [
        common_pb2.EventReference(
            version=row.version, event_type=row.event_type, event_id=str(row.event_id)
        )
        for row in events
    ]


def reply_builder(
    name: str, role: str, redact: Redact, durability: int, *, preview: bool
) -> Callable[[Settled], bytes]:
    """Return what makes the reply of a method, redacted for a role, without its token."""
    reply_class = getattr(command_service_pb2, _SERVICE.methods_by_name[name].output_type.name)

    def build(settled: Settled) -> bytes:
        receipt = receipt_message(settled, durability, preview=preview)
        if name in _OF_MANY:
            reply = reply_class(**_many(settled), receipt=receipt)
        else:
            reply = reply_class(claim=claim_message(settled, role), receipt=receipt)
        redact(reply)
        data: bytes = reply.SerializeToString()
        return data

    return build


def ingested_builder(position: int) -> Callable[[Settled], bytes]:
    """Return what makes the outcome of one claim of a batch."""

    def build(settled: Settled) -> bytes:
        claim = settled.claim
        assert claim is not None, "a claim that came in is there"
        return command_service_pb2.IngestedClaim(
            position=position,
            claim_id=str(claim.claim_id),
            claim_number=claim.claim_number,
            state=f"CLAIM_STATE_{claim.state.value}",
            version=claim.version,
            findings=[claim_pb2.Finding(**tree(finding)) for finding in claim.findings],
        ).SerializeToString()

    return build


def with_token(reply: bytes, token: str) -> bytes:
    """Return a reply with its consistency token: parsers merge the receipt that is appended."""
    text = token.encode()
    receipt = _TOKEN_TAG + _varint(len(text)) + text
    return reply + _RECEIPT_TAG + _varint(len(receipt)) + receipt


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _readable(claim: Claim, role: str) -> list[Note]:
    kinds = _OUTSIDE.get(role)
    return [note for note in claim.notes if kinds is None or note.kind.value in kinds]


def _adjudication(one: Adjudication) -> dict[str, Any]:
    return {
        "adjudication_number": one.number,
        "adjudication_hash": one.hash,
        "lines": [tree(line) for line in one.lines],
        "adjustments": [tree(adjustment) for adjustment in one.adjustments],
        "paid": str(one.paid),
        "allowed": str(one.allowed),
        "patient_responsibility": str(one.patient_responsibility),
        "decision": f"DECISION_{one.decision.value}",
        "adjudicator": one.by,
        "adjudicate_time": moment(one.at),
        "approvals_needed": one.approvals_needed,
        "approvals": [
            {
                "approver": approval.approver,
                "role": f"ROLE_{approval.role}",
                "approve_time": moment(approval.approved_at),
            }
            for approval in one.approvals
        ],
        "final": one.final,
        "mode": f"ADJUDICATION_MODE_{one.mode.value}",
        "shares": [tree(share) for share in one.shares],
        "provenance": tree(one.provenance) if one.provenance else None,
    }


def remittance_message(remittance: Remittance) -> remittance_pb2.Remittance:
    """Return a remittance as a message; not yet redacted."""
    return remittance_pb2.Remittance(
        remittance_id=str(remittance.remittance_id),
        trace_number=remittance.trace_number,
        payee=remittance.payee,
        payer_id=remittance.payer_id,
        currency_code=remittance.currency_code,
        payment_date=day(remittance.payment_date),
        method=f"PAYMENT_METHOD_{remittance.method.value}",
        amount=str(remittance.amount),
        claims=[_remitted_claim(one) for one in remittance.claims],
        provider_adjustments=[
            remittance_pb2.ProviderAdjustment(
                reason_code=one.reason_code, reference=one.reference, amount=str(one.amount)
            )
            for one in remittance.provider_adjustments
        ],
        issued_by=remittance.issued_by,
        issue_time=moment(remittance.issued_at),
        content_hash=content_hash(remittance),
    )


def _remitted_claim(one: RemittedClaim) -> remittance_pb2.RemittedClaim:
    return remittance_pb2.RemittedClaim(
        claim_id=str(one.claim_id),
        claim_number=one.claim_number,
        patient_control_number=one.patient_control_number,
        status_code=one.status_code,
        adjudication_number=one.adjudication_number,
        charge=str(one.charge),
        paid=str(one.paid),
        patient_responsibility=str(one.patient_responsibility),
        adjustments=[tree(adjustment) for adjustment in one.adjustments],
        lines=[tree(line) for line in one.lines],
        reverses=one.reverses,
        services=[tree(service) for service in one.services],
    )


def _many(settled: Settled) -> dict[str, Any]:
    assert settled.remittance is not None, "a command on many claims is of a remittance"
    message = remittance_message(settled.remittance)
    if settled.failed_at is not None:
        message.fail_time.FromDatetime(settled.failed_at)
    return {
        "remittance": message,
        "claims": [
            command_service_pb2.RemittedClaimState(
                claim_id=str(one.claim_id),
                state=f"CLAIM_STATE_{one.state.value}",
                version=one.version,
            )
            for one in settled.others
        ],
    }


def _family(claim: Claim) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if claim.link is not None:
        arguments["link"] = _link(claim.link)
    if claim.next_claim_id is not None:
        arguments["next_claim_id"] = str(claim.next_claim_id)
    return arguments


def _link(link: Link) -> dict[str, Any]:
    return {
        "relation": f"CLAIM_RELATION_{link.relation.value}",
        "prior_claim_id": str(link.prior_claim_id),
        "prior_claim_number": link.prior_claim_number,
        "original_claim_id": str(link.original_claim_id),
        "original_claim_number": link.original_claim_number,
    }


def _payment(remitted: Remitted) -> dict[str, Any]:
    return {
        "adjudication_number": remitted.adjudication_number,
        "remittance_id": str(remitted.remittance_id),
        "trace_number": remitted.trace_number,
        "payment_date": day(remitted.payment_date),
        "paid": str(remitted.paid),
        "interest": str(remitted.interest),
        "overpayments": [_overpayment(one) for one in remitted.overpayments],
    }


def _overpayment(one: Overpayment) -> dict[str, Any]:
    return {
        "overpayment_id": str(one.overpayment_id),
        "amount": str(one.amount),
        "recouped": str(one.recouped),
        "recorded_by": one.recorded_by,
        "record_time": moment(one.recorded_at),
    }


def _hold(hold: Hold) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "kind": hold.kind,
        "placed_by": hold.placed_by,
        "place_time": moment(hold.placed_at),
        "released_by": hold.released_by,
    }
    if hold.released_at is not None:
        arguments["release_time"] = moment(hold.released_at)
    return arguments


def _appeal(appeal: Appeal) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "appeal_id": str(appeal.appeal_id),
        "level": appeal.level,
        "adjudication_number": appeal.adjudication_number,
        "line_numbers": list(appeal.line_numbers),
        "amount_in_controversy": str(appeal.amount_in_controversy),
        "filed_by": appeal.filed_by,
        "file_time": moment(appeal.filed_at),
        "due_date": day(appeal.due_date),
        "good_cause_code": appeal.good_cause_code,
        "status": f"APPEAL_STATUS_{appeal.status.value}",
        "closed_by": appeal.closed_by,
        "late": appeal.late,
    }
    if appeal.outcome is not None:
        arguments["outcome"] = f"APPEAL_OUTCOME_{appeal.outcome.value}"
    if appeal.closed_at is not None:
        arguments["close_time"] = moment(appeal.closed_at)
    return arguments


def _pend(pend: Pend) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "code": pend.code,
        "opened_by": pend.opened_by,
        "open_time": moment(pend.opened_at),
        "resolved_by": pend.resolved_by,
    }
    if pend.resolved_at is not None:
        arguments["resolve_time"] = moment(pend.resolved_at)
    return arguments


def _information(one: InformationRequest) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "information_request_id": str(one.information_request_id),
        "party": f"INFORMATION_PARTY_{one.party.value}",
        "items": [tree(item) for item in one.items],
        "control_number": one.control_number,
        "due_date": day(one.due_date),
        "status": f"INFORMATION_REQUEST_STATUS_{one.status.value}",
        "request_time": moment(one.requested_at),
    }
    if one.closed_at is not None:
        arguments["close_time"] = moment(one.closed_at)
    return arguments


def _attachment(one: Attachment) -> dict[str, Any]:
    return {
        "attachment_id": str(one.attachment_id),
        "sha256": one.sha256,
        "media_type": one.media_type,
        "size_bytes": one.size_bytes,
        "report_type_code": one.report_type_code,
        "transmission_code": one.transmission_code,
        "control_number": one.control_number,
        "name": one.name,
        "link_time": moment(one.linked_at),
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "note_id": str(note.note_id),
        "kind": f"NOTE_KIND_{note.kind.value}",
        "text": note.text,
        "text_hash": note.text_hash,
        "author": note.author,
        "create_time": moment(note.created_at),
        "redacted": note.redacted,
    }


def _assignment(claim: Claim) -> dict[str, Any]:
    arguments: dict[str, Any] = {"queue": claim.queue, "assignee": claim.assignee}
    if claim.lease_until is not None:
        arguments["lease_expire_time"] = moment(claim.lease_until)
    return arguments


def parse_ingested(reply: bytes) -> command_service_pb2.IngestedClaim:
    """Return the outcome of one claim of a batch as it was stored."""
    return command_service_pb2.IngestedClaim.FromString(reply)
