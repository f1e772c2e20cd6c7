"""What the end of a commit means when its answer is lost, late or not worth its name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.command import ledger, statements
from server.command.engine import Engine
from server.command.ledger import Ledger
from server.command.migrate import migrate
from server.command.requests import Done, NotDone, Trouble
from server.embedded.postgres import PrivatePostgres
from tests.server.command.support import asked, count, rows, running, submission

SUICIDE = "RESET ROLE; SELECT pg_terminate_backend(pg_backend_pid()), {batches}"


async def test_f19_a_commit_whose_answer_is_lost_is_looked_up_and_answered(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ledger._positions
    lost = iter([True])

    async def cut(cursor: Any) -> Any:
        if next(lost, False):
            raise psycopg.OperationalError("the line went dead")
        return await read(cursor)

    monkeypatch.setattr(ledger, "_positions", cut)

    request = asked(submission())
    done = await engine.submit(request)

    assert done.lsn is not None
    assert count(database, "claim") == 1
    again = await engine.submit(request)
    assert (again.reply, again.lsn, again.replayed) == (done.reply, done.lsn, True)


class Once:
    """A statement that is another one the first time."""

    def __init__(self, first: str, then: str) -> None:
        self._texts = iter([first])
        self._then = then
        self.asked = 0

    def format(self, **values: str) -> str:
        self.asked += 1
        return next(self._texts, self._then).format(**values)


async def test_f18_a_commit_that_never_arrived_is_carried_out_again(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Once(SUICIDE, statements.COMMIT)
    monkeypatch.setattr(statements, "COMMIT", commit)

    done = await engine.submit(asked(submission()))

    assert commit.asked == 2
    assert done.lsn is not None
    assert count(database, "claim") == 1


async def test_p2_an_outcome_that_cannot_be_found_out_is_not_called_a_failure(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(Ledger(database, resolve_seconds_max=0.2))
    await engine.start()
    monkeypatch.setattr(statements, "COMMIT", SUICIDE)
    monkeypatch.setattr(statements, "BATCH_IS_STORED", "SELECT no_such_function(%s, %s, %s)")

    with pytest.raises(NotDone) as unclear:
        await engine.submit(asked(submission()))

    assert unclear.value.trouble is Trouble.DURABILITY_UNCONFIRMED
    await engine.stop()


@pytest.fixture
def lonely_primary(tmp_path: Path) -> Iterator[str]:
    """A primary whose synchronous standby is gone."""
    with PrivatePostgres(tmp_path, settings={"shared_buffers": "16MB"}) as server:
        migrate(server.url)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'ghost'")
            connection.execute("SELECT pg_reload_conf()")
        yield server.url


async def test_f27_a_commit_whose_wait_for_a_standby_was_cancelled_is_not_acknowledged(
    lonely_primary: str,
) -> None:
    async with running(lonely_primary) as engine:
        call = asyncio.create_task(engine.submit(asked(submission())))
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        while not (found := rows(lonely_primary, waiting)):
            await asyncio.sleep(0.02)
        with psycopg.connect(lonely_primary) as connection:
            connection.execute("SELECT pg_cancel_backend(%s)", (found[0]["pid"],))

        with pytest.raises(NotDone) as unconfirmed:
            await call

    assert unconfirmed.value.trouble is Trouble.DURABILITY_UNCONFIRMED


async def test_a_database_that_is_away_is_said_to_be_and_found_again(database: str) -> None:
    async with running(database) as engine:
        with psycopg.connect(database, autocommit=True) as connection:
            name = connection.info.dbname
        postgres = database.replace(f"/{name}", "/postgres", 1)
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            with pytest.raises(NotDone) as away:
                await engine.submit(asked(submission()))
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        back = await engine.submit(asked(submission()))

    assert away.value.trouble is Trouble.DATABASE_UNAVAILABLE
    assert isinstance(back, Done)
    assert count(database, "claim") == 1
