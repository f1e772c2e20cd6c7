"""What a failed call says, whatever its reason.

ClaimflowError
├── TransportError       no answer of claimflow's own: connection, local deadline, a proxy
└── errors.<Reason>      one class per ErrorReason of the contract (claimflow.client.errors)
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import grpc
from google.protobuf.descriptor import EnumValueDescriptor

from claimflow.v1 import errors_pb2, options_pb2


class RetryClass(enum.Enum):
    """What a caller can do about an error."""

    UNSPECIFIED = 0
    FINAL = 1  # nothing: the same request will be refused again
    FIX_REQUEST = 2  # mend the request and send it under a new request id
    RETRY_SAME = 3  # send the same request again, with its request id
    READ_AGAIN = 4  # read the claim again and decide anew


@dataclass(frozen=True)
class FieldViolation:
    """One bad field of a request: its path, and what is wrong without its value."""

    field_path: str
    description: str


def reason_policy(value: EnumValueDescriptor) -> options_pb2.ReasonPolicy:
    """Return what the contract says of a value of ErrorReason."""
    extension: Any = options_pb2.reason  # its stub does not tell what it extends
    policy: options_pb2.ReasonPolicy = value.GetOptions().Extensions[extension]
    return policy


_CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


class ClaimflowError(Exception):
    """A call that failed; `reason` is the stable name to branch on, empty when there is none.

    Raised as itself only for a reason that this version of the SDK does not know yet.
    """

    reason: str = ""
    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN
    retry_class: RetryClass = RetryClass.UNSPECIFIED
    by_reason: ClassVar[dict[str, type[ClaimflowError]]] = {}

    def __init_subclass__(cls, *, reason: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if not reason:
            return
        values = errors_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"].values_by_name
        policy = reason_policy(values[f"ERROR_REASON_{reason}"])
        cls.reason = reason
        cls.code = _CODES[policy.grpc_code]
        cls.retry_class = RetryClass(policy.retry)
        cls.by_reason[reason] = cls
        cls.__module__ = "claimflow.client.errors"  # where callers find it

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        code: grpc.StatusCode | None = None,
        metadata: Mapping[str, str] | None = None,
        field_violations: Sequence[FieldViolation] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = dict(metadata or {})
        self.field_violations = tuple(field_violations)
        self.retry_after = retry_after
        if reason is not None:
            self.reason = reason
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """Return reason, sentence and the paths of bad fields: never a value."""
        told = f"{self.reason}: {self.message}" if self.reason else self.message
        if not self.field_violations:
            return told
        paths = ", ".join(violation.field_path for violation in self.field_violations)
        return f"{told} ({paths})"


class TransportError(ClaimflowError):
    """The call failed without an answer of claimflow's own; see `code`.

    A command may still have been carried out: ask `get_command_outcome` with its request id.
    """
