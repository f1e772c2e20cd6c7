"""A server's life: doors, health, reflection, and a graceful end on SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import uvloop
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_reflection.v1alpha import _async as reflection
from grpc_reflection.v1alpha import reflection_pb2

from server.platform import telemetry
from server.platform.auth import Authenticator
from server.platform.rpc import Edge
from server.platform.settings import ServerSettings

log = telemetry.logger(__name__)

REFLECTION = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
# Their messages travel as details of an error; a client that asks for them must find them.
ERROR_DETAILS = (error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR)
_FIRST_MESSAGE_SECONDS = 5.0

Services = Sequence[tuple[ServiceDescriptor, object]]


class Health:
    """grpc.health.v1 over raw bytes, so that a call without a message does not hang."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names) | {""}
        self._changed = asyncio.Event()
        self.serving = False

    def set(self, serving: bool) -> None:
        """Say whether calls are welcome."""
        self.serving = serving
        self._changed.set()
        self._changed = asyncio.Event()

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the registration."""
        return grpc.method_handlers_generic_handler(
            HEALTH,
            {
                "Check": grpc.stream_unary_rpc_method_handler(self._check),
                "Watch": grpc.stream_stream_rpc_method_handler(self._watch),
            },
        )

    async def _check(self, _: object, context: Any) -> bytes:
        name = await self._asked(context)
        if name not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return self._answer()

    async def _watch(self, _: object, context: Any) -> None:
        name = await self._asked(context)
        if name not in self._names:
            unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
            await context.write(health_pb2.HealthCheckResponse(status=unknown).SerializeToString())
        while True:
            changed = self._changed
            if name in self._names:
                await context.write(self._answer())
            await changed.wait()

    async def _asked(self, context: Any) -> str:
        try:
            async with asyncio.timeout(_FIRST_MESSAGE_SECONDS):
                body = await context.read()
        except TimeoutError:
            body = grpc.aio.EOF
        if body is grpc.aio.EOF:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "a message is needed")
        try:
            return str(health_pb2.HealthCheckRequest.FromString(body).service)
        except Exception:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the message cannot be decoded")
            raise AssertionError("an abort does not return") from None

    def _answer(self) -> bytes:
        status = health_pb2.HealthCheckResponse
        word = status.SERVING if self.serving else status.NOT_SERVING
        answer: bytes = status(status=word).SerializeToString()
        return answer


def _reflection(names: Sequence[str]) -> list[grpc.GenericRpcHandler]:
    """Return reflection under both names: the messages are equal."""
    servicer = reflection.ReflectionServicer(names)

    async def answer(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        async for reply in servicer.ServerReflectionInfo(requests, context):
            yield reply

    return [
        grpc.method_handlers_generic_handler(
            name,
            {
                "ServerReflectionInfo": grpc.stream_stream_rpc_method_handler(
                    answer,
                    request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
                    response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
                )
            },
        )
        for name in REFLECTION
    ]


class RunningServer:
    """The doors of one process."""

    def __init__(self, services: Services, settings: ServerSettings) -> None:
        authenticator = Authenticator(
            settings.jwks_file, issuer=settings.jwt_issuer, audience=settings.jwt_audience
        )
        edge = Edge(authenticator, settings)
        names = [service.full_name for service, _ in services]
        self._settings = settings
        self._server = grpc.aio.server(options=_options(settings))
        self.health = Health(names)
        handlers = [edge.handlers(service, handler) for service, handler in services]
        handlers += [self.health.handler(), *_reflection([*names, HEALTH, *REFLECTION])]
        self._server.add_generic_rpc_handlers(tuple(handlers))
        self.port = self._open()

    def _open(self) -> int:
        settings = self._settings
        if not settings.has_tls:
            return self._server.add_insecure_port(settings.listen)
        pair = (settings.tls_key_file.read_bytes(), settings.tls_cert_file.read_bytes())
        return self._server.add_secure_port(settings.listen, grpc.ssl_server_credentials([pair]))

    async def start(self) -> None:
        """Open the doors and say SERVING."""
        await self._server.start()
        self.health.set(True)

    async def drain(self) -> None:
        """Say NOT_SERVING, wait for balancers to see it, let calls under way end, close."""
        self.health.set(False)
        await asyncio.sleep(self._settings.drain_wait_s)
        await self._server.stop(self._settings.drain_grace_s)


def _options(settings: ServerSettings) -> list[tuple[str, Any]]:
    return [
        # Ours answers for what is moderately too large, grpc for the absurd before it allocates.
        ("grpc.max_receive_message_length", settings.bulk_message_limit_bytes + (1 << 20)),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 32 * 1024),
        ("grpc.so_reuseport", 1),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
        # A memory guard only: with header-only calls it would be a way to starve everybody.
        ("grpc.max_concurrent_streams", 10 * settings.in_flight_max),
    ]


async def serve_until_told(services: Services, settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    server = RunningServer(services, settings)
    await server.start()
    log.info("serving", listen=settings.listen, port=server.port)
    await told.wait()
    log.info("draining")
    await server.drain()


def run(main: Any) -> int:
    """Run a program's coroutine on uvloop; return its exit status."""
    try:
        uvloop.run(main)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        telemetry.log_exception(log, "ended", error)
        print(f"ended: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0
