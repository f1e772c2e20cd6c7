"""Real parts for tests: one Postgres and one Elasticsearch a test run, started when asked for."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from elasticsearch import Elasticsearch
from psycopg import sql

from server.embedded.elasticsearch import PrivateElasticsearch
from server.embedded.postgres import PrivatePostgres
from server.embedded.settings import ROOT
from server.embedded.tokens import TokenMint


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    # Short, since a socket's path has a limit, and removed whatever happens to the test run;
    # the servers themselves end with this process, however it ends.
    folder = Path(tempfile.mkdtemp(prefix=f"claimflow-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def private_postgres() -> Iterator[PrivatePostgres]:
    """The test run's Postgres."""
    with _folder("postgres") as folder, PrivatePostgres(folder) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(private_postgres: PrivatePostgres) -> str:
    """The URI of the test run's Postgres, as libpq takes it; shared, so leave it as it is."""
    return private_postgres.url


@pytest.fixture
def create_database(private_postgres: PrivatePostgres) -> Iterator[Callable[[], str]]:
    """A function that creates an empty database and returns its URI; all are dropped at the end."""
    administration = private_postgres.url_of("postgres")
    names: list[str] = []

    def create() -> str:
        names.append(f"test_{uuid.uuid4().hex}")
        with psycopg.connect(administration, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(names[-1])))
        return private_postgres.url_of(names[-1])

    yield create
    with psycopg.connect(administration, autocommit=True) as connection:
        for name in names:
            _drop_database(connection, name)


@pytest.fixture
def fresh_database(create_database: Callable[[], str]) -> str:
    """The URI of an empty database of this test's own."""
    return create_database()


def _drop_database(connection: psycopg.Connection, name: str) -> None:
    # A replication slot belongs to its database and would keep it.
    slots = "FROM pg_replication_slots WHERE database = %s"
    connection.execute(
        f"SELECT pg_terminate_backend(active_pid, 10000) {slots} AND active_pid IS NOT NULL",
        (name,),
    )
    connection.execute(f"SELECT pg_drop_replication_slot(slot_name) {slots}", (name,))
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


@pytest.fixture(scope="session")
def private_elasticsearch() -> Iterator[PrivateElasticsearch]:
    """The test run's Elasticsearch."""
    with _folder("elasticsearch") as folder, PrivateElasticsearch(folder) as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_url(private_elasticsearch: PrivateElasticsearch) -> str:
    """The address of the test run's Elasticsearch; name indices by `index_prefix`."""
    return private_elasticsearch.url


@pytest.fixture
def index_prefix(elasticsearch_url: str) -> Iterator[str]:
    """A prefix for this test's indices, which are deleted at the end."""
    prefix = f"test-{uuid.uuid4().hex}-"
    yield prefix
    with Elasticsearch(elasticsearch_url) as client:
        for index in client.indices.get(index=f"{prefix}*"):
            client.options(ignore_status=404).indices.delete(index=index)


@pytest.fixture(scope="session")
def token_mint() -> Iterator[TokenMint]:
    """An issuer with keys of its own: `mint(...)` tokens, `jwks_file` for servers to pin."""
    with _folder("keys") as folder:
        yield TokenMint(folder)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real sample inputs beside the checkout, or at CLAIMFLOW_SHARED."""
    chosen = os.environ.get("CLAIMFLOW_SHARED")
    folder = Path(chosen) if chosen else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        reason = "no sample data beside the checkout (../shared/data); CLAIMFLOW_SHARED may name it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
