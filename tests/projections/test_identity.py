"""Another log is another store: a promoted standby and a clone are noticed, what is ahead goes."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator
from copy import copy as copy_of
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.command.ledger import Ledger
from server.command.migrate import migrate
from server.embedded.backup import copy
from server.embedded.postgres import BINARIES, PrivatePostgres, give
from server.embedded.process import launched, wait_until
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker

# CRC-32C, bit by bit from the low end, as pg_control is sealed with.
_POLYNOMIAL = 0x82F63B78


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[PrivatePostgres]:
    with PrivatePostgres(tmp_path / "primary") as server:
        migrate(server.url)
        yield server


def at(place: Place, server: PrivatePostgres) -> Place:
    return replace(place, settings=replace(place.settings, database_url=server.url))


def ask(server: PrivatePostgres, query: str) -> Any:
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


async def epoch_begun(server: PrivatePostgres) -> tuple[str, str]:
    """What a command server does when it connects; return the epoch in force and its reason."""
    ledger = Ledger(server.url)
    await ledger.connect()
    epoch = str(ledger.epoch)
    await ledger.close()
    return epoch, ask(
        server, "SELECT reason FROM claimflow.store_epoch ORDER BY begun_at DESC LIMIT 1"
    )


def of_epoch(place: Place, epoch: str) -> bool:
    return {one["store_epoch"] for one in place.documents().values()} == {epoch}


async def test_f25_a_promoted_standby_is_another_log_and_no_document_stays_ahead(
    place: Place, primary: PrivatePostgres, tmp_path: Path
) -> None:
    kept, lost = scribe.many(6, seed=25), scribe.many(4, seed=26)
    here = at(place, primary)
    standby = PrivatePostgres(tmp_path / "standby")
    copy(primary, standby.data, "--write-recovery-conf")
    give(standby.data, standby.owner)
    with standby:
        assert ask(standby, "SELECT pg_is_in_recovery()")
        async with worker(here):
            here.write(*(one.rows[:-1] for one in kept))
            await here.caught_up()
            # What follows reaches the index, and never the standby.
            replayed = "SELECT pg_last_wal_replay_lsn() >= '{}'".format(
                ask(primary, "SELECT pg_current_wal_flush_lsn()")
            )
            assert wait_until(lambda: bool(ask(standby, replayed)), 30)
            cut_off(standby)
            here.write(*(one.rows[-1:] for one in kept), *(one.rows for one in lost))
            await here.caught_up()
        before, first = await epoch_begun(primary)
        primary.kill()
        assert ask(standby, "SELECT pg_promote()")

        there = at(place, standby)
        assert there.documents().keys() == {one.id for one in (*kept, *lost)}
        after, reason = await epoch_begun(standby)
        async with worker(there):
            # Until then the old progress stands there, which is past this log.
            await eventually(lambda: (there.progress() or {}).get("store_epoch") == after)
            progress = await there.caught_up(60)
            assert of_epoch(there, after)
            there.is_the_fold_of([without_last(one) for one in kept])
            # The claims go on from where the standby had them.
            there.write(*(one.rows[-1:] for one in kept))
            await there.caught_up()
            there.is_the_fold_of(kept)

    assert (first, reason) == ("FIRST", "TIMELINE_CHANGED")
    assert after != before and progress["store_epoch"] == after
    assert progress["timeline"] == 2


async def test_a_cloned_database_is_another_store(
    place: Place, primary: PrivatePostgres, tmp_path: Path
) -> None:
    told = scribe.many(5, seed=27)
    here = at(place, primary)
    async with worker(here):
        here.write(*(one.rows for one in told))
        await here.caught_up()
    before, _ = await epoch_begun(primary)
    primary.stop()
    with cloned(primary, tmp_path / "clone") as clone:
        there = at(place, clone)
        after, reason = await epoch_begun(clone)
        async with worker(there):
            progress = await there.caught_up(60)
            there.is_the_fold_of(told)
            assert of_epoch(there, after)

    assert reason == "SYSTEM_CHANGED" and after != before
    assert progress["store_epoch"] == after


def without_last(told: scribe.Told) -> scribe.Told:
    shorter = copy_of(told)
    shorter.rows = told.rows[:-1]
    return shorter


def cut_off(standby: PrivatePostgres) -> None:
    with psycopg.connect(standby.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        connection.execute("SELECT pg_reload_conf()")
    receiving = "SELECT count(*) FROM pg_stat_wal_receiver"
    assert wait_until(lambda: ask(standby, receiving) == 0, 30)


def cloned(server: PrivatePostgres, folder: Path) -> PrivatePostgres:
    """Return a copy of a stopped server that has a system identifier of its own."""
    clone = PrivatePostgres(folder)
    shutil.copytree(server.data, clone.data)
    control = clone.data / "global" / "pg_control"
    content = bytearray(control.read_bytes())
    seals = range(200, 500, 4)
    end = next(e for e in seals if struct.unpack_from("<I", content, e)[0] == crc(content[:e]))
    (identifier,) = struct.unpack_from("<Q", content)
    struct.pack_into("<Q", content, 0, identifier + 1)
    struct.pack_into("<I", content, end, crc(content[:end]))
    control.write_bytes(content)
    give(clone.data, clone.owner)
    reset = [str(BINARIES / "pg_resetwal"), str(clone.data)]
    subprocess.run(launched(reset, clone.owner), check=True, capture_output=True)
    return clone


def crc(data: bytearray) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
    return value ^ 0xFFFFFFFF
