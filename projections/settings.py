"""What can be set about the worker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from projections.sources import problem
from server.platform.settings import Settings, variable


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings(Settings):
    """What the worker reads once, at start."""

    # CLAIMFLOW_SLOT: how names of replication slots begin; one database of a cluster, one name.
    slot: str = "claimflow_views"
    # CLAIMFLOW_PUBLICATION: the publication of inserts into the event tables.
    publication: str = "claimflow"
    # CLAIMFLOW_FEED: where the log is read: replication, sql or archive:FOLDER.
    feed: str = "replication"
    # CLAIMFLOW_INDEX_SHARDS: primary shards of a new generation.
    index_shards: int = 1
    # CLAIMFLOW_INDEX_REPLICAS: copies of each shard.
    index_replicas: int = 0
    # CLAIMFLOW_HEARTBEAT_S: seconds between marks in the log of a quiet database.
    heartbeat_s: float = 10.0
    # CLAIMFLOW_FEED_STATUS_S: seconds between words to the log about what is confirmed.
    feed_status_s: float = 1.0
    # CLAIMFLOW_LEASE_S: seconds after which the database lets go of a worker that says nothing.
    lease_s: float = 60.0
    # CLAIMFLOW_INBOX_BYTES_MAX: of the log read ahead; the rest waits in the log.
    inbox_bytes_max: int = 8 * 1024 * 1024
    # CLAIMFLOW_BATCH_EVENTS_MAX: events folded and written together.
    batch_events_max: int = 4000
    # CLAIMFLOW_BATCH_BYTES_MAX: of the log in one batch.
    batch_bytes_max: int = 8 * 1024 * 1024
    # CLAIMFLOW_BULK_BYTES_MAX: of one request to Elasticsearch.
    bulk_bytes_max: int = 8 * 1024 * 1024
    # CLAIMFLOW_CACHE_BYTES_MAX: of folded documents kept for their next event, shared by the views.
    cache_bytes_max: int = 64 * 1024 * 1024
    # CLAIMFLOW_PUBLISH_S: at most so many seconds between refreshes while there is a backlog.
    publish_s: float = 0.5
    # CLAIMFLOW_PUBLISH_BEHIND_S: the same while the log cannot be read on for what waits to be
    # written; a refresh then costs time that nobody's token is helped by.
    publish_behind_s: float = 3.0
    # CLAIMFLOW_VIEWS: the views that this worker keeps, by name; empty: all there are.
    views: str = ""
    # CLAIMFLOW_FILL_PARALLEL: ranges of a new generation that are filled side by side.
    fill_parallel: int = 2
    # CLAIMFLOW_FILL_RANGE: about how many documents a range has.
    fill_range: int = 5000
    # CLAIMFLOW_PARITY_S: seconds between two comparisons of a view with the store; 0: none.
    parity_s: float = 60.0
    # CLAIMFLOW_PARITY_WAIT_S: how long one may wait for open transactions and for the view.
    parity_wait_s: float = 30.0
    # CLAIMFLOW_STOP_GRACE_S: seconds that the batch in hand may take after SIGTERM.
    stop_grace_s: float = 10.0

    def problems(self) -> list[str]:
        """Return what keeps the worker from running."""
        found = super(WorkerSettings, self).problems()
        if self.index_key_file == Path():
            found.append(f"{variable('index_key_file')} is required")
        elif not self.index_key_file.is_file():
            found.append(f"{variable('index_key_file')} names no file")
        if wrong := problem(self.feed):
            found.append(f"{variable('feed')} {wrong}")
        if not re.fullmatch(r"[a-z0-9_]{1,40}", self.slot):
            found.append(f"{variable('slot')} must be 1 to 40 of a-z, 0-9 and _")
        for name in (
            "index_shards", "heartbeat_s", "feed_status_s", "lease_s", "inbox_bytes_max",
            "batch_events_max", "batch_bytes_max", "bulk_bytes_max", "publish_s",
            "publish_behind_s", "fill_parallel", "fill_range", "parity_wait_s",
        ):  # fmt: skip
            if getattr(self, name) <= 0:
                found.append(f"{variable(name)} must be above zero")
        if self.lease_s <= self.heartbeat_s:
            found.append(f"{variable('lease_s')} must be above {variable('heartbeat_s')}")
        return found
