"""GetClaim and BatchGetClaims: from the index when it can answer, from Postgres otherwise.

BASIC comes from the index. FULL, STRONG and as-of reads come from Postgres, and so does what the
index cannot tell: it is unreachable or behind the token, has no such claim, or cannot take it as it
is now (quarantine). A claim outside of the caller's scope does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from claimflow.v1 import claim_pb2, common_pb2, errors_pb2, query_service_pb2
from server.platform.errors import Failure
from server.query.caller import Caller
from server.query.conditions import And, Comparison
from server.query.documents import claim_of
from server.query.fields import FIELDS
from server.query.history import History, Snapshot, Stored
from server.query.index import Index, Progress
from server.query.queries import Query, Translator
from server.query.requirement import Requirements, Wish
from server.query.search import Source, check_hits

BATCH_MAX = 100
FULL = query_service_pb2.CLAIM_VIEW_FULL


@dataclass(frozen=True, slots=True)
class Found:
    """Claims that were read, unredacted, by id, and how fresh they are."""

    claims: dict[str, claim_pb2.Claim]
    freshness: common_pb2.Freshness


class Reader:
    """Reads claims by id or number."""

    def __init__(self, index: Index, history: History, requirements: Requirements) -> None:
        self._index = index
        self._history = history
        self._requirements = requirements

    async def by_ids(
        self, claim_ids: Sequence[UUID], view: int, wish: Wish, caller: Caller
    ) -> Found:
        """Return those of the claims that exist for the caller."""
        progress = await self._usable(view, wish, caller)
        if progress is not None:
            found = await self._indexed(claim_ids, progress, caller)
            if found is not None:
                return found
        try:
            stored, snapshot = await self._history.claims(caller.scope.tenant_id, claim_ids)
        except Failure:
            if view == FULL or wish.position is None:
                raise
            # Postgres cannot answer in the index's place: wait for the index after all.
            progress, _ = await self._requirements.reach(wish, caller)
            found = await self._indexed(claim_ids, progress, caller)
            if found is None:
                raise
            return found
        return self._of_database(stored.values(), snapshot, caller)

    async def by_number(self, number: str, view: int, wish: Wish, caller: Caller) -> Found:
        """Return the claim of a number, if it exists for the caller."""
        progress = await self._usable(view, wish, caller)
        if progress is not None:
            comparison = Comparison(FIELDS["claim_number"], "=", number.upper())
            query = Translator(datetime.now(UTC).date(), caller.blind).scoped(
                caller.scope, comparison
            )
            sources = await self._search(query, 1, caller)
            if sources and not await self._parked(sources, progress, caller):
                return self._of_index(sources, progress, caller)
        stored, snapshot = await self._history.claim_by_number(caller.scope.tenant_id, number)
        return self._of_database([stored] if stored else [], snapshot, caller)

    async def as_of(
        self, claim_id: UUID, version: int | None, time: datetime | None, caller: Caller
    ) -> Found:
        """Return the claim as it was, if it exists for the caller; VERSION_NOT_FOUND."""
        stored, snapshot = await self._history.claim_as_of(
            caller.scope.tenant_id, claim_id, version, time
        )
        return self._of_database([stored] if stored else [], snapshot, caller)

    async def id_of(self, number: str, caller: Caller) -> UUID | None:
        """Return the id of the claim of a number, from Postgres."""
        stored, _ = await self._history.claim_by_number(caller.scope.tenant_id, number)
        return stored.claim.claim_id if stored else None

    async def _usable(self, view: int, wish: Wish, caller: Caller) -> Progress | None:
        """Return the index's progress when it may answer, without waiting."""
        if view == FULL or wish.strong:
            return None
        freshness = self._requirements.freshness
        try:
            progress = await freshness.latest()
            if wish.position is not None and progress.lsn < wish.position.lsn:
                progress = await freshness.now()
        except Failure as failure:
            if failure.reason != errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE:
                raise
            return None
        if wish.position is not None:
            if progress.epoch != wish.position.epoch:
                raise Failure(errors_pb2.ERROR_REASON_TOKEN_EPOCH_MISMATCH)
            if progress.lsn < wish.position.lsn:
                return None
        return progress

    async def _indexed(
        self, claim_ids: Sequence[UUID], progress: Progress, caller: Caller
    ) -> Found | None:
        """Return the claims from the index; None when one is not there or the index is not."""
        wanted = {str(each) for each in claim_ids}
        try:
            if len(wanted) == 1:
                sources = await self._document(next(iter(wanted)), caller)
            else:
                query: Query = {"terms": {"claim_id": sorted(wanted)}}
                scoped = Translator(datetime.now(UTC).date(), caller.blind).scoped(
                    caller.scope, And(())
                )
                scoped["bool"]["filter"].append(query)
                sources = await self._search(scoped, len(wanted), caller)
        except Failure as failure:
            if failure.reason != errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE:
                raise
            return None
        if len(sources) < len(wanted) or await self._parked(sources, progress, caller):
            return None
        return self._of_index(sources, progress, caller)

    async def _parked(self, sources: list[Source], progress: Progress, caller: Caller) -> bool:
        """Tell whether the index holds an old version of one of the claims, and knows it."""
        tenant = caller.scope.tenant_id
        ids = [f"{tenant}/{source['claim_id']}" for source in sources]
        return bool(await self._index.parked(progress, ids))

    async def _document(self, claim_id: str, caller: Caller) -> list[Source]:
        """Return a claim's document, as new as it is; the progress is a lower bound of it."""
        document_id = f"{caller.scope.tenant_id}/{claim_id}"
        source = await self._index.document(document_id, caller.timeout())
        if source is None:
            return []
        check_hits([source], caller.scope.tenant_wide())
        return [source] if caller.scope.holds(source) else []

    async def _search(self, query: Query, size: int, caller: Caller) -> list[Source]:
        body = {"query": query, "size": size, "track_total_hits": False}
        answer = await self._index.search(body, caller.timeout())
        sources = [hit["_source"] for hit in answer["hits"]["hits"]]
        check_hits(sources, caller.scope)
        return sources

    def _of_index(self, sources: list[Source], progress: Progress, caller: Caller) -> Found:
        claims = [claim_of(source) for source in sources]
        freshness = self._requirements.of_index(progress, caller)
        return Found({claim.claim_id: claim for claim in claims}, freshness)

    def _of_database(self, stored: Iterable[Stored], snapshot: Snapshot, caller: Caller) -> Found:
        claims = [one.message() for one in stored]
        mine = {claim.claim_id: claim for claim in claims if caller.owns(claim)}
        return Found(mine, self._requirements.of_database(snapshot, caller))
