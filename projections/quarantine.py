"""What the index cannot take: parked alone, listed, counted; the others go on (P27).

The list is an index beside its generation. A document leaves it when a later version of it goes in;
a new generation starts with an empty list. Kinds of errors only: an engine's text may hold values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from projections.elastic import Backoff, Elastic
from projections.index import Generation, IndexLost
from server.platform.telemetry import logger

_log = logger("projections.quarantine")
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """A claim that could not be indexed as it is now."""

    document_id: str
    version: int
    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A case as it is listed."""

    document_id: str
    version: int
    kind: str
    since: datetime
    skipped: bool  # an operator has given it up


class Quarantine:
    """The list of one generation."""

    def __init__(self, elastic: Elastic, generation: Generation) -> None:
        self._elastic = elastic
        self._index = generation.quarantine
        self._parked: set[str] = set()

    def __len__(self) -> int:
        """Return how many claims are parked."""
        return len(self._parked)

    async def load(self) -> None:
        """Read the list."""
        self._parked = {one.document_id for one in await self.entries()}

    async def entries(self) -> list[Entry]:
        """Return everything that is parked, by tenant and id."""
        found: list[Entry] = []
        body: dict[str, object] = {"size": _PAGE, "sort": ["tenant_id", "id"]}
        while True:
            status, answer = await self._elastic.send(
                "POST", f"/{self._index}/_search", body, accepted=frozenset({404})
            )
            if status == 404:
                raise IndexLost(self._index)
            hits = answer["hits"]["hits"]
            found += [_entry(hit["_id"], hit["_source"]) for hit in hits]
            if len(hits) < _PAGE:
                return found
            body["search_after"] = hits[-1]["sort"]

    async def skip(self, entry: Entry) -> None:
        """Note that nobody waits for this version any more; a later one is tried as ever.

        Readers still get it from Postgres. The decision itself is to be stored before.
        """
        path = f"/{self._index}/_update/{entry.document_id.replace('/', '%2F')}?refresh=true"
        await self._elastic.send("POST", path, {"doc": {"skipped": True}})

    async def record(self, cases: Iterable[Case], written: Iterable[str]) -> None:
        """Add claims that could not be written, take out those that were; durable on return."""
        parts: list[bytes] = []
        added = list(cases)
        removed = self._parked.intersection(written) if self._parked else set()
        for case in added:
            tenant_id, _, thing = case.document_id.partition("/")
            entry = {
                "tenant_id": tenant_id,
                "id": thing,
                "version": case.version,
                "position": case.position,
                "kind": case.kind,
                "since": datetime.now(UTC).isoformat(),
                "skipped": False,
            }
            parts.append(b'{"index":{"_id":%b}}\n' % orjson.dumps(case.document_id))
            parts.append(orjson.dumps(entry) + b"\n")
            _log.error(
                "claim quarantined",
                document_id=case.document_id,
                version=case.version,
                kind=case.kind,
            )
        parts.extend(b'{"delete":{"_id":%b}}\n' % orjson.dumps(one) for one in removed)
        if not parts:
            return
        path = f"/{self._index}/_bulk?refresh=true&filter_path=items.*.status"
        backoff = Backoff()
        while True:
            _, answer = await self._elastic.send("POST", path, b"".join(parts))
            statuses = [next(iter(item.values()))["status"] for item in answer["items"]]
            if all(status < 300 or status == 404 for status in statuses):
                break
            await backoff.pause()
        self._parked.update(case.document_id for case in added)
        self._parked -= removed


def _entry(document_id: str, source: Mapping[str, Any]) -> Entry:
    return Entry(
        document_id=document_id,
        version=int(source["version"]),
        kind=source["kind"],
        since=datetime.fromisoformat(source["since"]),
        skipped=bool(source["skipped"]),
    )
