"""A backup goes back to any moment since it was taken, and what was there is kept aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from server.embedded.backup import ARCHIVE_SECONDS_MAX, Archive, BackupError, backup
from server.embedded.postgres import PrivatePostgres
from server.embedded.restore import Restored, Target, restore


class Diary:
    """A server with a table of lines."""

    def __init__(self, postgres: PrivatePostgres, archive: Path) -> None:
        self.postgres = postgres
        self.archive = archive

    def write(self, line: str) -> tuple[datetime, str]:
        """Add a line; return a moment and a position after it and before the next."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS line (text text)")
            connection.execute("INSERT INTO line VALUES (%s)", (line,))
            row = connection.execute(
                "SELECT clock_timestamp(), pg_current_wal_insert_lsn()::text"
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    def lines(self) -> str:
        with psycopg.connect(self.postgres.url) as connection:
            return "".join(row[0] for row in connection.execute("SELECT text FROM line"))

    def back_to(self, target: Target) -> Restored:
        self.postgres.stop()
        done = restore(self.postgres, self.archive, target)
        self.postgres.start()
        return done


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    with PrivatePostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def diary(server: PrivatePostgres, tmp_path: Path) -> Iterator[Diary]:
    """A diary with one line, and no copy yet in a folder with a difficult name."""
    one = Diary(server, tmp_path / "it's a backup, 100 %")
    one.write("")
    with psycopg.connect(server.url) as connection:
        connection.execute("TRUNCATE line")
    one.write("a")
    yield one
    if server.child.pid is None:
        server.start()
    for kept in server.folder.glob("data.before-*"):
        shutil.rmtree(kept)


def test_it_goes_back_to_a_moment_and_to_a_position(diary: Diary) -> None:
    backup(diary.postgres, diary.archive)
    moment, _ = diary.write("b")
    _, position = diary.write("c")
    diary.write("d")

    first = diary.back_to(Target(position=position))
    assert diary.lines() == "abc"
    # And further back, over the fork that the first restore made.
    diary.write("e")
    second = diary.back_to(Target(moment=moment))
    assert diary.lines() == "ab"

    assert first.timeline < second.timeline
    assert first.kept is not None and (first.kept / "PG_VERSION").exists()


def test_a_kill_loses_nothing_the_disk_still_has_and_the_archive_goes_on(diary: Diary) -> None:
    backup(diary.postgres, diary.archive)
    diary.write("b")
    diary.postgres.kill()

    diary.back_to(Target())
    assert diary.lines() == "ab"
    diary.write("c")
    backup(diary.postgres, diary.archive)
    diary.write("d")
    done = diary.back_to(Target())

    assert diary.lines() == "abcd"
    assert done.base == Archive(diary.archive.absolute()).bases()[-1]


def test_a_target_that_cannot_be_reached_changes_nothing(diary: Diary) -> None:
    backup(diary.postgres, diary.archive)
    diary.write("b")
    for target in (
        Target(moment=datetime.now(UTC) - timedelta(days=1)),
        Target(moment=datetime.now(UTC) + timedelta(days=1)),
        Target(position="0/1"),
        Target(position="FFFF/0"),
    ):
        with pytest.raises(BackupError):
            diary.back_to(target)
    diary.postgres.start()
    assert diary.lines() == "ab"
    assert [path.name for path in diary.postgres.folder.glob("data*")] == ["data"]


def test_a_copy_that_rotted_is_not_restored(diary: Diary) -> None:
    base = backup(diary.postgres, diary.archive)
    for damage in (lambda file: file.write_bytes(b"18 "), Path.unlink):
        damage(base.folder / "PG_VERSION")
        with pytest.raises(BackupError, match="PG_VERSION"):
            diary.back_to(Target())
    diary.postgres.start()
    assert diary.lines() == "a"


def test_a_segment_that_is_not_full_is_archived_in_time(diary: Diary) -> None:
    backup(diary.postgres, diary.archive)
    with psycopg.connect(diary.postgres.url) as connection:
        assert connection.execute("SHOW archive_timeout").fetchone() == ("1min",)
    assert ARCHIVE_SECONDS_MAX == 60


def test_a_folder_that_cannot_be_written_is_told(
    diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.embedded.backup._ARCHIVED_SECONDS_MAX", 1.0)
    monkeypatch.setattr(Archive, "command", lambda self: "false")
    with pytest.raises(BackupError, match="could not archive"):
        backup(diary.postgres, diary.archive)
    assert Archive(diary.archive).bases() == []
