"""The SDK follows the contract, and its two colours are one."""

from __future__ import annotations

import inspect
import re
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


def test_the_generated_modules_are_fresh() -> None:
    script = ROOT / "clients" / "python" / "generate.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
