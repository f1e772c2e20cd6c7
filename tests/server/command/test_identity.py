"""The store knows its log: another log is another epoch, begun once, whoever notices (R12, F77)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.command.__main__ import main
from server.command.ledger import Ledger, Lost
from server.command.requests import Done, NotDone, Trouble
from server.embedded.tokens import DEMO_TENANT
from tests.server.command.door import Door, claim_document
from tests.server.command.support import asked, rows, running, submission

TENANT = UUID(DEMO_TENANT)
OTHER_SYSTEM = "UPDATE claimflow.store SET system_id = '1'"
OTHER_TIMELINE = "UPDATE claimflow.store SET timeline = timeline + 1"
CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'claimflow command'"
)


def act(database: str, *statements: Any) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def epochs(database: str) -> list[dict[str, Any]]:
    return rows(database, "SELECT * FROM claimflow.store_epoch ORDER BY begun_at")


def epoch_of(database: str) -> UUID:
    (row,) = rows(database, "SELECT epoch FROM claimflow.store")
    epoch: UUID = row["epoch"]
    return epoch


def test_the_first_epoch_is_of_this_log(database: str) -> None:
    (first,) = epochs(database)
    with psycopg.connect(database + "&replication=database", autocommit=True) as connection:
        system_id, timeline, *_ = connection.execute("IDENTIFY_SYSTEM").fetchone() or ()
    (store,) = rows(database, "SELECT * FROM claimflow.store")
    assert (first["reason"], first["epoch"]) == ("FIRST", store["epoch"])
    for row in (first, store):
        assert (row["system_id"], row["timeline"]) == (system_id, timeline)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(OTHER_SYSTEM, "SYSTEM_CHANGED"), (OTHER_TIMELINE, "TIMELINE_CHANGED")],
)
async def test_many_servers_that_notice_begin_one_epoch(
    database: str, change: str, reason: str
) -> None:
    before = epoch_of(database)
    act(database, change)
    ledgers = [Ledger(database) for _ in range(8)]

    await asyncio.gather(*(ledger.connect() for ledger in ledgers))

    assert {ledger.epoch for ledger in ledgers} == {epoch_of(database)} != {before}
    assert [row["reason"] for row in epochs(database)] == ["FIRST", reason]
    await asyncio.gather(*(ledger.close() for ledger in ledgers))


async def test_a_running_server_gives_out_tokens_of_the_new_epoch(
    database: str, door: Door
) -> None:
    before = door.tokens.open((await door.submit()).receipt.consistency_token, TENANT)
    act(database, OTHER_TIMELINE, CUT)

    after = door.tokens.open((await door.submit()).receipt.consistency_token, TENANT)

    assert (before.epoch, after.epoch) == tuple(row["epoch"] for row in epochs(database))


async def test_an_epoch_begun_by_hand_is_followed_without_a_new_connection(
    database: str, door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = await door.submit(claim_document(), request_id=str(UUID(int=7)))
    before = door.tokens.open(reply.receipt.consistency_token, TENANT)
    monkeypatch.setenv("DATABASE_URL", database)

    status = await asyncio.to_thread(main, ["recover", "--reason", "put back a copy"])

    again = await door.submit(claim_document(), request_id=str(UUID(int=8)))
    assert status == 0
    begun = epochs(database)[-1]
    assert (begun["reason"], begun["epoch"]) == ("put back a copy", epoch_of(database))
    assert door.tokens.open(again.receipt.consistency_token, TENANT).epoch == begun["epoch"]
    assert before.epoch != begun["epoch"]
    assert str(begun["epoch"]) in capsys.readouterr().out


async def test_a_repeat_in_a_new_epoch_has_a_position_of_it(database: str) -> None:
    request_id = UUID(int=9)
    command = submission()
    async with running(database) as engine:
        first = await engine.submit(asked(command, request_id=request_id))
        # As in a copy in another cluster: the positions noted are of a log that was longer.
        act(database, "UPDATE claimflow.commit_position SET lsn = 'FFFF/0'", OTHER_SYSTEM, CUT)

        again = await engine.submit(asked(command, request_id=request_id))

    (head,) = rows(database, "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint AS lsn")
    assert again.replayed and again.reply == first.reply
    assert again.epoch == epoch_of(database) != first.epoch
    assert again.lsn is not None and again.lsn <= head["lsn"]


async def test_a_log_that_has_forgotten_takes_no_command_until_recover(database: str) -> None:
    ledger = Ledger(database)
    async with running(database, ledger=ledger) as engine:
        await engine.submit(asked(submission()))
        # An older copy of the same cluster is known only by a log shorter than what was answered.
        ledger._acknowledged = (ledger.epoch, 1 << 62)
        act(database, CUT)

        with pytest.raises(NotDone) as refused:
            await engine.submit(asked(submission(), seconds=1.0))
        with pytest.raises(Lost):
            await ledger.connect()
        act(database, "SELECT claimflow.begin_epoch('drill')")
        taken = await engine.submit(asked(submission()))

    assert refused.value.trouble is Trouble.DATABASE_UNAVAILABLE
    assert isinstance(taken, Done) and taken.epoch == epoch_of(database)


def test_epochs_are_never_changed_and_applications_begin_none(database: str) -> None:
    for statement in (
        "UPDATE claimflow.store_epoch SET reason = 'x'",
        "DELETE FROM claimflow.store_epoch",
        "TRUNCATE claimflow.store_epoch",
    ):
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            act(database, statement)
    for role in ("command", "query", "worker", "timers"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            act(database, f"SET ROLE claimflow_{role}", "SELECT claimflow.begin_epoch('x')")


@pytest.mark.parametrize("role", ["command", "query", "worker"])
def test_every_part_can_read_which_store_it_is(database: str, role: str) -> None:
    act(
        database,
        f"SET ROLE claimflow_{role}",
        "SELECT epoch, system_id, timeline FROM claimflow.store",
        "SELECT * FROM claimflow.store_epoch",
    )


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_recover_asks_why(database: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    assert main(["recover", "--reason", reason]) == 1
    assert len(epochs(database)) == 1
