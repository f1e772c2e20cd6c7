"""Connections act as the application's role, and errors keep their text (3.5, P13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from server.platform.errors import Failure, name_of
from server.platform.postgres import classify, connect, open_pool, tenants_setting

OURS, THEIRS = UUID(int=1), UUID(int=2)
ROLE = "test_platform_application"
CANARY = "Canary-4711"
TABLE = """
CREATE SCHEMA claimflow;
CREATE TABLE claimflow.thing (tenant_id uuid, name text PRIMARY KEY, n int CHECK (n > 0));
ALTER TABLE claimflow.thing ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimflow.thing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON claimflow.thing USING (
  tenant_id = ANY (nullif(current_setting('app.tenants', true), '')::uuid[])
);
INSERT INTO claimflow.thing VALUES
  ('00000000-0000-0000-0000-000000000001', 'a', 1),
  ('00000000-0000-0000-0000-000000000002', 'b', 1);
GRANT USAGE ON SCHEMA claimflow TO test_platform_application;
GRANT SELECT, INSERT ON claimflow.thing TO test_platform_application;
"""


@pytest.fixture
def url(fresh_database: str) -> str:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,))
        if known.fetchone() is None:
            connection.execute(f"CREATE ROLE {ROLE}")
        connection.execute(TABLE)
    return fresh_database


@pytest.fixture
async def connection(url: str) -> AsyncIterator[AsyncConnection[tuple[object, ...]]]:
    async with await connect(url, ROLE, application="test") as one:
        yield one


async def test_rows_are_those_of_the_tenants_that_are_set(
    connection: AsyncConnection[tuple[object, ...]],
) -> None:
    async with connection.transaction():
        await connection.execute(tenants_setting([OURS]).encode())
        rows = await (await connection.execute("SELECT name FROM thing")).fetchall()

    assert rows == [("a",)]


async def test_without_a_tenant_there_are_no_rows(
    connection: AsyncConnection[tuple[object, ...]],
) -> None:
    async with connection.transaction():
        await connection.execute(tenants_setting([OURS, THEIRS]).encode())
    rows = await (await connection.execute("SELECT name FROM thing")).fetchall()

    assert rows == []


async def test_a_pools_connections_are_of_the_role_too(url: str) -> None:
    async with open_pool(url, ROLE, application="test") as pool, pool.connection() as connection:
        row = await (await connection.execute("SELECT current_user")).fetchone()

    assert row == (ROLE,)


# What goes wrong, and the reason that a caller hears.
STATEMENTS = {
    f"SELECT '{CANARY}'::int": "UNEXPECTED",
    f"INSERT INTO thing VALUES ('{OURS}', '{CANARY}', 0)": "UNEXPECTED",
    f"INSERT INTO thing VALUES ('{THEIRS}', '{CANARY}', 1)": "UNEXPECTED",
    f"INSERT INTO thing VALUES ('{OURS}', 'a', 1)": "WRITE_CONFLICT",
    "UPDATE thing SET n = 2": "UNEXPECTED",
    "SET statement_timeout = 10; SELECT pg_sleep(5)": "DATABASE_UNAVAILABLE",
}


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_an_error_becomes_a_reason_and_loses_its_text(
    connection: AsyncConnection[tuple[object, ...]], statement: str
) -> None:
    await connection.execute(tenants_setting([OURS]).replace("true", "false").encode())

    with pytest.raises(psycopg.Error) as caught:
        await connection.execute(statement.encode())
    failure = classify(caught.value)

    assert name_of(failure.reason) == STATEMENTS[statement]
    assert CANARY not in told(failure)


async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        await connect("postgresql://127.0.0.1:1/none", ROLE, application="test")

    assert name_of(classify(caught.value).reason) == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (psycopg.errors.DiskFull(), "STORAGE_FULL"),
        (psycopg.errors.SerializationFailure(), "WRITE_CONFLICT"),
        (psycopg.errors.DeadlockDetected(), "WRITE_CONFLICT"),
        (psycopg.errors.LockNotAvailable(), "WRITE_CONFLICT"),
        (psycopg.errors.AdminShutdown(), "DATABASE_UNAVAILABLE"),
        (psycopg.errors.CannotConnectNow(), "DATABASE_UNAVAILABLE"),
        (psycopg.errors.TooManyConnections(), "DATABASE_UNAVAILABLE"),
        (psycopg.errors.ReadOnlySqlTransaction(), "DATABASE_UNAVAILABLE"),
        (PoolTimeout(), "DATABASE_UNAVAILABLE"),
        (ConnectionResetError(), "DATABASE_UNAVAILABLE"),
        (ValueError(CANARY), "UNEXPECTED"),
    ],
)
def test_faults_that_are_hard_to_cause_have_their_reasons(error: Exception, reason: str) -> None:
    failure = classify(error)

    assert name_of(failure.reason) == reason
    assert (failure.retry_after_s is None) == (reason == "UNEXPECTED")
    assert CANARY not in told(failure)


def told(failure: Failure) -> str:
    """Return all that a failure carries."""
    return f"{failure} {failure.metadata} {failure.violations}"
