"""How fresh an answer must be, and how fresh it is: a request's wish, a reply's statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from claimflow.v1 import common_pb2, errors_pb2
from server.platform import telemetry
from server.platform.errors import Failure
from server.platform.positions import ConsistencyToken, TokenCodec
from server.query.caller import Caller
from server.query.faults import Complaints
from server.query.freshness import Freshness, lag_seconds, wait_seconds
from server.query.history import History, Snapshot
from server.query.index import Progress, unavailable
from server.query.values import timestamp

_log = telemetry.logger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for: nothing, a position within a time, or all that is committed."""

    position: ConsistencyToken | None = None
    max_wait: float | None = None
    strong: bool = False


# A wait that takes longer than this asks Postgres whether its end can come.
_UNASKED_SECONDS = 0.25


class Requirements:
    """Reads wishes, waits for them, and states what was reached."""

    def __init__(self, tokens: TokenCodec, freshness: Freshness, history: History) -> None:
        self._tokens = tokens
        self.freshness = freshness
        self._history = history

    def wish(self, consistency: common_pb2.Consistency, caller: Caller) -> Wish:
        """Return what a request asks for; TOKEN_INVALID for a token that cannot be read."""
        kind = consistency.WhichOneof("requirement")
        if kind == "strong":
            return Wish(strong=True)
        if kind == "minimize_latency":
            return Wish()
        asked = consistency.at_least_as_fresh
        text = asked.token if kind else caller.metadata_token
        if not text:
            if kind:
                raise Complaints.of("consistency.at_least_as_fresh.token", "a token is missing")
            return Wish()
        max_wait = None
        if kind and asked.HasField("max_wait"):
            max_wait = asked.max_wait.seconds + asked.max_wait.nanos / 1e9
            if max_wait < 0:
                raise Complaints.of("consistency.at_least_as_fresh.max_wait", "is negative")
        return Wish(self._tokens.open(text, caller.scope.tenant_id), max_wait)

    async def reach(self, wish: Wish, caller: Caller) -> tuple[Progress, int]:
        """Wait until the index is fresh enough; return its progress and the position required."""
        if wish.strong:
            return await self._reach_head(caller)
        if wish.position is None:
            return await self.freshness.latest(), 0
        seconds = wait_seconds(wish.max_wait, caller.remaining())
        position = wish.position
        at_first = min(seconds, _UNASKED_SECONDS)
        try:
            progress = await self.freshness.reach(position.epoch, position.lsn, at_first)
        except Failure as failure:
            if failure.reason != errors_pb2.ERROR_REASON_PROJECTION_LAGGING:
                raise
            await self._check_known(position)
            rest = seconds - at_first
            progress = await self.freshness.reach(position.epoch, position.lsn, rest)
        return progress, position.lsn

    async def _check_known(self, position: ConsistencyToken) -> None:
        """Refuse a position that the log has not come to: it is of a log that was put back (F48).

        Without Postgres nobody knows, and the wait goes on.
        """
        try:
            head = await self._history.head()
        except Failure:
            return
        if head.epoch != position.epoch or head.lsn < position.lsn:
            raise Failure(errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH)

    async def _reach_head(self, caller: Caller) -> tuple[Progress, int]:
        before = await self.freshness.latest()
        head = await self._history.head()
        check_not_ahead(before, head)
        seconds = wait_seconds(None, caller.remaining())
        return await self.freshness.reach(head.epoch, head.lsn, seconds), head.lsn

    def of_index(self, progress: Progress, caller: Caller) -> common_pb2.Freshness:
        """Return the statement of an answer from the index."""
        return self._statement(
            caller,
            ConsistencyToken(progress.epoch, progress.lsn, caller.scope.tenant_id),
            progress.as_of,
            lag_seconds(progress),
            common_pb2.ANSWER_SOURCE_INDEX,
            progress.quarantined,
        )

    def of_database(self, snapshot: Snapshot, caller: Caller) -> common_pb2.Freshness:
        """Return the statement of an answer from Postgres, which is never behind."""
        return self._statement(
            caller,
            ConsistencyToken(snapshot.epoch, snapshot.lsn, caller.scope.tenant_id),
            snapshot.as_of,
            0.0,
            common_pb2.ANSWER_SOURCE_DATABASE,
            0,
        )

    def _statement(
        self,
        caller: Caller,
        position: ConsistencyToken,
        as_of: Any,
        lag: float,
        source: common_pb2.AnswerSource,
        quarantined: int,
    ) -> common_pb2.Freshness:
        token = self._tokens.seal(position)
        caller.reply_token(token)
        statement = common_pb2.Freshness(
            consistency_token=token,
            as_of_time=timestamp(as_of),
            source=source,
            quarantined=quarantined,
        )
        statement.lag.FromMicroseconds(round(lag * 1_000_000))
        return statement


def check_not_ahead(progress: Progress, head: Snapshot) -> None:
    """Refuse to answer from a view that is ahead of the log, or of another store (F48).

    The progress must have been read before the head.
    """
    if progress.epoch != head.epoch or progress.lsn > head.lsn:
        _log.error("the view is ahead of the log or follows another store")
        raise unavailable()
