"""GetProjectionStatus: where each view is, where the log is, and what lies between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from claimflow.v1 import query_service_pb2
from server.platform.errors import Failure
from server.query.history import History
from server.query.history_feed import FeedState, events_since, feed_state
from server.query.index import Index, Progress
from server.query.requirement import check_not_ahead
from server.query.values import timestamp

# The worker writes at least every ten seconds, by its heartbeat.
STOPPED_AFTER_SECONDS: Final = 60.0

_SERVING: Final = frozenset({"FOLLOWING", "HANDING_OVER", "UNFIT"})
_BUILT: Final = frozenset({"FILLING", "TAILING", "PROVING", "KEPT"})

_States = Mapping[str, Mapping[str, Any]]


async def projection_status(
    index: Index, history: History, claims: Progress
) -> list[query_service_pb2.ProjectionStatus]:
    """Return the status of every view, the claims first.

    INDEX_UNAVAILABLE when the claims view is ahead of the log or of another store. Without Postgres
    the head stays empty and the lag is that of the time.
    """
    states = await index.states()
    feed = await _feed(history)
    if feed is not None:
        check_not_ahead(claims, feed.head)
    views = sorted(
        (name for name, one in states.items() if one.get("phase") in _SERVING),
        key=lambda name: (name != "claims", name),
    )
    told = [_status(name, states, claims, feed) for name in views]
    await asyncio.gather(*(_count(one, index, history, feed) for one in told))
    return told


async def _feed(history: History) -> FeedState | None:
    try:
        return await feed_state(history)
    except Failure:
        return None


async def _count(
    status: query_service_pb2.ProjectionStatus,
    index: Index,
    history: History,
    feed: FeedState | None,
) -> None:
    status.document_count = await index.count(status.index)
    if feed is not None and status.lag_bytes:
        as_of = status.as_of_time.ToDatetime(UTC)
        status.lag_events = await events_since(history, as_of)


def _status(
    view: str, states: _States, claims: Progress, feed: FeedState | None
) -> query_service_pb2.ProjectionStatus:
    found = states[view]
    # Of the claims what was just read counts, which a search may not show yet.
    lsn = claims.lsn if view == "claims" else int(found["lsn_number"])
    as_of = claims.as_of if view == "claims" else datetime.fromisoformat(found["as_of_time"])
    written = claims.written if view == "claims" else datetime.fromisoformat(found["written_at"])
    now = datetime.now(UTC)
    silent = (now - written).total_seconds() > STOPPED_AFTER_SECONDS
    status = query_service_pb2.ProjectionStatus(
        view=view,
        index=found["index"],
        position=_position(lsn),
        as_of_time=timestamp(as_of),
        quarantined=int(found["quarantined"]),
        phase="STOPPED" if silent else _phase(found["phase"]),
        store_epoch=found["store_epoch"],
        builds=_builds(view, states),
    )
    status.lag.FromMicroseconds(max(round((now - as_of).total_seconds() * 1e6), 0))
    if (parity := states.get(f"{view}-parity")) is not None:
        status.parity.CopyFrom(_parity(parity))
    if feed is not None:
        status.head_position = _position(feed.head.lsn)
        status.lag_bytes = max(feed.head.lsn - lsn, 0)
        _put_feed(status, feed, view, int(found["generation"]))
    return status


def _put_feed(
    status: query_service_pb2.ProjectionStatus, feed: FeedState, view: str, generation: int
) -> None:
    slot = feed.slot_of(view, generation)
    if slot is None:
        status.slot_state = "missing"
    else:
        status.retained_bytes = slot.retained
        status.slot_state = slot.state if slot.active else f"{slot.state}, inactive"
    if feed.holder is not None:
        status.oldest_transaction_age.FromMicroseconds(round(feed.holder.age * 1e6))
        status.oldest_transaction_by = feed.holder.who


def _phase(stored: str) -> str:
    """Return the phase as it is told: what cannot be followed waits for its successor."""
    return "FILLING" if stored == "UNFIT" else stored


def _builds(view: str, states: _States) -> Iterable[query_service_pb2.Build]:
    for one in states.values():
        if one.get("view") != view or one.get("phase") not in _BUILT:
            continue
        build = query_service_pb2.Build(
            index=one["index"],
            phase=one["phase"],
            slices_done=int(one["slices_done"]),
            slices=int(one["slices"]),
            documents=int(one["documents"]),
        )
        if one.get("started_at"):
            build.start_time.CopyFrom(timestamp(datetime.fromisoformat(one["started_at"])))
        yield build


def _parity(found: Mapping[str, Any]) -> query_service_pb2.Parity:
    return query_service_pb2.Parity(
        position=_position(int(found["lsn_number"])),
        check_time=timestamp(datetime.fromisoformat(found["checked_at"])),
        slices=int(found["slices"]),
        documents=int(found["documents"]),
        differing=int(found["differing"]),
        repaired=int(found["repaired"]),
    )


def _position(lsn: int) -> str:
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
