"""Settings come from the environment; a wrong one is refused by its name."""

import socket
from pathlib import Path

import pytest

from server.embedded.ports import free_port, is_free, settle
from server.embedded.settings import SettingError, Settings, write_atomically


def test_the_defaults_are_the_documented_ones() -> None:
    settings = Settings.read({})
    assert settings.home == Path.cwd() / ".claimflow"
    ports = (settings.command_port, settings.query_port, settings.elasticsearch_port)
    assert ports == (50051, 50052, 9200)


def test_settings_are_passed_on_unchanged(tmp_path: Path) -> None:
    settings = Settings.read(
        {"CLAIMFLOW_HOME": str(tmp_path), "CLAIMFLOW_COMMAND_PORT": "0", "XDG_CACHE_HOME": "/c"}
    )
    assert settings.cache == Path("/c/claimflow")
    assert Settings.read(settings.environment()) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAIMFLOW_COMMAND_PORT", "http"),
        ("CLAIMFLOW_QUERY_PORT", "65536"),
        ("CLAIMFLOW_ELASTICSEARCH_PORT", "-1"),
        ("CLAIMFLOW_ELASTICSEARCH_HEAP", "lots"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Settings.read({name: value})


def test_a_port_shared_by_its_server_counts_as_busy() -> None:
    # As gRPC servers listen: with SO_REUSEPORT, which lets others of the same user in
    port = free_port()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        assert not is_free(port)
        with pytest.raises(SettingError, match="set A_PORT to another"):
            settle(port, "A_PORT")


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "env"
    for content in ("old", "new"):
        write_atomically(path, content)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["env"]
