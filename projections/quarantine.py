"""What the index cannot take: parked alone, listed, counted; the others go on (P27).

The list is an index beside its generation. A document leaves it when a later version of it goes in;
a new generation starts with an empty list. Kinds of errors only: an engine's text may hold values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

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
        found: set[str] = set()
        after: list[str] | None = None
        while True:
            body: dict[str, object] = {
                "size": _PAGE,
                "_source": False,
                "sort": ["tenant_id", "id"],
            }
            if after is not None:
                body["search_after"] = after
            status, answer = await self._elastic.send(
                "POST", f"/{self._index}/_search", body, accepted=frozenset({404})
            )
            if status == 404:
                raise IndexLost(self._index)
            hits = answer["hits"]["hits"]
            found.update(hit["_id"] for hit in hits)
            if len(hits) < _PAGE:
                break
            after = hits[-1]["sort"]
        self._parked = found

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
