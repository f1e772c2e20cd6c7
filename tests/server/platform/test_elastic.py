"""The client works with the private Elasticsearch, and errors keep their text."""

from __future__ import annotations

from typing import Any

import pytest
from elasticsearch import ApiError, TransportError

from server.platform.elastic import classify, open_client
from server.platform.errors import Failure, name_of

CANARY = "Canary-4711"


async def test_documents_written_are_found(elasticsearch_url: str, index_prefix: str) -> None:
    name = f"{index_prefix}things"
    client = open_client(elasticsearch_url)
    try:
        lines: Any = [  # bytes pass as they are
            b'{"index":{"_id":"1","version":7,"version_type":"external"}}\n',
            b'{"state":"PAID"}\n',
        ]
        answer = await client.bulk(index=name, operations=lines, refresh=True)
        found = await client.search(index=name, query={"match_all": {}})
    finally:
        await client.close()

    assert answer["errors"] is False
    assert found["hits"]["hits"][0]["_source"] == {"state": "PAID"}


async def test_a_missing_index_is_unavailable(elasticsearch_url: str, index_prefix: str) -> None:
    client = open_client(elasticsearch_url)
    try:
        with pytest.raises(ApiError) as caught:
            await client.search(index=f"{index_prefix}{CANARY.lower()}")
    finally:
        await client.close()

    assert_unavailable(classify(caught.value))


async def test_a_query_it_cannot_read_is_our_fault_and_tells_nothing(
    elasticsearch_url: str, index_prefix: str
) -> None:
    client = open_client(elasticsearch_url)
    try:
        with pytest.raises(ApiError) as caught:
            await client.search(query={CANARY: {}})
    finally:
        await client.close()
    failure = classify(caught.value)

    assert name_of(failure.reason) == "UNEXPECTED"
    assert CANARY not in f"{failure} {failure.metadata} {failure.violations}"


async def test_an_engine_that_is_not_there_is_unavailable() -> None:
    client = open_client("http://127.0.0.1:1", timeout_s=2)
    try:
        with pytest.raises(TransportError) as caught:
            await client.search(index="x")
    finally:
        await client.close()

    assert_unavailable(classify(caught.value))


def assert_unavailable(failure: Failure) -> None:
    assert name_of(failure.reason) == "INDEX_UNAVAILABLE"
    assert failure.retry_after_s is not None
    assert CANARY.lower() not in f"{failure} {failure.metadata} {failure.violations}"
