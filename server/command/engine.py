"""The write path: every command goes through here, many to a commit.

A loop gathers what waits while the previous batch commits; there is no timer. A batch that fails as
a whole is run one by one: the same function, batches of one. The work belongs to the loop's own
task, so a call that is cancelled takes nothing with it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from server.claims.commands import TakeNextClaim
from server.claims.refusals import Refused
from server.claims.workflow import decide
from server.command.books import Books
from server.command.gather import facts_for
from server.command.ledger import Aborted, Ledger, Lost, Unclear
from server.command.requests import NOBODY, Done, Inquiry, Look, NotDone, Request, Trouble

log = logging.getLogger(__name__)

Outcome = Done | Refused | NotDone

_BREATH: Final = 16
_CONFLICT_TRIES: Final = 5
_RECONNECT_TRIES: Final = 8
_RECONNECT_SECONDS_MAX: Final = 0.5
_FINAL: Final = frozenset({Trouble.HISTORY_BROKEN, Trouble.UNEXPECTED})
_FOR_ALL: Final = frozenset({Trouble.DATABASE_UNAVAILABLE, Trouble.STORAGE_FULL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the engine takes."""

    batch_commands_max: int = 256
    batch_bytes_max: int = 2 * 1024 * 1024
    queue_commands_max: int = 4096
    queue_bytes_max: int = 64 * 1024 * 1024
    retry_after_seconds: float = 0.25


def settle(books: Books, request: Request) -> Outcome:
    """Decide one request in memory; a refusal costs its neighbours nothing."""
    command = request.command
    if isinstance(command, Inquiry):
        return books.outcome(request) or NotDone(Trouble.OUTCOME_NOT_FOUND)
    try:
        if isinstance(command, Look):
            return _looked_at(books, request)
        earlier = books.receipts.get(request.receipt_key)
        if earlier is not None:
            if earlier.payload_hash != request.payload_hash:
                return NotDone(Trouble.REQUEST_ID_REUSED)
            return books.replay(request, earlier)
        if isinstance(command, TakeNextClaim):
            chosen = books.next_claim(request, command.queue)
            command = replace(command, claim_id=chosen or NOBODY)
            request = replace(request, command=command)
        before = books.claim(request)
        facts = facts_for(books, request, before)
        decided = decide(command, before, facts)
        if request.validate_only:
            return books.preview(request, decided, facts)
        return books.enter(request, decided, facts)
    except Refused as refusal:
        return refusal


def _looked_at(books: Books, request: Request) -> Done:
    claim = books.claim(request)
    assert request.view is not None, "who looks says how"
    return Done(request.view(claim, facts_for(books, request, claim)), None)


async def carry_out(ledger: Ledger, batch: Sequence[Request]) -> list[Outcome]:
    """Decide a batch in memory and record it in one transaction, an outcome for each request."""
    books = await ledger.open(batch)
    try:
        outcomes: list[Outcome] = []
        for number, request in enumerate(batch, 1):
            outcomes.append(settle(books, request))
            if number % _BREATH == 0:
                await asyncio.sleep(0)  # other calls are served between the decisions of a batch
    except BaseException:
        await ledger.rollback()
        raise
    positions = await ledger.write(books)
    return [
        replace(outcome, lsn=positions[outcome.batch_id], epoch=ledger.epoch)
        if isinstance(outcome, Done) and outcome.batch_id is not None
        else outcome
        for outcome in outcomes
    ]


@dataclass(slots=True, eq=False)
class _Waiting:
    request: Request
    answer: asyncio.Future[Outcome]


class Engine:
    """Takes commands, carries them out in batches, and answers each."""

    def __init__(self, ledger: Ledger, limits: Limits = Limits()) -> None:
        self._ledger = ledger
        self._limits = limits
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and begin to take commands; raise `Lost` when the database is not there."""
        await self._ledger.connect()
        self._task = asyncio.create_task(self._run(), name="command engine")

    async def stop(self) -> None:
        """Take no more, carry out what waits, and let go of the database."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await self._ledger.close()

    async def submit(self, request: Request) -> Done:
        """Carry out one command and return its outcome; raise `Refused` or `NotDone`.

        A caller who is cancelled withdraws what has not been taken into a batch, and no more.
        """
        return self.unwrap(await self.enqueue([request])[0])

    def enqueue(self, requests: Sequence[Request]) -> list[asyncio.Future[Outcome]]:
        """Put commands into the queue, next to each other, and return their outcomes to come.

        All or none are taken: raises `NotDone` when there is no room.
        """
        if self._closing:
            raise NotDone(Trouble.SHUTTING_DOWN)
        size = sum(request.size_bytes for request in requests)
        limits = self._limits
        if (
            len(self._waiting) + len(requests) > limits.queue_commands_max
            or self._waiting_bytes + size > limits.queue_bytes_max
        ):
            raise NotDone(Trouble.SERVER_OVERLOADED, limits.retry_after_seconds)
        loop = asyncio.get_running_loop()
        added = [_Waiting(request, loop.create_future()) for request in requests]
        self._waiting.extend(added)
        self._waiting_bytes += size
        self._wake.set()
        return [one.answer for one in added]

    @staticmethod
    def unwrap(outcome: Outcome) -> Done:
        """Return what was done, or raise why it was not."""
        if isinstance(outcome, Done):
            return outcome
        raise outcome

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while batch := self._gather():
                outcomes = await self._outcomes([one.request for one in batch])
                for one, outcome in zip(batch, outcomes, strict=True):
                    if not one.answer.done():
                        one.answer.set_result(outcome)
            if self._closing:
                return

    def _gather(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        now = time.monotonic()
        while self._waiting and len(batch) < self._limits.batch_commands_max:
            request = self._waiting[0].request
            if batch and size + request.size_bytes > self._limits.batch_bytes_max:
                break
            one = self._waiting.popleft()
            self._waiting_bytes -= request.size_bytes
            if one.answer.done():  # its caller has gone before it was taken
                continue
            if request.deadline <= now:
                one.answer.set_result(NotDone(Trouble.DEADLINE_PASSED))
                continue
            size += request.size_bytes
            batch.append(one)
        return batch

    async def _outcomes(self, batch: Sequence[Request]) -> Sequence[Outcome]:
        try:
            return await self._try(batch)
        except Aborted as aborted:
            if not aborted.again and (aborted.trouble in _FOR_ALL or len(batch) == 1):
                return [self._not_done(aborted.trouble) for _ in batch]
        except Unclear:
            return [NotDone(Trouble.DURABILITY_UNCONFIRMED) for _ in batch]
        except Exception:
            log.exception("a batch failed and is run one by one")
            await self._ledger.rollback()
        return [await self._alone(request) for request in batch]

    async def _alone(self, request: Request) -> Outcome:
        for attempt in range(1, _CONFLICT_TRIES + 1):
            if request.deadline <= time.monotonic():
                return NotDone(Trouble.DEADLINE_PASSED)
            try:
                return (await self._try([request]))[0]
            except Aborted as aborted:
                if not aborted.again or attempt == _CONFLICT_TRIES:
                    return self._not_done(aborted.trouble)
            except Unclear:
                return NotDone(Trouble.DURABILITY_UNCONFIRMED)
            except Exception:
                log.exception("a command failed: %s", request.method)
                await self._ledger.rollback()
                return NotDone(Trouble.UNEXPECTED)
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("the last try returns")

    async def _try(self, batch: Sequence[Request]) -> list[Outcome]:
        """Carry out a batch; when the connection goes before COMMIT, on a new one."""
        delay = 0.02
        for _ in range(_RECONNECT_TRIES):
            try:
                return await carry_out(self._ledger, batch)
            except Lost:
                await asyncio.sleep(delay)
                delay = min(delay * 2, _RECONNECT_SECONDS_MAX)
            now = time.monotonic()
            if len(batch) > 1 and any(request.deadline <= now for request in batch):
                # Some may not begin any more: each is looked at by itself.
                raise Aborted(Trouble.WRITE_CONFLICT, again=True)
            if batch[0].deadline <= now:
                break
        raise Aborted(Trouble.DATABASE_UNAVAILABLE)

    def _not_done(self, trouble: Trouble) -> NotDone:
        # What would fail the same way is not told to be tried again.
        again = trouble not in _FINAL
        return NotDone(trouble, self._limits.retry_after_seconds if again else None)
