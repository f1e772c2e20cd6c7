"""The edge: one wrapper around every method (D14, R1).

grpcio never parses a message of ours and never sees an exception of ours. Unary methods are
registered as stream-unary over raw bytes; the wrapper reads exactly one message within a time-out,
then checks size, credential, permission, admission and deadline, decodes, calls, redacts, and maps
every failure to the contract's error model.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message

from claimflow.v1 import errors_pb2, options_pb2
from server.platform import telemetry
from server.platform.auth import Authenticator, acting_role
from server.platform.call import Call
from server.platform.contract import method_policy
from server.platform.errors import Failure, FieldViolation, name_of, to_status
from server.platform.redaction import redact
from server.platform.settings import ServerSettings

log = telemetry.logger(__name__)

METADATA_BYTES_MAX = 16 * 1024
STREAM_SECONDS_MAX = 3600.0
OVERLOAD_RETRY_SECONDS = 0.25
_NO_BODY = "a unary call carries exactly one message"


class Edge:
    """Wraps the methods of services for one process."""

    def __init__(self, authenticator: Authenticator, settings: ServerSettings) -> None:
        self._authenticator = authenticator
        self._settings = settings
        self._in_flight = 0
        self._tenants: Counter[object] = Counter()

    def handlers(self, service: ServiceDescriptor, handler: object) -> grpc.GenericRpcHandler:
        """Return the registration of a service; a method without handler or option is a fault."""
        methods = {method.name: self._wrap(method, handler) for method in service.methods}
        return grpc.method_handlers_generic_handler(service.full_name, methods)

    def _wrap(self, method: MethodDescriptor, handler: object) -> grpc.RpcMethodHandler[Any, Any]:
        policy = method_policy(method)
        if not policy.permission:
            raise TypeError(f"{method.full_name} declares no permission")
        act = getattr(handler, snake(method.name), None)
        if act is None:
            raise TypeError(f"{method.full_name} has no handler")
        one = _Method(self, method, policy.permission, act)
        if method.client_streaming and not method.server_streaming:
            raise TypeError(f"{method.full_name}: client streams are not used")
        if method.server_streaming:
            return grpc.stream_stream_rpc_method_handler(one.stream)
        return grpc.stream_unary_rpc_method_handler(one.unary)

    @property
    def settings(self) -> ServerSettings:
        """What the process was started with."""
        return self._settings

    def call_of(self, name: str, permission: int, context: Any, longest: float) -> Call:
        """Return the call of a context whose credential and permission hold."""
        metadata = _metadata(context)
        principal = self._authenticator.authenticate(metadata.get("authorization"))
        role = acting_role(principal, permission)
        left = context.time_remaining()
        seconds = longest if left is None else min(left, STREAM_SECONDS_MAX)
        return Call(name, principal, role, time.monotonic() + seconds, metadata, context.peer())

    @contextmanager
    def admitted(self, call: Call) -> Iterator[None]:
        """Hold a place for a call, or fail with SERVER_OVERLOADED or RATE_LIMITED."""
        tenant = call.principal.tenant
        if self._in_flight >= self._settings.in_flight_max:
            raise Failure(
                errors_pb2.ERROR_REASON_SERVER_OVERLOADED, retry_after_s=OVERLOAD_RETRY_SECONDS
            )
        if self._tenants[tenant] >= self._settings.tenant_in_flight_max:
            raise Failure(
                errors_pb2.ERROR_REASON_RATE_LIMITED, retry_after_s=OVERLOAD_RETRY_SECONDS
            )
        self._in_flight += 1
        self._tenants[tenant] += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            self._tenants[tenant] -= 1
            if not self._tenants[tenant]:
                del self._tenants[tenant]


class _Method:
    """One method behind the wrapper."""

    def __init__(
        self, edge: Edge, method: MethodDescriptor, permission: int, act: Callable[..., Any]
    ) -> None:
        self._edge = edge
        self._name = f"/{method.containing_service.full_name}/{method.name}"
        self._permission = permission
        self._act = act
        self._request = message_factory.GetMessageClass(method.input_type)
        self._client_streaming = method.client_streaming

    async def unary(self, _: object, context: Any) -> bytes:
        """Answer one message with one message."""
        watch = _Watch(self._name)
        try:
            return await self._unary(context, watch)
        except Exception as error:
            await _abort(context, watch, error)
            raise AssertionError("an abort does not return") from error
        finally:
            watch.tell()

    async def _unary(self, context: Any, watch: _Watch) -> bytes:
        settings = self._edge.settings
        body = await _only_message(context, settings.body_timeout_s)
        call = watch.call = self._edge.call_of(
            self._name, self._permission, context, settings.default_deadline_s
        )
        request = self._decode(body, settings.message_limit_bytes)
        with self._edge.admitted(call):
            if call.seconds_left <= 0:
                raise Failure(errors_pb2.ERROR_REASON_DEADLINE_PASSED)
            reply = await _in_time(self._act(request, call), call)
        data = _outgoing(reply, call)
        if call.reply_metadata:
            await context.send_initial_metadata(tuple(call.reply_metadata.items()))
        return data

    async def stream(self, _: object, context: Any) -> None:
        """Answer a stream, or one message with a stream."""
        watch = _Watch(self._name)
        try:
            await self._stream(context, watch)
        except Exception as error:
            await _abort(context, watch, error)
        finally:
            watch.tell()

    async def _stream(self, context: Any, watch: _Watch) -> None:
        settings = self._edge.settings
        if self._client_streaming:
            call = watch.call = self._edge.call_of(
                self._name, self._permission, context, STREAM_SECONDS_MAX
            )
            answers = self._act(self._incoming(context), call)
        else:
            body = await _only_message(context, settings.body_timeout_s)
            call = watch.call = self._edge.call_of(
                self._name, self._permission, context, STREAM_SECONDS_MAX
            )
            answers = self._act(self._decode(body, settings.message_limit_bytes), call)
        with self._edge.admitted(call):
            await _in_time(_send_all(answers, call, context), call)

    async def _incoming(self, context: Any) -> AsyncIterator[Message]:
        settings = self._edge.settings
        wait: float | None = settings.body_timeout_s
        while True:
            body = await _read(context, wait)
            if body is grpc.aio.EOF:
                return
            wait = None  # a stream that has begun may pause
            yield self._decode(body, settings.bulk_message_limit_bytes)

    def _decode(self, body: bytes, limit: int) -> Message:
        if len(body) > limit:
            raise Failure(errors_pb2.ERROR_REASON_MESSAGE_TOO_LARGE, {"limit_bytes": str(limit)})
        try:
            request = self._request.FromString(body)
        except (DecodeError, UnicodeDecodeError):
            raise _bad("", "the message cannot be decoded") from None
        # Postgres takes no NUL in text; a body without the byte needs no look at its fields.
        if b"\x00" in body and (path := _nul_path(request, "")):
            raise _bad(path, "holds a NUL character")
        return request


class _Watch:
    """What the request log will say of a call."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.call: Call | None = None
        self.reason = "OK"
        self._began = time.monotonic()

    def tell(self) -> None:
        """Write the line; ids and words only."""
        call = self.call
        log.info(
            "call",
            method=self.method,
            reason=self.reason,
            duration_ms=round((time.monotonic() - self._began) * 1e3, 1),
            tenant=str(call.principal.tenant) if call else None,
            role=options_pb2.Role.Name(call.role) if call else None,
            correlation_id=call.correlation_id if call else None,
        )


async def _only_message(context: Any, timeout_s: float) -> bytes:
    deadline = asyncio.get_running_loop().time() + timeout_s
    body = await _read(context, timeout_s)
    if body is grpc.aio.EOF:
        raise _bad("", _NO_BODY)
    left = max(0.01, deadline - asyncio.get_running_loop().time())
    if await _read(context, left) is not grpc.aio.EOF:
        raise _bad("", _NO_BODY)
    return bytes(body)


async def _read(context: Any, timeout_s: float | None) -> Any:
    try:
        async with asyncio.timeout(timeout_s):
            return await context.read()
    except TimeoutError:
        raise Failure(errors_pb2.ERROR_REASON_DEADLINE_PASSED) from None


async def _in_time(work: Awaitable[Any], call: Call) -> Any:
    try:
        async with asyncio.timeout(max(0.0, call.seconds_left)):
            return await work
    except TimeoutError:
        raise Failure(errors_pb2.ERROR_REASON_DEADLINE_PASSED) from None


async def _send_all(answers: AsyncIterator[Any], call: Call, context: Any) -> None:
    async for answer in answers:
        if call.reply_metadata:
            await context.send_initial_metadata(tuple(call.reply_metadata.items()))
            call.reply_metadata.clear()
        await context.write(_outgoing(answer, call))


def _outgoing(reply: Message | bytes, call: Call) -> bytes:
    """Return a reply's bytes; what the caller may not see is taken out of a message."""
    if isinstance(reply, bytes):
        return reply
    redact(reply, call.principal.roles, call.break_glass)
    return reply.SerializeToString()


async def _abort(context: Any, watch: _Watch, error: Exception) -> None:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, Failure):
        failure = error
    else:
        correlation_id = watch.call.correlation_id if watch.call else "none"
        telemetry.log_exception(
            log, "unexpected", error, method=watch.method, correlation_id=correlation_id
        )
        failure = Failure(errors_pb2.ERROR_REASON_UNEXPECTED, {"correlation_id": correlation_id})
    watch.reason = name_of(failure.reason)
    code, sentence, details = to_status(failure)
    await context.abort(code, sentence, (("grpc-status-details-bin", details),))


def _metadata(context: Any) -> dict[str, str]:
    values: dict[str, str] = {}
    size = 0
    for key, value in context.invocation_metadata() or ():
        size += len(key) + len(value)
        if isinstance(value, str):
            values[key.lower()] = value
    if size > METADATA_BYTES_MAX:
        raise Failure(
            errors_pb2.ERROR_REASON_MESSAGE_TOO_LARGE, {"limit_bytes": str(METADATA_BYTES_MAX)}
        )
    return values


def _nul_path(message: Message, path: str) -> str:
    for field, value in message.ListFields():
        many: Sequence[Any] = value if field.is_repeated else (value,)
        for place, one in enumerate(many):
            here = f"{path}{field.name}" + (f"[{place}]" if field.is_repeated else "")
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                if inner := _nul_path(one, f"{here}."):
                    return inner
            elif isinstance(one, str) and "\x00" in one:
                return here
    return ""


def _bad(path: str, description: str) -> Failure:
    violation = FieldViolation(path, description)
    return Failure(errors_pb2.ERROR_REASON_VALIDATION_FAILED, violations=(violation,))


def snake(name: str) -> str:
    """Return an RPC's name as its handler has it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
