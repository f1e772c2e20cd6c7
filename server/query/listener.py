"""Who listens to a stream of claims: until when, what they are shown, and their resume tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson
from google.protobuf.message import Message

from claimflow.v1 import claim_pb2, errors_pb2
from server.platform.auth import LEEWAY_SECONDS
from server.platform.call import Call
from server.platform.errors import Failure
from server.platform.redaction import redact
from server.query.caller import Caller
from server.query.calls import Calls
from server.query.conditions import Node, normalized
from server.query.documents import claim_of
from server.query.search import Source

T = TypeVar("T")


class Listener:
    """One caller of a stream, with the filter by which they listen."""

    def __init__(self, calls: Calls, call: Call, caller: Caller, node: Node) -> None:
        self._calls = calls
        self._call = call
        self._filter = normalized(node)
        self._began = False
        self.caller = caller
        # Whoever sees other claims by now must begin anew.
        self._arguments = orjson.dumps([self._filter, caller.scope.own])

    def check(self) -> None:
        """End the stream of a server that stops, or of a credential that is no longer good."""
        if self._call.draining.is_set():
            raise Failure(errors_pb2.ERROR_REASON_SHUTTING_DOWN, retry_after_s=0.1)
        if time.time() >= self._call.principal.expires_at + LEEWAY_SECONDS:
            raise Failure(errors_pb2.ERROR_REASON_CREDENTIALS_EXPIRED)

    async def unless_draining(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what comes of some waiting; SHUTTING_DOWN as soon as the server is to stop."""
        waiting = asyncio.ensure_future(work)
        drained = asyncio.ensure_future(self._call.draining.wait())
        try:
            await asyncio.wait([waiting, drained], return_when=asyncio.FIRST_COMPLETED)
            self.check()
            return await waiting
        finally:
            for task in (waiting, drained):
                task.cancel()
            await asyncio.gather(waiting, drained, return_exceptions=True)

    async def shown(self, sources: Sequence[Source]) -> list[claim_pb2.Claim]:
        """Return claims as the BASIC view has them, once it is on record that they are shown."""
        claims = [claim_of(source) for source in sources]
        ids = [UUID(claim.claim_id) for claim in claims]
        await self._calls.disclose(self._call, self.caller, ids, full=False)
        return claims

    def seal(self, place: bytes) -> str:
        """Return the resume token of a place."""
        return self._calls.seal_place(place, self._arguments, self._call)

    def unseal(self, token: str) -> bytes:
        """Return the place of a token; TOKEN_INVALID, TOKEN_COMPACTED when it is too old."""
        return self._calls.unseal_place(token, self._arguments, self._call)

    def outgoing(self, message: Message) -> bytes:
        """Return a message without what the caller may not see; the first repeats the filter."""
        if not self._began:
            self._began = True
            return self._calls.with_filter(message, self._call, self._filter)
        redact(message, self._call.principal.roles, self._call.break_glass)
        return message.SerializeToString()

    def taken(self, resume_token: str) -> None:
        """Note the token of a message that is on its way."""
        self._call.resume_token = resume_token
