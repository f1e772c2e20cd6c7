"""Keeps all parts of one installation running; `Embedded` is the same as a library."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from server.embedded.plan import PLAN, Part, Plan, Site
from server.embedded.process import (
    Child,
    StartError,
    end,
    leftover,
    read_pid,
    tail,
    wait_until,
)
from server.embedded.settings import PARTS, Home, SettingError, Settings, write_atomically
from server.embedded.tokens import REMINT_SECONDS

BACKOFF_SECONDS: Final = 0.2
BACKOFF_SECONDS_MAX: Final = 5.0
# A part that ran this long is healthy: its next crash is a first one.
HEALTHY_SECONDS: Final = 10.0
# A part that never was ready and ends this often will not come up.
FIRST_CRASHES_MAX: Final = 5
READY_SECONDS_MAX: Final = 180.0
GRACE_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.1


class _StopWanted(Exception):
    """Asked to stop while still starting."""


@dataclass
class _Watch:
    """What the supervisor knows of a part."""

    state: str = "waiting"  # then starting, ready, crashed
    pid: int | None = None
    restarts: int = 0
    ready_after_seconds: float | None = None
    detail: str = ""


class Supervisor:
    """Starts the parts in order, restarts what ends, stops all in reverse.

    Its state is in `run/status.json`, written at every change. Whoever runs it holds the lock of
    the home (`lock`).
    """

    def __init__(
        self, settings: Settings, *, plan: Plan = PLAN, parts: Iterable[str] = PARTS
    ) -> None:
        self._settings = settings
        self._plan = plan
        self.names = tuple(name for name in PARTS if name in set(parts))
        self.home = Home(settings.home)
        self.phase = "starting"
        self.failure: StartError | SettingError | None = None
        self.site: Site | None = None
        self.watches = {name: _Watch() for name in self.names}
        self._parts: dict[str, Part] = {}
        self._launched_at: dict[str, float] = {}
        self._next_start: dict[str, float] = {}
        self._backoff: dict[str, float] = {}
        self._written = ""

    def run(self, stop: threading.Event) -> bool:
        """Run until told to stop; return False when the parts did not come up."""
        write_atomically(self.home.pid_file("supervisor"), f"{os.getpid()}\n", mode=0o644)
        try:
            self._come_up(stop)
            self._enter("ready")
            self._look_after_all(stop)
        except _StopWanted:
            pass  # not a failure: somebody changed their mind
        except (StartError, SettingError) as error:
            self.failure = error
        finally:
            self._enter("stopping")
            for name in reversed(self.names):
                if name in self._parts:
                    self._parts[name].stop(GRACE_SECONDS)
                self.watches[name] = _Watch(state="stopped")
            self._enter("failed" if self.failure else "stopped")
            self.home.pid_file("supervisor").unlink(missing_ok=True)
        return self.failure is None

    def _come_up(self, stop: threading.Event) -> None:
        self._report()
        sweep(self.home)
        self.site = Site(self._settings, self.names)
        self.site.write_env()
        # Both stores at once: each waits mostly for itself.
        for name in ("postgres", "elasticsearch"):
            self._launch_first(name)
        self._await(("postgres",), stop)
        if "command" in self.names:
            for command in self._plan.prepare:
                self._prepare(command, stop)
        self._launch_first("command")
        self._await(("elasticsearch",), stop)
        for name in ("query", "worker", "timers"):
            self._launch_first(name)
        self._await(self.names, stop)

    def _launch_first(self, name: str) -> None:
        if name not in self.names:
            return
        assert self.site is not None
        part = self.site.part(name, self._plan)
        self._parts[name] = part
        self._backoff[name] = BACKOFF_SECONDS
        self._launched_at[name] = time.monotonic()
        watch = self.watches[name]

        def say(detail: str) -> None:
            watch.detail = detail
            self._report()

        watch.state = "starting"
        say("starting")
        part.prepare(say)
        self._launch(name)

    def _launch(self, name: str) -> None:
        part, watch = self._parts[name], self.watches[name]
        self._launched_at[name] = time.monotonic()
        watch.state, watch.detail = "starting", "starting"
        part.launch()
        watch.pid = part.child.pid
        self._report()

    def _prepare(self, command: tuple[str, ...], stop: threading.Event) -> None:
        assert self.site is not None
        log = self.home.log_file("migrate")
        child = Child("migrate", command, log=log, environment=self.site.environment)
        self.watches["command"].detail = "preparing the database"
        self._report()
        child.start()
        while child.exit_code is None:
            if stop.wait(_PAUSE_SECONDS):
                child.stop()
                raise _StopWanted
        if child.exit_code != 0:
            raise StartError("migrate", f"ended with {child.exit_code}")

    def _await(self, names: tuple[str, ...], stop: threading.Event) -> None:
        """Wait until these are ready, looking after all that run already."""
        deadline = time.monotonic() + READY_SECONDS_MAX
        wanted = [name for name in names if name in self.names]
        while any(self.watches[name].state != "ready" for name in wanted):
            self._look_after()
            for name, watch in self.watches.items():
                if watch.ready_after_seconds is None and watch.restarts >= FIRST_CRASHES_MAX:
                    raise StartError(name, f"ended {watch.restarts} times before it was ready")
            if time.monotonic() > deadline:
                late = ", ".join(n for n in wanted if self.watches[n].state != "ready")
                raise StartError(late.split(", ")[0], f"not ready after {READY_SECONDS_MAX:.0f} s")
            if stop.wait(_PAUSE_SECONDS):
                raise _StopWanted

    def _look_after_all(self, stop: threading.Event) -> None:
        assert self.site is not None
        written = time.time()
        while not stop.wait(_PAUSE_SECONDS):
            self._look_after()
            if time.time() - written > REMINT_SECONDS:  # wall clock: tokens age in sleep too
                self.site.write_env()
                written = time.time()

    def _look_after(self) -> None:
        for name, part in self._parts.items():
            watch, now = self.watches[name], time.monotonic()
            if watch.state == "crashed":
                if now >= self._next_start[name]:
                    self._restart(name)
            elif part.child.pid is None:
                self._crashed(name, f"ended with {part.child.exit_code}")
            elif watch.state == "starting" and part.ready():
                watch.state, watch.detail = "ready", ""
                watch.ready_after_seconds = round(time.monotonic() - self._launched_at[name], 1)
                self._report()
            elif now - self._launched_at[name] > HEALTHY_SECONDS:
                self._backoff[name] = BACKOFF_SECONDS

    def _restart(self, name: str) -> None:
        try:
            self._launch(name)
        except (StartError, OSError) as error:
            self._crashed(name, str(error))

    def _crashed(self, name: str, detail: str) -> None:
        watch = self.watches[name]
        watch.state, watch.pid, watch.detail = "crashed", None, detail
        watch.restarts += 1
        self._next_start[name] = time.monotonic() + self._backoff[name]
        self._backoff[name] = min(self._backoff[name] * 2, BACKOFF_SECONDS_MAX)
        print(f"{_now()} {name} {detail}; restart {watch.restarts}", flush=True)
        self._report()

    def _enter(self, phase: str) -> None:
        self.phase = phase
        print(f"{_now()} {phase}", flush=True)
        self._report()

    def _report(self) -> None:
        content = json.dumps(
            {
                "pid": os.getpid(),
                "phase": self.phase,
                "failed_part": getattr(self.failure, "part", None),
                "failure": str(self.failure) if self.failure else None,
                "parts": {name: asdict(watch) for name, watch in self.watches.items()},
            },
            indent=1,
        )
        if content != self._written:
            write_atomically(status_file(self.home), content, mode=0o644)
            self._written = content


class Embedded:
    """All parts in a home, supervised from a thread of this process.

    A context manager: up on entry, down on exit, the data stays. `environment` is what the parts
    were given, addresses included.
    """

    def __init__(
        self,
        home: Path,
        settings: Settings | None = None,
        *,
        plan: Plan = PLAN,
        parts: Iterable[str] = PARTS,
    ) -> None:
        chosen = settings or Settings(command_port=0, query_port=0, elasticsearch_port=0)
        values = {**vars(chosen), "home": home.absolute()}
        self._supervisor = Supervisor(Settings(**values), plan=plan, parts=parts)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock: IO[str] | None = None

    @property
    def home(self) -> Home:
        """The places of this installation."""
        return self._supervisor.home

    @property
    def site(self) -> Site:
        """Keys, token mint, stores of the running installation."""
        assert self._supervisor.site is not None, "not started"
        return self._supervisor.site

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the parts."""
        return self.site.environment

    def start(self) -> None:
        """Return when every part is ready; raise `StartError` or `SettingError` otherwise."""
        self.home.create()
        self._lock = lock(self.home)
        if self._lock is None:
            raise SettingError(f"another supervisor runs in {self.home.path}")
        # One thread starts and watches: children end with the thread that started them.
        self._thread = threading.Thread(
            target=self._supervisor.run, args=(self._stop,), name="supervisor"
        )
        self._thread.start()
        while self._supervisor.phase == "starting" and self._thread.is_alive():
            self._thread.join(_PAUSE_SECONDS)
        if self._supervisor.phase != "ready":
            self.stop()
            failure = self._supervisor.failure
            assert failure is not None, "the supervisor says why it gave up"
            if isinstance(failure, StartError):
                failure.add_note(tail(self.home.log_file(failure.part)))
            raise failure

    def stop(self) -> None:
        """Stop all parts; the data stays."""
        self._stop.set()
        if self._thread:
            self._thread.join()
        if self._lock:
            self._lock.close()
            self._lock = None

    def pid(self, part: str) -> int | None:
        """Return a part's process id, None while it is down."""
        return self._supervisor.watches[part].pid

    def kill(self, part: str) -> int:
        """Kill -9 a running part and return the pid it had; the supervisor restarts it."""
        pid = read_pid(self.home.pid_file(part))
        assert pid is not None, f"{part} was never started"
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_ready(self, part: str, *, other_than: int, timeout_seconds: float = 60.0) -> int:
        """Wait until a part is ready again in another process, and return its pid."""
        watch = self._supervisor.watches[part]

        def again() -> bool:
            return watch.state == "ready" and watch.pid not in (None, other_than)

        if not wait_until(again, timeout_seconds) or watch.pid is None:
            raise StartError(part, f"not ready after {timeout_seconds:.0f} s")
        return watch.pid

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


def lock(home: Home) -> IO[str] | None:
    """Take the home's one supervisor place; None when it is taken. Given up by closing."""
    file = (home.run / "supervisor.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def status_file(home: Home) -> Path:
    """Return where a supervisor writes what it knows."""
    return home.run / "status.json"


def read_status(home: Home) -> dict[str, Any] | None:
    """Return what the last supervisor wrote, None when there was none."""
    with suppress(FileNotFoundError):
        status: dict[str, Any] = json.loads(status_file(home).read_text())
        return status
    return None


def sweep(home: Home, say: Callable[[str], None] = lambda _: None) -> None:
    """End what a killed supervisor left running; only under the home's lock."""
    for part in reversed(PARTS):
        pid_file = home.pid_file(part)
        if found := leftover(pid_file, home.path):
            say(f"stopping {part} (pid {found.pid}), left by an earlier run")
            first = signal.SIGINT if part == "postgres" else signal.SIGTERM
            end([found], first, GRACE_SECONDS)
        pid_file.unlink(missing_ok=True)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
