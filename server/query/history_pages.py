"""GetClaimHistory and VerifyClaimHistory: events with what they changed, and whether they hold."""

from __future__ import annotations

from uuid import UUID

from claimflow.v1 import claim_pb2, common_pb2, errors_pb2, options_pb2, query_service_pb2
from server.claims import records
from server.claims.evolution import evolve
from server.claims.model import Claim
from server.platform.errors import Failure
from server.platform.redaction import Sight
from server.query.changes import changes
from server.query.fields import DIRECT_ID
from server.query.history import History, Row, Snapshot
from server.query.history_verify import verify
from server.query.history_wire import claim_message
from server.query.values import STATES, timestamp


async def history_page(
    history: History,
    tenant_id: UUID,
    claim_id: UUID,
    after: int,
    size: int,
    sight: Sight,
) -> tuple[list[query_service_pb2.ClaimEvent], bool, Snapshot]:
    """Return the events after a version, whether there are more, and the snapshot.

    CLAIM_NOT_FOUND; HISTORY_BROKEN when an event cannot be applied.
    """
    events, row, snapshot = await history.events(tenant_id, claim_id, after + size + 1)
    if row is None and not events:
        raise Failure(errors_pb2.ERROR_REASON_CLAIM_NOT_FOUND)
    fold: Claim | None = None
    before: claim_pb2.Claim | None = None
    listed = []
    for event in events[: after + size]:
        try:
            fold = evolve(fold, records.recorded(event).event)
        except Exception as error:  # an altered row can break in any way
            raise Failure(errors_pb2.ERROR_REASON_HISTORY_BROKEN) from error
        if event["version"] < after:
            continue
        message = claim_message(
            fold, head_hash=b"", updated_at=event["recorded_at"], policy_version=0
        )
        if event["version"] > after:
            listed.append(_event(event, before, message, sight))
        before = message
    return listed, len(events) > after + size, snapshot


async def verification(
    history: History, tenant_id: UUID, claim_id: UUID
) -> tuple[query_service_pb2.VerifyClaimHistoryResponse, Snapshot]:
    """Return what a check of a claim's history found; CLAIM_NOT_FOUND."""
    events, row, snapshot = await history.events(tenant_id, claim_id)
    if row is None and not events:
        raise Failure(errors_pb2.ERROR_REASON_CLAIM_NOT_FOUND)
    verdict = verify(tenant_id, claim_id, events, row)
    return (
        query_service_pb2.VerifyClaimHistoryResponse(
            valid=not verdict.problems,
            event_count=len(events),
            head_hash=verdict.head["hash"].hex() if verdict.head else "",
            problems=[
                query_service_pb2.HistoryProblem(version=version, problem=problem)
                for version, problem in verdict.problems
            ],
        ),
        snapshot,
    )


def _event(
    row: Row, before: claim_pb2.Claim | None, after: claim_pb2.Claim, sight: Sight
) -> query_service_pb2.ClaimEvent:
    return query_service_pb2.ClaimEvent(
        version=row["version"],
        event_id=str(row["event_id"]),
        event_type=row["event_type"],
        from_state=STATES.get(row["from_state"] or "", 0),  # type: ignore[arg-type]
        to_state=STATES.get(row["to_state"], 0),  # type: ignore[arg-type]
        actor=row["actor"],
        role=_role(row["role"]),  # type: ignore[arg-type]
        request_id=str(row["request_id"]),
        reason=_reason(row, sight),
        record_time=timestamp(row["recorded_at"]),
        policy_version=row["policy_version"],
        schema_number=row["schema_number"],
        previous_hash=row["prev_hash"].hex(),
        hash=row["hash"].hex(),
        changes=changes(before, after, sight),
    )


def _role(name: str) -> int:
    value = options_pb2.Role.DESCRIPTOR.values_by_name.get(f"ROLE_{name}")
    return value.number if value else 0


def _reason(row: Row, sight: Sight) -> common_pb2.Reason | None:
    text = records.open_sealed(row["sealed"])[1] if DIRECT_ID in sight.classes else ""
    if not row["reason_code"] and not text:
        return None
    return common_pb2.Reason(code=row["reason_code"] or "", text=text)
