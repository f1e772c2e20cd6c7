"""Streams as the edge runs them, on an index that the test moves on as a worker does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from elasticsearch import Elasticsearch, helpers

from claimflow.v1 import options_pb2
from claimflow.v1 import query_service_pb2 as pb
from server.platform.auth import Principal
from server.platform.call import Call
from server.query.service import QueryService
from tests.server.query import sample
from tests.server.query.whole import Base

SNAPSHOT = pb.WATCH_EVENT_SNAPSHOT
CAUGHT_UP = pb.WATCH_EVENT_CAUGHT_UP
CHANGES = pb.WATCH_EVENT_CHANGES
HEARTBEAT = pb.WATCH_EVENT_HEARTBEAT


class Worker:
    """Writes documents and progress in the worker's order: documents, refresh, progress."""

    def __init__(self, client: Elasticsearch, base: Base) -> None:
        self._client = client
        self._base = base
        self.position = 5000  # of the progress
        self.generation = 1
        self.base: int | None = None

    def index(self, documents: Iterable[sample.Document], *, refresh: bool = True) -> None:
        """Write documents that progress does not cover yet."""
        actions = [
            {
                "_index": f"{self._base.prefix}claims",
                "_id": f"{one['tenant_id']}/{one['claim_id']}",
                "_source": one,
            }
            for one in documents
        ]
        helpers.bulk(self._client, actions, refresh=refresh)

    def advance(self, position: int, **more: Any) -> None:
        """Say that everything up to a position is searchable."""
        self.position = position
        more.setdefault("epoch", self._base.epoch)
        more |= {"generation": self.generation, "base": self.base}
        sample.put_progress(self._client, self._base.prefix, position, **more)

    def commit(self, *documents: sample.Document) -> None:
        """Write documents, each of the next position, and progress behind them."""
        for one in documents:
            self.position += 10
            one["position"] = self.position
        self.index(documents)
        self.advance(self.position)

    def serve_generation(
        self, base: int, documents: Iterable[sample.Document], position: int
    ) -> None:
        """Fill another generation from a state of the store, let it serve, and drop the old one."""
        old, self.generation, self.base = self.generation, self.generation + 1, base
        name = f"{self._base.prefix}claims-v1-"
        sample.create(self._client, self._base.prefix, self.generation, served=False)
        later = ({**one, "position": max(one["position"], base)} for one in documents)
        sample.write(self._client, self._base.prefix, later, f"{name}{self.generation}")
        self.advance(position)
        alias = f"{self._base.prefix}claims"
        actions = [
            {"remove": {"index": f"{name}{old}", "alias": alias}},
            {"add": {"index": f"{name}{self.generation}", "alias": alias}},
        ]
        self._client.indices.update_aliases(actions=actions)
        self._client.indices.delete(index=f"{name}{old}")


def changed(document: sample.Document, **fields: Any) -> sample.Document:
    """Return the next version of a document."""
    return {**document, **fields, "version": document["version"] + 1}


@dataclass
class Listener:
    """Somebody who listens to one stream after another, as the edge calls handlers."""

    service: QueryService
    roles: tuple[str, ...] = ("EXAMINER",)
    subject: str = "examiner-1"
    tenant: UUID = sample.TENANT
    expires_at: float = field(default_factory=lambda: time.time() + 3600)
    call: Call = field(init=False)

    def watch(self, **asked: Any) -> Stream:
        """Open a watch."""
        request = pb.WatchClaimsRequest(**asked)
        stream = self.service.watch_claims(request, self._call("WatchClaims"))
        return Stream(stream, pb.WatchClaimsResponse)

    def export(self, **asked: Any) -> Stream:
        """Open an export."""
        request = pb.ExportClaimsRequest(**asked)
        stream = self.service.export_claims(request, self._call("ExportClaims"))
        return Stream(stream, pb.ExportClaimsResponse)

    def _call(self, method: str) -> Call:
        roles = frozenset(options_pb2.Role.Value(f"ROLE_{role}") for role in self.roles)
        self.call = Call(
            method=f"/claimflow.v1.QueryService/{method}",
            principal=Principal(
                subject=self.subject,
                tenant=self.tenant,
                roles=roles,
                npis=frozenset(),
                member_id=None,
                expires_at=self.expires_at,
            ),
            role=min(roles),
            deadline=time.monotonic() + 600.0,
            metadata={},
            peer="test",
        )
        return self.call


class Stream:
    """The messages of one stream."""

    def __init__(self, outgoing: Any, kind: Any) -> None:
        self._outgoing: AsyncGenerator[bytes] = outgoing
        self._kind = kind

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> Any:
        async with asyncio.timeout(20):
            return self._kind.FromString(await anext(self._outgoing))

    async def until(self, event: int) -> list[Any]:
        """Return the messages up to the next one of an event."""
        messages = []
        async for message in self:
            messages.append(message)
            if message.event == event:
                break
        return messages

    async def close(self) -> None:
        """Leave."""
        await self._outgoing.aclose()


def told(messages: Iterable[Any]) -> dict[str, int]:
    """Return what claims have which version after some messages; removed ones have none."""
    known: dict[str, int] = {}
    for message in messages:
        for claim in message.claims:
            known[claim.claim_id] = claim.version
        for gone in message.removed:
            known.pop(gone.claim_id, None)
    return known
