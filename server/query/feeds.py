"""The streams of claims: WatchClaims and ExportClaims."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from claimflow.v1 import options_pb2, query_service_pb2
from server.platform.call import Call
from server.query import search
from server.query.calls import Calls
from server.query.export import Export
from server.query.index import Index
from server.query.listener import Listener
from server.query.looks import Looks
from server.query.named import size_of
from server.query.points import Points
from server.query.requirement import Requirements
from server.query.watch import Watch

PAGE_SIZE_DEFAULT = 100


class Feeds:
    """Opens streams for the callers of one process."""

    def __init__(
        self,
        calls: Calls,
        index: Index,
        points: Points,
        requirements: Requirements,
        *,
        heartbeat_s: float,
        patience_s: float,
    ) -> None:
        self._calls = calls
        self._index = index
        self._points = points
        self._requirements = requirements
        self._heartbeat_s = heartbeat_s
        self._patience_s = patience_s

    def watch(
        self, request: query_service_pb2.WatchClaimsRequest, call: Call
    ) -> AsyncIterator[bytes]:
        """Return the messages of a watch."""
        listener, looks = self._open(request.filter, call)
        watch = Watch(
            listener,
            looks,
            self._requirements,
            page_size=size_of(request.page_size, PAGE_SIZE_DEFAULT),
            heartbeat_s=self._heartbeat_s,
        )
        return _sent(watch.messages(request), listener)

    def export(
        self, request: query_service_pb2.ExportClaimsRequest, call: Call
    ) -> AsyncIterator[bytes]:
        """Return the messages of an export."""
        listener, looks = self._open(request.filter, call)
        size = size_of(request.batch_size, PAGE_SIZE_DEFAULT, "batch_size")
        export = Export(listener, looks, self._requirements, batch_size=size)
        return _sent(export.messages(request), listener)

    def _open(self, text: str, call: Call) -> tuple[Listener, Looks]:
        call.patience_s = self._patience_s
        caller = self._calls.caller(call, options_pb2.PERMISSION_CLAIM_READ)
        node = search.read_filter(text, caller)
        listener = Listener(self._calls, call, caller, node)
        freshness = self._requirements.freshness
        return listener, Looks(self._index, self._points, freshness, node, caller)


async def _sent(messages: Any, listener: Listener) -> AsyncIterator[bytes]:
    async with aclosing(messages):
        async for message in messages:
            token = message.resume_token
            yield listener.outgoing(message)
            listener.taken(token)
