"""A real gRPC server with both services, whose answers a test writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from claimflow.v1 import command_service_pb2, query_service_pb2


class Refusal(Exception):
    """An error as the servers send it."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str = "",
        *,
        message: str = "refused",
        metadata: dict[str, str] | None = None,
        violations: dict[str, str] | None = None,
        retry_seconds: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.message = message
        self.status = status_pb2.Status(code=code.value[0], message=message)
        if reason:
            self._add(
                error_details_pb2.ErrorInfo(reason=reason, domain="claimflow", metadata=metadata)
            )
        if violations:
            fields = [
                error_details_pb2.BadRequest.FieldViolation(field=path, description=text)
                for path, text in violations.items()
            ]
            self._add(error_details_pb2.BadRequest(field_violations=fields))
        if retry_seconds is not None:
            delay = Duration()
            delay.FromMilliseconds(int(retry_seconds * 1000))
            self._add(error_details_pb2.RetryInfo(retry_delay=delay))
        self.detailed = bool(reason)

    def _add(self, detail: Message) -> None:
        self.status.details.add().Pack(detail)

    @property
    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        if not self.detailed:
            return ()
        return (("grpc-status-details-bin", self.status.SerializeToString()),)


@dataclass
class Servers:
    """Both services at one address. `on(method)` takes the answers; `calls` remembers them all."""

    address: str = ""
    calls: list[tuple[str, Any, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, Callable[[Any], Any]] = field(default_factory=dict)

    def on(self, method: str, *answers: Any) -> None:
        """Give these answers in turn, the last one ever after; a function is asked."""
        left = list(answers)

        def answer(request: Any) -> Any:
            chosen = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(chosen, Exception):
                raise chosen
            return chosen(request) if callable(chosen) else chosen

        self.answers[method] = answer

    def requests(self, method: str) -> list[Any]:
        return [request for name, request, _ in self.calls if name == method]

    def metadata(self, method: str) -> list[dict[str, str]]:
        return [metadata for name, _, metadata in self.calls if name == method]

    def _answer(self, name: str, request: Message, context: grpc.ServicerContext) -> Message:
        metadata = {key: str(value) for key, value in context.invocation_metadata()}
        self.calls.append((name, request, metadata))
        try:
            reply: Message = self.answers[name](request)
        except Refusal as refusal:
            _abort(context, refusal)
        return reply

    def _stream(
        self, name: str, request: Message, context: grpc.ServicerContext
    ) -> Iterator[Message]:
        """Send the messages of an answer, a list, until one of them is a refusal."""
        answered: Any = self._answer(name, request, context)
        for message in answered:
            if isinstance(message, Refusal):
                _abort(context, message)
            yield message

    def handler(self, method: Any) -> Any:
        request_type = message_factory.GetMessageClass(method.input_type)
        codec = {
            "request_deserializer": request_type.FromString,
            "response_serializer": lambda reply: reply.SerializeToString(),
        }
        if method.server_streaming and not method.client_streaming:
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: self._stream(method.name, request, context), **codec
            )
        if not method.client_streaming:
            return grpc.unary_unary_rpc_method_handler(
                lambda request, context: self._answer(method.name, request, context), **codec
            )

        def stream(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Message]:
            for request in requests:
                yield self._answer(method.name, request, context)

        return grpc.stream_stream_rpc_method_handler(stream, **codec)


def _abort(context: grpc.ServicerContext, refusal: Refusal) -> NoReturn:
    context.set_trailing_metadata(refusal.trailing_metadata)
    context.abort(refusal.code, refusal.message)
    raise AssertionError("abort does not return")


@pytest.fixture
def servers() -> Iterator[Servers]:
    scripted = Servers()
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    for module, name in (
        (command_service_pb2, "CommandService"),
        (query_service_pb2, "QueryService"),
    ):
        service = module.DESCRIPTOR.services_by_name[name]
        handlers = {method.name: scripted.handler(method) for method in service.methods}
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service.full_name, handlers),)
        )
    scripted.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield scripted
    server.stop(grace=None).wait()


@pytest.fixture
def refusal() -> type[Refusal]:
    return Refusal
