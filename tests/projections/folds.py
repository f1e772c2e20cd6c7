"""Documents as a view folds them from events, without a store."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from projections.views.view import Document, View
from server.claims.events import Recorded
from server.claims.model import State
from tests.projections import scribe
from tests.projections.full import full

CLAIM_ID = UUID(int=0xC1A1)


def recorded(event: Any, version: int, to_state: State = State.ACCEPTED) -> Recorded:
    """Return an event in an envelope."""
    return Recorded(
        tenant_id=scribe.TENANTS[0],
        claim_id=CLAIM_ID,
        version=version,
        event_id=uuid4(),
        event=event,
        from_state=None,
        to_state=to_state,
        actor="ana",
        role="EXAMINER",
        request_id=uuid4(),
        reason_code=None,
        policy_version=1,
        recorded_at=full(datetime),
        prev_hash=bytes(32),
        hash=b"\x02" * 32,
    )


def folded(view: View, *events: Any, onto: Document | None = None) -> Document:
    """Return the document of events, after one that is there already or from the beginning."""
    document = onto
    version = document["version"] if document else 0
    for number, event in enumerate(events, version + 1):
        document = view.project(document, recorded(event, number))
    assert document is not None
    return document
