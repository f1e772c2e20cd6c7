"""Failures of a call and how they travel: one table, the options of `ErrorReason`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from claimflow.v1 import errors_pb2, options_pb2
from server.platform.contract import reason_policy

DOMAIN = "claimflow"
_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A bad field: its path and what is wrong with it, never its value."""

    field: str
    description: str


class Failure(Exception):
    """A call fails for a public reason.

    `metadata` holds names and numbers that the reason declares, never a value of a person.
    `retry_after_s` tells a caller how long to wait before sending the same again.
    """

    def __init__(
        self,
        reason: errors_pb2.ErrorReason,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(name_of(reason))
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after_s = retry_after_s


def name_of(reason: int) -> str:
    """Return a reason's name as callers see it."""
    return errors_pb2.ErrorReason.Name(reason).removeprefix("ERROR_REASON_")


@cache
def policy_of(reason: int) -> options_pb2.ReasonPolicy:
    """Return what the contract says of a reason."""
    return reason_policy(reason)


def code_of(reason: int) -> grpc.StatusCode:
    """Return the gRPC code of a reason."""
    return _CODES[policy_of(reason).grpc_code]


def to_status(failure: Failure) -> tuple[grpc.StatusCode, str, bytes]:
    """Return code, sentence and the serialized `google.rpc.Status` of a failure."""
    policy = policy_of(failure.reason)
    status = status_pb2.Status(code=policy.grpc_code, message=policy.message)
    allowed = set(policy.metadata)
    info = error_details_pb2.ErrorInfo(
        reason=name_of(failure.reason),
        domain=DOMAIN,
        metadata={key: value for key, value in failure.metadata.items() if key in allowed},
    )
    _attach(status, info)
    if failure.violations:
        bad = error_details_pb2.BadRequest()
        for violation in failure.violations:
            bad.field_violations.add(field=violation.field, description=violation.description)
        _attach(status, bad)
    if failure.retry_after_s is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(int(failure.retry_after_s * 1000))
        _attach(status, error_details_pb2.RetryInfo(retry_delay=delay))
    return code_of(failure.reason), policy.message, status.SerializeToString()


def _attach(status: status_pb2.Status, detail: Message) -> None:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status.details.append(packed)
