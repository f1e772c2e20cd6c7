"""Why something was not done, as the error that travels: one table, looked up by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from google.rpc import status_pb2

from claimflow.v1 import errors_pb2
from server.claims.refusals import Refusal, Refused
from server.command.requests import NotDone, Trouble
from server.command.shape import Invalid
from server.platform.errors import Failure, FieldViolation, policy_of, to_status


def _reason(one: Refusal | Trouble) -> errors_pb2.ErrorReason:
    return errors_pb2.ErrorReason.Value(f"ERROR_REASON_{one.value}")  # type: ignore[return-value]


# Every refusal of the rules and every trouble of the engine has a reason of the same name.
REASONS: Final[Mapping[Refusal | Trouble, errors_pb2.ErrorReason]] = {
    one: _reason(one) for one in (*Refusal, *Trouble)
}

# Troubles that are of the store or this process and not of one command.
OF_ALL: Final = frozenset(
    {
        Trouble.DATABASE_UNAVAILABLE,
        Trouble.DEADLINE_PASSED,
        Trouble.DURABILITY_UNCONFIRMED,
        Trouble.SERVER_OVERLOADED,
        Trouble.SHUTTING_DOWN,
        Trouble.STORAGE_FULL,
    }
)


def failure_of(error: Refused | NotDone | Invalid) -> Failure:
    """Return the error that a caller sees."""
    if isinstance(error, Invalid):
        violations = [FieldViolation(path, what) for path, what in error.problems]
        return Failure(errors_pb2.ERROR_REASON_VALIDATION_FAILED, violations=violations)
    if isinstance(error, NotDone):
        return Failure(REASONS[error.trouble], retry_after_s=error.retry_after_seconds)
    reason = REASONS[error.refusal]
    fields = [FieldViolation(error.field_path, policy_of(reason).message)]
    return Failure(reason, error.facts, fields if error.field_path else ())


def status_of(error: Refused | NotDone | Invalid, correlation_id: str) -> status_pb2.Status:
    """Return the error as part of a reply that tells several outcomes."""
    failure = failure_of(error)
    if failure.reason == errors_pb2.ERROR_REASON_UNEXPECTED:
        failure.metadata["correlation_id"] = correlation_id
    return status_pb2.Status.FromString(to_status(failure)[2])
