"""Listens to watches all along: no change is missed, none comes back (api.md, `WatchClaims`).

A listener leaves its stream now and then and resumes with the last token that it worked off, as it
does after every failure. What it knows at the end has to be what the store holds.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Final

from claimflow.client import AsyncClient, ClaimflowError, RetryPolicy, connect_async
from claimflow.client.feeds import Matched, Removed, Restarted, WatchItem
from tests.faults.history import Recorder
from tests.faults.processes import TENANTS, System
from tests.projections import scribe

_STAYS_S: Final = (1.0, 15.0)
_PAUSE_S: Final = (0.05, 0.5)
_SETTLE_S: Final = 60.0


class Listener:
    """One who watches all claims of a tenant."""

    def __init__(
        self, tenant: str, client: AsyncClient, recorder: Recorder, rng: random.Random
    ) -> None:
        self.tenant = tenant
        self._client = client
        self._recorder = recorder
        self._rng = rng
        self._token = ""
        # The version of each claim that was told.
        self.known: dict[str, int] = {}
        # What was told, how often a stream was taken up again, and how streams failed.
        self.heard: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    async def run(self) -> None:
        """Listen; never returns."""
        while True:
            try:
                await self._stretch(time.monotonic() + self._rng.uniform(*_STAYS_S))
            except ClaimflowError as error:
                self.failures[error.reason or error.code.name] += 1
            await asyncio.sleep(self._rng.uniform(*_PAUSE_S))
            self.heard["resumed"] += bool(self._token)

    async def _stretch(self, until: float) -> None:
        stream = aiter(self._client.watch_claims(resume_token=self._token, page_size=50))
        assert isinstance(stream, AsyncGenerator), "it can be left"
        async with aclosing(stream) as items:
            while (left := until - time.monotonic()) > 0:
                try:
                    async with asyncio.timeout(left):
                        item = await anext(items)
                except TimeoutError:
                    return
                self._hear(item)
                self._token = item.resume_token

    def _hear(self, item: WatchItem) -> None:
        self.heard[type(item).__name__] += 1
        match item:
            case Matched():
                self._know(item.claim.claim_id, item.claim.version)
            case Removed():
                self._recorder.violation("a watch of all claims tells that one does not match")
            case Restarted():
                # Nothing here takes the history away that a token needs.
                self._recorder.violation("a watch had to begin anew", reason=item.cause.reason)

    def _know(self, claim_id: str, version: int) -> None:
        before = self.known.get(claim_id, 0)
        if version < before:
            self._recorder.violation(
                "a watch went backwards", claim_id=claim_id, was=before, now=version
            )
        self.known[claim_id] = version

    async def settled(self, stored: Mapping[str, int]) -> None:
        """Wait until everything stored was told; what is known besides was never committed."""
        due = time.monotonic() + _SETTLE_S
        while self.known != stored and time.monotonic() < due:
            await asyncio.sleep(0.05)
        missed = [one for one, version in stored.items() if self.known.get(one, 0) < version]
        if missed:
            self._recorder.violation("a watch missed changes", claims=len(missed), first=missed[0])
        if beyond := [one for one in self.known if self.known[one] > stored.get(one, 0)]:
            self._recorder.violation("a watch told what is not stored", first=beyond[0])


@asynccontextmanager
async def listeners(
    system: System, recorder: Recorder, rng: random.Random
) -> AsyncIterator[list[Listener]]:
    """Listeners to every tenant that is written for; they do not listen yet."""
    environment = system.environment
    async with AsyncExitStack() as stack:
        found = []
        for tenant in (*TENANTS, *map(str, scribe.TENANTS)):
            client = await stack.enter_async_context(
                connect_async(
                    command_addr=environment["CLAIMFLOW_COMMAND_ADDR"],
                    query_addr=environment["CLAIMFLOW_QUERY_ADDR"],
                    token=system.site.mint.mint("EXAMINER", tenant=tenant),
                    # A failure ends the stream; it is taken up again here, with the token.
                    retry=RetryPolicy(attempts_max=1, stream_attempts_max=1),
                )
            )
            part = random.Random(rng.getrandbits(64))
            found.append(Listener(tenant, client, recorder, part))
        yield found
