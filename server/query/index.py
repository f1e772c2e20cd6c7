"""What this process asks of Elasticsearch, and what its failures mean to a caller.

Engine text goes to the log, never to a caller. A reply of only some shards is no reply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from elasticsearch import ApiError, AsyncElasticsearch, NotFoundError, TransportError

from claimflow.v1 import errors_pb2
from server.platform import telemetry
from server.platform.errors import Failure

KEEP_ALIVE = "120s"

_log = telemetry.logger(__name__)

Answer = Mapping[str, Any]


class PointLost(Exception):
    """The point in time is no longer kept."""


class IndexRefused(Exception):
    """The engine does not take a request of ours: a fault on our side."""


class TooManyGroups(Exception):
    """The engine refuses to make so many groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Up to where the view has made the log searchable, as the worker wrote it."""

    epoch: UUID
    lsn: int
    as_of: datetime
    written: datetime
    generation: int
    index: str
    phase: str
    quarantined: int
    # Where the generation was filled from: its documents do not tell which of them changed before.
    base_lsn: int = 0

    @property
    def position_text(self) -> str:
        """The position as Postgres writes it."""
        return f"{self.lsn >> 32:X}/{self.lsn & 0xFFFFFFFF:X}"


class Index:
    """The claims view in Elasticsearch."""

    def __init__(self, client: AsyncElasticsearch, prefix: str = "") -> None:
        self._client = client
        self.alias = f"{prefix}claims"
        self.progress_index = f"{prefix}claimflow-progress"

    async def progress(self) -> Progress:
        """Return the view's progress; INDEX_UNAVAILABLE when there is none yet."""
        found = await self._call("GET", f"/{self.progress_index}/_doc/claims", None, 2.0)
        source = (found or {}).get("_source")
        if not source:
            raise unavailable()
        return Progress(
            epoch=UUID(source["store_epoch"]),
            lsn=int(source["lsn_number"]),
            as_of=datetime.fromisoformat(source["as_of_time"]),
            written=datetime.fromisoformat(source["written_at"]),
            generation=int(source["generation"]),
            index=source["index"],
            phase=source["phase"],
            quarantined=int(source.get("quarantined", 0)),
            base_lsn=int(source.get("base_lsn_number", 0)),
        )

    async def states(self) -> Mapping[str, Answer]:
        """Return every document of progress by its id: of views, generations, comparisons."""
        path = f"/{self.progress_index}/_search?size=1000&filter_path=hits.hits"
        answer = await self._call("GET", path, None, 2.0)
        hits = (answer or {}).get("hits", {}).get("hits", ())
        return {hit["_id"]: hit["_source"] for hit in hits}

    async def parked(self, progress: Progress, document_ids: Sequence[str]) -> frozenset[str]:
        """Return which of some documents the serving generation does not hold as they are."""
        if not progress.quarantined:
            return frozenset()
        body = {"size": len(document_ids), "query": {"ids": {"values": list(document_ids)}}}
        path = f"/{progress.index}-quarantine/_search?filter_path=hits.hits._id"
        answer = await self._call("POST", path, body, 2.0)
        if answer is None:
            raise unavailable()
        return frozenset(hit["_id"] for hit in answer.get("hits", {}).get("hits", ()))

    async def document(self, document_id: str, timeout: float) -> Answer | None:
        """Return one document by id, searchable or not yet; None when it is not there."""
        path = f"/{self.alias}/_doc/{document_id.replace('/', '%2F')}"
        found = await self._call("GET", path, None, timeout)
        return found.get("_source") if found else None

    async def search(self, body: Mapping[str, Any], timeout: float) -> Answer:
        """Run a search over the alias, or over the point in time that the body names."""
        target = "" if "pit" in body else f"/{self.alias}"
        answer = await self._call(
            "POST", f"{target}/_search?allow_partial_search_results=false", body, timeout
        )
        if answer is None:
            raise PointLost if "pit" in body else unavailable()
        if answer.get("timed_out") or answer["_shards"]["failed"]:
            raise unavailable()
        return answer

    async def open_point(self, timeout: float, generation: str = "") -> str:
        """Open a point in time, over the alias or over one generation, and return its id."""
        target = generation or self.alias
        path = f"/{target}/_pit?keep_alive={KEEP_ALIVE}&allow_partial_search_results=false"
        answer = await self._call("POST", path, None, timeout)
        if answer is None:
            raise unavailable()
        return str(answer["id"])

    async def close_point(self, point_id: str) -> None:
        """Let a point in time go."""
        await self._call("DELETE", "/_pit", {"id": point_id}, 2.0)

    async def count(self, index: str) -> int:
        """Return the number of documents of all tenants in an index."""
        answer = await self._call("GET", f"/{index}/_count", None, 2.0)
        if answer is None:
            raise unavailable()
        return int(answer["count"])

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, timeout: float
    ) -> Answer | None:
        """Ask the engine; None when the thing that is named is not there."""
        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        try:
            response = await self._client.options(
                request_timeout=max(timeout, 0.05)
            ).perform_request(method, path, headers=headers, body=body)
        except NotFoundError:
            return None
        except ApiError as error:
            raise _meaning(error) from error
        except TransportError as error:
            _log.warning("index not reached", error=type(error).__name__)
            raise unavailable() from error
        answer: Answer = response.body
        return answer


def unavailable() -> Failure:
    """Return the failure that says the index cannot answer now."""
    return Failure(errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE, retry_after_s=1.0)


def _meaning(error: ApiError) -> Exception:
    kinds = set(_kinds(error.body))
    if "too_many_buckets_exception" in kinds:
        return TooManyGroups()
    if "search_context_missing_exception" in kinds:
        return PointLost()
    _log.warning("index refused", status=error.meta.status, kinds=sorted(kinds))
    if error.meta.status in (408, 429) or error.meta.status >= 500:
        return unavailable()
    return IndexRefused()


def _kinds(tree: Any) -> list[str]:
    """Return the names of all errors in an answer, which say nothing of what was asked."""
    if isinstance(tree, list):
        return [kind for each in tree for kind in _kinds(each)]
    if not isinstance(tree, dict):
        return []
    own = [tree["type"]] if isinstance(tree.get("type"), str) else []
    return own + [kind for each in tree.values() for kind in _kinds(each)]
