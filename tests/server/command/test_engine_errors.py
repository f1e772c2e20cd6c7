"""What Postgres says no by is told to a caller in our own words alone."""

from __future__ import annotations

import grpc
import psycopg
import pytest

from tests.server.command.door import Door, batch, claim_document, details, ingest

WORDS = ("canary", "psycopg", "claimflow.claim", "insert", "sqlstate", 'relation "', "jane")
FAILING = """
    CREATE FUNCTION claimflow.canary() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'canary %', NEW.document USING ERRCODE = '{code}'; END $$;
    CREATE TRIGGER canary BEFORE INSERT ON claimflow.claim
    FOR EACH ROW EXECUTE FUNCTION claimflow.canary()"""
# What Postgres says no by, and the reason that a caller is given for it.
ENGINE_ERRORS: dict[str, tuple[str, str]] = {
    "a check constraint": (
        "ALTER TABLE claimflow.claim ADD CONSTRAINT canary CHECK (document = '') NOT VALID",
        "UNEXPECTED",
    ),
    "a unique constraint": (
        "CREATE UNIQUE INDEX canary ON claimflow.claim (tenant_id)",
        "WRITE_CONFLICT",
    ),
    "a lost privilege": (
        "REVOKE INSERT ON claimflow.claim FROM claimflow_command",
        "UNEXPECTED",
    ),
    "a cancelled statement": (
        "CREATE FUNCTION claimflow.canary() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$ BEGIN PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(9);"
        " RETURN NEW; END $$;"
        " CREATE TRIGGER canary BEFORE INSERT ON claimflow.claim"
        " FOR EACH ROW EXECUTE FUNCTION claimflow.canary()",
        "DATABASE_UNAVAILABLE",
    ),
    **{
        f"SQLSTATE {code}": (FAILING.format(code=code), reason)
        for code, reason in {
            "57014": "DATABASE_UNAVAILABLE",  # cancelled
            "57P03": "DATABASE_UNAVAILABLE",
            "53200": "DATABASE_UNAVAILABLE",  # out of memory
            "53100": "STORAGE_FULL",
            "25006": "DATABASE_UNAVAILABLE",
            "40001": "WRITE_CONFLICT",
            "55P03": "WRITE_CONFLICT",
            "P0001": "UNEXPECTED",
            "XX000": "UNEXPECTED",
        }.items()
    },
}


@pytest.mark.parametrize("name", ENGINE_ERRORS)
async def test_no_word_of_the_engine_reaches_a_caller(door: Door, database: str, name: str) -> None:
    statement, reason = ENGINE_ERRORS[name]
    await door.submit()
    with psycopg.connect(database) as connection:
        connection.execute(statement)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await door.submit()
    told = [caught.value.details(), caught.value.trailing_metadata()]
    try:
        told += await ingest(door, batch([claim_document()]))
    except grpc.aio.AioRpcError as error:
        told += [error.details(), error.trailing_metadata()]

    assert details(caught.value)[0] == reason
    # What nobody expected is not worth another try.
    assert ("RetryInfo" in repr(told[1])) == (reason != "UNEXPECTED")
    for word in WORDS:
        assert word not in repr(told).lower()
