"""The claims view: one document a claim, folded from its events.

The document is the state of the fold, so the next event needs nothing else. It holds no direct
identifier: see `claims_received`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, assert_never
from uuid import UUID

from projections.views.claims_mapping import MAPPING
from projections.views.claims_received import KeyedHash, adjustments, put_amount, received, time
from projections.views.view import Document, View
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequired,
    AttachmentLinked,
    ClaimAccepted,
    ClaimApproved,
    ClaimAssigned,
    ClaimClosed,
    ClaimDenied,
    ClaimPartiallyApproved,
    ClaimPended,
    ClaimQueued,
    ClaimReceived,
    ClaimRejected,
    ClaimReleased,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
    NoteAdded,
    NoteRedacted,
    PendResolved,
    Recorded,
)
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    Finding,
    InformationRequest,
    InformationRequestStatus,
)
from server.platform.blind import blind

NAME = "claims"
SCHEMA = 1  # a new number for any change of fold or mapping: a fresh generation is built

_AMOUNTS = ("allowed", "paid", "patient_responsibility")
_OF_ADJUDICATION = frozenset(
    {"adjudication", "adjustments", *_AMOUNTS, *(f"{name}_cents" for name in _AMOUNTS)}
)
_OF_ADJUDICATED_LINE = frozenset(
    {"allowed", "allowed_cents", "paid", "paid_cents", "denied", "remark_codes", "adjustments"}
)
_OPEN = InformationRequestStatus.OPEN.value


def claims_view(index_key: bytes) -> View:
    """Return the view, with identifiers hashed under a key."""

    def keyed_hash(tenant_id: UUID, kind: str, value: str) -> str:
        return blind(index_key, tenant_id, kind, value)

    return View(
        name=NAME,
        schema=SCHEMA,
        mapping=MAPPING,
        project=partial(project, keyed_hash=keyed_hash),
    )


def project(document: Document | None, recorded: Recorded, *, keyed_hash: KeyedHash) -> Document:
    """Fold one event into the document."""
    event = recorded.event
    if isinstance(event, ClaimReceived):
        written = received(recorded, event, keyed_hash)
    else:
        assert document is not None, "every history starts with ClaimReceived"
        written = _apply({**document}, recorded)
    written["version"] = recorded.version
    written["head_hash"] = recorded.hash.hex()
    written["state"] = recorded.to_state.value
    written["update_time"] = time(recorded.recorded_at)
    written["policy_version"] = recorded.policy_version
    return written


def _apply(document: Document, recorded: Recorded) -> Document:
    """Fold an event into a copy that is ours to change; lists inside belong to the original."""
    event = recorded.event
    match event:
        case ClaimAccepted() | ClaimRejected():
            return _with_findings(document, event.findings)
        case ClaimPended():
            opened = {"code": event.code, "opened_by": event.by, "open_time": time(event.at)}
            return _with_pends(document, [*document.get("pends", ()), opened])
        case PendResolved():
            return _with_pends(document, _resolved(document, event))
        case InformationRequested():
            asked = [*document.get("information_requests", ()), _request(event.request)]
            return _with_requests(document, asked)
        case InformationReceived():
            return _closed(document, event, InformationRequestStatus.RECEIVED)
        case InformationRequestExpired():
            return _closed(document, event, InformationRequestStatus.EXPIRED)
        case AttachmentLinked():
            return document | {"attachment_count": document["attachment_count"] + 1}
        case AdjudicationRecorded():
            return _adjudicated(_without_adjudication(document), event.adjudication)
        case ApprovalRequired():
            return _with_adjudication(document, approvals_needed=event.approvals_needed)
        case ApprovalGranted():
            approvers = document["adjudication"].get("approvers", ())
            return _with_adjudication(document, approvers=[*approvers, event.approver])
        case AdjudicationWithdrawn():
            return _without_adjudication(document)
        case ClaimApproved() | ClaimPartiallyApproved() | ClaimDenied():
            document["decision"] = event.decision.value
            document["decide_time"] = time(recorded.recorded_at)
            return _with_adjudication(document, final=True)
        case ClaimAssigned():
            lease = time(event.lease_until)
            return document | {"assignee": event.assignee, "lease_expire_time": lease}
        case ClaimReleased():
            return _without_lease(document)
        case ClaimQueued():
            document["queue"] = event.queue
            return _without_lease(document)
        case NoteAdded():
            return document | {"note_count": document["note_count"] + 1}
        case ClaimReceived() | ApprovalRefused() | ClaimClosed() | NoteRedacted():
            # The state, which every event carries, is all there is to show of these.
            return document
        case _:
            assert_never(event)


def _with_findings(document: Document, findings: tuple[Finding, ...]) -> Document:
    if findings:
        document["findings"] = [_finding(one) for one in findings]
        document["edit_ids"] = sorted({one.edit_id for one in findings})
    return document


def _finding(one: Finding) -> Document:
    written: Document = {
        "edit_id": one.edit_id,
        "severity": one.severity.value,
        "field_path": one.field_path,
        "message": one.message,
    }
    if one.status_category_code:
        written["status_category_code"] = one.status_category_code
    if one.status_code:
        written["status_code"] = one.status_code
    return written


def _with_pends(document: Document, pends: list[Document]) -> Document:
    document["pends"] = pends
    document["open_pend_codes"] = [one["code"] for one in pends if "resolve_time" not in one]
    return document


def _resolved(document: Document, event: PendResolved) -> list[Document]:
    return [
        one | {"resolve_time": time(event.at)}
        if one["code"] == event.code and "resolve_time" not in one
        else one
        for one in document.get("pends", ())
    ]


def _request(request: InformationRequest) -> Document:
    written: Document = {
        "information_request_id": str(request.information_request_id),
        "party": request.party.value,
        "due_date": request.due_date.isoformat(),
        "status": request.status.value,
        "request_time": time(request.requested_at),
    }
    if request.control_number:
        written["control_number"] = request.control_number
    return written


def _with_requests(document: Document, requests: list[Document]) -> Document:
    due = [one["due_date"] for one in requests if one["status"] == _OPEN]
    document["information_requests"] = requests
    document["open_information_requests"] = len(due)
    document.pop("next_due_date", None)
    if due:
        document["next_due_date"] = min(due)
    return document


def _closed(
    document: Document,
    event: InformationReceived | InformationRequestExpired,
    status: InformationRequestStatus,
) -> Document:
    closed = str(event.information_request_id)
    change = {"status": status.value, "close_time": time(event.at)}
    return _with_requests(
        document,
        [
            one | change if one["information_request_id"] == closed else one
            for one in document.get("information_requests", ())
        ],
    )


def _adjudicated(document: Document, adjudication: Adjudication) -> Document:
    for name in _AMOUNTS:
        put_amount(document, name, getattr(adjudication, name))
    if adjudication.adjustments:
        document["adjustments"] = adjustments(adjudication.adjustments)
    document["adjudication"] = {
        "number": adjudication.number,
        "hash": adjudication.hash,
        "decision": adjudication.decision.value,
        "adjudicator": adjudication.by,
        "adjudicate_time": time(adjudication.at),
        "approvals_needed": adjudication.approvals_needed,
        "final": adjudication.final,
        "approvers": [one.approver for one in adjudication.approvals],
    }
    figures = {line.line_number: _figures(line) for line in adjudication.lines}
    document["service_lines"] = [
        line | figures.get(line["line_number"], {}) for line in document.get("service_lines", ())
    ]
    return document


def _figures(line: AdjudicationLine) -> Document:
    written: Document = {"denied": line.denied}
    put_amount(written, "allowed", line.allowed)
    put_amount(written, "paid", line.paid)
    if line.remark_codes:
        written["remark_codes"] = list(line.remark_codes)
    if line.adjustments:
        written["adjustments"] = adjustments(line.adjustments)
    return written


def _with_adjudication(document: Document, **changes: Any) -> Document:
    document["adjudication"] = document["adjudication"] | changes
    return document


def _without_adjudication(document: Document) -> Document:
    if "adjudication" not in document:
        return document
    kept = {name: value for name, value in document.items() if name not in _OF_ADJUDICATION}
    kept["service_lines"] = [
        {name: value for name, value in line.items() if name not in _OF_ADJUDICATED_LINE}
        for line in document.get("service_lines", ())
    ]
    return kept


def _without_lease(document: Document) -> Document:
    document.pop("assignee", None)
    document.pop("lease_expire_time", None)
    return document
