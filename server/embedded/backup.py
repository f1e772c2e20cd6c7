"""Backups of the private Postgres: whole copies, and the log between them (reliability.md 4.5).

A backup folder holds `base/<UTC time>/`, copies that were verified, and `wal/`, every finished
segment of the log. With both, `restore` goes back to any moment since the first copy. Keys are not
in it: they are kept apart (3.9).
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from server.embedded.postgres import BINARIES, USER, PrivatePostgres, give
from server.embedded.process import wait_until

# How long a segment that is not full stays out of the archive: what a lost disk costs at most.
ARCHIVE_SECONDS_MAX: Final = 60
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_ARCHIVED_SECONDS_MAX: Final = 60.0


class BackupError(RuntimeError):
    """A backup cannot be made or used; the text says why."""


@dataclass(frozen=True, slots=True)
class Base:
    """A whole copy: usable from `end` on, a position of a timeline."""

    folder: Path
    taken_at: datetime
    timeline: int
    end: int

    @staticmethod
    def read(folder: Path) -> Base:
        """Return what a copy says of itself."""
        manifest = json.loads((folder / "backup_manifest").read_text())
        last = manifest["WAL-Ranges"][-1]
        taken_at = datetime.strptime(folder.name, _STAMP).replace(tzinfo=UTC)
        return Base(folder, taken_at, int(last["Timeline"]), lsn(last["End-LSN"]))


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup folder."""

    folder: Path

    @property
    def log(self) -> Path:
        """Where finished segments of the log are."""
        return self.folder / "wal"

    def bases(self) -> list[Base]:
        """Return the copies, oldest first."""
        found = sorted((self.folder / "base").glob("*Z/backup_manifest"))
        return [Base.read(manifest.parent) for manifest in found]

    def command(self) -> str:
        """Return what the server runs for every finished segment: copy whole, and never over."""
        place = shlex.quote(str(self.log).replace("%", "%%"))
        return (
            f'cmp -s "%p" {place}/%f || {{ test ! -e {place}/%f && cp "%p" {place}/.%f'
            f" && sync {place}/.%f && mv {place}/.%f {place}/%f; }}"
        )


def lsn(text: str) -> int:
    """Return the number of a position written as 0/16B3748."""
    high, low = text.split("/")
    return (int(high, 16) << 32) | int(low, 16)


def backup(postgres: PrivatePostgres, folder: Path) -> Base:
    """Copy a running server whole into a backup folder, and keep its log there from now on."""
    archive = Archive(folder.absolute())
    for place in (archive.folder, archive.log, archive.folder / "base"):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(archive.log, postgres.owner)
    _keep_log(postgres, archive)
    growing = archive.folder / "base" / "growing"
    shutil.rmtree(growing, ignore_errors=True)
    copy(postgres, growing)
    verify(growing)
    place = archive.folder / "base" / datetime.now(UTC).strftime(_STAMP)
    if place.exists():
        raise BackupError(f"{place.name} is there already: a backup a second is the most")
    growing.rename(place)
    return Base.read(place)


def verify(base: Path) -> None:
    """Go on if a copy is what its manifest says, file by file; raise otherwise.

    The packaged `pg_verifybackup` does not run everywhere.
    """
    manifest = json.loads((base / "backup_manifest").read_text())
    for listed in manifest["Files"]:
        name = listed.get("Path") or os.fsdecode(bytes.fromhex(listed["Encoded-Path"]))
        try:
            with (base / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise BackupError(f"the copy lacks {name}") from None
        if found != listed["Checksum"]:
            raise BackupError(f"the copy's {name} is not what was written")


def copy(postgres: PrivatePostgres, data: Path, *options: str) -> None:
    """Copy a running server's data folder, with the log that makes it whole."""
    _run(
        [
            BINARIES / "pg_basebackup", f"--pgdata={data}", f"--host={postgres.socket_folder}",
            f"--username={USER}", "--no-password", "--checkpoint=fast", "--wal-method=stream",
            "--manifest-checksums=SHA256", *options,
        ]
    )  # fmt: skip


def _keep_log(postgres: PrivatePostgres, archive: Archive) -> None:
    """Let the server archive into the folder; raise when it does not."""
    settings = {
        "archive_command": archive.command(),
        "archive_timeout": f"{ARCHIVE_SECONDS_MAX}s",
    }
    try:
        with psycopg.connect(postgres.url, autocommit=True, connect_timeout=5) as connection:
            if _one(connection, "SHOW archive_mode") != "on":
                raise BackupError("Postgres was started without archive_mode: restart it first")
            for name, value in settings.items():
                connection.execute(
                    sql.SQL("ALTER SYSTEM SET {} = {}").format(
                        sql.Identifier(name), sql.Literal(value)
                    )
                )
            connection.execute("SELECT pg_reload_conf()")
            wait_until(lambda: _one(connection, "SHOW archive_timeout") != "0", 5.0)
            _see_archived(connection, archive)
    except psycopg.Error as error:
        raise BackupError(f"Postgres does not answer: {type(error).__name__}") from error


def _see_archived(connection: psycopg.Connection[Any], archive: Archive) -> None:
    connection.execute("SELECT pg_logical_emit_message(false, 'claimflow', '', true)")
    segment = _one(connection, "SELECT pg_walfile_name(pg_switch_wal())")
    if not wait_until((archive.log / segment).exists, _ARCHIVED_SECONDS_MAX, 0.1):
        raise BackupError(f"Postgres could not archive {segment} into {archive.log}")


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None, "it has a value"
    return row[0]


def _run(command: Sequence[str | Path]) -> None:
    started = time.monotonic()
    result = subprocess.run(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
    )
    if result.returncode != 0:
        name = Path(command[0]).name
        after = time.monotonic() - started
        raise BackupError(f"{name} failed after {after:.0f} s\n{result.stderr.strip()}")
