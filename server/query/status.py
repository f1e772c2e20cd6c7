"""GetProjectionStatus: where the view is, where the log is, and what lies between."""

from __future__ import annotations

from datetime import UTC, datetime

from claimflow.v1 import query_service_pb2
from server.platform.errors import Failure
from server.query.freshness import lag_seconds
from server.query.history import History, Snapshot
from server.query.index import Index, Progress
from server.query.requirement import check_not_ahead
from server.query.values import timestamp

# The worker writes at least every ten seconds, by its heartbeat.
STOPPED_AFTER_SECONDS = 60.0


async def projection_status(
    index: Index, history: History, progress: Progress
) -> query_service_pb2.ProjectionStatus:
    """Return the status of the claims view.

    INDEX_UNAVAILABLE when the view is ahead of the log or of another store. Without Postgres the
    head stays empty and the lag is that of the time.
    """
    head = await _head(history)
    if head is not None:
        check_not_ahead(progress, head)
    lag = lag_seconds(progress)
    silent = (datetime.now(UTC) - progress.written).total_seconds() > STOPPED_AFTER_SECONDS
    status = query_service_pb2.ProjectionStatus(
        view="claims",
        index=progress.index,
        position=progress.position_text,
        as_of_time=timestamp(progress.as_of),
        document_count=await index.count(),
        quarantined=progress.quarantined,
        phase="STOPPED" if silent else progress.phase,
        store_epoch=str(progress.epoch),
    )
    if head is not None:
        status.head_position = f"{head.lsn >> 32:X}/{head.lsn & 0xFFFFFFFF:X}"
        status.lag_bytes = head.lsn - progress.lsn
    status.lag.FromMicroseconds(round(lag * 1_000_000))
    return status


async def _head(history: History) -> Snapshot | None:
    try:
        return await history.head()
    except Failure:
        return None
