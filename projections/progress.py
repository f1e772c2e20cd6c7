"""How far a generation is: one document beside the documents, written by compare-and-set (D8).

The generation that serves has its document under the view's name; one that is being built, or kept,
under its own.

It is written after the refresh, so a position never claims more than a search can see. Whoever
finds that somebody else wrote it stops: another worker has taken over.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from projections.elastic import Elastic
from projections.feed import Identity
from server.platform.positions import Position as Lsn

# Of the generation that serves.
FOLLOWING = "FOLLOWING"
HANDING_OVER = "HANDING_OVER"  # its successor is about to serve
UNFIT = "UNFIT"  # it can not be followed: a new generation is being built
# Of others.
FILLING = "FILLING"  # from the tables, as the slot's snapshot has them
TAILING = "TAILING"  # following the log
PROVING = "PROVING"  # being compared with the store
KEPT = "KEPT"  # it served before, and can again

_MISSING = frozenset({404})

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        **{
            name: {"type": "keyword"}
            for name in (
                "view", "store_epoch", "system_id", "lsn", "index", "phase", "writer",
                "successor", "ranges",
            )
        },
        **{
            name: {"type": "long"}
            for name in (
                "timeline", "lsn_number", "generation", "quarantined", "base_lsn_number", "events",
                "slices", "slices_done", "done", "documents",
                "differing", "repaired",
            )
        },
        **{
            name: {"type": "date"}
            for name in ("as_of_time", "written_at", "started_at", "checked_at")
        },
    },
}  # fmt: skip


class Superseded(Exception):
    """Another worker wrote the progress: this one must not go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Everything up to `position` of this store is searchable in `index`."""

    identity: Identity
    position: int
    generation: int
    index: str
    phase: str
    as_of: datetime
    # Where the snapshot was that the generation was filled from; no document lies before.
    base: int = 0
    quarantined: int = 0
    # Rows folded since it was filled.
    events: int = 0
    # The index that is to serve next; while handing over.
    successor: str = ""
    # Of a generation that is not serving: its filling.
    started_at: datetime | None = None
    documents: int = 0
    ranges: tuple[str, ...] = ()  # the keys at which ranges after the first begin
    done: tuple[int, ...] = ()  # places of the ranges that are filled


class ProgressStore:
    """Reads and writes one document of progress: a view's, or another generation's."""

    def __init__(
        self, elastic: Elastic, view: str, *, prefix: str, replicas: int, name: str = ""
    ) -> None:
        self._elastic = elastic
        self._view = view
        self._name = name or view
        self._replicas = replicas
        self.index = f"{prefix}claimflow-progress"
        self._writer = str(uuid4())
        self._seen: tuple[int, int] | None = None
        self._last: Progress | None = None

    async def prepare(self) -> None:
        """Make the index when it is missing, with its mapping in any case."""
        status, _ = await self._elastic.send("HEAD", f"/{self.index}", accepted=_MISSING)
        if status == 404:
            settings = {"number_of_shards": 1, "number_of_replicas": self._replicas}
            await self._elastic.send(
                "PUT",
                f"/{self.index}",
                {"settings": settings, "mappings": MAPPING},
                accepted=frozenset({400}),  # somebody was first
            )
        await self._elastic.send("PUT", f"/{self.index}/_mapping", MAPPING)

    async def read(self) -> Progress | None:
        """Return the progress as it is stored, None when there is none; later writes compare."""
        found = await self._get()
        if found is None:
            self._seen, self._last = None, None
            return None
        self._seen = (found["_seq_no"], found["_primary_term"])
        self._last = _progress(found["_source"])
        return self._last

    async def peek(self) -> Progress | None:
        """Return the progress as it is stored, without the intention to write it."""
        found = await self._get()
        return None if found is None else _progress(found["_source"])

    async def write(self, progress: Progress) -> None:
        """Store progress if nobody else did since it was read; `Superseded` otherwise."""
        source = _source(self._view, self._writer, progress)
        if self._seen is None:
            path = f"/{self.index}/_create/{self._name}"
        else:
            path = (
                f"/{self.index}/_doc/{self._name}"
                f"?if_seq_no={self._seen[0]}&if_primary_term={self._seen[1]}"
            )
        status, answer = await self._elastic.send(
            "PUT", path, source, accepted=frozenset({404, 409})
        )
        if status in (404, 409):
            # Ours if the first answer to the same request was lost.
            found = await self._get()
            if found is None or found["_source"] != source:
                raise Superseded
            answer = found
        self._seen = (answer["_seq_no"], answer["_primary_term"])
        self._last = progress

    async def mark_unfit(self) -> None:
        """Say in the stored progress, if there is one, that the view has to be built anew.

        It keeps answering from its old generation and position; a worker that starts now knows
        that it cannot just follow.
        """
        if self._last is not None and self._last.phase != UNFIT:
            await self.write(replace(self._last, phase=UNFIT))

    async def remove(self) -> None:
        """Forget this document."""
        path = f"/{self.index}/_doc/{self._name}?refresh=true"
        await self._elastic.send("DELETE", path, accepted=_MISSING)
        self._seen, self._last = None, None

    async def others(self) -> list[Progress]:
        """Return the view's generations that are being built or kept."""
        body = {
            "size": 100,
            "query": {
                "bool": {
                    "filter": [
                        {"term": {"view": self._view}},
                        {"terms": {"phase": [FILLING, TAILING, PROVING, KEPT]}},
                    ]
                }
            },
        }
        await self._elastic.send("POST", f"/{self.index}/_refresh")
        _, answer = await self._elastic.send("POST", f"/{self.index}/_search", body)
        return [_progress(hit["_source"]) for hit in answer["hits"]["hits"]]

    async def _get(self) -> dict[str, Any] | None:
        status, answer = await self._elastic.send(
            "GET", f"/{self.index}/_doc/{self._name}", accepted=_MISSING
        )
        return answer if status == 200 and answer.get("found") else None


def _source(view: str, writer: str, progress: Progress) -> dict[str, Any]:
    return {
        "view": view,
        "store_epoch": str(progress.identity.store_epoch),
        "system_id": progress.identity.system_id,
        "timeline": progress.identity.timeline,
        "lsn": str(Lsn(progress.position)),
        "lsn_number": progress.position,
        "generation": progress.generation,
        "index": progress.index,
        "phase": progress.phase,
        "as_of_time": progress.as_of.astimezone(UTC).isoformat(),
        "written_at": datetime.now(UTC).isoformat(),
        "base_lsn_number": progress.base,
        "quarantined": progress.quarantined,
        "events": progress.events,
        "successor": progress.successor,
        "started_at": progress.started_at.isoformat() if progress.started_at else None,
        "documents": progress.documents,
        "ranges": list(progress.ranges),
        "slices": len(progress.ranges) + 1,
        "slices_done": len(progress.done),
        "done": list(progress.done),
        "writer": writer,
    }


def _progress(source: dict[str, Any]) -> Progress:
    started = source.get("started_at")
    return Progress(
        identity=Identity(
            UUID(source["store_epoch"]), source["system_id"], int(source["timeline"])
        ),
        position=int(source["lsn_number"]),
        generation=int(source["generation"]),
        index=source["index"],
        phase=source["phase"],
        as_of=datetime.fromisoformat(source["as_of_time"]),
        base=int(source.get("base_lsn_number", 0)),
        quarantined=int(source["quarantined"]),
        events=int(source.get("events", 0)),
        successor=source.get("successor") or "",
        started_at=datetime.fromisoformat(started) if started else None,
        documents=int(source.get("documents", 0)),
        ranges=tuple(source.get("ranges", ())),
        done=tuple(source.get("done", ())),
    )


def shown(progress: Progress) -> dict[str, Any]:
    """Return progress as JSON for people."""
    return asdict(progress) | {"position": str(Lsn(progress.position))}
