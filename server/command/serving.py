"""The write process: an engine on the store, and the door before it."""

from __future__ import annotations

import asyncio

from claimflow.v1 import command_service_pb2, common_pb2
from server.command.engine import Engine, Limits
from server.command.ledger import Ledger
from server.command.service import CommandService
from server.command.settings import CommandSettings
from server.platform import postgres, telemetry
from server.platform.log_settings import read_log_settings, unbounded, unsafe
from server.platform.positions import TokenCodec, read_key
from server.platform.serving import run, serve_until_told
from server.platform.settings import SettingsError

ROLE = "claimflow_command"
log = telemetry.logger(__name__)

DESCRIPTOR = command_service_pb2.DESCRIPTOR.services_by_name["CommandService"]


def serve(settings: CommandSettings) -> int:
    """Serve until told to stop; return the exit status."""
    telemetry.configure(settings.log_level)
    return run(_main(settings))


async def check_log(database_url: str) -> None:
    """Warn of a log that slots can fill; raise `SettingsError` for one that is not safe (P31)."""
    async with await postgres.connect(database_url, ROLE, application="claimflow start") as one:
        found = await read_log_settings(one)
    for problem in unbounded(found):
        log.warning("postgres is set dangerously", problem=problem)
    if problems := unsafe(found):
        raise SettingsError("; ".join(problems))


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
    await check_log(settings.database_url)
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
