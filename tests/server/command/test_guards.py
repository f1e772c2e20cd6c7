"""What the database refuses whoever asks: W2, W3, the tenants' fences, illegal moves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from server.claims.records import COLUMNS
from server.command.engine import Engine
from tests.server.command.support import OTHER_TENANT, TENANT, asked, note, rows, submission

PLACES = ", ".join(f"%({name})s" for name in COLUMNS)
INSERT = f"INSERT INTO claimflow.claim_event ({', '.join(COLUMNS)}) VALUES ({PLACES})"


@pytest.fixture
async def last_event(engine: Engine, database: str) -> dict[str, Any]:
    """The last event of a claim with a short history."""
    command = submission()
    await engine.submit(asked(command))
    await engine.submit(asked(note(command.claim_id)))
    return rows(database, "SELECT * FROM claimflow.claim_event ORDER BY version DESC LIMIT 1")[0]


def following(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The event that may come after one, with something changed."""
    return {
        **event,
        "version": event["version"] + 1,
        "event_id": uuid4(),
        "from_state": event["to_state"],
        "prev_hash": event["hash"],
        "hash": os.urandom(32),
        **changes,
    }


@pytest.fixture(params=["origin", "replica"])
def superuser(database: str, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A superuser's session, also one that plays a replica."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"SET session_replication_role = {request.param}")
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claimflow.claim_event SET actor = 'nobody'",
        "UPDATE claimflow.claim_event SET actor = 'nobody' WHERE false",
        "DELETE FROM claimflow.claim_event",
        "TRUNCATE claimflow.claim_event",
        "TRUNCATE claimflow.claim_event CASCADE",
        "UPDATE claimflow.read_audit SET actor = 'nobody'",
        "DELETE FROM claimflow.read_audit",
        "TRUNCATE claimflow.read_audit",
    ],
)
def test_w3_what_is_recorded_is_never_changed(
    superuser: psycopg.Connection, last_event: dict[str, Any], statement: str
) -> None:
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        superuser.execute(statement)


def test_the_next_event_may_be_written(
    superuser: psycopg.Connection, last_event: dict[str, Any]
) -> None:
    superuser.execute(INSERT, following(last_event))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("claim_event_version_follows", {"version": 9}),
        ("claim_event_state_follows", {"from_state": "PENDED", "to_state": "PENDED"}),
        ("claim_event_hash_follows", {"prev_hash": bytes(32)}),
        ("claim_event_transition", {"to_state": "APPROVED"}),
        ("claim_event_transition", {"event_type": "ClaimApproved", "to_state": "PAID"}),
        ("claim_event_first_from_nothing", {"from_state": None}),
        ("claim_event_first_received", {"event_type": "ClaimReceived"}),
        ("claim_event_hash_length", {"hash": b"short"}),
        ("claim_event_state_known", {"to_state": "SOMEWHERE"}),
    ],
)
def test_w2_an_event_that_breaks_its_history_is_refused(
    superuser: psycopg.Connection,
    last_event: dict[str, Any],
    constraint: str,
    change: dict[str, Any],
) -> None:
    with pytest.raises(errors.IntegrityError) as refused:
        superuser.execute(INSERT, following(last_event, **change))

    assert refused.value.diag.constraint_name == constraint


def test_w2_time_does_not_run_backwards(
    superuser: psycopg.Connection, last_event: dict[str, Any]
) -> None:
    early = last_event["recorded_at"].replace(year=2020)
    with pytest.raises(errors.CheckViolation) as refused:
        superuser.execute(INSERT, following(last_event, recorded_at=early))

    assert refused.value.diag.constraint_name == "claim_event_time_follows"


def test_w2_a_fork_of_a_history_is_refused(
    superuser: psycopg.Connection, last_event: dict[str, Any]
) -> None:
    with pytest.raises(errors.UniqueViolation):
        superuser.execute(INSERT, following(last_event, version=last_event["version"]))


def test_w2_all_rows_of_a_batch_are_checked_at_once(
    superuser: psycopg.Connection, last_event: dict[str, Any]
) -> None:
    one = following(last_event)
    gap = following(one, version=one["version"] + 2)
    values = [event[name] for event in (one, gap) for name in COLUMNS]
    places = ", ".join(["%s"] * len(COLUMNS))
    statement = f"INSERT INTO claimflow.claim_event VALUES ({places}), ({places})"

    with pytest.raises(errors.CheckViolation):
        superuser.execute(statement, values)


@pytest.fixture
def application(database: str) -> Iterator[psycopg.Connection]:
    """A session of the write process's role."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET ROLE claimflow_command")
        yield connection


@pytest.mark.parametrize("setting", [None, "", f"{{{OTHER_TENANT}}}"])
@pytest.mark.parametrize("table", ["claim", "claim_event", "command_receipt", "read_audit"])
async def test_r9_without_its_tenant_a_row_is_not_there(
    application: psycopg.Connection,
    last_event: dict[str, Any],
    engine: Engine,
    table: str,
    setting: str | None,
) -> None:
    await engine.submit(asked(submission(), validate_only=True))  # leaves a read_audit row
    if setting is not None:
        application.execute("SELECT set_config('app.tenants', %s, false)", (setting,))
    assert application.execute(f"SELECT * FROM claimflow.{table}").fetchall() == []

    application.execute("SELECT set_config('app.tenants', %s, false)", (f"{{{TENANT}}}",))
    assert application.execute(f"SELECT * FROM claimflow.{table}").fetchall() != []


def test_r9_a_row_of_a_foreign_tenant_cannot_be_written(
    application: psycopg.Connection, last_event: dict[str, Any]
) -> None:
    application.execute("SELECT set_config('app.tenants', %s, false)", (f"{{{OTHER_TENANT}}}",))

    with pytest.raises(errors.InsufficientPrivilege) as refused:
        application.execute(INSERT, following(last_event))

    assert refused.value.sqlstate == "42501"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claimflow.claim SET submitted_by = 'nobody'",
        "DELETE FROM claimflow.claim",
        "DELETE FROM claimflow.command_receipt",
        "UPDATE claimflow.command_receipt SET reply = ''",
        "INSERT INTO claimflow.claim_transition VALUES ('ClaimPaid', 'ACCEPTED', 'PAID')",
        "UPDATE claimflow.policy SET body = '{}'",
        "ALTER TABLE claimflow.claim_event DISABLE TRIGGER ALL",
    ],
)
def test_the_application_holds_no_privilege_it_does_not_need(
    application: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        application.execute(statement)


def test_p31_the_roles_cannot_log_in_nor_pass_the_fences_by(database: str) -> None:
    found = rows(
        database,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'claimflow%%'"
        " AND NOT (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole)",
    )
    assert {row["rolname"] for row in found} >= {
        "claimflow_command",
        "claimflow_query",
        "claimflow_worker",
        "claimflow_maintenance",
    }
    open_tables = rows(
        database,
        "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE relnamespace = 'claimflow'::regnamespace AND relkind = 'r'"
        " AND attname = 'tenant_id' AND NOT (relrowsecurity AND relforcerowsecurity)",
    )
    assert open_tables == []


def test_the_worker_reads_every_tenants_events_and_no_more(
    database: str, last_event: dict[str, Any]
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET ROLE claimflow_worker")
        assert connection.execute("SELECT * FROM claimflow.claim_event").fetchall()
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM claimflow.claim")


def test_the_publication_is_of_what_is_only_ever_inserted(database: str) -> None:
    (publication,) = rows(database, "SELECT * FROM pg_publication WHERE pubname = 'claimflow'")
    wanted = {"pubinsert": True, "pubupdate": False, "pubdelete": False, "pubtruncate": False}
    assert {name: publication[name] for name in wanted} == wanted
    tables = rows(database, "SELECT * FROM pg_publication_tables WHERE pubname = 'claimflow'")
    published = {f"{one['schemaname']}.{one['tablename']}" for one in tables}
    assert published == {
        "claimflow.claim_event", "claimflow.remittance", "claimflow.remittance_failure",
    }  # fmt: skip
    assert not any(one["rowfilter"] for one in tables)
