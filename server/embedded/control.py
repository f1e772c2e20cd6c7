"""The words of `python -m server.embedded`: up, down, status, restart, reset."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from server.embedded.plan import PLAN, Plan
from server.embedded.process import read_pid, tail, wait_until
from server.embedded.settings import PARTS, ROOT, Home, Settings
from server.embedded.supervisor import (
    GRACE_SECONDS,
    Supervisor,
    lock,
    read_status,
    status_file,
    sweep,
)

# Run with the lock's file descriptor as last argument.
SUPERVISOR: Final = (sys.executable, "-m", "server.embedded", "supervise")
_STOP_SECONDS_MAX: Final = len(PARTS) * GRACE_SECONDS
_POLL_SECONDS: Final = 0.1
# It is to outlive us; letting go of it would count as forgetting a child.
_left_running: Final[list[subprocess.Popen[bytes]]] = []


class _Progress:
    """Prints what changes in a supervisor's status, each thing once."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self._when: dict[str, float] = {}

    def show(self, status: dict[str, Any]) -> None:
        """Print the parts that changed; a detail that counts up at most every two seconds."""
        for name, part in status["parts"].items():
            text = part["detail"] or part["state"]
            if part["state"] == "ready":
                text = f"ready after {part['ready_after_seconds']} s"
            elif part["state"] in {"waiting", "stopped"} and not part["detail"]:
                continue
            counting = text.startswith("fetched") and self._said.get(name, "").startswith("fetched")
            if text == self._said.get(name):
                continue
            if counting and time.monotonic() - self._when[name] < 2:
                continue
            self._said[name], self._when[name] = text, time.monotonic()
            print(f"  {name:<14} {text}", flush=True)


def up(settings: Settings, supervisor_command: Sequence[str] = SUPERVISOR) -> int:
    """Start all in the background; return 0 when all is ready, 1 when something is not."""
    home = Home(settings.home)
    home.create()
    place = lock(home)
    if place is None:
        print(f"claimflow is running already, in {_short(home.path)}")
        supervisor = None
    else:
        status_file(home).unlink(missing_ok=True)
        print(f"starting claimflow in {_short(home.path)}", flush=True)
        supervisor = _spawn(supervisor_command, settings, home, place)
    try:
        status = _follow(home, supervisor)
    except KeyboardInterrupt:
        if supervisor:
            print("interrupted: stopping what was started", flush=True)
            supervisor.terminate()
            supervisor.wait()
        return 130
    if supervisor is None and (status is None or status["phase"] in {"stopping", "stopped"}):
        return up(settings, supervisor_command)  # it was just being stopped
    if status is None or status["phase"] != "ready":
        return _say_failure(home, status)
    _say_ready(home)
    return 0


def down(settings: Settings) -> int:
    """Stop all; the data stays."""
    home = Home(settings.home)
    if not home.run.exists():
        print("claimflow is not running")
        return 0
    place = _stop_supervisor(home)
    with place:
        sweep(home, lambda text: print(text, flush=True))
    print(f"claimflow is stopped; its data stays in {_short(home.path)}")
    return 0


def show_status(settings: Settings) -> int:
    """Print each part's state; return 0 when all is ready, 3 otherwise."""
    home = Home(settings.home)
    status = read_status(home) if _is_running(home) else None
    if status is None:
        print("claimflow is not running")
        return 3
    print(f"claimflow is {status['phase']} in {_short(home.path)}")
    for name, part in status["parts"].items():
        pid = f"pid {part['pid']}" if part["pid"] else ""
        restarts = f"{part['restarts']} restarts" if part["restarts"] else ""
        words = (part["state"], pid, restarts, part["detail"])
        print(f"  {name:<14} " + ", ".join(word for word in words if word))
    ready = status["phase"] == "ready"
    return 0 if ready and all(p["state"] == "ready" for p in status["parts"].values()) else 3


def restart(settings: Settings, part: str) -> int:
    """Restart one part; return 0 when it is ready again."""
    home = Home(settings.home)
    before = read_status(home) if _is_running(home) else None
    pid = before["parts"].get(part, {}).get("pid") if before else None
    if pid is None:
        print(f"{part} is not running")
        return 1
    os.kill(pid, signal.SIGINT if part == "postgres" else signal.SIGTERM)

    def again() -> bool:
        status = read_status(home)
        now = status["parts"][part] if status else {}
        return now.get("state") == "ready" and now["pid"] != pid

    if not wait_until(again, 60.0 + GRACE_SECONDS, _POLL_SECONDS):
        print(f"{part} is not ready again\n{tail(home.log_file(part))}")
        return 1
    print(f"{part} is ready again")
    return 0


def reset(settings: Settings) -> int:
    """Stop all and forget everything: data, keys, logs."""
    home = Home(settings.home)
    if not home.path.exists():
        return 0
    home.create()
    with _stop_supervisor(home):
        sweep(home)
        with suppress(FileNotFoundError):
            shutil.rmtree((home.path / "postgres" / "socket.path").read_text().strip(), True)
        # By name: a home may be a folder that holds other things too.
        for folder in ("postgres", "elasticsearch", "keys", "tokens", "log", "run"):
            shutil.rmtree(home.path / folder, ignore_errors=True)
        home.env.unlink(missing_ok=True)
    with suppress(OSError):
        home.path.rmdir()
    print(f"forgot everything in {_short(home.path)}")
    return 0


def supervise(
    settings: Settings, lock_handle: int, *, plan: Plan = PLAN, parts: Iterable[str] = PARTS
) -> int:
    """Be the supervisor, in the foreground, holding a lock taken by who started us."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with os.fdopen(lock_handle, "w"):
        return 0 if Supervisor(settings, plan=plan, parts=parts).run(stop) else 1


def _spawn(
    command: Sequence[str], settings: Settings, home: Home, place: IO[str]
) -> subprocess.Popen[bytes]:
    # Handing over the lock itself leaves no moment in which a second supervisor could slip in.
    with place, home.log_file("supervisor").open("ab") as log:
        supervisor = subprocess.Popen(
            [*command, str(place.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env={**os.environ, **settings.environment()},
            pass_fds=(place.fileno(),),
            start_new_session=True,
        )
    _left_running.append(supervisor)
    return supervisor


def _follow(home: Home, supervisor: subprocess.Popen[bytes] | None) -> dict[str, Any] | None:
    """Show progress until the supervisor is ready or gone; return its last status."""
    progress = _Progress()
    while True:
        gone = supervisor.poll() is not None if supervisor else not _is_running(home)
        status = read_status(home)
        if status:
            progress.show(status)
        if gone or (status and status["phase"] in {"ready", "failed"}):
            if supervisor and status and status["phase"] == "failed":
                supervisor.wait()
            return status
        time.sleep(_POLL_SECONDS)


def _say_failure(home: Home, status: dict[str, Any] | None) -> int:
    part = (status or {}).get("failed_part")
    reason = (status or {}).get("failure") or "the supervisor ended without a word"
    print(f"claimflow did not start: {reason}", file=sys.stderr)
    if status is None or part:
        log = home.log_file(part or "supervisor")
        print(f"the end of {_short(log)}:\n{tail(log)}", file=sys.stderr)
    return 1


def _say_ready(home: Home) -> None:
    values = _exports(home)
    env = _short(home.env)
    cli = Path(sys.executable).with_name("claimflow")
    program = _short(cli) if cli.exists() else "claimflow"
    print(
        f"""
claimflow is up
  commands       {values["CLAIMFLOW_COMMAND_ADDR"]}
  queries        {values["CLAIMFLOW_QUERY_ADDR"]}
  Postgres       {values["DATABASE_URL"]}
  Elasticsearch  {values["ELASTICSEARCH_URL"]}
  credentials    {_short(home.tokens)}/<role>, of the demo tenant, renewed hourly
  logs           {_short(home.log)}/
  token          {values["CLAIMFLOW_TOKEN"]}

Try (the file sets addresses and this token):
  . {env}
  grpcurl -plaintext -H "authorization: Bearer $CLAIMFLOW_TOKEN" -d '{{"page_size": 3}}' \\
    $CLAIMFLOW_QUERY_ADDR claimflow.v1.QueryService/SearchClaims
  {program} generate -n 100 | {program} import -
""",
        flush=True,
    )


def _exports(home: Home) -> dict[str, str]:
    lines = home.env.read_text().splitlines()
    pairs = (line.removeprefix("export ").split("=", 1) for line in lines)
    return {pair[0]: shlex.split(pair[1])[0] for pair in pairs if len(pair) == 2}


def _is_running(home: Home) -> bool:
    if not home.run.exists():
        return False
    place = lock(home)
    if place is None:
        return True
    place.close()
    return False


def _stop_supervisor(home: Home) -> IO[str]:
    """Stop a running supervisor and return its place."""
    if place := lock(home):
        _forget_ended()
        return place
    taken: list[IO[str]] = []

    def free() -> bool:
        place = lock(home)
        if place:
            taken.append(place)
        return place is not None

    # One that has just begun writes its pid in a moment.
    wait_until(lambda: read_pid(home.pid_file("supervisor")) is not None, 5.0)
    pid = read_pid(home.pid_file("supervisor"))
    for number, patience_seconds in ((signal.SIGTERM, _STOP_SECONDS_MAX), (signal.SIGKILL, 5.0)):
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(free, patience_seconds, _POLL_SECONDS):
            _forget_ended()
            return taken[0]
    raise RuntimeError(f"the supervisor (pid {pid}) does not give up its lock")


def _forget_ended() -> None:
    for supervisor in list(_left_running):
        with suppress(subprocess.TimeoutExpired):
            supervisor.wait(1.0)
            _left_running.remove(supervisor)


def _short(path: Path) -> str:
    """Return a path as a person in the working directory would type it."""
    with suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
