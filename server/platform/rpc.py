"""The edge: one wrapper around every method (D14, R1).

grpcio never parses a message of ours and never sees an exception of ours. Unary methods are
registered as stream-unary over raw bytes; the wrapper reads exactly one message within a time-out,
then checks credential, permission, size, form, admission and deadline, calls, redacts, and maps
every failure to the contract's error model. Who has no credential learns nothing of a request.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from claimflow.v1 import errors_pb2
from server.platform.admission import Admission
from server.platform.auth import Authenticator, acting_role
from server.platform.call import Call
from server.platform.call_log import CallLog
from server.platform.contract import method_policy
from server.platform.decoding import decode, invalid
from server.platform.errors import Failure, to_status
from server.platform.redaction import redact
from server.platform.settings import ServerSettings

METADATA_BYTES_MAX = 16 * 1024
STREAM_SECONDS_MAX = 3600.0
# What HTTP/2 counts for an entry besides its letters (RFC 9113, 6.5.2).
_METADATA_ENTRY_BYTES = 32
_HEAR_OUT_SECONDS = 1.0
_NOT_ONE = "a unary call carries exactly one message"


class Edge:
    """Wraps the methods of services for one process."""

    def __init__(self, authenticator: Authenticator, settings: ServerSettings) -> None:
        self.authenticator = authenticator
        self.settings = settings
        self.calls = Admission(settings.in_flight_max)
        self.streams = Admission(settings.streams_max)
        self.draining = asyncio.Event()

    def handlers(self, service: ServiceDescriptor, handler: object) -> grpc.GenericRpcHandler:
        """Return the registration of a service; a method without handler or option is a fault."""
        methods = {method.name: self._wrap(method, handler) for method in service.methods}
        return grpc.method_handlers_generic_handler(service.full_name, methods)

    def _wrap(self, method: MethodDescriptor, handler: object) -> grpc.RpcMethodHandler[Any, Any]:
        policy = method_policy(method)
        if not (policy.permission and policy.idempotency and policy.audit):
            raise TypeError(f"{method.full_name} does not declare its policy")
        act = getattr(handler, snake(method.name), None)
        if act is None:
            raise TypeError(f"{method.full_name} has no handler")
        if method.client_streaming and not method.server_streaming:
            raise TypeError(f"{method.full_name}: client streams are answered by streams only")
        one = _Method(self, method, policy.permission, act)
        if method.server_streaming:
            return grpc.stream_stream_rpc_method_handler(one.stream)
        return grpc.stream_unary_rpc_method_handler(one.unary)


class _Method:
    """One method behind the wrapper."""

    def __init__(
        self, edge: Edge, method: MethodDescriptor, permission: int, act: Callable[..., Any]
    ) -> None:
        self._edge = edge
        self._settings = edge.settings
        self._name = f"/{method.containing_service.full_name}/{method.name}"
        self._permission = permission
        self._act = act
        self._request = message_factory.GetMessageClass(method.input_type)
        self._client_streaming = method.client_streaming

    async def unary(self, _: object, context: Any) -> bytes:
        """Answer one message with one message."""
        with CallLog(self._name) as log:
            try:
                return await self._unary(context, log)
            except Exception as error:
                await refuse(context, error, log)
                raise AssertionError("a refused call does not go on") from error

    async def _unary(self, context: Any, log: CallLog) -> bytes:
        body = await only_message(context, self._settings.body_timeout_s)
        call = self._call(context, log, self._settings.default_deadline_s)
        request = decode(self._request, body, self._settings.message_limit_bytes)
        with self._edge.calls.place(call.principal.tenant):
            if call.seconds_left <= 0:
                raise Failure(errors_pb2.ERROR_REASON_DEADLINE_PASSED)
            reply = await _in_time(self._act(request, call), call.seconds_left)
        data = _outgoing(reply, call)
        if call.reply_metadata:
            await context.send_initial_metadata(tuple(call.reply_metadata.items()))
        return data

    async def stream(self, _: object, context: Any) -> None:
        """Answer a stream, or one message, with a stream."""
        with CallLog(self._name) as log:
            try:
                await self._stream(context, log)
            except Exception as error:
                await refuse(context, error, log)

    async def _stream(self, context: Any, log: CallLog) -> None:
        if self._client_streaming:
            try:
                call = self._call(context, log, STREAM_SECONDS_MAX)
            except Failure:
                await hear_out(context)
                raise
            requests: Any = self._incoming(context)
        else:
            body = await only_message(context, self._settings.body_timeout_s)
            call = self._call(context, log, STREAM_SECONDS_MAX)
            requests = decode(self._request, body, self._settings.message_limit_bytes)
        with self._edge.streams.place(call.principal.tenant):
            if call.seconds_left <= 0:
                raise Failure(errors_pb2.ERROR_REASON_DEADLINE_PASSED)
            answers = _send_all(self._act(requests, call), call, context)
            await _in_time(answers, call.seconds_left)

    async def _incoming(self, context: Any) -> AsyncIterator[Message]:
        # The caller is known; what it takes to make the first batch is its own affair, within
        # limits, and a stream that has begun may pause.
        wait: float | None = self._settings.default_deadline_s
        while (body := await _read(context, wait)) is not grpc.aio.EOF:
            wait = None
            yield decode(self._request, body, self._settings.bulk_message_limit_bytes)

    def _call(self, context: Any, log: CallLog, longest_s: float) -> Call:
        """Return the call of a context whose credential and permission hold."""
        metadata = metadata_of(context)
        principal = self._edge.authenticator.authenticate(metadata.get("authorization"))
        log.principal = principal
        role = log.role = acting_role(principal, self._permission)
        left = context.time_remaining()
        seconds = longest_s if left is None else min(left, STREAM_SECONDS_MAX)
        return Call(
            method=self._name,
            principal=principal,
            role=role,
            deadline=time.monotonic() + seconds,
            metadata=metadata,
            peer=context.peer(),
            correlation_id=log.correlation_id,
            draining=self._edge.draining,
        )


async def only_message(context: Any, timeout_s: float) -> bytes:
    """Return a unary call's message; none, two or one that does not come in time is a failure."""
    until = time.monotonic() + timeout_s
    body = await _read(context, timeout_s)
    if body is grpc.aio.EOF:
        raise invalid("", _NOT_ONE)
    if await _read(context, until - time.monotonic()) is not grpc.aio.EOF:
        raise invalid("", _NOT_ONE)
    return bytes(body)


async def hear_out(context: Any) -> None:
    """Read a stream's first message before the stream is refused, if it comes soon.

    A client on grpc.aio whose write meets the end of its call reports INTERNAL instead of our
    status (grpc#36066).
    """
    with suppress(Failure):
        await _read(context, _HEAR_OUT_SECONDS)


def metadata_of(context: Any) -> dict[str, str]:
    """Return a call's metadata: lower-case names, text values; MESSAGE_TOO_LARGE beyond 16 KiB.

    A name that comes twice has both values, so a second credential cannot hide behind a first.
    """
    values: dict[str, str] = {}
    size = 0
    for key, value in context.invocation_metadata() or ():
        size += len(key) + len(value) + _METADATA_ENTRY_BYTES
        if isinstance(value, str):
            name = key.lower()
            values[name] = f"{values[name]},{value}" if name in values else value
    if size > METADATA_BYTES_MAX:
        limit = {"limit_bytes": str(METADATA_BYTES_MAX)}
        raise Failure(errors_pb2.ERROR_REASON_MESSAGE_TOO_LARGE, limit)
    return values


async def refuse(context: Any, error: Exception, log: CallLog) -> None:
    """End a call with what an error is to its caller; does not return."""
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, grpc.aio.BaseError) and context.cancelled():
        # Reading from or writing to a caller who has left: nobody is there to be told.
        raise asyncio.CancelledError from error
    code, sentence, details = to_status(log.failed(error))
    await context.abort(code, sentence, (("grpc-status-details-bin", details),))


async def _read(context: Any, timeout_s: float | None) -> Any:
    return await _in_time(context.read(), timeout_s)


async def _in_time(work: Awaitable[Any], timeout_s: float | None) -> Any:
    """Return what comes in time, else DEADLINE_PASSED; a time-out of the work itself is its own."""
    limit = asyncio.timeout(None if timeout_s is None else max(0.0, timeout_s))
    try:
        async with limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
        raise Failure(errors_pb2.ERROR_REASON_DEADLINE_PASSED) from None


async def _send_all(answers: Any, call: Call, context: Any) -> None:
    began = False
    async with aclosing(answers):
        async for answer in answers:
            if not began and call.reply_metadata:
                await context.send_initial_metadata(tuple(call.reply_metadata.items()))
                call.reply_metadata.clear()
            began = True
            await _hand_over(_outgoing(answer, call), call, context)
    if call.reply_metadata:
        context.set_trailing_metadata(tuple(call.reply_metadata.items()))


async def _hand_over(body: bytes, call: Call, context: Any) -> None:
    """Write a message of a stream; WATCH_TOO_SLOW when it is not taken within the patience.

    What is under way then still arrives before the status, so a reader resumes from what it has.
    """
    limit = asyncio.timeout(call.patience_s)
    try:
        async with limit:
            await context.write(body)
    except TimeoutError:
        if not limit.expired():
            raise
        told = {"resume_token": call.resume_token}
        raise Failure(errors_pb2.ERROR_REASON_WATCH_TOO_SLOW, told) from None


def _outgoing(reply: Message | bytes, call: Call) -> bytes:
    """Return a reply's bytes; what the caller may not see is taken out of a message."""
    if isinstance(reply, bytes):
        return reply
    redact(reply, call.principal.roles, call.break_glass)
    return reply.SerializeToString()


def snake(name: str) -> str:
    """Return an RPC's name as its handler has it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
