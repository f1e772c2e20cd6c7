"""A migrated database, an Elasticsearch of its own prefix, and workers to run on them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from elasticsearch import Elasticsearch

from projections.elastic import Elastic
from projections.session import Session
from projections.settings import WorkerSettings
from projections.views.claims import claims_view
from projections.views.view import Document, View
from server.command.migrate import migrate
from server.platform.elastic import open_client
from tests.projections import scribe


@pytest.fixture
def database(fresh_database: str) -> str:
    """The URI of a database with claimflow's schema."""
    migrate(fresh_database)
    return fresh_database


@pytest.fixture
def view() -> View:
    return claims_view(scribe.INDEX_KEY)


@dataclass(frozen=True)
class Place:
    """A database and an index, and what to see in them."""

    settings: WorkerSettings
    view: View
    client: Elasticsearch

    @property
    def database(self) -> str:
        return self.settings.database_url

    @property
    def alias(self) -> str:
        return f"{self.settings.index_prefix}{self.view.name}"

    @property
    def first_index(self) -> str:
        """The first generation of the view as it is today."""
        return f"{self.alias}-v{self.view.schema}-1"

    def write(self, *rows: list[scribe.Row]) -> None:
        """Insert rows, a transaction for each list."""
        for some in rows:
            scribe.write(self.database, some)

    def progress(self) -> dict[str, Any] | None:
        return self.stored(self.view.name)

    def stored(self, name: str) -> dict[str, Any] | None:
        """Return a document of the index of progress."""
        index = f"{self.settings.index_prefix}claimflow-progress"
        answer = self.client.options(ignore_status=(404, 503), max_retries=0).get(
            index=index, id=name
        )
        return answer["_source"] if answer.get("found") else None

    def is_alone(self, index: str) -> bool:
        """Whether no other generation is left."""
        found = set(self.client.indices.get(index=f"{self.alias}-v*"))
        return found <= {index, f"{index}-quarantine"}

    def documents(self) -> dict[str, Document]:
        """Everything a search sees, by id."""
        answer = self.client.options(ignore_status=(404, 503), max_retries=0).search(
            index=self.alias, size=10_000, query={"match_all": {}}
        )
        if "hits" not in answer:
            return {}
        return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}

    def sql(self, statement: LiteralString, *arguments: Any) -> Any:
        """Run a statement as an operator would; return the first value, if any."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(statement, arguments)
            row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]

    def slot(self, column: LiteralString) -> Any:
        """Return what Postgres says about the slot."""
        return self.sql(
            f"SELECT {column} FROM pg_replication_slots WHERE slot_name = %s", self.slot_name
        )

    @property
    def slot_name(self) -> str:
        """The slot of the generation that serves, or of the first there will be."""
        progress = self.progress()
        number = progress["generation"] if progress else 1
        return f"{self.settings.slot}_{self.view.name}_{number}"

    def head(self) -> int:
        """Where the log ends, made durable."""
        return int(self.sql("SELECT pg_current_wal_flush_lsn() - '0/0'"))

    async def caught_up(self, seconds: float = 60.0) -> dict[str, Any]:
        """Wait until everything committed so far is searchable; return the progress."""
        head = self.head()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.progress()
            reached = found and found["lsn_number"] >= head and found["phase"] == "FOLLOWING"
            if found and reached and self.is_alone(found["index"]):
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"not caught up with {head}: {self.progress()}")

    def is_the_fold_of(self, told: list[scribe.Told]) -> None:
        """Assert that the index holds just these claims, each the fold of its events."""
        found = self.documents()
        assert found.keys() == {one.id for one in told}
        for one in told:
            assert scribe.same(found[one.id]) == scribe.same(scribe.fold(self.view, one.rows))


@pytest.fixture
def place(
    database: str, elasticsearch_url: str, index_prefix: str, view: View, tmp_path: Path
) -> Iterator[Place]:
    key = tmp_path / "index.key"
    key.write_bytes(scribe.INDEX_KEY)
    settings = WorkerSettings(
        database_url=database,
        elasticsearch_url=elasticsearch_url,
        index_prefix=index_prefix,
        index_key_file=key,
        slot=f"test_{uuid.uuid4().hex}",
        heartbeat_s=1.0,
        feed_status_s=0.2,
    )
    with Elasticsearch(elasticsearch_url) as client:
        yield Place(settings, view, client)


class Running:
    """A worker in this process, restarted whenever a stretch ends, as the program does it."""

    def __init__(self, place: Place) -> None:
        self.ended: list[BaseException] = []
        self._place = place
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        settings = self._place.settings
        client = open_client(settings.elasticsearch_url, timeout_s=5)
        session = Session(settings, self._place.view, Elastic(client))
        try:
            while not self._stop.is_set():
                try:
                    await session.run(self._stop)
                except Exception as error:
                    self.ended.append(error)
                    await asyncio.sleep(0.05)
        finally:
            await client.close()

    async def stop(self) -> None:
        """Stop as SIGTERM does."""
        self._stop.set()
        if not self._task.cancelled():
            await self._task

    async def kill(self) -> None:
        """End it wherever it is."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def worker(place: Place, **changes: Any) -> AsyncIterator[Running]:
    """A worker on a place."""
    one = Running(replace(place, settings=replace(place.settings, **changes)))
    try:
        yield one
    finally:
        await one.stop()


class Process:
    """A worker as a program of its own."""

    def __init__(self, place: Place, *words: str, **environment: str) -> None:
        settings = place.settings
        self._words = words
        self._environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "ELASTICSEARCH_URL": settings.elasticsearch_url,
            "CLAIMFLOW_INDEX_PREFIX": settings.index_prefix,
            "CLAIMFLOW_INDEX_KEY_FILE": str(settings.index_key_file),
            "CLAIMFLOW_SLOT": settings.slot,
            "CLAIMFLOW_VIEWS": place.view.name,
            "CLAIMFLOW_HEARTBEAT_S": "1",
            "CLAIMFLOW_FEED_STATUS_S": "0.2",
            **environment,
        }
        self.child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "projections", *self._words, env=self._environment,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and return the exit status."""
        assert self.child is not None
        with suppress(ProcessLookupError):
            self.child.send_signal(number)
        return await self.child.wait()


@asynccontextmanager
async def process(place: Place, *, word: str = "run", **environment: str) -> AsyncIterator[Process]:
    """A worker program, started, and killed at the end."""
    one = Process(place, *word.split(), **environment)
    await one.start()
    try:
        yield one
    finally:
        await one.end()


async def eventually(what: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.02)
