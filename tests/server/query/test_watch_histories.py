"""Random histories of an index under a watch that is cut and resumed at random.

A worker writes versions of claims in batches of any size, covers them by progress now or later, and
now and then lets a new generation serve. Readers are cut anywhere, lose messages on the way, and
come back to either of two servers with the last token they have. Whatever happens, no version goes
down, and in the end each knows exactly what the index has.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from server.platform.errors import Failure
from server.platform.positions import TokenCodec
from server.query.process import open_service
from server.query.service import QueryService
from tests.server.query import sample
from tests.server.query.feeding import Listener, Worker, changed
from tests.server.query.whole import SEAL_KEY, Base

STEPS = 40
CLAIMS = 25


@dataclass
class Store:
    """All claims as they are, and a worker that is behind by some of them."""

    worker: Worker
    rng: random.Random
    now: dict[str, sample.Document]
    position: int = 5000
    waiting: list[sample.Document] = field(default_factory=list)  # not covered by progress
    finished: bool = False

    def step(self) -> None:
        """Let something happen."""
        self._commit(self.rng.randrange(1, 8))
        if self.rng.random() < 0.1:
            # Built beside the old one from a state of before, then up to date.
            base = self.rng.randrange(self.worker.position, self.position + 1)
            self.worker.serve_generation(base, self.now.values(), self.position)
            self.waiting.clear()
            return
        newest = {one["claim_id"]: one for one in self.waiting}
        self.worker.index(newest.values())
        if self.rng.random() < 0.7:  # else a crash between the documents and the progress
            self.worker.advance(self.position)
            self.waiting.clear()

    def finish(self) -> None:
        """Cover everything."""
        self.worker.index(self.now.values())
        self.worker.advance(self.position)
        self.finished = True

    def _commit(self, count: int) -> None:
        for number in range(count):
            if not number or self.rng.random() < 0.6:
                self.position += self.rng.randrange(1, 50)  # else in the same transaction
            document = self.now[self.rng.choice(list(self.now))]
            state = self.rng.choice(["PENDED", "DENIED"])
            one = changed(document, state=state, position=self.position)
            self.now[one["claim_id"]] = one
            self.waiting.append(one)


@dataclass
class Reader:
    """Somebody who watches and remembers what was told."""

    rng: random.Random
    store: Store
    known: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)  # the highest ever told
    token: str = ""
    cuts: int = 0
    restarts: int = 0

    async def listen(self, services: list[QueryService]) -> None:
        """Watch until everything is told, over cuts."""
        while True:
            listener = Listener(self.rng.choice(services))
            stream = listener.watch(
                filter="state = PENDED",
                page_size=self.rng.choice([1, 2, 5, 100]),
                resume_token=self.token,
            )
            try:
                for _ in range(self.rng.randrange(1, 10)):
                    message = await anext(stream)
                    if self.rng.random() < 0.1:
                        break  # lost on the way
                    self.take(message)
                    if self.is_finished(message):
                        return
            except Failure as failure:
                assert str(failure) == "TOKEN_COMPACTED"
                self.token = ""
                self.known.clear()
                self.restarts += 1
            finally:
                await stream.close()
            self.cuts += 1

    def take(self, message: Any) -> None:
        for one in (*message.claims, *message.removed):
            assert one.version >= self.versions.get(one.claim_id, 0), "a version went down"
            self.versions[one.claim_id] = one.version
        self.known |= {claim.claim_id: claim.version for claim in message.claims}
        for gone in message.removed:
            self.known.pop(gone.claim_id, None)
        self.token = message.resume_token

    def is_finished(self, message: Any) -> bool:
        if not self.store.finished or not message.HasField("freshness"):
            return False
        told = TokenCodec(SEAL_KEY).open(message.freshness.consistency_token, sample.TENANT)
        return told.lsn >= self.store.position


async def write(store: Store) -> None:
    for _ in range(STEPS):
        await asyncio.to_thread(store.step)
        await asyncio.sleep(store.rng.choice([0.0, 0.0, 0.05]))
    await asyncio.to_thread(store.finish)


@pytest.mark.parametrize("seed", range(4))
async def test_a_watch_ends_up_with_what_the_index_has(base: Base, seed: int) -> None:
    rng = random.Random(seed)
    settings = replace(base.settings, watch_heartbeat_s=0.1)
    documents = {one["claim_id"]: one for one in base.documents[:CLAIMS]}
    untouched = base.documents[CLAIMS:]
    with Elasticsearch(base.elasticsearch_url) as client:
        store = Store(Worker(client, base), rng, documents)
        store.now |= {one["claim_id"]: one for one in untouched}
        readers = [Reader(random.Random(f"{seed} {number}"), store) for number in range(3)]
        async with AsyncExitStack() as stack:
            services = [await stack.enter_async_context(open_service(settings)) for _ in "12"]
            async with asyncio.timeout(120):
                await asyncio.gather(write(store), *(one.listen(services) for one in readers))
    expected = {key: one["version"] for key, one in store.now.items() if one["state"] == "PENDED"}
    for reader in readers:
        assert reader.known == expected, f"seed {seed}"
        assert reader.cuts
    assert store.worker.position == store.position
