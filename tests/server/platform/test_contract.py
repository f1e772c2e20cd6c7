"""What the contract must declare about itself: methods, fields and reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor

from claimflow.v1 import (
    claim_pb2,
    command_service_pb2,
    common_pb2,
    document_pb2,
    errors_pb2,
    options_pb2,
    query_service_pb2,
    remittance_pb2,
)
from server.platform.contract import granted_roles, method_policy, phi_class, reason_policy
from server.platform.errors import Failure, FieldViolation, to_status

FILES: list[FileDescriptor] = [
    module.DESCRIPTOR
    for module in (
        claim_pb2, command_service_pb2, common_pb2, document_pb2, errors_pb2, options_pb2,
        query_service_pb2, remittance_pb2,
    )
]  # fmt: skip
METHODS = [
    method
    for file in FILES
    for service in file.services_by_name.values()
    for method in service.methods
]
REASONS: list[Any] = [number for number in errors_pb2.ErrorReason.values() if number]


def types(found: list[Descriptor]) -> Iterator[Descriptor]:
    for one in found:
        yield one
        yield from types(list(one.nested_types))


def is_leaf(field: FieldDescriptor) -> bool:
    """Say whether a field holds a value: no message, or a date, which is one value."""
    kind = field.message_type
    return kind is None or kind.full_name == "google.type.Date"


LEAVES = [
    field
    for file in FILES
    for kind in types(list(file.message_types_by_name.values()))
    for field in kind.fields
    if is_leaf(field)
]


def test_no_file_of_the_contract_is_missed() -> None:
    folder = Path(__file__).resolve().parents[3] / "protos" / "claimflow" / "v1"

    assert {Path(file.name).name for file in FILES} == {one.name for one in folder.glob("*.proto")}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_declares_permission_repeat_and_audit(method: object) -> None:
    policy = method_policy(method)  # type: ignore[arg-type]

    assert policy.permission and policy.idempotency and policy.audit


def test_every_leaf_declares_how_private_it_is() -> None:
    assert len(LEAVES) > 300
    assert [field.full_name for field in LEAVES if not phi_class(field)] == []


def test_every_permission_is_held_by_somebody() -> None:
    for value in options_pb2.Permission.DESCRIPTOR.values:
        if value.number:
            assert granted_roles(value.number), value.name


@pytest.mark.parametrize("reason", REASONS, ids=lambda number: errors_pb2.ErrorReason.Name(number))
def test_a_reason_declares_how_it_travels(reason: int) -> None:
    policy = reason_policy(reason)
    codes = {code.value[0] for code in grpc.StatusCode}

    assert policy.grpc_code in codes - {0, grpc.StatusCode.UNKNOWN.value[0]}
    assert policy.retry
    assert re.fullmatch(r"[a-z0-9][^.\n]{5,120}", policy.message)
    assert all(re.fullmatch(r"[a-z_]+", key) for key in policy.metadata)


def test_only_declared_metadata_travels() -> None:
    for reason in REASONS:
        declared = set(reason_policy(reason).metadata)
        given = {key: "1" for key in (*declared, "secret")}

        _, _, data = to_status(Failure(reason, given))

        assert b"secret" not in data
        assert all(key.encode() in data for key in declared)


def test_a_failure_says_its_reason_and_nothing_more_when_printed() -> None:
    failure = Failure(
        errors_pb2.ERROR_REASON_VALIDATION_FAILED, violations=[FieldViolation("a.b", "is bad")]
    )

    assert str(failure) == "VALIDATION_FAILED"
