"""The read process's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.platform.settings import SettingsError
from server.query.settings import query_settings


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "key"
    file.write_bytes(bytes(32))
    names = ("JWKS_FILE", "SEAL_KEY_FILE", "INDEX_KEY_FILE")
    return {
        "DATABASE_URL": "postgresql://host/name",
        "ELASTICSEARCH_URL": "http://host:9200",
        "CLAIMFLOW_JWT_ISSUER": "issuer",
        **{f"CLAIMFLOW_{name}": str(file) for name in names},
    }


def test_a_watch_has_a_heartbeat_and_a_patience(environ: dict[str, str]) -> None:
    settings = query_settings(environ)
    assert (settings.watch_heartbeat_s, settings.watch_patience_s) == (15.0, 30.0)
    changed = {"CLAIMFLOW_WATCH_HEARTBEAT_S": "5", "CLAIMFLOW_WATCH_PATIENCE_S": "60"}
    settings = query_settings(environ | changed)
    assert (settings.watch_heartbeat_s, settings.watch_patience_s) == (5.0, 60.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAIMFLOW_WATCH_HEARTBEAT_S", "0"),
        ("CLAIMFLOW_WATCH_HEARTBEAT_S", "15.5"),  # the contract promises fifteen
        ("CLAIMFLOW_WATCH_PATIENCE_S", "0"),
        ("CLAIMFLOW_WATCH_PATIENCE_S", "inf"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(
    environ: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=name):
        query_settings(environ | {name: value})
