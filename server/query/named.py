"""What a request names: ids, numbers, times and sizes; VALIDATION_FAILED when it is none such."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from claimflow.v1 import query_service_pb2
from server.query.faults import Complaints
from server.query.search import page_size

CLAIM_NUMBER_MAX = 64
TRACE_NUMBER_MAX = 50
MEMBER_NUMBER_MAX = 80


def uuid_of(text: str, field_path: str) -> UUID:
    """Return the id that a request names."""
    try:
        return UUID(text)
    except ValueError:
        raise Complaints.of(field_path, "a UUID is missing") from None


def uuids_of(texts: Iterable[str]) -> list[UUID]:
    """Return the ids that a request names, or name each that is none."""
    complaints = Complaints()
    found = []
    for place, text in enumerate(texts):
        try:
            found.append(UUID(text))
        except ValueError:
            complaints.add(f"claim_ids[{place}]", "a UUID is missing")
    complaints.refuse()
    return found


def claim_number_of(text: str) -> str:
    """Return the claim number that a request names."""
    return _number(text, "claim_number", CLAIM_NUMBER_MAX)


def member_number_of(text: str) -> str:
    """Return the member number that a request names."""
    return _number(text, "member_id", MEMBER_NUMBER_MAX)


def remittance_key_of(request: query_service_pb2.GetRemittanceRequest) -> UUID | str:
    """Return the id or the trace number of the remittance that a request names."""
    if request.WhichOneof("key") == "trace_number":
        return _number(request.trace_number, "trace_number", TRACE_NUMBER_MAX)
    return uuid_of(request.remittance_id, "remittance_id")


def _number(text: str, field_path: str, longest: int) -> str:
    if not 1 <= len(text) <= longest or not text.isprintable():
        raise Complaints.of(field_path, f"from 1 to {longest} characters")
    return text


def moment_of(request: query_service_pb2.GetClaimRequest) -> datetime:
    """Return the time that a request names."""
    try:
        return request.time.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise Complaints.of("time", "there is no such time") from None


def size_of(asked: int, default: int, field_path: str = "page_size") -> int:
    """Return the page size that a request names, or the default."""
    if asked < 0:
        raise Complaints.of(field_path, "is negative")
    return page_size(asked, default)
