"""Where a watch or an export is: what its resume token holds.

A watch goes through the changes in the order of (position, claim id). Everything up to `position`
is told, or of the documents at `position` only those up to `claim_id` when that is not empty.
`seen` is a position from which something may have been told already: a later look must be at least
as new, or a version could go down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import orjson

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure
from server.query.index import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlace:
    """Where a watch is."""

    epoch: UUID
    position: int
    claim_id: str = ""
    seen: int = 0
    # The snapshot is told up to this claim id; None when it is told in full.
    snapshot: str | None = None

    @property
    def next_position(self) -> int:
        """The least position whose progress may have something to tell."""
        return max(self.position + (not self.claim_id), self.seen)

    def told_up_to(self, position: int) -> WatchPlace:
        """Return the place after everything up to a position."""
        return replace(self, position=position, claim_id="", seen=max(self.seen, position))

    def check(self, progress: Progress) -> None:
        """Refuse what this view cannot continue: TOKEN_EPOCH_MISMATCH, TOKEN_COMPACTED.

        The documents of a generation that was filled later do not tell what changed before that.
        """
        if progress.epoch != self.epoch:
            raise Failure(errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH)
        if self.position < progress.base_lsn:
            raise Failure(errors_pb2.ERROR_REASON_TOKEN_COMPACTED)

    def pack(self) -> bytes:
        """Return it as bytes."""
        return orjson.dumps([self.epoch, self.position, self.claim_id, self.seen, self.snapshot])

    @staticmethod
    def unpack(data: bytes) -> WatchPlace:
        """Return what `pack` made."""
        epoch, position, claim_id, seen, snapshot = orjson.loads(data)
        return WatchPlace(
            epoch=UUID(epoch), position=position, claim_id=claim_id, seen=seen, snapshot=snapshot
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlace:
    """Where an export is: up to which claim id, over which point in time."""

    epoch: UUID
    # The changes up to here are in, and so is all that was committed before the time.
    position: int
    as_of: datetime
    point_id: str
    # The day that ages count to.
    today: date
    claim_id: str = ""
    count: int = 0
    # The first point in time is still the one that is read.
    one_point: bool = True

    def pack(self) -> bytes:
        """Return it as bytes."""
        return orjson.dumps(
            [
                self.epoch, self.position, self.as_of, self.point_id, self.today, self.claim_id,
                self.count, self.one_point,
            ]
        )  # fmt: skip

    @staticmethod
    def unpack(data: bytes) -> ExportPlace:
        """Return what `pack` made."""
        epoch, position, as_of, point_id, today, claim_id, count, one_point = orjson.loads(data)
        return ExportPlace(
            epoch=UUID(epoch),
            position=position,
            as_of=datetime.fromisoformat(as_of),
            point_id=point_id,
            today=date.fromisoformat(today),
            claim_id=claim_id,
            count=count,
            one_point=one_point,
        )
