"""QueryService: one short method for each RPC. Read, hand over, answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from uuid import UUID

from claimflow.v1 import (
    claim_pb2,
    common_pb2,
    errors_pb2,
    options_pb2,
    query_service_pb2,
    remittance_pb2,
)
from server.platform.call import Call
from server.platform.errors import Failure
from server.query import aggregate, search
from server.query.caller import Caller
from server.query.calls import Calls
from server.query.conditions import normalized
from server.query.documents import claim_of
from server.query.faults import Complaints
from server.query.feeds import Feeds
from server.query.history import History
from server.query.history_pages import history_page, verification
from server.query.index import Index
from server.query.named import (
    claim_number_of,
    moment_of,
    remittance_key_of,
    size_of,
    uuid_of,
    uuids_of,
)
from server.query.reads import BATCH_MAX, FULL, Found, Reader
from server.query.remittances import member_asked_for, read_accumulators, read_remittance
from server.query.requirement import Requirements
from server.query.search import Place, Searcher
from server.query.status import projection_status

HISTORY_PAGE_DEFAULT = 100

_READ = options_pb2.PERMISSION_CLAIM_READ
_AS_IT_IS = common_pb2.Consistency()  # of requests that cannot ask for more; metadata may


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryService:
    """Answers questions; every method may raise `Failure`."""

    calls: Calls
    index: Index
    history: History
    requirements: Requirements
    reader: Reader
    searcher: Searcher
    feeds: Feeds

    async def get_claim(
        self, request: query_service_pb2.GetClaimRequest, call: Call
    ) -> query_service_pb2.GetClaimResponse:
        """Read one claim, as it is or as it was."""
        caller = self.calls.caller(call, _READ)
        found = await self._find(request, caller)
        claims = self.calls.shown(found.claims.values(), full=request.view == FULL)
        if not claims:
            raise Failure(errors_pb2.ERROR_REASON_CLAIM_NOT_FOUND)
        await self.calls.disclose(call, caller, ids_of(claims), full=request.view == FULL)
        return query_service_pb2.GetClaimResponse(claim=claims[0], freshness=found.freshness)

    async def batch_get_claims(
        self, request: query_service_pb2.BatchGetClaimsRequest, call: Call
    ) -> query_service_pb2.BatchGetClaimsResponse:
        """Read several claims by id, in the order asked for."""
        caller = self.calls.caller(call, _READ)
        if not 1 <= len(request.claim_ids) <= BATCH_MAX:
            raise Complaints.of("claim_ids", f"from 1 to {BATCH_MAX} ids")
        wanted = uuids_of(request.claim_ids)
        wish = self.requirements.wish(request.consistency, caller)
        found = await self.reader.by_ids(wanted, request.view, wish, caller)
        there = [found.claims[key] for each in wanted if (key := str(each)) in found.claims]
        claims = self.calls.shown(there, full=request.view == FULL)
        await self.calls.disclose(call, caller, ids_of(claims), full=request.view == FULL)
        return query_service_pb2.BatchGetClaimsResponse(
            claims=claims,
            missing_claim_ids=[key for each in wanted if (key := str(each)) not in found.claims],
            freshness=found.freshness,
        )

    async def search_claims(
        self, request: query_service_pb2.SearchClaimsRequest, call: Call
    ) -> bytes:
        """Find claims, page by page over one point in time."""
        caller = self.calls.caller(call, _READ)
        understood = search.understand(request.filter, request.order_by, caller)
        page = await self._page(request, understood, call, caller)
        claims = [claim_of(one) for one in page.sources]
        await self.calls.disclose(call, caller, ids_of(claims), full=False)
        token = ""
        if page.next_place is not None:
            token = self.calls.seal(page.next_place.pack(), understood.arguments, call)
        reply = query_service_pb2.SearchClaimsResponse(
            claims=claims,
            next_page_token=token,
            total_size=page.total,
            freshness=self.requirements.of_index(page.progress, caller),
        )
        return self.calls.with_filter(reply, call, normalized(understood.node))

    def watch_claims(
        self, request: query_service_pb2.WatchClaimsRequest, call: Call
    ) -> AsyncIterator[bytes]:
        """Tell claims that match, then every change."""
        return self.feeds.watch(request, call)

    def export_claims(
        self, request: query_service_pb2.ExportClaimsRequest, call: Call
    ) -> AsyncIterator[bytes]:
        """Tell all claims that match, in batches."""
        return self.feeds.export(request, call)

    async def aggregate_claims(
        self, request: query_service_pb2.AggregateClaimsRequest, call: Call
    ) -> bytes:
        """Count and sum claims in groups."""
        caller = self.calls.caller(call, options_pb2.PERMISSION_CLAIM_AGGREGATE)
        node = search.read_filter(request.filter, caller)
        plan = aggregate.plan(request, caller)
        wish = self.requirements.wish(request.consistency, caller)
        progress, _ = await self.requirements.reach(wish, caller)
        result = await aggregate.aggregate(self.index, plan, node, caller, caller.timeout())
        fields = [*plan.sums, *(one.field for one in plan.dimensions)]
        await self.calls.disclose_classes(call, {field.phi for field in fields})
        reply = aggregate.reply(result, plan.sums)
        reply.freshness.CopyFrom(self.requirements.of_index(progress, caller))
        return self.calls.with_filter(reply, call, normalized(node))

    async def get_claim_history(
        self, request: query_service_pb2.GetClaimHistoryRequest, call: Call
    ) -> bytes:
        """List a claim's events, by version.

        Values of changes are shown by the class of the field that changed, not by their own.
        """
        caller = self.calls.caller(call, options_pb2.PERMISSION_HISTORY_READ)
        claim_id = uuid_of(request.claim_id, "claim_id")
        self.requirements.wish(request.consistency, caller)  # Postgres is always fresh enough
        size = size_of(request.page_size, HISTORY_PAGE_DEFAULT)
        arguments = f"GetClaimHistory {claim_id}".encode()
        after = 0
        if request.page_token:
            after = int(self.calls.unseal(request.page_token, arguments, call))
        events, more, snapshot = await history_page(
            self.history, caller.scope.tenant_id, claim_id, after, size, caller.sight
        )
        await self.calls.disclose(call, caller, [claim_id], full=True)
        last = str(events[-1].version).encode() if more else b""
        reply = query_service_pb2.GetClaimHistoryResponse(
            events=events,
            next_page_token=self.calls.seal(last, arguments, call) if more else "",
            freshness=self.requirements.of_database(snapshot, caller),
        )
        return reply.SerializeToString()

    async def verify_claim_history(
        self, request: query_service_pb2.VerifyClaimHistoryRequest, call: Call
    ) -> query_service_pb2.VerifyClaimHistoryResponse:
        """Tell whether a claim's history holds."""
        caller = self.calls.caller(call, options_pb2.PERMISSION_HISTORY_VERIFY)
        claim_id = uuid_of(request.claim_id, "claim_id")
        self.requirements.wish(request.consistency, caller)
        reply, snapshot = await verification(self.history, caller.scope.tenant_id, claim_id)
        reply.freshness.CopyFrom(self.requirements.of_database(snapshot, caller))
        return reply

    async def get_remittance(
        self, request: query_service_pb2.GetRemittanceRequest, call: Call
    ) -> query_service_pb2.GetRemittanceResponse:
        """Read one remittance as it was written, and whether its money arrived."""
        caller = self.calls.caller(call, options_pb2.PERMISSION_REMITTANCE_READ)
        self.requirements.wish(_AS_IT_IS, caller)
        paid, snapshot = await read_remittance(self.history, remittance_key_of(request), caller)
        shown = remittance_pb2.Remittance
        await self.calls.disclose_kind(call, caller, paid.claim_ids, shown)
        return query_service_pb2.GetRemittanceResponse(
            remittance=paid.message(), freshness=self.requirements.of_database(snapshot, caller)
        )

    async def get_member_accumulators(
        self, request: query_service_pb2.GetMemberAccumulatorsRequest, call: Call
    ) -> query_service_pb2.GetMemberAccumulatorsResponse:
        """Tell what a member has used of each plan's limits."""
        caller = self.calls.caller(call, options_pb2.PERMISSION_ACCUMULATOR_READ)
        self.requirements.wish(_AS_IT_IS, caller)
        member = member_asked_for(request, caller)
        found, snapshot = await read_accumulators(self.history, member, caller)
        if found:
            shown = query_service_pb2.Accumulator
            await self.calls.disclose_kind(call, caller, (), shown, caller.blind("member", member))
        return query_service_pb2.GetMemberAccumulatorsResponse(
            accumulators=found, freshness=self.requirements.of_database(snapshot, caller)
        )

    async def get_projection_status(
        self, request: query_service_pb2.GetProjectionStatusRequest, call: Call
    ) -> query_service_pb2.GetProjectionStatusResponse:
        """Tell how far the index is behind."""
        caller = self.calls.caller(call, options_pb2.PERMISSION_STATUS_READ)
        wish = self.requirements.wish(request.consistency, caller)
        await self.requirements.reach(wish, caller)
        progress = await self.requirements.freshness.now()
        return query_service_pb2.GetProjectionStatusResponse(
            projections=await projection_status(self.index, self.history, progress),
            freshness=self.requirements.of_index(progress, caller),
        )

    async def _find(self, request: query_service_pb2.GetClaimRequest, caller: Caller) -> Found:
        wish = self.requirements.wish(request.consistency, caller)
        as_of = request.WhichOneof("as_of")
        if request.WhichOneof("key") != "claim_number":
            claim_id = uuid_of(request.claim_id, "claim_id")
            if not as_of:
                return await self.reader.by_ids([claim_id], request.view, wish, caller)
        else:
            number = claim_number_of(request.claim_number)
            if not as_of:
                return await self.reader.by_number(number, request.view, wish, caller)
            known = await self.reader.id_of(number, caller)
            if known is None:
                raise Failure(errors_pb2.ERROR_REASON_CLAIM_NOT_FOUND)
            claim_id = known
        version = request.version if as_of == "version" else None
        time = moment_of(request) if as_of == "time" else None
        return await self.reader.as_of(claim_id, version, time, caller)

    async def _page(
        self,
        request: query_service_pb2.SearchClaimsRequest,
        understood: search.Search,
        call: Call,
        caller: Caller,
    ) -> search.Page:
        size = size_of(request.page_size, search.PAGE_SIZE_DEFAULT)
        count = request.count_total
        wish = self.requirements.wish(request.consistency, caller)
        if request.page_token:
            sealed = self.calls.unseal(request.page_token, understood.arguments, call)
            place = Place.unpack(sealed)
            return await self.searcher.next(
                understood, caller, size, count, place, caller.timeout()
            )
        progress, required = await self.requirements.reach(wish, caller)
        return await self.searcher.first(
            understood, caller, size, count, progress, required, caller.timeout()
        )


def ids_of(claims: Iterable[claim_pb2.Claim]) -> list[UUID]:
    """Return the ids of claims."""
    return [UUID(claim.claim_id) for claim in claims]
