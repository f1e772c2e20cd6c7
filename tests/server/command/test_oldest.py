"""What holds the change feed's log back is named: how old it is, whose it is, what it is (F23)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from server.command.migrate import migrate
from server.embedded.postgres import PrivatePostgres

WRITE = "INSERT INTO claimflow.tenant (tenant_id, name, policy_set) VALUES (%s, '', 'strict')"


def oldest(database: str, role: str = "claimflow_worker") -> dict[str, Any] | None:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        return connection.execute("SELECT * FROM claimflow.oldest_transaction()").fetchone()


@contextmanager
def writing(database: str, application: str) -> Iterator[psycopg.Connection]:
    """A transaction that has written and stays open."""
    with psycopg.connect(database, application_name=application) as connection:
        connection.execute(WRITE, (uuid4(),))
        yield connection
        connection.rollback()


@pytest.mark.parametrize("role", ["claimflow_worker", "claimflow_query"])
def test_the_oldest_open_write_transaction_is_named(database: str, role: str) -> None:
    with writing(database, "night job") as first:
        pid, user = first.info.backend_pid, first.info.user
        time.sleep(0.3)
        with writing(database, "claimflow command"):
            found = oldest(database, role)
    assert found is not None
    assert found["application"] == "night job"
    assert found["pid"] == pid
    assert found["kind"] == "transaction"
    assert found["username"] == user
    assert 0.3 <= found["age_seconds"] < 30


def test_readers_and_ended_transactions_hold_nothing(database: str) -> None:
    with writing(database, "writer"):
        pass
    with psycopg.connect(database) as reader:
        reader.execute("SELECT count(*) FROM claimflow.claim")
        assert oldest(database) is None


def test_a_slot_that_nobody_reads_is_named(database: str) -> None:
    name = f"left_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (name,))
        found = oldest(database)
        connection.execute("SELECT pg_drop_replication_slot(%s)", (name,))
    assert found is not None
    assert (found["kind"], found["application"], found["pid"]) == ("slot", name, None)
    assert oldest(database) is None


def test_a_prepared_transaction_is_named(tmp_path: Path) -> None:
    with PrivatePostgres(tmp_path, settings={"max_prepared_transactions": "1"}) as server:
        migrate(server.url)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("BEGIN")
            connection.execute(WRITE, (uuid4(),))
            connection.execute("PREPARE TRANSACTION 'left'")
            found = oldest(server.url)
            connection.execute("ROLLBACK PREPARED 'left'")
        assert found is not None
        assert (found["kind"], found["username"]) == ("prepared", "postgres")
        assert oldest(server.url) is None


def test_others_may_not_ask(database: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        oldest(database, "claimflow_timers")
