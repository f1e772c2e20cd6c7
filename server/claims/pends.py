"""Pends and requests for information: commands 4 to 8, rule W7."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.claims.attachments import linked, require_linkable
from server.claims.commands import (
    Asked,
    ExpireInformationRequest,
    PendClaim,
    ReceiveInformation,
    RequestInformation,
    ResolvePend,
)
from server.claims.events import (
    AdjudicationWithdrawn,
    AttachmentLinked,
    ClaimPended,
    Event,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
    PendResolved,
)
from server.claims.facts import Facts
from server.claims.model import Claim, InformationRequest, State
from server.claims.policy import Policy
from server.claims.refusals import Refusal, Refused, require

WORKED_ON = frozenset({State.ACCEPTED, State.PENDED, State.INFO_REQUESTED})


def state_by_open_work(claim: Claim) -> State:
    """Return the state that open requests and pends ask for (W7); a decided claim keeps its own."""
    if claim.state not in WORKED_ON:
        return claim.state
    if claim.open_information_requests:
        return State.INFO_REQUESTED
    return State.PENDED if claim.open_pends else State.ACCEPTED


def pend(command: PendClaim, claim: Claim, facts: Facts) -> list[Event]:
    """Command 4: open a pend; an adjudication that is not final no longer stands."""
    require(
        command.pend_code in facts.policy.pend_reasons,
        Refusal.PEND_CODE_UNKNOWN,
        field_path="pend_code",
    )
    require(
        command.pend_code not in {one.code for one in claim.open_pends},
        Refusal.PEND_ALREADY_OPEN,
        field_path="pend_code",
    )
    pended = ClaimPended(code=command.pend_code, by=command.actor, at=command.now)
    if claim.adjudication is None:
        return [pended]
    return [AdjudicationWithdrawn(number=claim.adjudication.number), pended]


def require_resolvable_pend(asked: Asked, claim: Claim, facts: Facts) -> None:
    """Go on when at least one pend is open that the role may resolve."""
    require(bool(claim.open_pends), Refusal.PEND_NOT_OPEN)
    require(
        any(_may_resolve(one.code, asked.role, facts.policy) for one in claim.open_pends),
        Refusal.PEND_RESOLVER_NOT_ALLOWED,
    )


def resolve(command: ResolvePend, claim: Claim, facts: Facts) -> list[Event]:
    """Command 5: close a pend, by a role that stands with its code."""
    require(
        command.pend_code in {one.code for one in claim.open_pends},
        Refusal.PEND_NOT_OPEN,
        field_path="pend_code",
    )
    require(
        _may_resolve(command.pend_code, command.role, facts.policy),
        Refusal.PEND_RESOLVER_NOT_ALLOWED,
    )
    return [PendResolved(code=command.pend_code, by=command.actor, at=command.now)]


def _may_resolve(code: str, role: str, policy: Policy) -> bool:
    # A code that has left the policy since then would stay open for ever: a supervisor ends it.
    reason = policy.pend_reasons.get(code)
    return role in reason.resolvers if reason else role == "SUPERVISOR"


def request_information(command: RequestInformation, claim: Claim, facts: Facts) -> list[Event]:
    """Command 6: ask an outside party, with a date by which the answer is due."""
    require(
        bool(command.items) and all(one.report_type_code or one.text for one in command.items),
        Refusal.INFORMATION_ITEMS_REQUIRED,
        field_path="items",
    )
    lines = {line.line_number for line in claim.document.service_lines}
    for place, item in enumerate(command.items):
        require(
            item.line_number == 0 or item.line_number in lines,
            Refusal.LINE_UNKNOWN,
            {"line_number": str(item.line_number)},
            f"items[{place}].line_number",
        )
    today = command.now.date()
    latest = today + timedelta(days=facts.policy.information_due_days_max)
    require(
        today < command.due_date <= latest,
        Refusal.DUE_DATE_OUT_OF_RANGE,
        field_path="due_date",
    )
    request = InformationRequest(
        information_request_id=command.information_request_id,
        party=command.party,
        items=command.items,
        control_number=command.control_number,
        due_date=command.due_date,
        requested_at=command.now,
    )
    return [InformationRequested(request=request)]


def receive_information(command: ReceiveInformation, claim: Claim, facts: Facts) -> list[Event]:
    """Command 7: take in the answer, which carries the request's control number and documents."""
    request = _open_request(claim, command.information_request_id)
    require(
        command.control_number == request.control_number,
        Refusal.CONTROL_NUMBER_MISMATCH,
        field_path="control_number",
    )
    require(
        bool(command.attachments) and all(one.sha256 for one in command.attachments),
        Refusal.ATTACHMENT_REQUIRED,
        field_path="attachments",
    )
    hashes = {one.sha256 for one in claim.attachments}
    events: list[Event] = [
        InformationReceived(information_request_id=request.information_request_id, at=command.now)
    ]
    for place, attachment in enumerate(command.attachments):
        require_linkable(attachment, hashes, facts.policy, f"attachments[{place}].")
        hashes.add(attachment.sha256)
        events.append(AttachmentLinked(attachment=linked(attachment, command.now)))
    return events


def expire_information_request(command: ExpireInformationRequest, claim: Claim) -> list[Event]:
    """Command 8: end a request whose due date has passed."""
    request = _open_request(claim, command.information_request_id)
    require(command.now.date() > request.due_date, Refusal.INFORMATION_REQUEST_NOT_DUE)
    return [
        InformationRequestExpired(
            information_request_id=request.information_request_id, at=command.now
        )
    ]


def _open_request(claim: Claim, request_id: UUID) -> InformationRequest:
    for request in claim.open_information_requests:
        if request.information_request_id == request_id:
            return request
    raise Refused(Refusal.INFORMATION_REQUEST_NOT_OPEN, field_path="information_request_id")
