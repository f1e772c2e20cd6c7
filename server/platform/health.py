"""grpc.health.v1 over raw bytes, so that a call without a message does not hang."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME

FIRST_MESSAGE_SECONDS = 5.0
_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class Health:
    """Says whether calls are welcome: of the server ("") and of each service by its full name."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names) | {""}
        self._changed = asyncio.Event()
        self._closed = False
        self.serving = False

    def set(self, serving: bool) -> None:
        """Say whether calls are welcome; who watches is told."""
        self.serving = serving
        self._wake()

    def close(self) -> None:
        """End the watches: they would keep a server from stopping."""
        self._closed = True
        self._wake()

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the registration."""
        return grpc.method_handlers_generic_handler(
            SERVICE_NAME,
            {
                "Check": grpc.stream_unary_rpc_method_handler(self._check),
                "Watch": grpc.stream_stream_rpc_method_handler(self._watch),
            },
        )

    async def _check(self, _: object, context: Any) -> bytes:
        name = await _asked(context)
        if name not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return self._answer(name)

    async def _watch(self, _: object, context: Any) -> None:
        name = await _asked(context)
        told = b""
        while not self._closed:
            changed = self._changed
            answer = self._answer(name)
            if answer != told:
                await context.write(answer)
                told = answer
            await changed.wait()

    def _answer(self, name: str) -> bytes:
        kinds = health_pb2.HealthCheckResponse
        status = kinds.SERVING if self.serving else kinds.NOT_SERVING
        answer = kinds(status=status if name in self._names else _UNKNOWN)
        data: bytes = answer.SerializeToString()
        return data

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


async def _asked(context: Any) -> str:
    try:
        async with asyncio.timeout(FIRST_MESSAGE_SECONDS):
            body = await context.read()
    except TimeoutError:
        body = grpc.aio.EOF
    if body is grpc.aio.EOF:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "a message is needed")
    try:
        return str(health_pb2.HealthCheckRequest.FromString(body).service)
    except (DecodeError, UnicodeDecodeError):
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the message cannot be decoded")
        raise AssertionError("an abort does not return") from None
