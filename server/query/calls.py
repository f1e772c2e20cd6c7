"""Between the platform's call and this side: who calls, what they are shown, what is recorded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from claimflow.v1 import claim_pb2, errors_pb2, options_pb2
from server.platform.call import BREAK_GLASS, CONSISTENCY_TOKEN, PURPOSE, Call
from server.platform.errors import Failure
from server.platform.positions import PageTokenCodec
from server.platform.redaction import classes_in, redact, sight_of
from server.query.basic import strip
from server.query.caller import (
    Caller,
    Identity,
    aggregate_sight,
    hides_small_cells,
    scope_of,
)
from server.query.disclosure import Disclosures, Read
from server.query.faults import Complaints
from server.query.fields import CLINICAL, DIRECT_ID, FINANCIAL, SENSITIVE

PAGE_TOKEN_SECONDS = 3600.0  # a search's point in time ends long before that
RESUME_TOKEN_SECONDS = 30 * 86_400.0
PURPOSES = ("TREAT", "HPAYMT", "HOPERAT", "ETREAT", "PATRQT")
_DEFAULT_PURPOSE: dict[int, str] = {
    options_pb2.ROLE_MEMBER: "PATRQT",
    options_pb2.ROLE_AUDITOR: "HOPERAT",
    options_pb2.ROLE_ANALYST: "HOPERAT",
    options_pb2.ROLE_PRIVACY_OFFICER: "HOPERAT",
}
_PRIVATE = frozenset({FINANCIAL, CLINICAL, DIRECT_ID, SENSITIVE})
_BASIC = frozenset({FINANCIAL, CLINICAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Turns calls into callers, and what was found into what may be shown."""

    index_key: bytes
    page_tokens: PageTokenCodec
    disclosures: Disclosures

    def caller(self, call: Call, permission: int) -> Caller:
        """Return who calls, for a method of this permission."""
        principal = call.principal
        identity = Identity(
            tenant_id=principal.tenant,
            subject=principal.subject,
            roles=principal.roles,
            npis=tuple(sorted(principal.npis)),
            member_id=principal.member_id or "",
        )
        sight = sight_of(principal.roles, call.break_glass)
        if permission == options_pb2.PERMISSION_CLAIM_AGGREGATE:
            sight = aggregate_sight(identity, sight)
        return Caller(
            identity=identity,
            scope=scope_of(identity, permission, self.index_key),
            sight=sight,
            small_cells_hidden=hides_small_cells(identity),
            index_key=self.index_key,
            metadata_token=call.metadata.get(CONSISTENCY_TOKEN, ""),
            remaining=lambda: call.seconds_left,
            reply_token=lambda token: call.reply_metadata.update({CONSISTENCY_TOKEN: token}),
        )

    def shown(self, claims: Iterable[claim_pb2.Claim], *, full: bool) -> list[claim_pb2.Claim]:
        """Return claims as their view has them; the edge takes out what the role may not see."""
        listed = list(claims)
        if not full:
            for claim in listed:
                strip(claim)
        return listed

    def with_filter(self, reply: Message, call: Call, understood: str) -> bytes:
        """Return a redacted reply that echoes the caller's own filter, whatever its class."""
        redact(reply, call.principal.roles, call.break_glass)
        reply.normalized_filter = understood  # type: ignore[attr-defined]
        return reply.SerializeToString()

    async def disclose(
        self, call: Call, caller: Caller, claim_ids: Sequence[UUID], *, full: bool
    ) -> None:
        """Record that these claims are shown; nothing is recorded of no claim."""
        sight = caller.sight
        classes = sight.classes & (_PRIVATE if full else _BASIC)
        if sight.also:
            classes |= _BASIC & {FINANCIAL} if not full else {FINANCIAL, DIRECT_ID}
        if claim_ids and classes:
            await self.disclosures.record(_read(call, claim_ids, classes))

    async def disclose_kind(
        self, call: Call, caller: Caller, claim_ids: Sequence[UUID], kind: Any, terms_hash: str = ""
    ) -> None:
        """Record that a message of this kind is shown: of these claims, or of whom a hash says."""
        classes = classes_in(kind.DESCRIPTOR, caller.sight) & _PRIVATE
        if (claim_ids or terms_hash) and classes:
            hashed = bytes.fromhex(terms_hash) or None
            await self.disclosures.record(_read(call, claim_ids, classes, hashed))

    async def disclose_classes(self, call: Call, classes: Set[int]) -> None:
        """Record that counts or sums by fields of these classes are shown."""
        if private := classes & _PRIVATE:
            await self.disclosures.record(_read(call, (), private))

    def seal(self, content: bytes, arguments: bytes, call: Call) -> str:
        """Return a page token for this caller, method and arguments."""
        return self.page_tokens.seal(
            content,
            tenant=call.principal.tenant,
            subject=call.principal.subject,
            method=call.method,
            arguments=arguments,
            lifetime_s=PAGE_TOKEN_SECONDS,
        )

    def seal_place(self, place: bytes, arguments: bytes, call: Call) -> str:
        """Return a resume token for this caller, method and arguments."""
        return self.page_tokens.seal(
            place,
            tenant=call.principal.tenant,
            subject=call.principal.subject,
            method=call.method,
            arguments=arguments,
            lifetime_s=RESUME_TOKEN_SECONDS,
        )

    def unseal_place(self, token: str, arguments: bytes, call: Call) -> bytes:
        """Return what `seal_place` sealed; TOKEN_INVALID for anything else, TOKEN_COMPACTED."""
        try:
            return self.unseal(token, arguments, call)
        except Failure as failure:
            expired = failure.reason == errors_pb2.ERROR_REASON_PAGE_TOKEN_EXPIRED
            raise Failure(
                errors_pb2.ERROR_REASON_TOKEN_COMPACTED
                if expired
                else errors_pb2.ERROR_REASON_TOKEN_INVALID
            ) from None

    def unseal(self, token: str, arguments: bytes, call: Call) -> bytes:
        """Return what `seal` sealed; PAGE_TOKEN_INVALID for anything else, PAGE_TOKEN_EXPIRED."""
        return self.page_tokens.open(
            token,
            tenant=call.principal.tenant,
            subject=call.principal.subject,
            method=call.method,
            arguments=arguments,
        )


def purpose_of(call: Call) -> str:
    """Return the purpose of use that a caller states, or the role's default."""
    stated = call.metadata.get(PURPOSE, "")
    if not stated:
        return _DEFAULT_PURPOSE.get(call.role, "HPAYMT")
    if stated not in PURPOSES:
        raise Complaints.of(PURPOSE, f"one of {', '.join(PURPOSES)}")
    return stated


def _read(
    call: Call, claim_ids: Sequence[UUID], classes: Set[int], terms_hash: bytes | None = None
) -> Read:
    now = datetime.now(UTC)
    names = (options_pb2.PhiClass.Name(one) for one in classes)
    return Read(
        tenant_id=call.principal.tenant,
        read_id=_time_ordered_id(now),
        read_at=now,
        actor=call.principal.subject,
        role=options_pb2.Role.Name(call.role).removeprefix("ROLE_"),
        purpose=purpose_of(call),
        method=call.method,
        claim_ids=tuple(claim_ids),
        classes=tuple(sorted(name.removeprefix("PHI_CLASS_") for name in names)),
        terms_hash=terms_hash,
        break_glass=call.metadata.get(BREAK_GLASS) or None,
        correlation_id=call.correlation_id,
    )


def _time_ordered_id(now: datetime) -> UUID:
    """Return a UUIDv7."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | random
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
