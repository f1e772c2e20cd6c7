"""What a caller is told when a request cannot be answered: paths and facts, never a value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure, FieldViolation
from server.query.conditions import Unreadable


class Complaints:
    """Gathers every bad field of a request."""

    def __init__(self) -> None:
        self._violations: list[FieldViolation] = []

    def add(self, field_path: str, description: str) -> None:
        """Note a bad field."""
        self._violations.append(FieldViolation(field_path, description))

    def refuse(self) -> None:
        """Raise VALIDATION_FAILED when a field is bad."""
        if self._violations:
            raise self.failure()

    def failure(self) -> Failure:
        """Return VALIDATION_FAILED with all bad fields."""
        return Failure(errors_pb2.ERROR_REASON_VALIDATION_FAILED, violations=self._violations)

    @staticmethod
    def of(field_path: str, description: str) -> Failure:
        """Return VALIDATION_FAILED for one field."""
        complaints = Complaints()
        complaints.add(field_path, description)
        return complaints.failure()


def _unreadable(reason: errors_pb2.ErrorReason, field_path: str, error: Unreadable) -> Failure:
    return Failure(
        reason,
        metadata={"position": str(error.position)},
        violations=[FieldViolation(field_path, error.description)],
    )


@contextmanager
def filter_invalid() -> Iterator[None]:
    """Turn an unreadable filter into FILTER_INVALID."""
    try:
        yield
    except Unreadable as error:
        raise _unreadable(errors_pb2.ERROR_REASON_FILTER_INVALID, "filter", error) from None


@contextmanager
def order_invalid() -> Iterator[None]:
    """Turn an unreadable order into ORDER_BY_INVALID."""
    try:
        yield
    except Unreadable as error:
        raise _unreadable(errors_pb2.ERROR_REASON_ORDER_BY_INVALID, "order_by", error) from None
