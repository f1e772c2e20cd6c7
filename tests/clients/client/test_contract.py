"""The SDK follows the contract, and its two colours are one."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from claimflow.client import (
    AsyncClient,
    AsyncSession,
    ClaimflowError,
    Client,
    Session,
    errors,
)
from claimflow.v1 import command_service_pb2, errors_pb2, query_service_pb2

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "clients" / "python" / "generate.py"
CLIENT = ROOT / "clients" / "python" / "claimflow" / "client"
RPCS = [
    method.name
    for service in (
        command_service_pb2.DESCRIPTOR.services_by_name["CommandService"],
        query_service_pb2.DESCRIPTOR.services_by_name["QueryService"],
    )
    for method in service.methods
]


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("kind", [Client, AsyncClient, Session, AsyncSession])
def test_every_rpc_has_a_method(kind: type) -> None:
    assert [name for name in RPCS if not callable(getattr(kind, snake(name), None))] == []


def test_both_colours_take_the_same_arguments() -> None:
    for name in map(snake, RPCS):
        one, other = (inspect.signature(getattr(kind, name)) for kind in (Client, AsyncClient))
        assert list(one.parameters) == list(other.parameters), name


def test_every_reason_has_its_exception() -> None:
    reasons = [
        value.name.removeprefix("ERROR_REASON_")
        for value in errors_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"].values[1:]
    ]
    assert sorted(ClaimflowError.by_reason) == sorted(reasons)
    for reason in reasons:
        kind = ClaimflowError.by_reason[reason]
        assert getattr(errors, kind.__name__) is kind
        assert kind.retry_class.value, reason
        assert kind.__module__ == "claimflow.client.errors", "told where callers find it"


def checked(script: Path) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    return done.returncode, done.stderr.splitlines()


def test_the_generated_modules_are_fresh() -> None:
    assert checked(SCRIPT) == (0, [])


def test_what_is_not_fresh_is_noticed(tmp_path: Path) -> None:
    client = tmp_path / CLIENT.relative_to(ROOT)
    shutil.copytree(CLIENT, client, ignore=shutil.ignore_patterns("__pycache__"))
    script = tmp_path / SCRIPT.relative_to(ROOT)
    shutil.copy(SCRIPT, script)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert checked(script) == (0, [])
    for edited in ("_queries.py", "_errors_claim.py"):
        with (client / edited).open("a") as file:
            file.write("# by hand\n")
    (client / "_pager.py").unlink()
    with (client / "_ingest_async.py").open("a") as file:
        file.write("\n\nasync def added() -> None:\n    await added()\n")
    (client / "_appeals_async.py").unlink()
    assert checked(script) == (
        1,
        [
            "not fresh: _errors_claim.py", "not fresh: _ingest.py", "not fresh: _pager.py",
            "not fresh: _queries.py", "derived from nothing: _appeals.py",
        ],
    )  # fmt: skip
