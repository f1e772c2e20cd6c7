"""A claim's row that was edited by hand stops its claim at the next command, no other (F76)."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import grpc
import psycopg
import pytest

from claimflow.v1 import command_service_pb2 as wire
from server.command.engine import Engine
from server.command.requests import Done, NotDone, Trouble
from tests.server.command.door import EVE, Door, details
from tests.server.command.support import asked, note, rows, submission, take_next

EDITS = {
    "amount": "document = replace(document, '100.00', '900.00')",
    "state": "state = 'CLOSED'",
    "older version": "version = version - 1",
    "newer version": "version = version + 1",
    "head hash": r"head_hash = decode(repeat('00', 32), 'hex')",
    "sealed fields": "sealed = convert_to('{}', 'UTF8')",
    "sealed fields gone": "sealed = NULL",
    "hash of the row": "row_hash = head_hash",
    # Who knows how the row is sealed is met by the history itself.
    "head hash, sealed anew": (
        "head_hash = row_hash,"
        " row_hash = claimflow.claim_row_hash(state, version, row_hash, document, sealed)"
    ),
    "version, sealed anew": (
        """document = regexp_replace(document, '"version":\\d+', '"version":1'), version = 1,"""
        " row_hash = claimflow.claim_row_hash(state, 1, head_hash, regexp_replace(document,"
        """ '"version":\\d+', '"version":1'), sealed)"""
    ),
}


def edit(database: str, change: str, claim_id: UUID) -> None:
    with psycopg.connect(database) as connection:
        done = connection.execute(
            f"UPDATE claimflow.claim SET {change} WHERE claim_id = %s".encode(), (claim_id,)
        )
        assert done.rowcount == 1


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
async def test_f76_an_edited_row_is_refused_and_its_neighbours_are_not(
    database: str, engine: Engine, change: str
) -> None:
    commands = [submission() for _ in range(3)]
    edited, *others = commands
    for command in commands:
        await engine.submit(asked(command))
    edit(database, change, edited.claim_id)

    outcomes: list[Any] = await asyncio.gather(
        *(engine.submit(asked(note(one.claim_id))) for one in commands), return_exceptions=True
    )

    refused, *done = outcomes
    assert isinstance(refused, NotDone)
    assert refused.trouble is Trouble.HISTORY_BROKEN
    assert refused.retry_after_seconds is None
    assert all(isinstance(one, Done) for one in done)
    # The hand that edits is not helped: nothing of the claim was written over.
    events = rows(
        database,
        "SELECT claim_id, count(*) AS n FROM claimflow.claim_event GROUP BY claim_id",
    )
    counts = {row["claim_id"]: row["n"] for row in events}
    assert {counts[one.claim_id] for one in others} == {counts[edited.claim_id] + 1}


async def test_f76_an_edited_row_is_not_taken_from_the_queue(database: str, engine: Engine) -> None:
    await engine.submit(asked(submission()))
    edit(database, EDITS["amount"], rows(database, "SELECT * FROM claimflow.claim")[0]["claim_id"])
    with pytest.raises(NotDone) as refused:
        await engine.submit(asked(take_next()))
    assert refused.value.trouble is Trouble.HISTORY_BROKEN


async def test_f76_a_caller_is_told_data_loss_and_no_value(database: str, door: Door) -> None:
    claim_id = (await door.submit()).claim.claim_id
    edit(database, EDITS["amount"], UUID(claim_id))
    request = wire.AddNoteRequest(claim_id=claim_id, text="x", kind="NOTE_KIND_INTERNAL")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await door.call("AddNote", request, EVE)
    error = refused.value
    assert error.code() is grpc.StatusCode.DATA_LOSS
    assert details(error)[0] == "HISTORY_BROKEN"
    assert "Canary" not in str(error)


async def test_a_row_as_it_was_written_goes_on(database: str, engine: Engine) -> None:
    command = submission()
    first = await engine.submit(asked(command))
    second = await engine.submit(asked(note(command.claim_id)))
    third = await engine.submit(asked(note(command.claim_id, text="again")))
    versions = [json.loads(one.reply)["version"] for one in (first, second, third)]
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]
