"""ExportClaims: all claims that match, by claim id, over one point in time.

The id never changes, so an export whose point in time has expired goes on over another one, later
than the first: no claim comes twice, and none is left out that matched throughout. A claim that
began or ceased to match in between may be in or not; each is as it was at the point it came from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from claimflow.v1 import common_pb2
from claimflow.v1 import query_service_pb2 as pb
from server.platform.positions import Position
from server.query.freshness import wait_seconds
from server.query.index import PointLost, Progress
from server.query.listener import Listener
from server.query.looks import Glance, Looks
from server.query.place import ExportPlace
from server.query.requirement import Requirements


class Export:
    """One export."""

    def __init__(
        self, listener: Listener, looks: Looks, requirements: Requirements, *, batch_size: int
    ) -> None:
        self._listener = listener
        self._looks = looks
        self._requirements = requirements
        self._batch_size = batch_size
        self._place: ExportPlace
        self._progress: Progress

    async def messages(
        self, request: pb.ExportClaimsRequest
    ) -> AsyncIterator[pb.ExportClaimsResponse]:
        """Yield the batches, and what they came to."""
        await self._begin(request)
        more = True
        while more:
            self._listener.check()
            glance = await self._glance()
            more = glance.more
            if glance.seen:
                self._place = replace(
                    self._place,
                    point_id=glance.point_id,
                    claim_id=glance.seen[-1].claim_id,
                    count=self._place.count + len(glance.seen),
                )
                claims = await self._listener.shown([one.source for one in glance.seen])
                yield pb.ExportClaimsResponse(
                    claims=claims, resume_token=self._token(), freshness=self._statement()
                )
        summary = pb.ExportSummary(
            claim_count=self._place.count,
            position=str(Position(self._place.position)),
            one_point_in_time=self._place.one_point,
        )
        yield pb.ExportClaimsResponse(
            summary=summary, resume_token=self._token(), freshness=self._statement()
        )

    async def _begin(self, request: pb.ExportClaimsRequest) -> None:
        if request.resume_token:
            self._place = ExportPlace.unpack(self._listener.unseal(request.resume_token))
            self._progress = await self._reach()
            return
        caller = self._listener.caller
        wish = self._requirements.wish(request.consistency, caller)
        progress, required = await self._requirements.reach(wish, caller)
        await self._over_a_point(progress, required, one_point=True)

    async def _reach(self) -> Progress:
        """Return progress at or behind where the export began."""
        seconds = wait_seconds(None, self._listener.caller.remaining())
        freshness = self._requirements.freshness
        return await freshness.reach(self._place.epoch, self._place.position, seconds)

    async def _over_a_point(self, progress: Progress, required: int, *, one_point: bool) -> None:
        """Begin over a point in time, or go on over another one."""
        point = await self._looks.point(progress, required)
        point.lent = True
        self._progress = point.progress
        begun = ExportPlace(
            epoch=point.progress.epoch,
            position=point.progress.lsn,
            as_of=point.progress.as_of,
            point_id=point.point_id,
            today=datetime.now(UTC).date(),
        )
        if one_point:
            self._place = begun
        else:
            self._place = replace(self._place, point_id=point.point_id, one_point=False)

    async def _glance(self) -> Glance:
        place = self._place
        try:
            return await self._at(place)
        except PointLost:
            self._looks.forget(place.point_id)
            # Before the first claim any point is the first one.
            await self._over_a_point(
                await self._reach(), place.position, one_point=not place.claim_id
            )
            return await self._at(self._place)

    async def _at(self, place: ExportPlace) -> Glance:
        return await self._looks.by_id(
            place.point_id, place.today, place.claim_id, self._batch_size
        )

    def _token(self) -> str:
        return self._listener.seal(self._place.pack())

    def _statement(self) -> common_pb2.Freshness:
        told = replace(self._progress, lsn=self._place.position, as_of=self._place.as_of)
        return self._requirements.of_index(told, self._listener.caller)
