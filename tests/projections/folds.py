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


def leaves(properties: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Return the fields of a mapping by their paths."""
    found: dict[str, Any] = {}
    for name, field in properties.items():
        if "properties" in field:
            found |= leaves(field["properties"], f"{path}{name}.")
        else:
            found[f"{path}{name}"] = field
    return found


def paths(tree: Any, path: str = "") -> set[str]:
    """Return the paths of a document's values."""
    if isinstance(tree, list):
        return {one for each in tree for one in paths(each, path)}
    if isinstance(tree, dict):
        return {
            one for name, each in tree.items() for one in paths(each, f"{path}.{name}".lstrip("."))
        }
    return {path}
