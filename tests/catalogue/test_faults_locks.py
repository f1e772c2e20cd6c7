"""Commands that meet the locks of others: tried again within bounds, then told (F21)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from server.command import statements
from server.command.engine import Engine
from server.command.requests import Done, NotDone, Trouble
from tests.server.command.support import asked, count, note, running, submission

# One for the batch, and five for the command alone.
TRIES_MAX = 6
LOCK = "SELECT FROM claimflow.claim WHERE claim_id = %s FOR UPDATE"
# Fails with a state that Postgres itself would give, as often as the sequence says; a sequence
# counts in transactions that are undone, too.
CLASH = """
CREATE SEQUENCE claimflow.clashes;
GRANT USAGE ON SEQUENCE claimflow.clashes TO claimflow_command;
CREATE FUNCTION claimflow.clash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('claimflow.clashes') <= {times} THEN
    PERFORM pg_sleep({pause_s});
    RAISE EXCEPTION 'could not serialize' USING ERRCODE = '{state}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER clash AFTER INSERT ON claimflow.command_receipt
  FOR EACH STATEMENT EXECUTE FUNCTION claimflow.clash();
"""


def clashing(database: str, state: str, times: int, pause_s: float = 0.0) -> None:
    with psycopg.connect(database) as connection:
        text = CLASH.format(state=state, times=times, pause_s=pause_s)
        connection.execute(text.encode())


def tries(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT last_value FROM claimflow.clashes").fetchone()
    assert row is not None
    return int(row[0])


@asynccontextmanager
async def other(database: str) -> AsyncIterator[AsyncConnection[Any]]:
    """Somebody else's transaction, which is in nobody's hurry."""
    async with await AsyncConnection.connect(database) as connection:
        await connection.execute("SET LOCAL deadlock_timeout = '30s'")
        yield connection


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
async def test_f21_what_clashes_is_tried_again_and_done_once(database: str, state: str) -> None:
    clashing(database, state, TRIES_MAX - 1)
    async with running(database) as engine:
        done = await engine.submit(asked(submission()))

    assert isinstance(done, Done)
    assert tries(database) == TRIES_MAX
    assert (count(database, "claim"), count(database, "command_receipt")) == (1, 1)


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
async def test_f21_what_clashes_again_and_again_is_a_write_conflict(
    database: str, state: str
) -> None:
    clashing(database, state, 1000)
    async with running(database) as engine:
        with pytest.raises(NotDone) as refused:
            await engine.submit(asked(submission()))

    assert refused.value.trouble is Trouble.WRITE_CONFLICT
    assert refused.value.retry_after_seconds
    assert tries(database) == TRIES_MAX
    assert count(database, "claim") == 0


async def test_f21_nobody_tries_beyond_the_deadline(database: str) -> None:
    clashing(database, "40001", 1000, pause_s=0.4)
    async with running(database) as engine:
        with pytest.raises(NotDone) as refused:
            await engine.submit(asked(submission(), seconds=0.6))

    assert refused.value.trouble is Trouble.DEADLINE_PASSED
    assert tries(database) <= 2


async def test_f21_of_two_that_wait_for_each_other_the_command_gives_way_and_is_done_later(
    engine: Engine, database: str
) -> None:
    claims = sorted((submission() for _ in range(2)), key=lambda one: one.claim_id)
    for one in claims:
        await engine.submit(asked(one))
    async with other(database) as rival:
        await rival.execute(LOCK, (claims[1].claim_id,))
        waiting = [asyncio.create_task(engine.submit(asked(note(c.claim_id)))) for c in claims]
        await _until_one_waits(database)
        async with asyncio.timeout(20):
            # Behind the first, which the batch holds already: a circle until the batch gives way.
            await rival.execute(LOCK, (claims[0].claim_id,))
        await rival.commit()
        done = await asyncio.gather(*waiting)

    assert all(isinstance(one, Done) for one in done)
    assert _deadlocks(database) >= 1


async def test_f21_a_lock_that_is_not_given_back_is_a_write_conflict_and_costs_no_other_claim(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = statements.SESSION.replace("lock_timeout = '5s'", "lock_timeout = '50ms'")
    assert short != statements.SESSION
    monkeypatch.setattr(statements, "SESSION", short)
    held, free = submission(), submission()
    async with running(database) as engine:
        for one in (held, free):
            await engine.submit(asked(one))
        late = asked(note(held.claim_id))
        async with other(database) as rival:
            await rival.execute(LOCK, (held.claim_id,))
            ended = await asyncio.gather(
                engine.submit(late), engine.submit(asked(note(free.claim_id))),
                return_exceptions=True,
            )  # fmt: skip
        done = await engine.submit(late)

    assert isinstance(ended[0], NotDone) and ended[0].trouble is Trouble.WRITE_CONFLICT
    assert isinstance(ended[1], Done)
    assert isinstance(done, Done) and not done.replayed


async def _until_one_waits(database: str) -> None:
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'claimflow command' AND wait_event_type = 'Lock'"
    )
    async with (
        asyncio.timeout(10),
        await AsyncConnection.connect(database, autocommit=True) as connection,
    ):
        while (await (await connection.execute(query)).fetchone()) != (1,):
            await asyncio.sleep(0.01)


def _deadlocks(database: str) -> int:
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with psycopg.connect(database) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
