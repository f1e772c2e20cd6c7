"""One word starts everything; what crashes comes back; what is stopped leaves nothing behind."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from server.embedded.plan import follows, serving
from server.embedded.process import StartError, leftover, read_pid
from server.embedded.settings import PARTS, SettingError, Settings
from server.embedded.supervisor import Embedded
from tests.server.embedded.stand_ins import (
    BROKEN,
    COMMAND,
    QUERY,
    STAND_IN_PLAN,
    WORKER,
)

FREE_PORTS = Settings(command_port=0, query_port=0, elasticsearch_port=0)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    home = tmp_path_factory.mktemp("home")
    with Embedded(home, FREE_PORTS, plan=STAND_IN_PLAN) as embedded:
        yield embedded


def exports(env: Path) -> Mapping[str, str]:
    """Return what a shell has after reading the file."""
    script = f'. "{env}" && env -0'
    printed = subprocess.run(
        ["sh", "-c", script], capture_output=True, check=True, env={"PATH": os.environ["PATH"]}
    ).stdout.decode()
    return dict(pair.split("=", 1) for pair in printed.split("\0") if pair)


def test_every_part_has_a_pid_and_a_log(running: Embedded) -> None:
    for part in PARTS:
        assert psutil.pid_exists(read_pid(running.home.pid_file(part)) or 0)
        assert running.home.log_file(part).exists()


def test_the_env_file_leads_a_shell_to_the_parts(running: Embedded) -> None:
    values = exports(running.home.env)
    with psycopg.connect(values["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM migrated").fetchone() == (1,)
    assert follows(values)
    assert serving("CLAIMFLOW_COMMAND_ADDR")(values)
    assert serving("CLAIMFLOW_QUERY_ADDR")(values)
    assert values["CLAIMFLOW_TOKEN"].count(".") == 2


def test_what_is_secret_is_for_the_owner_alone(running: Embedded) -> None:
    home = running.home
    secrets = [home.env, *home.tokens.iterdir(), *home.keys.iterdir()]
    public = home.keys / "jwks.json"
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets if path != public)


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_restarted_with_its_pid_file(running: Embedded, part: str) -> None:
    killed = running.kill(part)
    again = running.wait_ready(part, other_than=killed)
    assert read_pid(running.home.pid_file(part)) == again


def test_a_second_supervisor_of_the_same_home_is_refused(running: Embedded) -> None:
    with pytest.raises(SettingError, match="another supervisor"):
        Embedded(running.home.path, FREE_PORTS, plan=STAND_IN_PLAN).start()


def test_a_busy_port_is_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = replace(FREE_PORTS, query_port=taken.getsockname()[1])
        with pytest.raises(SettingError, match="CLAIMFLOW_QUERY_PORT"):
            Embedded(tmp_path, settings, plan=STAND_IN_PLAN).start()


def test_a_part_that_never_comes_up_ends_the_start_and_leaves_nothing(tmp_path: Path) -> None:
    broken = replace(COMMAND, command=BROKEN)
    plan = replace(STAND_IN_PLAN, programs=(broken, QUERY, WORKER))
    embedded = Embedded(tmp_path, FREE_PORTS, plan=plan, parts=("postgres", "command"))
    with pytest.raises(StartError, match="command: ended 5 times") as refusal:
        embedded.start()
    assert "this stand-in is broken" in "".join(refusal.value.__notes__)
    assert not list(embedded.home.run.glob("*.pid"))


def test_a_failed_migration_ends_the_start(tmp_path: Path) -> None:
    plan = replace(STAND_IN_PLAN, prepare=(BROKEN,))
    with pytest.raises(StartError, match="migrate: ended with 1"):
        Embedded(tmp_path, FREE_PORTS, plan=plan, parts=("postgres", "command")).start()


def test_a_second_start_finds_the_data(tmp_path: Path) -> None:
    def started() -> Embedded:
        return Embedded(tmp_path, FREE_PORTS, plan=STAND_IN_PLAN, parts=("postgres", "command"))

    with started():
        pass
    with (
        started() as embedded,
        psycopg.connect(embedded.environment["DATABASE_URL"]) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM migrated").fetchone() == (2,)


def test_only_some_parts_can_be_started(tmp_path: Path) -> None:
    with Embedded(tmp_path, FREE_PORTS, plan=STAND_IN_PLAN, parts=("postgres",)) as embedded:
        assert [path.name for path in embedded.home.run.glob("p*.pid")] == ["postgres.pid"]
        assert not embedded.home.pid_file("elasticsearch").exists()


def test_what_a_killed_supervisor_left_is_ended_by_the_next(tmp_path: Path) -> None:
    # Given a part that outlived its supervisor, as where children are not ended with it
    home = Embedded(tmp_path, FREE_PORTS, plan=STAND_IN_PLAN).home
    home.create()
    with subprocess.Popen(["/bin/sleep", "600"], env={"CLAIMFLOW_HOME": str(home.path)}) as orphan:
        home.pid_file("worker").write_text(f"{orphan.pid}\n")
        # When a supervisor starts in that home
        with Embedded(tmp_path, FREE_PORTS, plan=STAND_IN_PLAN, parts=("postgres",)):
            # Then it has been stopped
            assert orphan.wait(5) == -signal.SIGTERM


def test_a_stranger_with_the_pid_of_a_part_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "600"], env={}) as stranger:
        pid_file = tmp_path / "worker.pid"
        pid_file.write_text(f"{stranger.pid}\n")
        assert leftover(pid_file, tmp_path) is None
        stranger.kill()
