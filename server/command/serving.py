"""The write process: an engine on the store, and the door before it."""

from __future__ import annotations

import asyncio

from claimflow.v1 import command_service_pb2, common_pb2
from server.command.engine import Engine, Limits
from server.command.ledger import Ledger
from server.command.service import CommandService
from server.command.settings import CommandSettings
from server.platform import telemetry
from server.platform.positions import TokenCodec, read_key
from server.platform.serving import run, serve_until_told

DESCRIPTOR = command_service_pb2.DESCRIPTOR.services_by_name["CommandService"]


def serve(settings: CommandSettings) -> int:
    """Serve until told to stop; return the exit status."""
    telemetry.configure(settings.log_level)
    return run(_main(settings))


async def _main(settings: CommandSettings) -> None:
    ledger = Ledger(settings.database_url)
    engine = Engine(
        ledger,
        Limits(
            batch_commands_max=settings.batch_commands_max,
            batch_bytes_max=settings.batch_bytes_max,
            queue_commands_max=settings.queue_commands_max,
        ),
    )
    await engine.start()
    service = CommandService(
        engine,
        TokenCodec(await asyncio.to_thread(read_key, settings.seal_key_file)),
        durability=common_pb2.DURABILITY_REPLICATED
        if ledger.replicated
        else common_pb2.DURABILITY_LOCAL_FSYNC,
    )
    try:
        await serve_until_told([(DESCRIPTOR, service)], settings)
    finally:
        await engine.stop()
