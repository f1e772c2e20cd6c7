"""The few calls in which grpc's two colours differ, asynchronous; `_wire.py` is its twin.

Everything else of the client is written once, in the `*_async.py` modules, and its synchronous
form is generated from them by `clients/python/generate.py`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Generic, TypeVar, cast

import grpc
import grpc.aio

from claimflow.client._settings import AsyncTokenProvider, Tls, channel_options

Q = TypeVar("Q")
R = TypeVar("R")
Metadata = tuple[tuple[str, str], ...]

# A write that meets the end of its stream replaces the server's status by INTERNAL with this text
# (grpc/grpc#36066). On a new stream the server says it again, so the caller opens one.
_OVERTAKEN = "Internal error from Core"


def open_channel(address: str, tls: Tls | None) -> grpc.aio.Channel:
    """Return a channel; it connects at the first call."""
    options = channel_options(tls)
    if tls is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, tls.credentials(), options=options)


async def invoke(
    method: grpc.aio.UnaryUnaryMultiCallable[Q, R], request: Q, timeout: float, metadata: Metadata
) -> tuple[R, dict[str, str | bytes]]:
    """Return the reply and the metadata sent ahead of it."""
    call = method(request, timeout=timeout, metadata=grpc.aio.Metadata(*metadata))
    reply = await call
    return reply, dict(await call.initial_metadata())


async def sleep(seconds: float) -> None:
    """Let others run for so long."""
    await asyncio.sleep(seconds)


async def read_token(provider: AsyncTokenProvider) -> str:
    """Ask the provider, which may answer at once or later."""
    token = provider()
    return await token if inspect.isawaitable(token) else token


async def each(items: Iterable[Q] | AsyncIterable[Q]) -> AsyncIterator[Q]:
    """Yield from either kind of iterable."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


class Inflow(Generic[Q, R]):
    """A stream of replies to one request."""

    def __init__(
        self,
        method: grpc.aio.UnaryStreamMultiCallable[Q, R],
        request: Q,
        timeout: float | None,
        metadata: Metadata,
    ) -> None:
        self._call = method(request, timeout=timeout, metadata=grpc.aio.Metadata(*metadata))

    async def receive(self) -> R | None:
        """Return the next reply, None at the end."""
        reply = await self._call.read()
        return None if reply is grpc.aio.EOF else cast("R", reply)

    def cancel(self) -> None:
        """Give the stream up; without effect on one that has ended."""
        self._call.cancel()


class Duplex(Generic[Q, R]):
    """A stream in both directions, one message at a time."""

    def __init__(
        self, method: grpc.aio.StreamStreamMultiCallable[Q, R], metadata: Metadata
    ) -> None:
        self._call = method(metadata=grpc.aio.Metadata(*metadata))

    async def send(self, request: Q) -> None:
        """Hand over a request; a stream that has failed says why, here or at the next receive."""
        try:
            await self._call.write(request)
        except asyncio.InvalidStateError:  # ended, and with it what it had still to read
            await self.receive()
        except grpc.aio.AioRpcError as error:
            if error.details() != _OVERTAKEN:
                raise
            raise grpc.aio.AioRpcError(
                grpc.StatusCode.UNAVAILABLE,
                error.initial_metadata(),
                error.trailing_metadata(),
                "the stream ended while a request was being sent",
            ) from error

    async def receive(self) -> R | None:
        """Return the next reply, None at the end."""
        reply = await self._call.read()
        return None if reply is grpc.aio.EOF else cast("R", reply)

    async def finish(self) -> None:
        """Say that there is no more to send, and wait for the end."""
        await self._call.done_writing()
        await self.receive()

    def cancel(self) -> None:
        """Give the stream up; without effect on one that has ended."""
        self._call.cancel()
