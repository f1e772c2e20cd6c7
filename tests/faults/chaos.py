"""What is done to the system, and when: all of it drawn from the seed."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psycopg
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch
from psycopg import AsyncConnection

from server.embedded.settings import ROOT
from tests.faults.history import Recorder
from tests.faults.processes import LEASE_S, PROGRAMS, WORKERS, System
from tests.faults.watcher import VIEW

# Each card once, in an order of the seed, then all of them again in another.
DECK: Final = (
    "kill active worker", "kill active worker", "kill active worker", "kill standby",
    "kill query", "kill command", "pause active worker", "pause query", "pause command",
    "crash postgres", "restart elasticsearch", "block index", "end connections", "rebuild view",
)  # fmt: skip

# A view is built anew within this time once nothing fails any more.
_REBUILD_S: Final = 120.0

WEATHER: Final = {
    "busy": ("429", "503"),
    "busy items": ("items_429", "items_503"),
    "masked items": ("masked_429", "masked_503"),
    "lost answers": ("reset_after",),
    "lost requests": ("reset_before",),
    "slow": ("slow_0.2", "slow_1"),
    "black hole": ("hang_2", "hang_5"),
    "late": ("late_1", "late_3", "overtaken"),
    "stale": ("stale",),
    "everything": (
        "429", "503", "items_429", "masked_503", "reset_after", "reset_before", "slow_0.5",
        "late_2", "overtaken", "stale",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Blow:
    """One thing to do to a process or a store."""

    pause_before_s: float
    what: str
    # How long it lasts, or how long the killed one stays away.
    seconds: float
    gently: bool


@dataclass(frozen=True)
class Spell:
    """One stretch of failing requests."""

    calm_before_s: float
    name: str
    doors: tuple[str, ...]
    share: float
    seconds: float


class Chaos:
    """Carries out a plan until told to stop."""

    def __init__(
        self, system: System, recorder: Recorder, rng: random.Random, *, pace_s: float = 2.5
    ) -> None:
        self._system = system
        self._recorder = recorder
        self._pace_s = pace_s
        # Apart, so that how one goes changes nothing about the others.
        self._of_blows, self._of_weather, self._of_requests = (
            random.Random(rng.getrandbits(64)) for _ in range(3)
        )
        self._client = AsyncElasticsearch(
            system.elasticsearch_url, request_timeout=10, max_retries=0
        )
        self._blocked = ""
        self._rebuilding: asyncio.Task[None] | None = None
        self.rebuilds_asked = 0
        self.kills: Counter[str] = Counter()
        self.others: Counter[str] = Counter()

    @property
    def faults(self) -> Counter[str]:
        """How many requests met which fault."""
        total: Counter[str] = Counter()
        for proxy in self._system.proxies.values():
            total += proxy.counts
        return total

    async def run(self) -> None:
        """Go on for good; cancel it, then `calm`."""
        await asyncio.gather(self._strike(), self._weather())

    async def _strike(self) -> None:
        for blow in blows(self._of_blows, self._pace_s):
            await asyncio.sleep(blow.pause_before_s)
            what = blow.what
            if what.endswith("active worker"):
                target = self._system.active_worker()
            else:
                target = what.rpartition(" ")[2]
                if target == "standby":
                    (target,) = set(WORKERS) - {self._system.active_worker()}
            self._recorder.note("chaos", does=what, to=target, seconds=blow.seconds)
            await self._do(blow, target)
            self._recorder.note("chaos", done=what)

    async def _do(self, blow: Blow, target: str) -> None:
        system = self._system
        match blow.what.split()[0]:
            case "kill":
                self.kills[target] += 1
                await system.kill(target)
                await asyncio.sleep(blow.seconds)
                await system.up(target)
            case "pause":
                self.others[f"{target} paused"] += 1
                longer = LEASE_S if target in WORKERS else 0.0
                system.pause(target)
                await asyncio.sleep(blow.seconds + longer)
                system.resume(target)
            case "crash":
                self.kills["postgres"] += 1
                await system.crash_postgres(blow.seconds / 2)
            case "restart":
                if not blow.gently:
                    self.kills["elasticsearch"] += 1
                self.others["elasticsearch restarted"] += 1
                await system.restart_elasticsearch(blow.seconds / 2, gently=blow.gently)
            case "block":
                self.others["index blocked"] += 1
                await self._block(blow.seconds + 1)
            case "end":
                self.others["connections ended"] += await self._end_connections()
            case "rebuild":
                # The next blows are to fall on it.
                if self._rebuilding is None or self._rebuilding.done():
                    self.rebuilds_asked += 1
                    self._rebuilding = asyncio.create_task(self._rebuild())

    async def _rebuild(self) -> None:
        """Ask for a new generation of the view, as an operator does."""
        word = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "projections", "rebuild", VIEW,
            cwd=ROOT, env=self._system.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            broken_off = await word.wait()
        finally:
            if word.returncode is None:
                word.kill()
                await word.wait()
        self.others["rebuilds broken off" if broken_off else "rebuilds"] += 1
        self._recorder.note("rebuilt", exit_status=broken_off)

    async def _block(self, seconds: float) -> None:
        with suppress(ApiError, TransportError):
            serving = await self._client.indices.get_alias(name=VIEW)
            self._blocked = ",".join(serving)
            await self._set_block(True)
            await asyncio.sleep(seconds)
        await self._unblock()

    async def _set_block(self, value: bool | None) -> None:
        await self._client.indices.put_settings(
            index=self._blocked, settings={"index.blocks.read_only_allow_delete": value}
        )

    async def _unblock(self) -> None:
        while self._blocked:
            try:
                await self._set_block(None)
                self._blocked = ""
            except (ApiError, TransportError):
                await asyncio.sleep(0.5)

    async def _end_connections(self) -> int:
        """End the sessions of our programs, streams of the log included."""
        with suppress(psycopg.Error, OSError):
            async with await AsyncConnection.connect(
                self._system.database_url, autocommit=True, connect_timeout=5
            ) as connection:
                ended = await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'claimflow%' AND pid <> pg_backend_pid()"
                )
                return ended.rowcount
        return 0

    async def _weather(self) -> None:
        for spell in spells(self._of_weather):
            await asyncio.sleep(spell.calm_before_s)
            self._recorder.note("weather", begins=spell.name, at=spell.doors, share=spell.share)
            for door in spell.doors:
                self._system.proxies[door].fail_at_random(
                    spell.share, self._of_requests, *WEATHER[spell.name]
                )
            await asyncio.sleep(spell.seconds)
            for door in spell.doors:
                self._system.proxies[door].calm()
            self._recorder.note("weather", ends=spell.name)

    async def calm(self) -> None:
        """Undo what is left of it: everything runs, nothing fails."""
        self._recorder.note("chaos", does="calm")
        for proxy in self._system.proxies.values():
            proxy.calm()
        for name in PROGRAMS:
            self._system.resume(name)
        # What a cancelled blow has in hand with a store comes to its end first.
        await self._system.in_store_thread(lambda: None)
        for name in PROGRAMS:
            await self._system.up(name)
        await self._unblock()
        for proxy in self._system.proxies.values():
            await proxy.settled()
        if self._rebuilding is not None:
            async with asyncio.timeout(_REBUILD_S):
                await self._rebuilding

    async def close(self) -> None:
        """End what still goes on."""
        if self._rebuilding is not None:
            self._rebuilding.cancel()
            await asyncio.gather(self._rebuilding, return_exceptions=True)
        await self._client.close()


def blows(rng: random.Random, pace_s: float) -> Iterator[Blow]:
    """Yield blow after blow, the deck shuffled anew each time."""
    while True:
        for what in rng.sample(DECK, len(DECK)):
            yield Blow(
                round(rng.uniform(0.3, 1.7) * pace_s, 3),
                what,
                round(rng.uniform(0.0, 3.0), 3),
                rng.random() < 0.5,
            )


def spells(rng: random.Random) -> Iterator[Spell]:
    """Yield stretch after stretch, every kind of weather in turn."""
    while True:
        for name in rng.sample(sorted(WEATHER), len(WEATHER)):
            doors = rng.choice((("query", *WORKERS), WORKERS, WORKERS, ("query",)))
            if name in ("busy items", "masked items", "late"):
                doors = WORKERS
            yield Spell(
                round(rng.uniform(0.5, 2.5), 3),
                name,
                doors,
                round(rng.uniform(0.15, 0.6), 3),
                round(rng.uniform(2.0, 6.0), 3),
            )
