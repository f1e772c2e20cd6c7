"""Go back to a moment of a backup: the newest copy before it, and the log up to it.

What was there is kept aside. The restored database is on a timeline of its own, by which the
command server knows that it needs a new epoch, and the worker that its documents may be ahead.
"""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from server.embedded.backup import Archive, BackupError, Base, lsn, verify
from server.embedded.postgres import PrivatePostgres, give
from server.embedded.process import StartError, tail

_RECOVERY_SECONDS_MAX: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where to stop: at a moment, at a position, or at the end of what is kept."""

    moment: datetime | None = None
    position: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """What Postgres is told."""
        if self.moment is not None:
            when = self.moment.astimezone(UTC).isoformat(sep=" ")
            return {"recovery_target_time": when, "recovery_target_action": "promote"}
        if self.position:
            return {"recovery_target_lsn": self.position, "recovery_target_action": "promote"}
        return {}

    def admits(self, base: Base) -> bool:
        """Say whether a copy was whole before this."""
        if self.moment is not None:
            return base.taken_at <= self.moment
        return not self.position or base.end <= lsn(self.position)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done."""

    base: Base
    timeline: int
    position: str
    seconds: float
    kept: Path | None  # the data folder that was there


def restore(postgres: PrivatePostgres, folder: Path, target: Target) -> Restored:
    """Put a stopped server's data back to a target; raise `BackupError` and change nothing else.

    The server is started for the recovery and stopped again.
    """
    archive = Archive(folder.absolute())
    base = _newest(archive, target)
    verify(base.folder)
    began = time.monotonic()
    kept = None
    if postgres.data.exists():
        kept = postgres.folder / f"data.before-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        postgres.data.rename(kept)
    try:
        _lay_out(postgres, archive, base, target, kept)
        timeline, position = _recover(postgres)
    except (BackupError, StartError, OSError):
        postgres.stop()
        shutil.rmtree(postgres.data, ignore_errors=True)
        if kept is not None:
            kept.rename(postgres.data)
        raise
    return Restored(base, timeline, position, time.monotonic() - began, kept)


def _newest(archive: Archive, target: Target) -> Base:
    bases = archive.bases()
    branches = _branches(archive.log, bases)
    usable = [
        base
        for base in bases
        if target.admits(base) and base.end <= branches.get(base.timeline, -1)
    ]
    if not usable:
        raise BackupError(f"no copy in {archive.folder} was whole before then")
    return max(usable, key=lambda base: (base.timeline, base.end))


def _branches(log: Path, bases: Sequence[Base]) -> dict[int, float]:
    """Return the timelines that lead to the newest one, each with the position it was left at."""
    histories = {int(file.stem, 16): file for file in log.glob("????????.history")}
    newest = max((*histories, *(base.timeline for base in bases)), default=1)
    branches: dict[int, float] = {newest: float("inf")}
    history = histories.get(newest)  # none of the first, and of one begun under another archive
    for line in history.read_text().splitlines() if history else ():
        fields = line.split()
        if fields and not fields[0].startswith("#"):
            branches[int(fields[0])] = lsn(fields[1])
    return branches


def _lay_out(
    postgres: PrivatePostgres, archive: Archive, base: Base, target: Target, kept: Path | None
) -> None:
    growing = postgres.folder / "data.new"
    shutil.rmtree(growing, ignore_errors=True)
    shutil.copytree(base.folder, growing, symlinks=True)
    growing.chmod(0o700)
    settings = {"restore_command": _fetching(archive.log, kept), **target.settings}
    quoted = (
        "{} = '{}'".format(name, value.replace("'", "''")) for name, value in settings.items()
    )
    with (growing / "postgresql.auto.conf").open("a") as file:
        file.write("\n".join(quoted) + "\n")
    (growing / "recovery.signal").touch()
    give(growing, postgres.owner)
    growing.rename(postgres.data)


def _fetching(log: Path, kept: Path | None) -> str:
    """Return how the server gets a segment: from the archive, or what it had not archived yet."""
    places = [log, *([kept / "pg_wal"] if kept else [])]
    texts = (shlex.quote(str(place).replace("%", "%%")) for place in places)
    return " || ".join(f'cp {text}/%f "%p"' for text in texts)


def _recover(postgres: PrivatePostgres) -> tuple[int, str]:
    postgres.prepare()
    postgres.launch()
    deadline = time.monotonic() + _RECOVERY_SECONDS_MAX
    while (found := _recovered(postgres)) is None:
        if postgres.child.pid is None:
            raise BackupError(f"the log does not reach there\n{tail(postgres.child.log, 8)}")
        if time.monotonic() > deadline:
            raise BackupError("the recovery did not end in time")
        time.sleep(0.05)
    postgres.stop()
    return found


def _recovered(postgres: PrivatePostgres) -> tuple[int, str] | None:
    """Return timeline and position once the recovery has ended; forget how to recover."""
    try:
        with psycopg.connect(postgres.url, autocommit=True, connect_timeout=2) as connection:
            if _row(connection, "SELECT pg_is_in_recovery()")[0]:
                return None
            for name in (
                "restore_command", "recovery_target_time", "recovery_target_lsn",
                "recovery_target_action",
            ):  # fmt: skip
                connection.execute(f"ALTER SYSTEM RESET {name}".encode())
            segment, position = _row(
                connection,
                "SELECT pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_lsn()::text",
            )
    except psycopg.OperationalError:
        return None
    return int(segment[:8], 16), position


def _row(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(query.encode()).fetchone()
    assert row is not None, "it has a value"
    return row
