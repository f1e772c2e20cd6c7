"""What a line to Postgres that breaks, or goes silent, does to those who use it (F19, F20, F22)."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import UUID

import pytest

from server.command.ledger import Ledger
from server.command.requests import Done, NotDone, Trouble
from server.platform import postgres
from server.platform.errors import Failure
from server.query.history import History, open_history
from tests.catalogue.line import Line
from tests.server.command.support import asked, count, running, submission


@pytest.mark.parametrize("fault", ["lose the answer", "lose the request"])
async def test_f19_a_line_cut_in_commit_is_looked_up_and_the_effect_is_there_once(
    line: Line, database: str, fault: str
) -> None:
    request = asked(submission())
    async with running(database, Ledger(line.url)) as engine:
        line.at_commit = fault
        done = await engine.submit(request)
        again = await engine.submit(request)

    assert line.committing.is_set() and line.connections == 2
    assert (again.reply, again.lsn, again.replayed) == (done.reply, done.lsn, True)
    assert count(database, "claim") == 1
    assert count(database, "claim_event") == len(json.loads(done.reply)["events"])


async def test_f19_an_outcome_that_cannot_be_looked_up_is_unknown_until_it_is_asked_again(
    line: Line, database: str
) -> None:
    request = asked(submission())
    async with running(database, Ledger(line.url, resolve_seconds_max=0.3)) as engine:
        line.at_commit, line.refuse = "lose the answer", True
        with pytest.raises(NotDone) as unknown:
            await engine.submit(request)
        line.refuse = False
        found = await engine.submit(request)

    assert unknown.value.trouble is Trouble.DURABILITY_UNCONFIRMED
    assert found.replayed and found.lsn is not None
    assert count(database, "claim") == 1


async def test_f20_the_write_path_replaces_a_half_open_connection(
    line: Line, database: str
) -> None:
    async with running(database, Ledger(line.url, trip_seconds_max=0.3)) as engine:
        await engine.submit(asked(submission()))
        line.silence()
        async with asyncio.timeout(10):
            done = await engine.submit(asked(submission()))

    assert isinstance(done, Done)
    assert line.connections == 2
    assert count(database, "claim") == 2


async def test_f20_the_read_paths_pool_replaces_half_open_connections(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CHECK_SECONDS_MAX", 0.3)
    async with open_history(line.url) as history:
        first = await history.head()
        line.silence()
        async with asyncio.timeout(10):
            again = await history.head()

    assert again.epoch == first.epoch
    assert line.connections > 1


async def test_f20_a_query_without_an_answer_ends_and_its_connection_goes(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "TRIP_SECONDS_MAX", 0.3)
    pool = postgres.open_pool(line.url, "claimflow_query", application="test", size_max=1)
    async with pool:
        async with asyncio.timeout(10):
            with pytest.raises(Failure) as lost:
                await _query_on_a_line_that_falls_silent(History(pool), line)
            back = await History(pool).head()

    assert str(lost.value) == "DATABASE_UNAVAILABLE"
    assert isinstance(back.epoch, UUID)


async def _query_on_a_line_that_falls_silent(history: History, line: Line) -> Any:
    async with history._connection() as connection:
        line.silence()
        await connection.execute("SELECT 1")


async def test_f22_who_finds_no_connection_waits_a_bounded_time_and_is_told_to_come_back(
    database: str,
) -> None:
    pool = postgres.open_pool(database, "claimflow_query", application="test", size_max=1)
    assert pool.timeout <= 5.0
    pool.timeout = 0.5
    async with pool:
        history = History(pool)
        async with pool.connection():
            began = time.monotonic()
            ended = await asyncio.gather(
                *(history.head() for _ in range(20)), return_exceptions=True
            )
            waited = time.monotonic() - began
        after = await history.head()

    assert {str(one) for one in ended} == {"DATABASE_UNAVAILABLE"}
    assert all(isinstance(one, Failure) and one.retry_after_s for one in ended)
    assert 0.4 < waited < 5.0
    assert isinstance(after.epoch, UUID)
