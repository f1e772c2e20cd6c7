"""What Postgres knows of the change feed: the log's end, the slots, and what holds the log back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.query.history import History, Snapshot, rows_of

# More events than this that wait are not counted.
EVENTS_MAX: Final = 1_000_000

_SLOTS: Final = (
    "SELECT slot_name::text AS name, active, coalesce(wal_status, '') AS state,"
    " coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint AS retained"
    " FROM pg_replication_slots WHERE database = current_database() AND NOT temporary"
)
_OLDEST: Final = "SELECT age_seconds, pid, application, kind FROM claimflow.oldest_transaction()"
_WAITING: Final = "SELECT claimflow.events_since(%(moment)s, %(most)s) AS events"


@dataclass(frozen=True, slots=True)
class Slot:
    """A replication slot: whether somebody reads it, and the log it keeps, in bytes."""

    name: str
    active: bool
    state: str
    retained: int


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds the log back: how long already, in seconds, and whose it is; no person."""

    age: float
    who: str


@dataclass(frozen=True, slots=True)
class FeedState:
    """The feed as Postgres sees it."""

    head: Snapshot
    slots: Sequence[Slot]
    holder: Holder | None

    def slot_of(self, view: str, generation: int) -> Slot | None:
        """Return the slot that a generation is fed from."""
        ending = f"_{view}_{generation}"
        return next((one for one in self.slots if one.name.endswith(ending)), None)


async def feed_state(history: History) -> FeedState:
    """Return the state of the feed now."""
    async with history.reading() as connection:
        head = await history.head_on(connection)
        slots = await rows_of(connection, _SLOTS, {})
        held = await rows_of(connection, _OLDEST, {})
    holder = None
    if held:
        one = held[0]
        pid = f", pid {one['pid']}" if one["pid"] else ""
        holder = Holder(one["age_seconds"], f"{one['kind']} {one['application']}{pid}".strip())
    return FeedState(head, [Slot(**row) for row in slots], holder)


async def events_since(history: History, moment: datetime) -> int:
    """Return how many events were recorded after a time, `EVENTS_MAX` at most."""
    async with history.reading() as connection:
        rows = await rows_of(connection, _WAITING, {"moment": moment, "most": EVENTS_MAX})
    return int(rows[0]["events"])
