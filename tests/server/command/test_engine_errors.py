"""What Postgres says no by is told to a caller in our own words alone."""

from __future__ import annotations

from uuid import UUID

import grpc
import psycopg
import pytest
from google.rpc import error_details_pb2

from tests.server.command.door import Door, batch, claim_document, details, ingest
from tests.server.command.support import rows

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


async def test_an_unexpected_end_of_one_claim_of_a_batch_can_be_found_in_the_log(
    door: Door, database: str
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(FAILING.format(code="P0001"))

    (answer,) = await ingest(door, batch([claim_document()]))

    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in answer.claims[0].error.details)
    assert info.reason == "UNEXPECTED"
    assert UUID(info.metadata["correlation_id"])


async def test_a_batch_that_is_answered_again_is_audited_as_any_call(
    door: Door, database: str
) -> None:
    one = batch([claim_document()])
    await ingest(door, one)
    await ingest(door, one)

    (audit,) = rows(database, "SELECT purpose, correlation_id FROM claimflow.read_audit")
    assert audit["purpose"] == "HPAYMT"
    assert UUID(audit["correlation_id"])
