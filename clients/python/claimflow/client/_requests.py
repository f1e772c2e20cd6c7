"""What every request of a kind has in common, filled from keyword arguments."""

from __future__ import annotations

import uuid
from typing import Any, TypedDict

from google.protobuf.message import Message

from claimflow.v1.common_pb2 import Consistency, Reason

# A code, a code with a text, or the message itself.
ReasonLike = str | tuple[str, str] | Reason


class CreateOptions(TypedDict, total=False):
    """What any command takes.

    Attributes:
        reason: why: a code, or a pair of code and text.
        validate_only: decide, show the claim as it would be, write nothing.
        request_id: UUID under which this happens at most once; absent: a new one for this call.
        timeout: seconds for the call with all its retries.

    """

    reason: ReasonLike | None
    validate_only: bool
    request_id: str | None
    timeout: float | None


class CommandOptions(CreateOptions, total=False):
    """What any command on an existing claim takes.

    Attributes:
        expected_version: the version that was read; 0 or absent: not checked.

    """

    expected_version: int


class QueryOptions(TypedDict, total=False):
    """What any query takes.

    Attributes:
        consistency: how fresh the answer must be: `STRONG` or `at_least_as_fresh(token)`.
        timeout: seconds for the call with all its retries.

    """

    consistency: Consistency | None
    timeout: float | None


def fill_command(request: Message, options: CreateOptions) -> None:
    """Set the common fields of a command; the request id stays the same over its retries."""
    command: Any = request
    command.request_id = options.get("request_id") or str(uuid.uuid4())
    command.validate_only = options.get("validate_only", False)
    if (reason := options.get("reason")) is not None:
        command.reason.CopyFrom(as_reason(reason))
    if expected_version := options.get("expected_version", 0):
        command.expected_version = expected_version


def as_reason(reason: ReasonLike) -> Reason:
    """Return the message for a reason given as a code, a pair of code and text, or itself."""
    if isinstance(reason, Reason):
        return reason
    code, text = (reason, "") if isinstance(reason, str) else reason
    return Reason(code=code, text=text)
