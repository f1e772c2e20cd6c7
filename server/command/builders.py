"""Requests of the wire to commands, one builder for each: intake, work on a claim, its decision."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from server.claims import chain, numbers
from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    CloseClaim,
    Command,
    ExpireInformationRequest,
    FinalizeClaim,
    NewAttachment,
    PendClaim,
    ReceiveInformation,
    RedactNote,
    ReleaseClaim,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
)
from server.claims.document import Adjustment, ClaimDocument
from server.claims.model import (
    AdjudicationLine,
    AdjudicationMode,
    InformationItem,
    InformationParty,
    NoteKind,
)
from server.command.ids import Ids
from server.command.shape import Shape, enum, read

DEFAULT_QUEUE: Final = "GENERAL"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_CODE_TEXT_MAX: Final = 40
_NOTE_TEXT_MAX: Final = 4000
_ADJUSTMENTS_MAX: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request on its way to becoming a command."""

    request: Any
    shape: Shape
    ids: Ids
    common: Mapping[str, Any]  # what every command carries


Build = Callable[[Asking], Command]


def submission(
    document: Any, path: str, shape: Shape, common: Mapping[str, Any], claim_id: UUID
) -> SubmitClaim:
    """Return command 1 for a document; its number is made from random bytes."""
    _check_line_numbers(document, path, shape)
    return SubmitClaim(
        **{**common, "claim_id": claim_id},
        claim_number=numbers.claim_number(os.urandom(numbers.ENTROPY_BYTES_MIN)),
        document=read(ClaimDocument, document, path, shape),
    )


def _check_line_numbers(document: Any, path: str, shape: Shape) -> None:
    """Refuse lines that cannot be told apart: no adjudication could ever name each of them."""
    seen: set[int] = set()
    for place, line in enumerate(document.service_lines):
        if line.line_number < 1:
            shape.bad(f"{path}.service_lines[{place}].line_number", "must be 1 or more")
        elif line.line_number in seen:
            shape.bad(f"{path}.service_lines[{place}].line_number", "stands on another line too")
        seen.add(line.line_number)


def _submit(asking: Asking) -> Command:
    if not asking.request.HasField("document"):
        asking.shape.bad("document", "must be given")
    claim_id: UUID = asking.common["claim_id"]
    return submission(asking.request.document, "document", asking.shape, asking.common, claim_id)


def _pend(asking: Asking) -> Command:
    return PendClaim(**asking.common, pend_code=code_text(asking, "pend_code"))


def _resolve_pend(asking: Asking) -> Command:
    return ResolvePend(**asking.common, pend_code=code_text(asking, "pend_code"))


def _request_information(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    if not request.HasField("due_date"):
        shape.bad("due_date", "must be given")
    shape.length("items", request.items, 20)
    request_id = asking.ids.new()
    return RequestInformation(
        **asking.common,
        information_request_id=request_id,
        control_number=f"IR{request_id.hex[:20].upper()}",
        party=enum(InformationParty, request.party, "party", shape),
        items=tuple(
            read(InformationItem, item, f"items[{place}]", shape)
            for place, item in enumerate(request.items[:20])
        ),
        due_date=shape.day("due_date", request.due_date)
        if request.HasField("due_date")
        else asking.common["now"].date(),
    )


def _receive_information(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    shape.length("attachments", request.attachments, 20)
    return ReceiveInformation(
        **asking.common,
        information_request_id=shape.uuid("information_request_id", request.information_request_id),
        control_number=shape.text("control_number", request.control_number),
        attachments=tuple(
            _attachment(asking, one, f"attachments[{place}]")
            for place, one in enumerate(request.attachments[:20])
        ),
    )


def _expire_information_request(asking: Asking) -> Command:
    return ExpireInformationRequest(
        **asking.common,
        information_request_id=asking.shape.uuid(
            "information_request_id", asking.request.information_request_id
        ),
    )


def _adjudicate(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    mode = AdjudicationMode.MANUAL
    if request.mode:
        mode = enum(AdjudicationMode, request.mode, "mode", shape)
    if mode is AdjudicationMode.AUTO:
        for name in ("lines", "adjustments", "paid", "patient_responsibility"):
            if getattr(request, name):
                shape.bad(name, "must be empty with mode AUTO")
        return AdjudicateClaim(**asking.common, mode=mode)
    shape.length("lines", request.lines, 999)
    shape.length("adjustments", request.adjustments, _ADJUSTMENTS_MAX)
    return AdjudicateClaim(
        **asking.common,
        lines=tuple(
            read(AdjudicationLine, line, f"lines[{place}]", shape)
            for place, line in enumerate(request.lines[:999])
        ),
        adjustments=tuple(
            read(Adjustment, one, f"adjustments[{place}]", shape)
            for place, one in enumerate(request.adjustments[:_ADJUSTMENTS_MAX])
        ),
        paid=shape.amount("paid", request.paid),
        patient_responsibility=shape.amount(
            "patient_responsibility", request.patient_responsibility
        ),
    )


def _approve(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    if _SHA256.fullmatch(request.adjudication_hash) is None:
        shape.bad("adjudication_hash", "must be 64 hex digits")
    return ApproveAdjudication(
        **asking.common,
        adjudication_number=shape.whole(
            "adjudication_number", request.adjudication_number, 2**31, 1
        ),
        adjudication_hash=request.adjudication_hash,
    )


def _assign(asking: Asking) -> Command:
    assignee = asking.shape.text("assignee", asking.request.assignee, 200)
    return AssignClaim(**asking.common, assignee=assignee)


def _take_next(asking: Asking) -> Command:
    queue = code_text(asking, "queue", least=0) or DEFAULT_QUEUE
    return TakeNextClaim(**asking.common, queue=queue)


def _transfer(asking: Asking) -> Command:
    return TransferClaim(**asking.common, queue=code_text(asking, "queue"))


def _add_note(asking: Asking) -> Command:
    request, shape = asking.request, asking.shape
    return AddNote(
        **asking.common,
        note_id=asking.ids.new(),
        kind=enum(NoteKind, request.kind, "kind", shape),
        text=shape.text("text", request.text, _NOTE_TEXT_MAX, least=1, lines=True),
        salt=os.urandom(chain.SALT_BYTES),
    )


def _redact_note(asking: Asking) -> Command:
    note_id = asking.shape.uuid("note_id", asking.request.note_id)
    return RedactNote(**asking.common, note_id=note_id)


def _add_attachment(asking: Asking) -> Command:
    if not asking.request.HasField("attachment"):
        asking.shape.bad("attachment", "must be given")
    attachment = _attachment(asking, asking.request.attachment, "attachment")
    return AddAttachment(**asking.common, attachment=attachment)


def _attachment(asking: Asking, message: Any, path: str) -> NewAttachment:
    shape = asking.shape
    if _SHA256.fullmatch(message.sha256) is None:
        shape.bad(f"{path}.sha256", "must be 64 hex digits in lower case")
    if _MEDIA_TYPE.fullmatch(message.media_type) is None or len(message.media_type) > 100:
        shape.bad(f"{path}.media_type", 'must be a media type, such as "application/pdf"')
    return NewAttachment(
        attachment_id=asking.ids.new(),
        sha256=message.sha256,
        media_type=message.media_type,
        size_bytes=shape.whole(f"{path}.size_bytes", message.size_bytes, 2**53, 1),
        report_type_code=shape.text(f"{path}.report_type_code", message.report_type_code),
        transmission_code=shape.text(f"{path}.transmission_code", message.transmission_code, 2),
        control_number=shape.text(f"{path}.control_number", message.control_number),
        name=shape.text(f"{path}.name", message.name, 200),
    )


def code_text(asking: Asking, name: str, least: int = 1) -> str:
    """Return a short code of a request's field."""
    value: str = getattr(asking.request, name)
    return asking.shape.text(name, value, _CODE_TEXT_MAX, least=least)


def plain(kind: Callable[..., Command]) -> Build:
    """Return the builder of a command without fields of its own."""
    return lambda asking: kind(**asking.common)


BUILDERS: Final[Mapping[str, Build]] = {
    "SubmitClaim": _submit,
    "PendClaim": _pend,
    "ResolvePend": _resolve_pend,
    "RequestInformation": _request_information,
    "ReceiveInformation": _receive_information,
    "ExpireInformationRequest": _expire_information_request,
    "AdjudicateClaim": _adjudicate,
    "ApproveAdjudication": _approve,
    "ReturnForRework": plain(ReturnForRework),
    "FinalizeClaim": plain(FinalizeClaim),
    "CloseClaim": plain(CloseClaim),
    "AssignClaim": _assign,
    "ReleaseClaim": plain(ReleaseClaim),
    "TransferClaim": _transfer,
    "AddNote": _add_note,
    "RedactNote": _redact_note,
    "AddAttachment": _add_attachment,
    "TakeNextClaim": _take_next,
}
