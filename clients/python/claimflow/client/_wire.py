"""The few calls in which grpc's two colours differ, synchronous; `_wire_async.py` is its twin."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import grpc

from claimflow.client._settings import Tls, TokenProvider, channel_options

Q = TypeVar("Q")
R = TypeVar("R")
Metadata = tuple[tuple[str, str], ...]


def open_channel(address: str, tls: Tls | None) -> grpc.Channel:
    """Return a channel; it connects at the first call."""
    options = channel_options(tls)
    if tls is None:
        return grpc.insecure_channel(address, options=options)
    return grpc.secure_channel(address, tls.credentials(), options=options)


def invoke(
    method: grpc.UnaryUnaryMultiCallable[Q, R], request: Q, timeout: float, metadata: Metadata
) -> tuple[R, dict[str, str | bytes]]:
    """Return the reply and the metadata sent ahead of it."""
    reply, call = method.with_call(request, timeout=timeout, metadata=metadata)
    return reply, dict(call.initial_metadata() or ())


def sleep(seconds: float) -> None:
    """Let others run for so long."""
    time.sleep(seconds)


def read_token(provider: TokenProvider) -> str:
    """Ask the provider."""
    return provider()


def each(items: Iterable[Q]) -> Iterator[Q]:
    """Yield from the iterable."""
    yield from items


class Inflow(Generic[Q, R]):
    """A stream of replies to one request."""

    def __init__(
        self,
        method: grpc.UnaryStreamMultiCallable[Q, R],
        request: Q,
        timeout: float | None,
        metadata: Metadata,
    ) -> None:
        self._call = method(request, timeout=timeout, metadata=metadata)

    def receive(self) -> R | None:
        """Return the next reply, None at the end."""
        return next(iter(self._call), None)

    def cancel(self) -> None:
        """Give the stream up; without effect on one that has ended."""
        self._call.cancel()


class Duplex(Generic[Q, R]):
    """A stream in both directions, one message at a time."""

    def __init__(self, method: grpc.StreamStreamMultiCallable[Q, R], metadata: Metadata) -> None:
        self._requests: queue.SimpleQueue[Q | None] = queue.SimpleQueue()
        self._call = method(self._outgoing(), metadata=metadata)

    def _outgoing(self) -> Iterator[Q]:
        while (request := self._requests.get()) is not None:
            yield request

    def send(self, request: Q) -> None:
        """Hand over a request; a stream that has ended says why at the next receive."""
        self._requests.put(request)

    def receive(self) -> R | None:
        """Return the next reply, None at the end."""
        return next(iter(self._call), None)

    def finish(self) -> None:
        """Say that there is no more to send, and wait for the end."""
        self._requests.put(None)
        self.receive()

    def cancel(self) -> None:
        """Give the stream up; without effect on one that has ended."""
        self._requests.put(None)  # or grpc's thread would wait for requests for ever
        self._call.cancel()
