"""WatchClaims: a snapshot, then every change, found in the index whenever its progress moves.

A look at what changed takes the documents between the place of the watch and the progress, in the
order of their positions, page by page; several versions between two looks come as the newest. A
position counts once progress covers it, and then nothing at or below it can come to light any more,
so nothing is missed. What a reader has not taken is not looked for: a slow one gets fewer versions.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from claimflow.v1 import query_service_pb2 as pb
from server.query.freshness import Freshness, wait_seconds
from server.query.index import PointLost, Progress, unavailable
from server.query.listener import Listener
from server.query.looks import Looks, Seen
from server.query.place import WatchPlace
from server.query.points import Point
from server.query.requirement import Requirements

POINTS_LOST_MAX = 3  # in a row
_AGAIN_S = 0.05


class Watch:
    """One watch."""

    def __init__(
        self,
        listener: Listener,
        looks: Looks,
        requirements: Requirements,
        *,
        page_size: int,
        heartbeat_s: float,
    ) -> None:
        self._listener = listener
        self._looks = looks
        self._requirements = requirements
        self._freshness: Freshness = requirements.freshness
        self._page_size = page_size
        self._heartbeat_s = heartbeat_s
        self._lost = 0
        self._spoke = time.monotonic()
        self._place: WatchPlace
        # Everything up to it was told, unless the place says less.
        self._told: Progress
        # What the snapshot is read from.
        self._point: Point | None = None

    async def messages(
        self, request: pb.WatchClaimsRequest
    ) -> AsyncIterator[pb.WatchClaimsResponse]:
        """Yield the messages of a watch; it ends by a failure only."""
        await self._begin(request)
        while self._place.snapshot is not None:
            self._listener.check()
            if (message := await self._snapshot_page()) is not None:
                yield message
                self._spoke = time.monotonic()
        caught_up = False
        wait = 0.0
        while True:
            progress = await self._news(wait)
            message = await self._look(progress) if progress is not None else None
            if message is None and not self._place.claim_id:
                latest = progress or await self._freshness.latest()
                if progress is None and latest.lsn >= self._place.next_position:
                    wait = max(wait, _AGAIN_S)
                    continue  # it has moved since we asked: look first
                if not caught_up and latest.lsn >= self._place.seen:
                    caught_up = True
                    message = await self._message(pb.WATCH_EVENT_CAUGHT_UP)
                elif self._quiet_s() >= self._heartbeat_s:
                    self._renew(latest)
                    message = await self._message(pb.WATCH_EVENT_HEARTBEAT)
            if message is not None:
                yield message
                self._spoke = time.monotonic()
            wait = self._heartbeat_s - self._quiet_s() if caught_up else 0.0

    async def _begin(self, request: pb.WatchClaimsRequest) -> None:
        caller = self._listener.caller
        if request.resume_token:
            self._place = WatchPlace.unpack(self._listener.unseal(request.resume_token))
            progress = await self._freshness.latest()
            if progress.epoch != self._place.epoch:
                progress = await self._freshness.now()
            self._place.check(progress)
            self._told = progress
            return
        wish = self._requirements.wish(request.consistency, caller)
        progress, required = await self._requirements.reach(wish, caller)
        if request.skip_snapshot:
            position = wish.position.lsn if wish.position is not None else progress.lsn
            self._place = WatchPlace(epoch=progress.epoch, position=position, seen=position)
            self._place.check(progress)
        else:
            self._point = await self._looks.point(progress, required)
            progress = self._point.progress
            self._place = WatchPlace(
                epoch=progress.epoch, position=progress.lsn, seen=progress.lsn, snapshot=""
            )
        self._told = progress

    async def _snapshot_page(self) -> pb.WatchClaimsResponse | None:
        """Return the next part of the snapshot; None when there is none, or none this time.

        A snapshot that goes on over another point in time is as good: the changes since its
        beginning are told after it in any case.
        """
        place, today = self._place, datetime.now(UTC).date()
        if self._point is None:
            seconds = wait_seconds(None, self._listener.caller.remaining())
            progress = await self._freshness.reach(place.epoch, place.seen, seconds)
            self._point = await self._looks.point(progress, place.seen)
            place.check(self._point.progress)
        point = self._point
        try:
            glance = await self._looks.by_id(
                point.point_id, today, place.snapshot or "", self._page_size
            )
        except PointLost:
            self._point = None
            self._note_lost(point)
            return None
        self._lost = 0
        if glance.more:
            point.lent = True
        seen = max([point.progress.lsn, place.seen, *(one.position for one in glance.seen)])
        after = glance.seen[-1].claim_id if glance.more else None
        self._place = replace(place, seen=seen, snapshot=after)
        if not glance.seen:
            return None
        return await self._message(pb.WATCH_EVENT_SNAPSHOT, glance.seen)

    async def _news(self, seconds: float) -> Progress | None:
        """Return progress behind the place, None when there is none within a time."""
        self._listener.check()
        place = self._place
        waiting = self._freshness.changed_after(place.epoch, place.next_position - 1, seconds)
        progress = await self._listener.unless_draining(waiting)
        if progress is not None:
            place.check(progress)
        return progress

    async def _look(self, progress: Progress) -> pb.WatchClaimsResponse | None:
        """Return what changed after the place, a page at most; None when that is nothing."""
        place, today = self._place, datetime.now(UTC).date()
        point = await self._looks.point(progress, place.next_position)
        place.check(point.progress)
        try:
            glance = await self._looks.changed(
                point, today, place.position, place.claim_id, self._page_size
            )
        except PointLost:
            self._note_lost(point)
            return None
        self._lost = 0
        self._place = place.told_up_to(point.progress.lsn)
        if glance.more:
            last = glance.seen[-1]
            self._place = replace(self._place, position=last.position, claim_id=last.claim_id)
        else:
            self._told = point.progress
        if not glance.seen:
            return None
        return await self._message(pb.WATCH_EVENT_CHANGES, glance.seen)

    def _note_lost(self, point: Point) -> None:
        self._looks.forget(point.point_id)
        self._lost += 1
        if self._lost > POINTS_LOST_MAX:
            raise unavailable()

    def _quiet_s(self) -> float:
        return time.monotonic() - self._spoke

    def _renew(self, latest: Progress) -> None:
        """Take over a younger time at which the index still was where it was told up to."""
        if latest.epoch == self._told.epoch and latest.lsn == self._told.lsn:
            self._told = latest

    async def _message(
        self, event: pb.WatchEvent, seen: list[Seen] | None = None
    ) -> pb.WatchClaimsResponse:
        seen = seen or []
        message = pb.WatchClaimsResponse(
            event=event,
            claims=await self._listener.shown(
                [one.source for one in seen if one.matches or event == pb.WATCH_EVENT_SNAPSHOT]
            ),
            resume_token=self._listener.seal(self._place.pack()),
        )
        if event == pb.WATCH_EVENT_CHANGES:
            message.removed.extend(
                pb.RemovedClaim(claim_id=one.claim_id, version=one.source["version"])
                for one in seen
                if not one.matches
            )
        place = self._place
        if place.snapshot is None and not place.claim_id and self._told.lsn <= place.position:
            caller = self._listener.caller
            message.freshness.CopyFrom(self._requirements.of_index(self._told, caller))
        return message
