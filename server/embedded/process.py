"""Child processes that leave a pid file and a log, and never outlive their parent unnoticed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from server.embedded.settings import ROOT, write_atomically

LOG_BYTES_MAX = 64 * 1024 * 1024
_LAUNCH = Path(__file__).with_name("launch.py")


class StartError(RuntimeError):
    """A part did not come up; `part` names it, the text says why."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part


@dataclass(frozen=True)
class Owner:
    """The system user a child runs as when we are root."""

    uid: int
    gid: int
    # May pass through folders that are closed to it.
    search: bool


class Child:
    """One program run as a direct child, in a session of its own, restartable.

    Ends by `death_signal` when the thread that started it ends (on Linux), so a killed supervisor
    leaves nothing behind.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        pid_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        owner: Owner | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.pid_file = pid_file
        self.environment = dict(os.environ if environment is None else environment)
        self.owner = owner
        self.stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None when it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How the last run ended (negative: by that signal), None while running or never run."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start the program; its output is added to the log."""
        assert self.pid is None, f"{self.name} is running"
        _rotate(self.log)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                launched(self.command, self.owner, self.stop_signal),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=self.environment,
                start_new_session=True,  # a terminal's ^C is for its owner to handle
            )
        if self.pid_file:
            write_atomically(self.pid_file, f"{self._process.pid}\n", mode=0o644)

    def kill(self) -> int:
        """Kill it without warning, as a crash would, wait for its end and return its pid."""
        assert self._process is not None, f"{self.name} was never started"
        self._process.kill()
        self._process.wait()
        return self._process.pid

    def stop(self, grace_seconds: float = 20.0) -> None:
        """Ask it to stop, kill it after the grace, and remove the pid file."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.pid_file:
            self.pid_file.unlink(missing_ok=True)


def launched(
    command: Sequence[str], owner: Owner | None, death_signal: signal.Signals = signal.SIGTERM
) -> list[str]:
    """Return the command as it is run by `launch.py`, under this process."""
    options = {
        "parent": os.getpid(),
        "death_signal": int(death_signal),
        "uid": owner.uid if owner else None,
        "gid": owner.gid if owner else None,
        "search": owner.search if owner else False,
    }
    return [sys.executable, "-I", "-S", str(_LAUNCH), json.dumps(options), *command]


def tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a log, or nothing when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 64 * 1024))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def read_pid(pid_file: Path) -> int | None:
    """Return the process id in a file, None when there is none."""
    try:
        return int(pid_file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def processes_in(folder: Path) -> list[psutil.Process]:
    """Return the processes whose working directory is the folder: for a data folder, its server's.

    Postgres overwrites its command line and environment, but stays in its data folder.
    """
    wanted = os.path.realpath(folder)
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.cwd() == wanted and _lives(process):
                found.append(process)
    return found


def end(processes: Iterable[psutil.Process], first: signal.Signals, grace_seconds: float) -> None:
    """Signal processes that are not our children, wait, and kill what is left."""
    processes = list(processes)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    if not wait_until(lambda: not any(map(_lives, processes)), grace_seconds):
        for process in filter(_lives, processes):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        wait_until(lambda: not any(map(_lives, processes)), 5.0)


def leftover(pid_file: Path, home: Path) -> psutil.Process | None:
    """Return the process a pid file names if it still runs and is surely of this home.

    A pid is given again to strangers, so ours must show our home as its environment or folder.
    """
    pid = read_pid(pid_file)
    if pid is None or pid == os.getpid():
        return None
    try:
        process = psutil.Process(pid)
        if not _lives(process):
            return None
        inside = Path(process.cwd()).is_relative_to(home.resolve())
        ours = inside or process.environ().get("CLAIMFLOW_HOME") == str(home)
    except (psutil.Error, OSError):
        return None
    return process if ours else None


def wait_until(
    ready: Callable[[], bool], timeout_seconds: float, pause_seconds: float = 0.02
) -> bool:
    """Ask until it is so; return False when it is not in time."""
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_seconds)
    return True


def _lives(process: psutil.Process) -> bool:
    """Say whether a process still does something: one that init has yet to reap does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _rotate(log: Path) -> None:
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_name(f"{log.name}.old"))
