"""SearchClaims: body out, hits in, page by page over one point in time.

A page token holds the point, where the page ended and the day that ages count to, sealed and bound
to the caller, filter and order. Later pages answer as of their point, whatever freshness they ask
for; the page size may change from page to page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from claimflow.v1 import errors_pb2
from server.platform import telemetry
from server.platform.errors import Failure
from server.query.caller import Caller
from server.query.conditions import Node, has_text, normalized
from server.query.faults import filter_invalid, order_invalid
from server.query.filters import parse
from server.query.index import KEEP_ALIVE, Answer, Index, PointLost, Progress
from server.query.order import Sort, parse_order
from server.query.points import Point, Points
from server.query.queries import Scope, Translator

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 500

_log = telemetry.logger(__name__)

Source = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was read and understood."""

    node: Node
    sort: Sort

    @property
    def arguments(self) -> bytes:
        """What a page token is bound to besides its caller."""
        return orjson.dumps([normalized(self.node), self.sort])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: what a page token holds."""

    point_id: str
    progress: Progress
    today: date
    after: list[Any]

    def pack(self) -> bytes:
        """Return it as bytes."""
        progress = self.progress
        return orjson.dumps(
            [
                self.point_id, self.today, self.after, progress.epoch, progress.lsn,
                progress.as_of, progress.generation, progress.index, progress.phase,
                progress.quarantined,
            ]
        )  # fmt: skip

    @staticmethod
    def unpack(data: bytes) -> Place:
        """Return what `pack` made."""
        point_id, today, after, epoch, lsn, as_of, generation, index, phase, quarantined = (
            orjson.loads(data)
        )
        progress = Progress(
            epoch=UUID(epoch),
            lsn=lsn,
            as_of=datetime.fromisoformat(as_of),
            written=datetime.fromisoformat(as_of),
            generation=generation,
            index=index,
            phase=phase,
            quarantined=quarantined,
        )
        return Place(point_id, progress, date.fromisoformat(today), after)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of documents; `next_place` is None at the end, `total` only when counted."""

    sources: list[Source]
    next_place: Place | None
    total: int
    progress: Progress


def understand(text: str, order_by: str, caller: Caller) -> Search:
    """Read filter and order; FILTER_INVALID, ORDER_BY_INVALID with the position."""
    node = read_filter(text, caller)
    with order_invalid():
        return Search(node, parse_order(order_by, caller.sight, ranked=has_text(node)))


def read_filter(text: str, caller: Caller) -> Node:
    """Read a filter; FILTER_INVALID with the position."""
    with filter_invalid():
        return parse(text, caller.sight)


class ForeignHit(Exception):
    """A hit is outside of the scope that was asked for; nobody may see any of the reply."""


class Searcher:
    """Runs searches."""

    def __init__(self, index: Index, points: Points) -> None:
        self._index = index
        self._points = points

    async def first(
        self,
        search: Search,
        caller: Caller,
        size: int,
        count: bool,
        progress: Progress,
        required: int,
        timeout: float,
    ) -> Page:
        """Return the first page, from a point in time that holds position `required` at least."""
        point = await self._points.at(progress, required, timeout)
        place = Place(point.point_id, point.progress, datetime.now(UTC).date(), [])
        try:
            page = await self._page(search, caller, size, count, place, timeout)
        except PointLost:  # the engine was restarted: once more, from a new one
            self._points.forget(point)
            point = await self._points.at(progress, required, timeout)
            place = Place(point.point_id, point.progress, place.today, [])
            page = await self._page(search, caller, size, count, place, timeout)
        _lend(point, page)
        return page

    async def next(
        self, search: Search, caller: Caller, size: int, count: bool, place: Place, timeout: float
    ) -> Page:
        """Return the page after a place; PAGE_TOKEN_EXPIRED when its point is kept no more."""
        try:
            return await self._page(search, caller, size, count, place, timeout)
        except PointLost:
            raise Failure(errors_pb2.ERROR_REASON_PAGE_TOKEN_EXPIRED) from None

    async def _page(
        self, search: Search, caller: Caller, size: int, count: bool, place: Place, timeout: float
    ) -> Page:
        translator = Translator(place.today, caller.blind)
        body: dict[str, Any] = {
            "query": translator.scoped(caller.scope, search.node),
            "sort": search.sort,
            "size": size + 1,  # one more tells whether there is a next page
            "track_total_hits": count,
            "pit": {"id": place.point_id, "keep_alive": KEEP_ALIVE},
        }
        if place.after:
            body["search_after"] = place.after
        answer = await self._index.search(body, timeout)
        hits = answer["hits"]["hits"]
        sources = [hit["_source"] for hit in hits[:size]]
        check_hits(sources, caller.scope)
        following = None
        if len(hits) > size:
            point_id = answer.get("pit_id", place.point_id)
            following = Place(point_id, place.progress, place.today, hits[size - 1]["sort"])
        return Page(sources, following, total(answer) if count else 0, place.progress)


def _lend(point: Point, page: Page) -> None:
    if page.next_place is not None:
        point.lent = True


def total(answer: Answer) -> int:
    """Return how many documents match."""
    return int(answer["hits"]["total"]["value"])


def check_hits(sources: list[Source], scope: Scope) -> None:
    """Drop the whole reply when a hit is not the caller's to see (R9): the query must not be so."""
    for source in sources:
        if not scope.holds(source):
            _log.critical("search found a claim outside of its scope", alarm="cross-tenant hit")
            raise ForeignHit


def page_size(asked: int, default: int = PAGE_SIZE_DEFAULT) -> int:
    """Return the page size for one asked for, which is not negative."""
    return min(asked or default, PAGE_SIZE_MAX)
