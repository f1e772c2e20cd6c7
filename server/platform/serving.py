"""A server's life: doors, health, reflection, and a graceful end on SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

import grpc
import uvloop
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1.health import SERVICE_NAME as HEALTH

from server.platform import reflection, telemetry
from server.platform.auth import Authenticator
from server.platform.health import Health
from server.platform.rpc import Edge
from server.platform.settings import ServerSettings, SettingsError

log = telemetry.logger(__name__)

# Clients pin one server otherwise; the library spreads it by a tenth (4.3).
CONNECTION_AGE_MS = 5 * 60_000
KEEPALIVE_MIN_MS = 20_000

Services = Sequence[tuple[ServiceDescriptor, object]]


class RunningServer:
    """The doors of one process."""

    def __init__(self, services: Services, settings: ServerSettings) -> None:
        authenticator = Authenticator(
            settings.jwks_file, issuer=settings.jwt_issuer, audience=settings.jwt_audience
        )
        edge = Edge(authenticator, settings)
        names = [service.full_name for service, _ in services]
        self._settings = settings
        # A memory guard only: with calls that never send a body it would starve everybody (R2).
        guard = 10 * (settings.in_flight_max + settings.streams_max)
        self._server = grpc.aio.server(options=_options(settings), maximum_concurrent_rpcs=guard)
        self.edge = edge
        self.health = Health(names)
        handlers = [edge.handlers(service, handler) for service, handler in services]
        handlers += [self.health.handler(), *reflection.handlers([*names, HEALTH], edge)]
        self._server.add_generic_rpc_handlers(tuple(handlers))
        self.port = self._open()

    def _open(self) -> int:
        settings = self._settings
        try:
            if not settings.has_tls:
                return self._server.add_insecure_port(settings.listen)
            pair = (settings.tls_key_file.read_bytes(), settings.tls_cert_file.read_bytes())
            credentials = grpc.ssl_server_credentials([pair])
            return self._server.add_secure_port(settings.listen, credentials)
        except RuntimeError:
            raise SettingsError(f"{settings.listen} cannot be opened; is it taken?") from None

    async def start(self) -> None:
        """Open the doors and say SERVING."""
        await self._server.start()
        self.health.set(True)

    async def drain(self) -> None:
        """Say NOT_SERVING, wait for balancers to see it, let calls under way end, close.

        Streams without an end of their own are told to end once balancers lead elsewhere.
        """
        self.health.set(False)
        await asyncio.sleep(self._settings.drain_wait_s)
        self.edge.draining.set()
        self.health.close()
        await self._server.stop(self._settings.drain_grace_s)


def _options(settings: ServerSettings) -> list[tuple[str, Any]]:
    largest = max(settings.message_limit_bytes, settings.bulk_message_limit_bytes)
    return [
        # Ours answers for what is moderately too large, grpc for the absurd before it allocates.
        ("grpc.max_receive_message_length", largest + (1 << 20)),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 32 * 1024),
        # One process alone must not share its port by accident with another installation.
        ("grpc.so_reuseport", 1 if settings.processes > 1 else 0),
        ("grpc.max_connection_age_ms", CONNECTION_AGE_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", KEEPALIVE_MIN_MS),
        # Of one connection; it leaves room for others when its calls send nothing.
        ("grpc.max_concurrent_streams", settings.in_flight_max + settings.streams_max),
    ]


async def serve_until_told(services: Services, settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    log.info("settings", **settings.shown())
    server = RunningServer(services, settings)
    await server.start()
    log.info("serving", listen=settings.listen, port=server.port)
    await told.wait()
    log.info("draining")
    await server.drain()


def run(main: Coroutine[Any, Any, None]) -> int:
    """Run a program's coroutine on uvloop; return its exit status."""
    try:
        uvloop.run(_watched(main))
    except KeyboardInterrupt:
        return 130
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        telemetry.log_exception(log, "ended", error)
        print(f"ended: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0


async def _watched(main: Coroutine[Any, Any, None]) -> None:
    asyncio.get_running_loop().set_exception_handler(telemetry.log_lost)
    await main
