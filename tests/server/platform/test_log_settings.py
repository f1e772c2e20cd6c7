"""A log that can lose what was acknowledged, or a slot that nothing bounds, is told at start."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.embedded.postgres import SETTINGS, PrivatePostgres
from server.platform import postgres
from server.platform.log_settings import read_log_settings, unbounded, unsafe

SAFE = {
    "wal_level": "logical",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_slot_wal_keep_size": "4GB",
    "idle_replication_slot_timeout": "0",
}


async def test_the_private_postgres_is_set_as_it_must_be(postgres_url: str) -> None:
    async with await postgres.connect(postgres_url, "postgres", application="test") as connection:
        found = await read_log_settings(connection)
    assert found == SAFE
    assert unsafe(found) == unbounded(found) == []


async def test_a_server_that_is_set_otherwise_is_told(tmp_path: Path) -> None:
    changed = {
        "wal_level": "replica",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_slot_wal_keep_size": "-1",
        "idle_replication_slot_timeout": "60",
    }
    assert changed.keys() <= SETTINGS.keys()
    with PrivatePostgres(tmp_path, settings=changed) as server:
        async with await postgres.connect(server.url, "postgres", application="x") as connection:
            found = await read_log_settings(connection)
    assert [one.split(" is ")[0] for one in unsafe(found)] == [
        "wal_level", "full_page_writes", "synchronous_commit",
    ]  # fmt: skip
    assert [one.split(" is ")[0] for one in unbounded(found)] == [
        "max_slot_wal_keep_size", "idle_replication_slot_timeout",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["max_slot_wal_keep_size", "idle_replication_slot_timeout"])
def test_a_server_that_does_not_know_a_setting_is_not_told_about_it(name: str) -> None:
    known = {key: value for key, value in SAFE.items() if key != name}
    assert unbounded(known) == []
