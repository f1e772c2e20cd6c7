"""The words a person types: up, status, restart, down, reset."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.embedded import control
from server.embedded.process import leftover, read_pid, wait_until
from server.embedded.settings import Home, Settings
from tests.server.embedded.stand_ins import stand_in

WORKING = stand_in("supervise", "working")
FAILING = stand_in("supervise", "broken")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    home = tmp_path / "home"
    settings = Settings(home=home, command_port=0, query_port=0, elasticsearch_port=0)
    yield settings
    control.down(settings)


@pytest.fixture
def home(settings: Settings) -> Home:
    return Home(settings.home)


def pid(home: Home, part: str) -> int:
    found = read_pid(home.pid_file(part))
    assert found is not None
    return found


def test_up_returns_when_all_is_ready_and_says_where(
    settings: Settings, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert control.up(settings, WORKING) == 0
    printed = capsys.readouterr().out
    assert "claimflow is up" in printed
    assert f"{home.tokens}/<role>" in printed
    assert "grpcurl -plaintext" in printed
    assert control.show_status(settings) == 0


def test_up_again_finds_what_runs(
    settings: Settings, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    control.up(settings, WORKING)
    before = pid(home, "postgres")
    assert control.up(settings, WORKING) == 0
    assert "running already" in capsys.readouterr().out
    assert pid(home, "postgres") == before


def test_up_says_which_part_failed_with_the_end_of_its_log_and_stops_the_rest(
    settings: Settings, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert control.up(settings, FAILING) == 1
    printed = capsys.readouterr().err
    assert "command: ended 5 times before it was ready" in printed
    assert "this stand-in is broken" in printed
    assert not list(home.run.glob("*.pid"))


def test_up_names_the_setting_of_a_busy_port(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = replace(settings, command_port=taken.getsockname()[1])
        assert control.up(busy, WORKING) == 1
    assert "set CLAIMFLOW_COMMAND_PORT to another port" in capsys.readouterr().err


def test_restart_gives_a_part_a_new_process(settings: Settings, home: Home) -> None:
    control.up(settings, WORKING)
    before = pid(home, "command")
    assert control.restart(settings, "command") == 0
    assert pid(home, "command") != before


def test_down_stops_every_process_and_keeps_the_data(settings: Settings, home: Home) -> None:
    control.up(settings, WORKING)
    parts = [pid(home, part) for part in ("supervisor", "postgres", "command")]
    assert control.down(settings) == 0
    assert not any(Path(f"/proc/{part}").exists() for part in parts[1:])
    assert (home.path / "postgres" / "data" / "PG_VERSION").exists()
    assert control.show_status(settings) == 3


def test_a_killed_supervisor_leaves_nothing_running_and_up_starts_anew(
    settings: Settings, home: Home
) -> None:
    control.up(settings, WORKING)
    killed = pid(home, "supervisor")
    os.kill(killed, signal.SIGKILL)
    parts = [home.pid_file(part) for part in ("postgres", "command")]
    assert wait_until(lambda: not any(leftover(part, home.path) for part in parts), 20)
    assert control.show_status(settings) == 3
    assert control.up(settings, WORKING) == 0
    assert pid(home, "supervisor") != killed


def test_reset_forgets_all_that_is_ours_and_nothing_else(settings: Settings, home: Home) -> None:
    control.up(settings, WORKING)
    (home.path / "of the user").write_text("kept")
    assert control.reset(settings) == 0
    assert [path.name for path in home.path.iterdir()] == ["of the user"]


def test_down_without_up_is_no_error(settings: Settings) -> None:
    assert control.down(settings) == 0
