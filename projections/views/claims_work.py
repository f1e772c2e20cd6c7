"""What stops a claim on its way: pends, requests for information, and holds of its payment."""

from __future__ import annotations

from typing import assert_never

from projections.views.claims_values import put, time
from projections.views.view import Document
from server.claims.events import (
    ClaimPended,
    HoldPlaced,
    HoldReleased,
    InformationReceived,
    InformationRequested,
    InformationRequestExpired,
    PendResolved,
)
from server.claims.model import InformationRequest, InformationRequestStatus

Stopping = (
    ClaimPended
    | PendResolved
    | InformationRequested
    | InformationReceived
    | InformationRequestExpired
    | HoldPlaced
    | HoldReleased
)

_OPEN = InformationRequestStatus.OPEN.value


def stopped(document: Document, event: Stopping) -> Document:
    """Fold an event into a document that is ours to change."""
    match event:
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
        case HoldPlaced():
            placed = {"kind": event.kind, "placed_by": event.by, "place_time": time(event.at)}
            return _with_holds(document, [*document.get("holds", ()), placed])
        case HoldReleased():
            return _with_holds(document, _released(document, event))
        case _:
            assert_never(event)


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
    put(written, "control_number", request.control_number)
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


def _with_holds(document: Document, holds: list[Document]) -> Document:
    document["holds"] = holds
    document["open_hold_kinds"] = [one["kind"] for one in holds if "release_time" not in one]
    return document


def _released(document: Document, event: HoldReleased) -> list[Document]:
    change = {"released_by": event.by, "release_time": time(event.at)}
    return [
        one | change if one["kind"] == event.kind and "release_time" not in one else one
        for one in document.get("holds", ())
    ]
