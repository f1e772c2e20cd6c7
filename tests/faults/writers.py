"""Writers of their own transactions: held open, rolled back, with savepoints, and large ones.

They write histories of claims straight into the event table; nobody else writes to these claims.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from tests.faults.history import COMPLETED, FAILED, UNKNOWN, Recorder
from tests.projections import scribe
from tests.server.claims.cast import note

KINDS: Final = ("plain", "held", "rolled back", "savepoint", "further", "further", "large")
LARGE_CLAIMS: Final = 150

# Told of claims by id and version, and the end of the log after their commit.
Follow = Callable[[dict[str, int], int], None]


class Writer:
    """Makes one transaction after the other."""

    def __init__(
        self,
        name: str,
        database_url: str,
        recorder: Recorder,
        rng: random.Random,
        *,
        kinds: tuple[str, ...] = KINDS,
        hold_s: float = 5.0,
        pace_s: float = 0.5,
        hot: int = 8,
        follow: Follow = lambda claims, lsn: None,
    ) -> None:
        self._name = name
        self._url = database_url
        self._recorder = recorder
        self._rng = rng
        self._kinds = kinds
        self._hold_s = hold_s
        self._pace_s = pace_s
        # So many claims get further events: the same ones again and again.
        self._hot = hot
        self._follow = follow
        self._told: list[scribe.Told] = []
        self.transactions: Counter[str] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Write until told to stop."""
        while not stop.is_set():
            kind = self._rng.choice(self._kinds)
            if kind == "large" and self._rng.random() < 0.6:
                continue
            await self.write(kind)
            await asyncio.sleep(self._rng.uniform(0.0, 2.0) * self._pace_s)

    async def write(self, kind: str) -> None:
        """Make one transaction, and say what came of it."""
        if kind == "further" and not self._told:
            kind = "plain"
        kept, ghosts = await asyncio.to_thread(self._compose, kind)
        op = self._recorder.invoke(
            self._name, kind,
            claims={told.id: told.version for told, _ in kept},
            ghosts=[told.id for told, _ in ghosts],
        )  # fmt: skip
        self.transactions[kind] += 1
        if kind == "further":
            self._told.remove(kept[0][0])
        committing = False
        try:
            async with await AsyncConnection.connect(self._url, connect_timeout=5) as connection:
                await self._insert(connection, kind, kept, ghosts)
                if kind == "rolled back":
                    await connection.rollback()
                    self._recorder.end(op, COMPLETED)
                    return
                committing = True
                await connection.commit()
        except (psycopg.Error, OSError) as error:
            outcome = UNKNOWN if committing else FAILED
            self._recorder.end(op, outcome, reason=type(error).__name__)
            self.transactions[outcome] += 1
            return
        self._recorder.end(op, COMPLETED)
        self._told = [*self._told, *(told for told, _ in kept)][-self._hot :]
        with suppress(psycopg.Error, OSError):
            self._follow({told.id: told.version for told, _ in kept}, await self._log_end())

    def _compose(self, kind: str) -> tuple[list[_Part], list[_Part]]:
        """Return what will be committed, and what will be rolled back."""
        if kind == "further":
            told = self._rng.choice(self._told)
            return [(told, told.carry_out(note()))], []
        if kind == "large":
            return [self._claim() for _ in range(LARGE_CLAIMS)], []
        if kind == "rolled back":
            return [], [self._claim(), self._claim()]
        if kind == "savepoint":
            return [self._claim(), self._claim()], [self._claim()]
        return [self._claim() for _ in range(self._rng.randint(1, 3))], []

    def _claim(self) -> _Part:
        told = scribe.Told(
            self._rng.choice(scribe.TENANTS), UUID(int=self._rng.getrandbits(128), version=4)
        )
        return told, told.worked_on() if self._rng.random() < 0.3 else told.submitted()

    async def _insert(
        self, connection: AsyncConnection[Any], kind: str, kept: list[_Part], ghosts: list[_Part]
    ) -> None:
        async with connection.cursor() as cursor:
            for _, rows in kept[:1]:
                await cursor.executemany(scribe.INSERT, rows)
            if ghosts:
                await cursor.execute("SAVEPOINT doubtful")
                for _, rows in ghosts:
                    await cursor.executemany(scribe.INSERT, rows)
                await cursor.execute("ROLLBACK TO SAVEPOINT doubtful")
            for _, rows in kept[1:]:
                await cursor.executemany(scribe.INSERT, rows)
            if kind in ("held", "rolled back", "savepoint"):
                await asyncio.sleep(self._rng.uniform(0.0, self._hold_s))

    async def _log_end(self) -> int:
        async with await AsyncConnection.connect(self._url, connect_timeout=5) as connection:
            return await log_end(connection)


_Part = tuple[scribe.Told, list[scribe.Row]]


async def log_end(connection: AsyncConnection[Any]) -> int:
    """Return where the durable log ends, as a number."""
    found = await (
        await connection.execute("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn")
    ).fetchone()
    assert found is not None, "a function has a value"
    return int(found[0])
