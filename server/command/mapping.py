"""Requests of the wire to commands: who, when and new ids are filled in here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from google.protobuf.message import Message

from claimflow.v1 import command_service_pb2 as wire
from server.claims.commands import Command, Reason
from server.command import builders
from server.command.builders import Asking, Build
from server.command.builders_after import BUILDERS_AFTER
from server.command.ids import Ids
from server.command.requests import NOBODY
from server.command.shape import Shape

SERVICE: Final = wire.DESCRIPTOR.services_by_name["CommandService"].full_name
_REASON_CODE: Final = re.compile(r"[A-Z0-9_]{0,40}")
_VERSION_MAX: Final = 2**62
_REASON_TEXT_MAX: Final = 2000
BUILDERS: Final[Mapping[str, Build]] = {**builders.BUILDERS, **BUILDERS_AFTER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, from the verified credential."""

    tenant_id: UUID
    actor: str
    role: str  # a name of domain.md 1.3
    member_number: str = ""  # whose data a MEMBER may touch


def method_of(name: str) -> str:
    """Return the full name of a method of the service."""
    return f"/{SERVICE}/{name}"


def command_of(name: str, request: Any, caller: Caller, now: datetime, ids: Ids) -> Command:
    """Return the command that a request asks for; raise `Invalid` with every bad field."""
    shape = Shape()
    common: dict[str, Any] = {
        "actor": caller.actor,
        "role": caller.role,
        "member_number": caller.member_number,
        "now": now,
        "reason": _reason(request, shape),
        **_target(name, request, shape, ids),
    }
    command = BUILDERS[name](Asking(request=request, shape=shape, ids=ids, common=common))
    shape.done()
    return command


def request_id_of(request: Any, ids: Ids) -> UUID:
    """Return the id under which a request happens at most once, a new one when it has none."""
    if not request.request_id:
        return ids.new()
    shape = Shape()
    request_id = shape.uuid("request_id", request.request_id)
    shape.done()
    return request_id


def payload_hash(method: str, actor: str, request: Message, without: str = "request_id") -> bytes:
    """Return what tells a repeat from another request under the same id: method, actor, content."""
    bare = type(request)()
    bare.CopyFrom(request)
    if without:
        bare.ClearField(without)
    content = bare.SerializeToString(deterministic=True)
    head = f"{method}\0{actor}\0".encode()
    return hashlib.sha256(head + content).digest()


def _target(name: str, request: Any, shape: Shape, ids: Ids) -> dict[str, Any]:
    if name == "SubmitClaim":
        return {"claim_id": ids.new()}
    if name in ("TakeNextClaim", "IssueRemittance", "ReportPaymentFailure"):
        return {"claim_id": NOBODY}
    return {
        "claim_id": shape.uuid("claim_id", request.claim_id),
        "expected_version": shape.whole("expected_version", request.expected_version, _VERSION_MAX),
    }


def _reason(request: Any, shape: Shape) -> Reason | None:
    if not request.HasField("reason"):
        return None
    reason = request.reason
    if _REASON_CODE.fullmatch(reason.code) is None:
        shape.bad("reason.code", "must be at most 40 characters of A-Z, 0-9 and _")
    text = shape.text("reason.text", reason.text, _REASON_TEXT_MAX, lines=True)
    return Reason(code=reason.code, text=text)
