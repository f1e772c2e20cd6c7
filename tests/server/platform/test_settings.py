"""Settings: read once, every bad one named, nothing unsafe started (P31)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.platform.settings import ServerSettings, Settings, SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class WithCopies(Settings):
    """What some other program reads."""

    copies: int = 0


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "file"
    file.write_bytes(bytes(32))
    return {
        "DATABASE_URL": "postgresql://app:hunter2@db/claims",
        "ELASTICSEARCH_URL": "http://elastic:hunter3@es:9200",
        "ELASTICSEARCH_API_KEY": "hunter4",
        "CLAIMFLOW_JWKS_FILE": str(file),
        "CLAIMFLOW_JWT_ISSUER": "issuer",
        "CLAIMFLOW_SEAL_KEY_FILE": str(file),
        "CLAIMFLOW_INDEX_KEY_FILE": str(file),
    }


def read(environ: dict[str, str], listen: str = "127.0.0.1:50051", **more: str) -> ServerSettings:
    return ServerSettings.from_environ(environ | more, listen=listen)


def problems(environ: dict[str, str], *arguments: Any, **more: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(environ, *arguments, **more)
    return str(caught.value)


def test_the_required_ones_are_enough(environ: dict[str, str]) -> None:
    settings = read(environ)

    assert (settings.processes, settings.message_limit_bytes) == (1, 4 << 20)
    assert settings.listen == "127.0.0.1:50051"


def test_values_are_read_by_name(environ: dict[str, str]) -> None:
    settings = read(environ, CLAIMFLOW_PROCESSES="3", CLAIMFLOW_BODY_TIMEOUT_S="1.5")

    assert (settings.processes, settings.body_timeout_s) == (3, 1.5)


def test_all_bad_ones_are_named_at_once() -> None:
    text = problems({"CLAIMFLOW_PROCESSES": "many", "CLAIMFLOW_DRAIN_WAIT_S": "x"})

    for name in (
        "DATABASE_URL", "ELASTICSEARCH_URL", "CLAIMFLOW_JWKS_FILE", "CLAIMFLOW_JWT_ISSUER",
        "CLAIMFLOW_SEAL_KEY_FILE", "CLAIMFLOW_INDEX_KEY_FILE", "CLAIMFLOW_PROCESSES",
        "CLAIMFLOW_DRAIN_WAIT_S",
    ):  # fmt: skip
        assert name in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAIMFLOW_PROCESSES", "0"),
        ("CLAIMFLOW_IN_FLIGHT_MAX", "-1"),
        ("CLAIMFLOW_BODY_TIMEOUT_S", "0"),
        ("CLAIMFLOW_BODY_TIMEOUT_S", "nan"),
        ("CLAIMFLOW_DRAIN_GRACE_S", "inf"),
        ("CLAIMFLOW_DEFAULT_DEADLINE_S", "-3"),
        ("CLAIMFLOW_LOG_LEVEL", "LOUD"),
        ("CLAIMFLOW_JWKS_FILE", "nowhere.json"),
        ("CLAIMFLOW_TLS_CERT_FILE", "nowhere.crt"),
    ],
)
def test_a_value_that_cannot_work_is_named(environ: dict[str, str], name: str, value: str) -> None:
    assert name in problems(environ, **{name: value})


def test_what_is_none_by_default_may_be_none(environ: dict[str, str]) -> None:
    settings = WithCopies.from_environ(environ | {"CLAIMFLOW_COPIES": "0"})

    assert settings.copies == 0


def test_what_was_set_is_not_repeated(environ: dict[str, str]) -> None:
    assert "s3cret" not in problems(environ, CLAIMFLOW_PROCESSES="s3cret")


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:1", "[::]:1", ":1", "10.0.0.1:1", "example.org:1", "unix.example.org:1"]
)
def test_beyond_this_machine_only_with_tls(environ: dict[str, str], listen: str) -> None:
    assert "TLS" in problems(environ, listen)


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "[::1]:1", "localhost:1", "unix:/run/x.sock"])
def test_this_machine_needs_no_tls(environ: dict[str, str], listen: str) -> None:
    assert read(environ, listen).is_local


def test_tls_opens_the_other_addresses(environ: dict[str, str]) -> None:
    file = environ["CLAIMFLOW_JWKS_FILE"]

    settings = read(environ, "0.0.0.0:1", CLAIMFLOW_TLS_CERT_FILE=file, CLAIMFLOW_TLS_KEY_FILE=file)

    assert settings.has_tls and not settings.is_local


def test_a_certificate_without_its_key_does_not_end_in_plain_text(environ: dict[str, str]) -> None:
    text = problems(environ, CLAIMFLOW_TLS_CERT_FILE=environ["CLAIMFLOW_JWKS_FILE"])

    assert "CLAIMFLOW_TLS_KEY_FILE" in text


def test_several_processes_need_one_port(environ: dict[str, str]) -> None:
    assert "CLAIMFLOW_PROCESSES" in problems(environ, "127.0.0.1:0", CLAIMFLOW_PROCESSES="2")


def test_shown_settings_hold_no_secret(environ: dict[str, str]) -> None:
    shown = str(read(environ).shown())

    assert "hunter" not in shown
    assert "issuer" in shown
