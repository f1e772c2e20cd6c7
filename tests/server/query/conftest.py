"""An index with a few dozen claims of two tenants, and what a query process asks it with."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from elasticsearch import AsyncElasticsearch, Elasticsearch

from server.command.migrate import migrate
from server.query.index import Index
from server.query.process import open_service
from server.query.service import QueryService
from server.query.settings import QuerySettings
from tests.server.query import sample, store
from tests.server.query.whole import SEAL_KEY, Base, document_of


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


@pytest.fixture
def base(
    create_database: Callable[[], str], elasticsearch_url: str, tmp_path: Path
) -> Iterator[Base]:
    """A database and an index of this test's own, with a claim of each of two tenants."""
    url = create_database()
    migrate(url)
    mine = store.write(url, sample.TENANT, store.life(uuid4(), "CMINE1"))
    others = store.write(url, sample.OTHER_TENANT, store.life(uuid4(), "COTHER1"))
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT epoch FROM claimflow.store").fetchone()
    assert row is not None
    prefix = f"test-{uuid.uuid4().hex}-"
    documents = sample.documents(30)
    (tmp_path / "seal").write_bytes(SEAL_KEY)
    (tmp_path / "index").write_bytes(sample.INDEX_KEY)
    settings = QuerySettings(
        database_url=url,
        elasticsearch_url=elasticsearch_url,
        index_prefix=prefix,
        index_key_file=tmp_path / "index",
        seal_key_file=tmp_path / "seal",
    )
    with Elasticsearch(elasticsearch_url) as client:
        sample.create(client, prefix)
        stored = [document_of(each, row[0]) for each in (mine, others)]
        sample.write(client, prefix, [*documents, *stored])
        sample.put_progress(client, prefix, 5000, epoch=row[0])
        yield Base(
            url,
            elasticsearch_url,
            prefix,
            mine,
            others,
            [*documents, stored[0]],
            row[0],
            settings,
        )
        for index in client.indices.get(index=f"{prefix}*"):
            client.indices.delete(index=index)


@pytest.fixture
async def service(base: Base) -> AsyncIterator[QueryService]:
    """The query service on them."""
    async with open_service(base.settings) as service:
        yield service
