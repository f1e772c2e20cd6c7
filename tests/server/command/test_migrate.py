"""Migrations: again, together, and true to what tables.py says."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.pool import NullPool

from server.claims.transitions import TRANSITIONS
from server.command import migrate as migration
from server.command import (  # noqa: F401  of the same metadata
    tables_benefits,
    tables_feed,
    tables_money,
)
from server.command.migrate import migrate, put_policy
from server.command.operators import purge_receipts, set_policy
from server.command.tables import SCHEMA, LogPosition, metadata
from tests.server.command.support import asked, count, rows, running, submission


def state(database: str) -> list[dict[str, object]]:
    return rows(
        database,
        "SELECT v.version, p.n, t.n AS moves, s.epoch FROM claimflow.reference_version v,"
        " (SELECT count(*) AS n FROM claimflow.policy) p,"
        " (SELECT count(*) AS n FROM claimflow.claim_transition) t, claimflow.store s",
    )


def test_a_second_migration_changes_nothing(database: str) -> None:
    before = state(database)

    migrate(database)

    assert state(database) == before


def test_two_migrations_at_once_are_one(fresh_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [fresh_database] * 4))

    (now,) = state(fresh_database)
    assert now["moves"] == sum(move[1] is not None for move in TRANSITIONS)
    assert now["n"] == len(list((Path(migration.__file__).parent / "policies").glob("*.json")))


def test_the_database_is_as_the_tables_say(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ischema_names, "pg_lsn", LogPosition)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(database), poolclass=NullPool
    )
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
                "version_table_schema": SCHEMA,
                "compare_type": False,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_every_column_and_table_has_its_comment(database: str) -> None:
    found = rows(
        database,
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS text"
        "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'claimflow'::regnamespace AND c.relkind = 'r'",
    )
    told = {(row["relname"], row["attname"]): row["text"] for row in found}
    for table in metadata.tables.values():
        for column in table.columns:
            assert told[table.name, column.name] == column.comment


def test_a_changed_policy_is_a_new_version_and_the_old_one_stays(database: str) -> None:
    (first,) = rows(
        database, "SELECT version, body FROM claimflow.policy WHERE policy_set = 'strict'"
    )
    body = {**json.loads(first["body"]), "lease_minutes": 7}

    with psycopg.connect(database) as connection:
        version = put_policy(connection, "strict", "*", "*", date(1970, 1, 1), body)
        again = put_policy(connection, "strict", "*", "*", date(1970, 1, 1), body)

    assert version is not None and version > first["version"]
    assert again is None
    kept = rows(database, "SELECT version FROM claimflow.policy WHERE policy_set = 'strict'")
    assert len(kept) == 2


async def test_a_tenants_policy_set_is_seen_by_a_running_engine(database: str) -> None:
    tenant = UUID(int=0xC)
    wrong_npi = {"billing_provider": None}
    async with running(database) as engine:
        strict = await engine.submit(asked(submission(**wrong_npi), tenant_id=tenant))
        set_policy(database, tenant, "sandbox", "Sandbox")
        sandbox = await engine.submit(asked(submission(), tenant_id=tenant))

    versions = rows(
        database, "SELECT policy_version, state FROM claimflow.claim ORDER BY received_at"
    )
    assert json.loads(strict.reply)["state"] == "REJECTED"
    assert json.loads(sandbox.reply)["state"] == "ACCEPTED"
    assert len({row["policy_version"] for row in versions}) == 2


async def test_old_receipts_are_purged_and_young_ones_kept(database: str) -> None:
    async with running(database) as engine:
        await engine.submit(asked(submission()))
        await engine.submit(asked(submission()))
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE claimflow.command_receipt SET created_at = now() - interval '40 days',"
            " touched_at = now() - interval '40 days'"
            " WHERE request_id = (SELECT request_id FROM claimflow.command_receipt LIMIT 1)"
        )

    assert purge_receipts(database, older_than_days=30) == 1
    assert count(database, "command_receipt") == 1
