"""The system's own clocks: finds the claims for which time has come, and gives the commands.

Several may run: a command's request id is made of the claim, its version and what is to be done,
so that of two that give it one meets the other's receipt. Each decision goes through the engine,
under the claim's lock and by the same rules as anybody's.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg
from psycopg import AsyncConnection

from server.claims import timers
from server.claims.commands import Command
from server.claims.decided import SYSTEM_ACTOR, SYSTEM_ROLE
from server.claims.facts import Facts
from server.claims.model import Claim
from server.claims.refusals import Refused
from server.command.engine import Engine
from server.command.ledger import Ledger, Lost
from server.command.requests import Look, NotDone, Request
from server.command.settings import TimerSettings
from server.platform import telemetry

log = logging.getLogger(__name__)

APPLICATION_NAME: Final = "claimflow timers"
_METHOD: Final = "/claimflow.system/Timers"
_DEADLINE_SECONDS: Final = 30.0

# The claims for which the system has something to do, those that wait longest first.
_DUE: Final = """
    SELECT tenant_id, claim_id, version FROM claimflow.claim
     WHERE wake_at <= %s AND NOT (tenant_id, claim_id) = ANY (
           SELECT * FROM unnest(%s::uuid[], %s::uuid[]))
     ORDER BY wake_at LIMIT %s"""


@dataclass(slots=True, kw_only=True)
class Clocks:
    """One process's clocks over the claims of all tenants."""

    engine: Engine
    database_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    batch: int = 200  # claims looked at in one round
    rest: timedelta = timedelta(minutes=1)  # before a claim that refused is looked at again
    _resting: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    _connection: AsyncConnection[Any] | None = None

    async def round(self) -> int:
        """Do what is due now; return how many commands were carried out."""
        now = self.clock()
        self._resting = {key: until for key, until in self._resting.items() if until > now}
        found = await self._due(now)
        done = await asyncio.gather(*(self._attend(*one, now) for one in found))
        return sum(done)

    async def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _due(self, now: datetime) -> Sequence[tuple[UUID, UUID, int]]:
        if self._connection is None or self._connection.broken:
            self._connection = await AsyncConnection.connect(
                self.database_url, autocommit=True, application_name=APPLICATION_NAME
            )
            await self._connection.execute("SET ROLE claimflow_timers")
        resting = list(self._resting)
        query = (now, [key[0] for key in resting], [key[1] for key in resting], self.batch)
        cursor = await self._connection.execute(_DUE, query)
        rows: Sequence[tuple[UUID, UUID, int]] = await cursor.fetchall()
        return rows

    async def _attend(self, tenant: UUID, claim_id: UUID, version: int, now: datetime) -> int:
        """Give the commands that are due on one claim; one that does not work out rests."""
        done = 0
        try:
            for command in await self._due_on(tenant, claim_id, now):
                name = f"{type(command).__name__}/{version}/{done}"
                await self.engine.submit(self._request(tenant, uuid5(claim_id, name), command))
                done += 1
        except (Refused, NotDone) as error:
            log.info("claim %s rests: %s", claim_id, error)
        if not done:
            self._resting[tenant, claim_id] = now + self.rest
        return done

    async def _due_on(self, tenant: UUID, claim_id: UUID, now: datetime) -> list[Command]:
        found: list[Command] = []

        def view(claim: Claim | None, facts: Facts) -> bytes:
            if claim is not None:
                found.extend(timers.due(claim, facts.policy, now))
            return b""

        look = Look(claim_id=claim_id, actor=SYSTEM_ACTOR, role=SYSTEM_ROLE, now=now)
        await self.engine.submit(self._request(tenant, uuid5(claim_id, "look"), look, view))
        return found

    def _request(
        self,
        tenant: UUID,
        request_id: UUID,
        command: Command | Look,
        view: Callable[[Claim | None, Facts], bytes] | None = None,
    ) -> Request:
        return Request(
            tenant_id=tenant,
            request_id=request_id,
            method=_METHOD,
            payload_hash=request_id.bytes * 2,
            command=command,
            answer=lambda settled: b"",
            view=view,
            deadline=time.monotonic() + _DEADLINE_SECONDS,
        )


async def keep(settings: TimerSettings) -> None:
    """Keep the clocks until SIGTERM or SIGINT, whatever is away in between."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    engine = Engine(Ledger(settings.database_url))
    clocks = Clocks(engine=engine, database_url=settings.database_url)
    await _started(engine, told)
    log.info("timers begin")
    try:
        while not told.is_set():
            done = 0
            try:
                done = await clocks.round()
            except (psycopg.Error, OSError) as error:
                log.warning("the store is away: %s", type(error).__name__)
            if not done:
                with suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), settings.poll_seconds)
    finally:
        await clocks.close()
        await engine.stop()


async def _started(engine: Engine, told: asyncio.Event) -> None:
    while not told.is_set():
        try:
            await engine.start()
            return
        except Lost:
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), 1.0)


def run(settings: TimerSettings) -> int:
    """Run the clocks; return the exit status."""
    from server.platform.serving import run as run_program

    telemetry.configure(settings.log_level)
    return run_program(keep(settings))
