"""The command server does not start on a log that can lose what it would acknowledge (P31)."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from server.command.migrate import migrate
from server.command.serving import check_log
from server.embedded.postgres import PrivatePostgres
from server.platform.settings import SettingsError


async def test_it_refuses_what_is_unsafe_and_warns_of_what_is_unbounded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with PrivatePostgres(tmp_path, settings={"max_slot_wal_keep_size": "-1"}) as server:
        migrate(server.url)
        await check_log(server.url)
        assert "max_slot_wal_keep_size is -1" in capsys.readouterr().out
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE postgres SET synchronous_commit = off")
        with pytest.raises(SettingsError, match="synchronous_commit is off"):
            await check_log(server.url)


async def test_the_private_postgres_is_fine(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await check_log(database)
    assert capsys.readouterr().out == ""
