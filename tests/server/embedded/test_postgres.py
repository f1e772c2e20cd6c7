"""A private Postgres is the real one, private, durable, and back after every kill."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from server.embedded.postgres import BINARIES, PrivatePostgres
from server.embedded.process import StartError, processes_in, wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    with PrivatePostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("wal_level", "logical"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("max_slot_wal_keep_size", "4GB"),
        ("log_error_verbosity", "terse"),
        ("log_min_error_statement", "panic"),
        ("log_parameter_max_length", "0"),
        ("log_parameter_max_length_on_error", "0"),
    ],
)
def test_it_is_set_up_for_durability_the_feed_and_silence(
    server: PrivatePostgres, setting: str, value: str
) -> None:
    assert one(server.url, f"SHOW {setting}") == value


def test_psql_takes_the_url(server: PrivatePostgres) -> None:
    asked = [str(BINARIES / "psql"), server.url, "-Atc", "SELECT current_database()"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert answer.stdout == "claimflow\n"


def test_only_the_owner_reaches_the_socket(server: PrivatePostgres) -> None:
    assert server.socket_folder.stat().st_mode & 0o077 == 0


def test_it_never_runs_as_root(server: PrivatePostgres) -> None:
    (postmaster,) = (p for p in processes_in(server.data) if p.pid == server.child.pid)
    assert postmaster.uids().effective != 0


def test_what_was_committed_is_there_after_kill_9(server: PrivatePostgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE survivor (round int)")
    for turn in range(5):
        with psycopg.connect(server.url) as connection:
            connection.execute("INSERT INTO survivor VALUES (%s)", (turn,))
        server.kill()
        server.start()
    assert one(server.url, "SELECT count(*) FROM survivor") == 5


def test_it_starts_while_a_backend_of_the_killed_one_is_still_at_work(
    server: PrivatePostgres,
) -> None:
    # Given a backend that does not look up, as in a long computation
    with psycopg.connect(server.url) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        server.kill()
        # When the server is started, then the backend is gone and the server answers
        server.start()
        assert backend not in {process.pid for process in processes_in(server.data)}
    assert one(server.url, "SELECT 1") == 1


def test_a_lock_file_whose_pid_went_to_a_stranger_is_no_obstacle(
    server: PrivatePostgres,
) -> None:
    server.kill()
    lock = server.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        server.start()
        stranger.kill()
    assert one(server.url, "SELECT 1") == 1


def test_a_second_server_on_the_same_folder_is_refused(server: PrivatePostgres) -> None:
    with pytest.raises(StartError, match="already running"):
        PrivatePostgres(server.folder).start()
    assert one(server.url, "SELECT 1") == 1


def test_a_folder_with_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with PrivatePostgres(folder) as server:
        assert one(server.url, "SELECT 1") == 1
        assert not server.socket_folder.is_relative_to(folder)
        assert server.socket_folder.stat().st_mode & 0o077 == 0
        socket_folder = server.socket_folder
    # And keeps it, also when the temporary files were cleared meanwhile
    shutil.rmtree(socket_folder)
    with PrivatePostgres(folder) as again:
        assert one(again.url, "SELECT 1") == 1
        assert again.socket_folder == socket_folder
    shutil.rmtree(socket_folder)


def test_a_start_that_was_interrupted_leaves_no_half_cluster(tmp_path: Path) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18")
    with PrivatePostgres(tmp_path) as server:
        assert one(server.url, "SELECT 1") == 1


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys, os, signal\n"
        "from pathlib import Path\n"
        "from server.embedded.postgres import PrivatePostgres\n"
        "PrivatePostgres(Path(sys.argv[1])).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert wait_until(lambda: not processes_in(tmp_path / "data"), 20)


def test_each_test_has_a_database_of_its_own_and_slots_do_not_keep_it(
    create_database: Callable[[], str],
) -> None:
    url = create_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_create_logical_replication_slot('kept', 'pgoutput')")
    assert create_database() != url
