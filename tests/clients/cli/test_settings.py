"""Who asks whom: options, environment, home."""

from __future__ import annotations

from typing import Any

import pytest

from claimflow.v1.query_service_pb2 import GetProjectionStatusResponse


def credential(servers: Any) -> str:
    told: str = servers.metadata("GetProjectionStatus")[-1]["authorization"]
    return told.removeprefix("Bearer ")


@pytest.fixture(autouse=True)
def status(servers: Any) -> None:
    servers.on("GetProjectionStatus", GetProjectionStatusResponse())


def test_the_home_tells_addresses_and_token(shell: Any, servers: Any) -> None:
    assert shell("status").exit_code == 0
    assert credential(servers) == "of the home"


def test_the_environment_goes_before_the_home(
    shell: Any, servers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMFLOW_TOKEN", "of the environment")
    shell("status")
    assert credential(servers) == "of the environment"


def test_an_option_goes_before_the_environment(
    shell: Any, servers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMFLOW_TOKEN", "of the environment")
    shell("--token", "of the option", "status")
    assert credential(servers) == "of the option"


@pytest.mark.parametrize(
    ("role", "token"),
    [
        ("examiner", "of the examiner"),
        ("EXAMINER", "of the examiner"),
        ("approver-2", "of the second approver"),
    ],
)
def test_a_role_is_taken_from_the_homes_tokens(
    shell: Any, servers: Any, role: str, token: str
) -> None:
    shell("--as", role, "status")
    assert credential(servers) == token


def test_an_unknown_role_is_a_usage_error_that_lists_the_known(shell: Any) -> None:
    told = shell("--as", "king", "status")
    assert told.exit_code == 2
    assert "approver-2, examiner" in told.stderr


def test_a_token_file_is_read(shell: Any, servers: Any) -> None:
    shell("--token-file", shell.home / "tokens" / "examiner", "status")
    assert credential(servers) == "of the examiner"


def test_two_credentials_are_a_usage_error(shell: Any) -> None:
    assert shell("--token", "x", "--as", "examiner", "status").exit_code == 2
