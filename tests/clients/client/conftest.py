"""A client on a channel of grpcio-testing: the test is the server, call by call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc
import grpc_testing  # type: ignore[import-untyped]
import pytest

from claimflow.client import Client, RetryPolicy
from claimflow.client._connection import Connection
from claimflow.v1 import command_service_pb2, query_service_pb2

SERVICES = (
    command_service_pb2.DESCRIPTOR.services_by_name["CommandService"],
    query_service_pb2.DESCRIPTOR.services_by_name["QueryService"],
)
METHODS = {method.name: method for service in SERVICES for method in service.methods}
AT_ONCE = RetryPolicy(attempts_max=3, pause_seconds_first=0.0, pause_seconds_max=0.0)


class Talk:
    """One client, and what it says."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._channel = grpc_testing.channel(SERVICES, grpc_testing.strict_real_time())
        self.tokens = iter(["first", "second", "third"])
        self.client = Client(
            Connection(
                self._channel,
                self._channel,
                token_provider=lambda: next(self.tokens),
                retry=AT_ONCE,
                timeout_seconds=30.0,
            )
        )

    def begin(self, call: Callable[[], Any]) -> Future[Any]:
        return self._threads.submit(call)

    def take(self, method: str) -> tuple[Any, dict[str, str], Any]:
        """Return the request, its metadata, and the call to answer."""
        metadata, request, rpc = self._channel.take_unary_unary(METHODS[method])
        return request, dict(metadata), rpc

    def answer(self, method: str, reply: Any, metadata: Any = ()) -> tuple[Any, dict[str, str]]:
        """Answer the next call of a method; return what it asked."""
        request, sent, rpc = self.take(method)
        rpc.send_initial_metadata(metadata)
        rpc.terminate(reply, (), grpc.StatusCode.OK, "")
        return request, sent

    def refuse(self, method: str, refusal: Any) -> tuple[Any, dict[str, str]]:
        """Refuse the next call of a method; return what it asked."""
        request, sent, rpc = self.take(method)
        rpc.send_initial_metadata(())
        rpc.terminate(None, refusal.trailing_metadata, refusal.code, refusal.message)
        return request, sent


@pytest.fixture
def talk() -> Iterator[Talk]:
    with ThreadPoolExecutor(max_workers=2) as threads:
        yield Talk(threads)
