"""Looks at a point in time for those who read claims in order: by id, or by what changed.

A point is opened on the generation that its progress speaks of, after that progress was read. So it
holds everything up to there, and nothing of another generation, whose documents may be behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure
from server.query.caller import Caller
from server.query.conditions import Node
from server.query.freshness import Freshness
from server.query.index import KEEP_ALIVE, Index, Progress
from server.query.points import Point, Points
from server.query.queries import Query, Translator
from server.query.search import Source, check_hits

_MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class Seen:
    """A document, and whether it matches the filter."""

    source: Source
    matches: bool

    @property
    def claim_id(self) -> str:
        """Whose document it is."""
        return str(self.source["claim_id"])

    @property
    def position(self) -> int:
        """The position of the claim's last change."""
        return int(self.source["position"])


@dataclass(frozen=True, slots=True)
class Glance:
    """Some documents in order, and whether there are more behind them."""

    seen: list[Seen]
    more: bool
    # By which the point is read next.
    point_id: str


class Looks:
    """Looks at the claims of one caller and filter."""

    def __init__(
        self, index: Index, points: Points, freshness: Freshness, node: Node, caller: Caller
    ) -> None:
        self._index = index
        self._points = points
        self._freshness = freshness
        self._node = node
        self._caller = caller

    async def point(self, progress: Progress, required: int) -> Point:
        """Return a point that holds everything up to position `required` at least."""
        timeout = self._caller.timeout()
        try:
            return await self._points.at(progress, required, timeout)
        except Failure as failure:
            if failure.reason != errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE:
                raise
            # The generation may have been replaced and dropped since its progress was read.
            now = await self._freshness.now()
            if now.index == progress.index or now.lsn < required:
                raise
            return await self._points.at(now, required, timeout)

    def forget(self, point_id: str) -> None:
        """Stop using a point that the engine has lost."""
        self._points.lost(point_id)

    async def by_id(self, point_id: str, today: date, after: str, size: int) -> Glance:
        """Return claims that match, by claim id, after one; `PointLost`."""
        query = self._translator(today).scoped(self._caller.scope, self._node)
        body = {"query": query, "sort": [{"claim_id": "asc"}]}
        return await self._glance(point_id, body, [after] if after else [], size)

    async def changed(
        self, point: Point, today: date, position: int, claim_id: str, size: int
    ) -> Glance:
        """Return what changed after a place and up to the point's progress; `PointLost`.

        One search tells all of it and, by a named query, which of it matches. Claims outside of
        the caller's scope are none of it, and no change moves a claim out of a scope.
        """
        body = {
            "query": self._changes(today, position, claim_id, point.progress.lsn),
            "sort": [{"position": "asc"}, {"claim_id": "asc"}],
        }
        after = [position, claim_id] if claim_id else []
        return await self._glance(point.point_id, body, after, size)

    def _changes(self, today: date, position: int, claim_id: str, until: int) -> Query:
        scoped = self._translator(today).scoped(self._caller.scope, self._node)
        span = {"gte" if claim_id else "gt": position, "lte": until}
        return {
            "bool": {
                "filter": [*self._caller.scope.filters(), {"range": {"position": span}}],
                "should": [{"bool": {**scoped["bool"], "_name": _MATCHES}}],
            }
        }

    async def _glance(
        self, point_id: str, body: dict[str, Any], after: list[Any], size: int
    ) -> Glance:
        body |= {
            "size": size + 1,  # one more tells whether there are more
            "track_total_hits": False,
            "pit": {"id": point_id, "keep_alive": KEEP_ALIVE},
        }
        if after:
            body["search_after"] = after
        answer = await self._index.search(body, self._caller.timeout())
        hits = answer["hits"]["hits"]
        check_hits([hit["_source"] for hit in hits], self._caller.scope)
        seen = [
            Seen(hit["_source"], _MATCHES in hit.get("matched_queries", ())) for hit in hits[:size]
        ]
        return Glance(seen, len(hits) > size, str(answer.get("pit_id", point_id)))

    def _translator(self, today: date) -> Translator:
        return Translator(today, self._caller.blind)
