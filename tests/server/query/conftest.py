"""An index with a few dozen claims of two tenants, and what a query process asks it with."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from elasticsearch import AsyncElasticsearch, Elasticsearch

from server.query.index import Index
from tests.server.query import sample


@dataclass(frozen=True)
class Site:
    """A filled index: its address, the prefix of its names, and the documents by tenant."""

    url: str
    prefix: str
    mine: list[sample.Document]
    others: list[sample.Document]


@pytest.fixture(scope="module")
def site(elasticsearch_url: str) -> Iterator[Site]:
    """The filled index of a module's tests."""
    prefix = f"test-{uuid.uuid4().hex}-"
    mine = sample.documents(60)
    others = sample.documents(20, seed=2, tenant=sample.OTHER_TENANT)
    with Elasticsearch(elasticsearch_url) as client:
        sample.create(client, prefix)
        sample.write(client, prefix, [*mine, *others])
        sample.put_progress(client, prefix, 5000)
        yield Site(elasticsearch_url, prefix, mine, others)
        for index in client.indices.get(index=f"{prefix}*"):
            client.indices.delete(index=index)


@pytest.fixture
async def index(site: Site) -> AsyncIterator[Index]:
    """The index as the query process sees it."""
    async with AsyncElasticsearch(site.url) as client:
        yield Index(client, site.prefix)
