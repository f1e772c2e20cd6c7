"""The methods of QueryService; the synchronous form is generated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Unpack

from claimflow.client._connection_async import AsyncCaller
from claimflow.client._feeds_async import AsyncExport, AsyncWatch
from claimflow.client._pager_async import AsyncPager
from claimflow.client._requests import QueryOptions
from claimflow.client.values import build, timestamp
from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.claim_pb2 import Claim


class AsyncQueries(AsyncCaller):
    """One method per RPC of QueryService; each takes also the `QueryOptions`.

    Those whose answer is always of this moment take only their timeout.
    """

    async def get_claim(
        self,
        claim_id: str = "",
        *,
        claim_number: str = "",
        version: int = 0,
        time: datetime | None = None,
        view: pb.ClaimView | str = pb.CLAIM_VIEW_UNSPECIFIED,
        **options: Unpack[QueryOptions],
    ) -> pb.GetClaimResponse:
        """Read one claim by id or by number, as it is or as it was at a version or a time."""
        request = build(pb.GetClaimRequest, {"view": view})
        if claim_number:
            request.claim_number = claim_number
        if claim_id:
            request.claim_id = claim_id
        if version:
            request.version = version
        if time is not None:
            request.time.CopyFrom(timestamp(time))
        return await self._query(self._connection.queries.GetClaim, request, options)

    async def batch_get_claims(
        self,
        claim_ids: Iterable[str],
        *,
        view: pb.ClaimView | str = pb.CLAIM_VIEW_UNSPECIFIED,
        **options: Unpack[QueryOptions],
    ) -> pb.BatchGetClaimsResponse:
        """Read up to 100 claims by id; those that do not exist are listed as missing."""
        fields = {"claim_ids": list(claim_ids), "view": view}
        request = build(pb.BatchGetClaimsRequest, fields)
        return await self._query(self._connection.queries.BatchGetClaims, request, options)

    def search_claims(
        self,
        filter: str = "",
        *,
        order_by: str = "",
        page_size: int = 0,
        page_token: str = "",
        count_total: bool = False,
        **options: Unpack[QueryOptions],
    ) -> AsyncPager[pb.SearchClaimsResponse, Claim]:
        """Find claims by filter, text and order; iterate over them or over `.pages()`."""

        async def fetch(token: str) -> pb.SearchClaimsResponse:
            request = pb.SearchClaimsRequest(
                filter=filter,
                order_by=order_by,
                page_size=page_size,
                page_token=token,
                count_total=count_total,
            )
            return await self._query(self._connection.queries.SearchClaims, request, options)

        return AsyncPager(fetch, lambda page: page.claims, page_token)

    def watch_claims(
        self,
        filter: str = "",
        *,
        skip_snapshot: bool = False,
        page_size: int = 0,
        resume_token: str = "",
        **options: Unpack[QueryOptions],
    ) -> AsyncWatch:
        """Iterate over claims that match, then over every change, as items of `feeds`.

        `timeout` is the seconds that it may last in all; by default it has no end. With
        skip_snapshot and a consistency of at_least_as_fresh, the changes after that token.
        """
        request = pb.WatchClaimsRequest(
            filter=filter,
            skip_snapshot=skip_snapshot,
            page_size=page_size,
            resume_token=resume_token,
        )
        self._ask_for(request, options)
        return AsyncWatch(self._connection, request, options.get("timeout"))

    def export_claims(
        self,
        filter: str = "",
        *,
        batch_size: int = 0,
        resume_token: str = "",
        **options: Unpack[QueryOptions],
    ) -> AsyncExport:
        """Iterate over all claims that match, by claim id, or over `.batches()`.

        `timeout` is the seconds that it may last in all; by default there is no limit.
        """
        request = pb.ExportClaimsRequest(
            filter=filter, batch_size=batch_size, resume_token=resume_token
        )
        self._ask_for(request, options)
        return AsyncExport(self._connection, request, options.get("timeout"))

    async def aggregate_claims(
        self,
        filter: str = "",
        *,
        group_by: Iterable[str | pb.GroupBy] = (),
        sums: Iterable[str] = (),
        **options: Unpack[QueryOptions],
    ) -> pb.AggregateClaimsResponse:
        """Count and sum claims in groups; a dimension is a field's name or a `GroupBy`."""
        request = pb.AggregateClaimsRequest(
            filter=filter,
            group_by=[
                pb.GroupBy(field=dimension) if isinstance(dimension, str) else dimension
                for dimension in group_by
            ],
            sums=sums,
        )
        return await self._query(self._connection.queries.AggregateClaims, request, options)

    def get_claim_history(
        self,
        claim_id: str,
        *,
        page_size: int = 0,
        page_token: str = "",
        **options: Unpack[QueryOptions],
    ) -> AsyncPager[pb.GetClaimHistoryResponse, pb.ClaimEvent]:
        """List every event of a claim by version; iterate over them or over `.pages()`."""

        async def fetch(token: str) -> pb.GetClaimHistoryResponse:
            request = pb.GetClaimHistoryRequest(
                claim_id=claim_id, page_size=page_size, page_token=token
            )
            return await self._query(self._connection.queries.GetClaimHistory, request, options)

        return AsyncPager(fetch, lambda page: page.events, page_token)

    async def verify_claim_history(
        self, claim_id: str, **options: Unpack[QueryOptions]
    ) -> pb.VerifyClaimHistoryResponse:
        """Recompute a claim's hash chain and compare its state with the fold of its events."""
        request = pb.VerifyClaimHistoryRequest(claim_id=claim_id)
        return await self._query(self._connection.queries.VerifyClaimHistory, request, options)

    async def get_remittance(
        self, remittance_id: str = "", *, trace_number: str = "", timeout: float | None = None
    ) -> pb.GetRemittanceResponse:
        """Read one remittance by id or by trace number, as it is at this moment."""
        request = pb.GetRemittanceRequest()
        if trace_number:
            request.trace_number = trace_number
        if remittance_id:
            request.remittance_id = remittance_id
        return await self._ask(self._connection.queries.GetRemittance, request, timeout)

    async def get_member_accumulators(
        self, member_id: str = "", *, timeout: float | None = None
    ) -> pb.GetMemberAccumulatorsResponse:
        """Tell what a member, by default the caller, has used of each plan's limits by now."""
        request = pb.GetMemberAccumulatorsRequest(member_id=member_id)
        return await self._ask(self._connection.queries.GetMemberAccumulators, request, timeout)

    async def get_projection_status(
        self, **options: Unpack[QueryOptions]
    ) -> pb.GetProjectionStatusResponse:
        """Tell how far the index is behind."""
        request = pb.GetProjectionStatusRequest()
        return await self._query(self._connection.queries.GetProjectionStatus, request, options)
