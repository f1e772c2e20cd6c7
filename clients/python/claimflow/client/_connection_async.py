"""One call with its deadline, credentials and retries; the synchronous form is generated."""

from __future__ import annotations

import time
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from claimflow.client import _wire_async as wire
from claimflow.client._failure import ClaimflowError
from claimflow.client._memory import TokenMemory
from claimflow.client._parse import failure_of
from claimflow.client._requests import (
    CommandOptions,
    CreateOptions,
    QueryOptions,
    fill_command,
)
from claimflow.client._retry import RetryPolicy
from claimflow.client._settings import AsyncTokenProvider
from claimflow.v1.command_service_pb2_grpc import CommandServiceStub
from claimflow.v1.query_service_pb2_grpc import QueryServiceStub

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)

_TOKEN_KEY = "claimflow-consistency-token"


class AsyncConnection:
    """The channels to both servers, and how calls on them are made."""

    def __init__(
        self,
        command_channel: grpc.aio.Channel,
        query_channel: grpc.aio.Channel,
        *,
        token_provider: AsyncTokenProvider,
        retry: RetryPolicy,
        timeout_seconds: float,
    ) -> None:
        self.commands = CommandServiceStub(command_channel)
        self.queries = QueryServiceStub(query_channel)
        self.retry = retry
        self._channels = (command_channel, query_channel)
        self._token_provider = token_provider
        self._token: str | None = None
        self._timeout_seconds = timeout_seconds

    async def call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Q, R],
        request: Q,
        timeout: float | None,
    ) -> tuple[R, str]:
        """Return the reply and the token of its metadata; raise the exception of its reason."""
        deadline = time.monotonic() + (self._timeout_seconds if timeout is None else timeout)
        attempt = 0
        renewed = False
        while True:
            attempt += 1
            remaining = max(deadline - time.monotonic(), 0.001)
            metadata = await self.metadata()
            try:
                reply, sent_ahead = await wire.invoke(method, request, remaining, metadata)
            except grpc.RpcError as error:
                failure = failure_of(error)
                if self.renews(failure) and not renewed:
                    renewed = True
                    continue
                pause = self.retry.pause_seconds(failure, attempt)
                if pause is None or time.monotonic() + pause >= deadline:
                    raise failure from error
                await wire.sleep(pause)
            else:
                return reply, str(sent_ahead.get(_TOKEN_KEY, ""))

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what goes with every call: the credential, read once until it expires."""
        if self._token is None:
            self._token = await wire.read_token(self._token_provider)
        return (("authorization", f"Bearer {self._token}"),) if self._token else ()

    def renews(self, failure: ClaimflowError) -> bool:
        """Forget an expired credential, so that the next call reads a new one."""
        if failure.reason != "CREDENTIALS_EXPIRED":
            return False
        self._token = None
        return True

    async def close(self) -> None:
        """Close both channels."""
        for channel in self._channels:
            await channel.close()


class AsyncCaller:
    """What commands and queries share: a connection, and a session's memory or none."""

    def __init__(self, connection: AsyncConnection, memory: TokenMemory | None = None) -> None:
        self._connection = connection
        self._memory = memory

    async def _create(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Q, R],
        request: Q,
        options: CreateOptions,
    ) -> R:
        fill_command(request, options)
        return await self._send(method, request, options.get("timeout"), sent_token="")

    async def _command(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Q, R],
        claim_id: str,
        request: Q,
        options: CommandOptions,
    ) -> R:
        command: Any = request
        command.claim_id = claim_id
        return await self._create(method, request, options)

    async def _query(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Q, R],
        request: Q,
        options: QueryOptions,
    ) -> R:
        sent_token = self._ask_for(request, options)
        return await self._send(method, request, options.get("timeout"), sent_token)

    def _ask_for(self, request: Message, options: QueryOptions) -> str:
        """Ask for the freshness of the options, or else the session's; return the session's."""
        query: Any = request
        if (consistency := options.get("consistency")) is not None:
            query.consistency.CopyFrom(consistency)
        return self._memory.attach(request) if self._memory is not None else ""

    async def _ask(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Q, R],
        request: Q,
        timeout: float | None,
    ) -> R:
        sent_token = self._memory.token if self._memory is not None else ""
        return await self._send(method, request, timeout, sent_token)

    async def _send(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Q, R],
        request: Q,
        timeout: float | None,
        sent_token: str,
    ) -> R:
        reply, told_token = await self._connection.call(method, request, timeout)
        if self._memory is not None:
            self._memory.learn(reply, sent_token, told_token=told_token)
        return reply
