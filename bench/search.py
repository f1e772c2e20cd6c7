"""SearchClaims against the same query sent straight to Elasticsearch; GetClaim by itself."""

from __future__ import annotations

import statistics
import time

import grpc
from elasticsearch import AsyncElasticsearch

from bench.load import bearer, percentiles
from claimflow.v1 import query_service_pb2, query_service_pb2_grpc

FILTER = 'state="ACCEPTED" AND total_charge>=100'
QUERY = {
    "bool": {
        "filter": [
            {"term": {"state": "ACCEPTED"}},
            {"range": {"total_charge_cents": {"gte": 10000}}},
        ]
    }
}
CALLS = 200


async def compare(env: dict[str, str], rounds: int) -> None:
    """Measure both in turn, one call at a time, and print the ratio of the medians."""
    metadata = bearer(env["CLAIMFLOW_TOKEN"])
    async with (
        grpc.aio.insecure_channel(env["CLAIMFLOW_QUERY_ADDR"]) as channel,
        AsyncElasticsearch(env["ELASTICSEARCH_URL"]) as elastic,
    ):
        stub = query_service_pb2_grpc.QueryServiceStub(channel)
        request = query_service_pb2.SearchClaimsRequest(filter=FILTER, page_size=50)

        async def ours() -> object:
            return await stub.SearchClaims(request, metadata=metadata, timeout=30)

        async def straight() -> object:
            return await elastic.search(
                index="claims", query=QUERY, size=50, sort=[{"receive_time": "desc"}]
            )

        found = await stub.SearchClaims(request, metadata=metadata, timeout=30)
        one = query_service_pb2.GetClaimRequest(claim_id=found.claims[0].claim_id)

        async def get() -> object:
            return await stub.GetClaim(one, metadata=metadata, timeout=30)

        medians: dict[str, list[float]] = {"search": [], "straight": [], "get": []}
        calls = {"search": ours, "straight": straight, "get": get}
        for _ in range(rounds):
            for name, call in calls.items():
                latencies = []
                for _ in range(CALLS):
                    began = time.perf_counter()
                    await call()
                    latencies.append(time.perf_counter() - began)
                medians[name].append(percentiles(latencies)[0])
    found_ms, straight_ms = (statistics.median(medians[name]) for name in ("search", "straight"))
    print(
        f"SearchClaims, 50 claims: p50 {found_ms:.1f} ms;"
        f" straight to Elasticsearch {straight_ms:.1f} ms; ratio {found_ms / straight_ms:.2f};"
        " target 1.3 and 0.5 ms more, read audit included here"
    )
    print(f"GetClaim: p50 {statistics.median(medians['get']):.1f} ms")
