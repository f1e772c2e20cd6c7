"""The system under test: private stores and real processes, which the rig starts, kills and pauses.

Worker, standby and query server reach Elasticsearch through a proxy each; checkers go directly.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final, LiteralString, TypeVar
from uuid import UUID

import psycopg
from elasticsearch import Elasticsearch

from projections.views.catalogue import all_views
from server.command.migrate import migrate
from server.command.operators import set_policy
from server.embedded.plan import Site, serving
from server.embedded.postgres import DATABASE
from server.embedded.process import Child, processes_in
from server.embedded.settings import PARTS, Settings
from server.embedded.tokens import DEMO_TENANT
from tests.projections.proxy import Proxy, proxy

T = TypeVar("T")

TENANTS: Final = (DEMO_TENANT, DEMO_TENANT[:-1] + "1")
WORKERS: Final = ("worker", "standby")
PROGRAMS: Final = ("command", "query", *WORKERS)
LEASE_S: Final = 4.0
SLOT: Final = "claimflow_views"
PROGRESS: Final = "claimflow-progress"
# A planted bug whose place in the product is gone ends the worker with this status.
SEAM_GONE: Final = 70

_WORKER: Final = {
    "CLAIMFLOW_SLOT": SLOT,
    "CLAIMFLOW_HEARTBEAT_S": "1",
    "CLAIMFLOW_FEED_STATUS_S": "0.3",
    "CLAIMFLOW_LEASE_S": str(LEASE_S),
    "CLAIMFLOW_PARITY_S": "5",
}
_PRISTINE: Final = "pristine"
_READY_S: Final = 60.0


class System:
    """One installation in a folder of its own, with its proxies."""

    def __init__(
        self, site: Site, proxies: dict[str, Proxy], *, plant: str = "", **settings: str
    ) -> None:
        self.site = site
        self.proxies = proxies
        self._settings = {**_WORKER, **settings}
        names = settings.get("CLAIMFLOW_VIEWS", "").split() or sorted(all_views(bytes(32)))
        self.views = tuple(names)
        self.postgres = site.postgres
        self.elasticsearch = site.elasticsearch
        # A child ends with the thread that started it: these live as long as the rig.
        self._hands = ThreadPoolExecutor(1)
        self._store_hands = ThreadPoolExecutor(1)
        self._held: set[str] = set()
        self._paused: set[str] = set()
        self._broken: str | None = None
        self.children = {name: self._child(name, plant) for name in PROGRAMS}
        # How often a program ended that nobody had killed.
        self.ended_alone: Counter[str] = Counter()

    @property
    def database_url(self) -> str:
        """The store, directly."""
        return self.postgres.url

    @property
    def elasticsearch_url(self) -> str:
        """The index, directly: not through a proxy."""
        return self.elasticsearch.url

    @property
    def environment(self) -> dict[str, str]:
        """What an operator's word is run with."""
        return {**self.site.environment, **self._settings}

    @property
    def index_key(self) -> bytes:
        """The key of hashes in the index."""
        return Path(self.environment["CLAIMFLOW_INDEX_KEY_FILE"]).read_bytes()

    def _child(self, name: str, plant: str) -> Child:
        words = {
            "command": ("server.command", "serve"),
            "query": ("server.query", "serve"),
        }.get(name, ("tests.faults.planted", plant, "run") if plant else ("projections", "run"))
        environment = dict(self.site.environment)
        if name in WORKERS:
            environment |= self._settings
        if name in self.proxies:
            environment["ELASTICSEARCH_URL"] = self.proxies[name].url
        return Child(
            name,
            [sys.executable, "-m", *words],
            log=self.site.home.log_file(name),
            environment=environment,
        )

    async def start(self, programs: tuple[str, ...] = PROGRAMS) -> None:
        """Start stores and programs; return when all of them work."""
        await asyncio.gather(
            self.in_store_thread(self.postgres.start), self.in_thread(self.elasticsearch.start)
        )
        await asyncio.to_thread(self._prepare)
        await self.start_programs(programs)

    def _prepare(self) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            # A worker that hangs is given up on soon enough to be seen here.
            connection.execute(f"ALTER SYSTEM SET wal_sender_timeout = '{LEASE_S:.0f}s'")
            connection.execute("SELECT pg_reload_conf()")
        migrate(self.database_url)
        for tenant in TENANTS:
            set_policy(self.database_url, UUID(tenant), "sandbox", name=f"faults {tenant[-1]}")

    async def start_programs(self, programs: tuple[str, ...]) -> None:
        """Start programs, the worker first of all: its first fill is no part of a test."""
        for name in sorted(programs, key=lambda name: name != "worker"):
            await self.up(name)
            if name == "worker":
                await self._until(self._follows)
        for name in set(programs) & {"command", "query"}:
            ask = serving(f"CLAIMFLOW_{name.upper()}_ADDR")
            await self._until(lambda ask=ask: ask(self.site.environment))  # type: ignore[misc]

    def _follows(self) -> bool:
        """Tell whether every view is filled and followed."""
        with psycopg.connect(self.database_url) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name LIKE %s",
                (f"{SLOT}%",),
            ).fetchone()
        if not found or found[0] < len(self.views):
            return False
        with Elasticsearch(self.elasticsearch_url) as client:
            answer = client.options(ignore_status=404).mget(index=PROGRESS, ids=list(self.views))
        phases = {one.get("_source", {}).get("phase") for one in answer.get("docs", [{}])}
        return phases == {"FOLLOWING"}

    async def _until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_S
        while not await asyncio.to_thread(ready):
            self.check()
            if time.monotonic() > deadline:
                raise RuntimeError("the system did not come up")
            await asyncio.sleep(0.1)

    def check(self) -> None:
        """Raise when a program ended in a way that makes the run worthless."""
        if self._broken:
            raise RuntimeError(self._broken)
        for name, child in self.children.items():
            if child.exit_code == SEAM_GONE:
                self._broken = (
                    f"{name}: the planted bug does not fit the code any more; see its log"
                )
                raise RuntimeError(self._broken)

    async def keep(self) -> None:
        """Restart programs that ended by themselves, as a supervisor does; never returns."""
        while True:
            await asyncio.sleep(0.2)
            self.check()
            for name, child in self.children.items():
                if name in self._held or child.pid is not None or child.exit_code is None:
                    continue
                self.ended_alone[f"{name} ({child.exit_code})"] += 1
                await self.up(name)

    async def up(self, name: str) -> None:
        """Start a program if it is not running."""
        child = self.children[name]

        def start() -> None:
            if child.pid is None:
                child.start()

        await self.in_thread(start)
        self._held.discard(name)

    async def keep_pristine(self) -> None:
        """Keep the empty, migrated database for `fresh`; no program runs yet."""
        await asyncio.to_thread(
            self._administrate, f"CREATE DATABASE {_PRISTINE} TEMPLATE {DATABASE}"
        )

    async def fresh(self, plant: str = "") -> None:
        """Begin again with empty stores, no program running, and workers with this bug."""
        for name in PROGRAMS:
            await self.kill(name)
        await asyncio.to_thread(
            self._administrate,
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
            f"DROP DATABASE {DATABASE} WITH (FORCE)",
            f"CREATE DATABASE {DATABASE} TEMPLATE {_PRISTINE}",
        )
        with Elasticsearch(self.elasticsearch_url) as client:
            for index in client.indices.get(index="claim*"):
                client.indices.delete(index=index)
        self.children = {name: self._child(name, plant) for name in PROGRAMS}

    def _administrate(self, *statements: LiteralString) -> None:
        with psycopg.connect(self.postgres.url_of("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    async def kill(self, name: str) -> None:
        """SIGKILL a program; it stays away until `up`."""
        self._held.add(name)
        child = self.children[name]
        if child.pid is not None:
            await self.in_thread(child.kill)

    async def end(self, name: str) -> None:
        """SIGTERM a program and wait; it stays away until `up`."""
        self._held.add(name)
        await self.in_thread(self.children[name].stop)

    def pause(self, name: str) -> bool:
        """SIGSTOP a program; tell whether it was running."""
        pid = self.children[name].pid
        if pid is None:
            return False
        os.kill(pid, signal.SIGSTOP)
        self._paused.add(name)
        return True

    def resume(self, name: str) -> None:
        """SIGCONT a program."""
        self._paused.discard(name)
        pid = self.children[name].pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def active_worker(self) -> str:
        """Return the worker that wrote progress last."""
        return max(WORKERS, key=lambda name: self.proxies[name].progress_at or 0.0)

    async def crash_postgres(self, away_s: float) -> None:
        """SIGKILL the postmaster and all backends, start it again after a while."""

        def crash() -> None:
            inside = processes_in(self.postgres.data)
            self.postgres.kill()
            for process in inside:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            time.sleep(away_s)
            self.postgres.start()

        await self.in_store_thread(crash)

    async def restart_elasticsearch(self, away_s: float, *, gently: bool) -> None:
        """End Elasticsearch, by SIGTERM or SIGKILL, and start it again after a while."""

        def restart() -> None:
            if gently:
                self.elasticsearch.stop()
            else:
                self.elasticsearch.kill()
            time.sleep(away_s)
            self.elasticsearch.start()

        await self.in_store_thread(restart)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run what starts or ends programs."""
        return await asyncio.get_running_loop().run_in_executor(self._hands, work)

    async def in_store_thread(self, work: Callable[[], T]) -> T:
        """Run what starts or ends a store."""
        return await asyncio.get_running_loop().run_in_executor(self._store_hands, work)

    async def stop(self) -> None:
        """End everything."""
        for name in list(self._paused):
            self.resume(name)
        for name in PROGRAMS:
            self._held.add(name)
        for child in (*self.children.values(), self.elasticsearch.child, self.postgres.child):
            if child.pid is not None and child is not self.postgres.child:
                await self.in_thread(child.kill)
        await self.in_store_thread(self.postgres.stop)
        self._hands.shutdown(wait=False)
        self._store_hands.shutdown(wait=False)


@asynccontextmanager
async def folder(keep: bool = False) -> AsyncIterator[Path]:
    """A folder for a run, short since a socket's path has a limit."""
    made = Path(tempfile.mkdtemp(prefix="claimflow-faults-"))
    try:
        yield made
    finally:
        if not keep:
            shutil.rmtree(made, ignore_errors=True)


@asynccontextmanager
async def system(home: Path, *, plant: str = "", **settings: str) -> AsyncIterator[System]:
    """An installation, not started yet; everything is ended and its data left at the end."""
    site = Site(
        Settings(home=home, command_port=0, query_port=0, elasticsearch_port=0), tuple(PARTS)
    )
    async with AsyncExitStack() as stack:
        proxies = {
            name: await stack.enter_async_context(proxy(site.elasticsearch.url))
            for name in ("query", *WORKERS)
        }
        one = System(site, proxies, plant=plant, **settings)
        try:
            yield one
        finally:
            await one.stop()
