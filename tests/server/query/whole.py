"""The whole read side on a real Postgres and a real Elasticsearch, as handlers are called."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from google.protobuf.message import Message

from claimflow.v1 import options_pb2, query_service_pb2
from server.platform.auth import Principal, acting_role
from server.platform.call import Call
from server.platform.contract import method_policy
from server.platform.errors import Failure
from server.platform.redaction import redact
from server.query.process import DESCRIPTOR
from server.query.service import QueryService
from server.query.settings import QuerySettings
from tests.server.query import sample, store

SEAL_KEY = b"s" * 32
FULL = query_service_pb2.CLAIM_VIEW_FULL


@dataclass(frozen=True)
class Base:
    """A database with one claim of two tenants each, and an index with those and more."""

    url: str
    elasticsearch_url: str
    prefix: str
    mine: store.Written
    others: store.Written
    documents: list[sample.Document]
    epoch: UUID
    settings: QuerySettings


def document_of(written: store.Written, epoch: UUID) -> sample.Document:
    """Return a document of a stored claim, as far as the tests look."""
    claim = written.folds[-1]
    one = sample.documents(1)[0]
    return {
        **one,
        "tenant_id": str(written.tenant_id),
        "claim_id": str(written.claim_id),
        "claim_number": claim.claim_number,
        "state": claim.state.value,
        "version": claim.version,
        "store_epoch": str(epoch),
        "submitted_by": claim.submitted_by,
        "billing_npi": "1234567893",
    }


class Person:
    """Somebody who calls, through what the edge does around a handler."""

    def __init__(self, service: QueryService, *roles: str, **more: Any) -> None:
        self.service = service
        self.metadata: dict[str, str] = more.pop("metadata", {})
        self.principal = Principal(
            subject=more.get("subject", "examiner-1"),
            tenant=more.get("tenant", sample.TENANT),
            roles=frozenset(options_pb2.Role.Value(f"ROLE_{role}") for role in roles),
            npis=frozenset(more.get("npis", ())),
            member_id=more.get("member_id"),
            expires_at=time.time() + 60,
        )
        self.reply_metadata: dict[str, str] = {}

    async def ask(self, method: str, request: Message) -> Any:
        described = DESCRIPTOR.methods_by_name[method]
        role = acting_role(self.principal, method_policy(described).permission)
        call = Call(
            method=f"/{described.full_name}",
            principal=self.principal,
            role=role,
            deadline=time.monotonic() + 20.0,
            metadata=self.metadata,
            peer="test",
        )
        name = "".join(f"_{one.lower()}" if one.isupper() else one for one in method)[1:]
        reply = await getattr(self.service, name)(request, call)
        self.reply_metadata = call.reply_metadata
        if isinstance(reply, bytes):
            kind = getattr(query_service_pb2, described.output_type.name)
            return kind.FromString(reply)
        redact(reply, self.principal.roles, call.break_glass)
        return reply

    async def get(self, claim_id: UUID, **more: Any) -> query_service_pb2.GetClaimResponse:
        request = query_service_pb2.GetClaimRequest(claim_id=str(claim_id), **more)
        reply: query_service_pb2.GetClaimResponse = await self.ask("GetClaim", request)
        return reply

    async def search(self, **asked: Any) -> query_service_pb2.SearchClaimsResponse:
        request = query_service_pb2.SearchClaimsRequest(**asked)
        reply: query_service_pb2.SearchClaimsResponse = await self.ask("SearchClaims", request)
        return reply


async def reason_of(asked: Any) -> str:
    with pytest.raises(Failure) as refused:
        await asked
    return str(refused.value)


def reads(base: Base) -> list[tuple[Any, ...]]:
    with psycopg.connect(base.url) as connection:
        return connection.execute(
            "SELECT actor, role, purpose, method, claim_ids, classes FROM claimflow.read_audit"
        ).fetchall()
