"""How far a view is: one document beside the documents, written by compare-and-set (D8).

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

FILLING = "FILLING"
FOLLOWING = "FOLLOWING"

_MISSING = frozenset({404})

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        **{
            name: {"type": "keyword"}
            for name in (
                "view", "store_epoch", "system_id", "lsn", "index", "phase", "writer",
            )
        },
        **{
            name: {"type": "long"}
            for name in ("timeline", "lsn_number", "generation", "quarantined")
        },
        **{name: {"type": "date"} for name in ("as_of_time", "written_at")},
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
    quarantined: int = 0


class ProgressStore:
    """Reads and writes the progress of one view."""

    def __init__(self, elastic: Elastic, view: str, *, prefix: str, replicas: int) -> None:
        self._elastic = elastic
        self._view = view
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

    async def write(self, progress: Progress) -> None:
        """Store progress if nobody else did since it was read; `Superseded` otherwise."""
        source = _source(self._view, self._writer, progress)
        if self._seen is None:
            path = f"/{self.index}/_create/{self._view}"
        else:
            path = (
                f"/{self.index}/_doc/{self._view}"
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

    async def mark_filling(self) -> None:
        """Say in the stored progress, if there is one, that the view is being built anew.

        It keeps answering from its old generation and position; a worker that starts now knows
        that it cannot just follow.
        """
        if self._last is not None and self._last.phase != FILLING:
            await self.write(replace(self._last, phase=FILLING))

    async def _get(self) -> dict[str, Any] | None:
        status, answer = await self._elastic.send(
            "GET", f"/{self.index}/_doc/{self._view}", accepted=_MISSING
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
        "quarantined": progress.quarantined,
        "writer": writer,
    }


def _progress(source: dict[str, Any]) -> Progress:
    return Progress(
        identity=Identity(
            UUID(source["store_epoch"]), source["system_id"], int(source["timeline"])
        ),
        position=int(source["lsn_number"]),
        generation=int(source["generation"]),
        index=source["index"],
        phase=source["phase"],
        as_of=datetime.fromisoformat(source["as_of_time"]),
        quarantined=int(source["quarantined"]),
    )


def shown(progress: Progress) -> dict[str, Any]:
    """Return progress as JSON for people."""
    return asdict(progress) | {"position": str(Lsn(progress.position))}
