"""The claims view: one document a claim, folded from its events.

The document is the state of the fold, so the next event needs nothing else. It holds no direct
identifier: see `claims_received`. What an event changes stands in the file of its topic.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never
from uuid import UUID

from projections.views.claims_appeals import Appealing, appealed
from projections.views.claims_decisions import Deciding, decided
from projections.views.claims_mapping import MAPPING
from projections.views.claims_money import Paying, is_told, paid
from projections.views.claims_received import KeyedHash, prior_payer, received
from projections.views.claims_values import put, time
from projections.views.claims_work import Stopping, stopped
from projections.views.subject import CLAIMS
from projections.views.view import Document, View
from server.claims.events import (
    ApprovalRefused,
    AttachmentLinked,
    ClaimAccepted,
    ClaimAssigned,
    ClaimBreached,
    ClaimClosed,
    ClaimLinked,
    ClaimQueued,
    ClaimReceived,
    ClaimRejected,
    ClaimReleased,
    ClaimReplaced,
    ClaimVoided,
    NoteAdded,
    NoteRedacted,
    PriorPayerRecorded,
    Recorded,
)
from server.claims.model import Finding, Link
from server.platform.blind import blind

NAME = "claims"
SCHEMA = 3  # a new number for any change of fold or mapping: a fresh generation is built


def claims_view(index_key: bytes) -> View:
    """Return the view, with identifiers hashed under a key."""

    def keyed_hash(tenant_id: UUID, kind: str, value: str) -> str:
        return blind(index_key, tenant_id, kind, value)

    return View(
        name=NAME,
        schema=SCHEMA,
        mapping=MAPPING,
        subject=CLAIMS,
        project=partial(project, keyed_hash=keyed_hash),
    )


def project(document: Document | None, recorded: Recorded, *, keyed_hash: KeyedHash) -> Document:
    """Fold one event into the document."""
    event = recorded.event
    if isinstance(event, ClaimReceived):
        written = received(recorded, event, keyed_hash)
    else:
        assert document is not None, "every history starts with ClaimReceived"
        written = _apply({**document}, recorded)
    written["version"] = recorded.version
    written["head_hash"] = recorded.hash.hex()
    written["state"] = recorded.to_state.value
    written["update_time"] = time(recorded.recorded_at)
    written["policy_version"] = recorded.policy_version
    written["remitted"] = is_told(written)
    return written


def _apply(document: Document, recorded: Recorded) -> Document:
    """Fold an event into a copy that is ours to change; lists inside belong to the original."""
    event = recorded.event
    if isinstance(event, Stopping):
        return stopped(document, event)
    if isinstance(event, Deciding):
        return decided(document, event)
    if isinstance(event, Paying):
        return paid(document, event)
    if isinstance(event, Appealing):
        return appealed(document, event)
    match event:
        case ClaimAccepted() | ClaimRejected():
            return _with_findings(document, event.findings)
        case ClaimLinked():
            family = str(event.link.original_claim_id)
            return document | {"link": _link(event.link), "family_id": family}
        case ClaimReplaced() | ClaimVoided():
            document.pop("next_claim_id", None)
            put(document, "next_claim_id", str(event.by_claim_id or ""))
            return document
        case PriorPayerRecorded():
            known = document.get("prior_payers", ())
            return document | {"prior_payers": [*known, prior_payer(event.prior_payer)]}
        case ClaimBreached():
            return document | {"breach_time": time(event.at)}
        case ClaimAssigned():
            lease = time(event.lease_until)
            return document | {"assignee": event.assignee, "lease_expire_time": lease}
        case ClaimReleased():
            return _without_lease(document)
        case ClaimQueued():
            document["queue"] = event.queue
            return _without_lease(document)
        case AttachmentLinked():
            return document | {"attachment_count": document["attachment_count"] + 1}
        case NoteAdded():
            return document | {"note_count": document["note_count"] + 1}
        case ClaimReceived() | ApprovalRefused() | ClaimClosed() | NoteRedacted():
            # The state, which every event carries, is all there is to show of these.
            return document
        case _:
            assert_never(event)


def _with_findings(document: Document, findings: tuple[Finding, ...]) -> Document:
    if findings:
        document["findings"] = [_finding(one) for one in findings]
        document["edit_ids"] = sorted({one.edit_id for one in findings})
    return document


def _finding(one: Finding) -> Document:
    written: Document = {
        "edit_id": one.edit_id,
        "severity": one.severity.value,
        "field_path": one.field_path,
        "message": one.message,
    }
    put(written, "status_category_code", one.status_category_code)
    put(written, "status_code", one.status_code)
    return written


def _link(link: Link) -> Document:
    return {
        "relation": link.relation.value,
        "prior_claim_id": str(link.prior_claim_id),
        "prior_claim_number": link.prior_claim_number,
        "original_claim_id": str(link.original_claim_id),
        "original_claim_number": link.original_claim_number,
    }


def _without_lease(document: Document) -> Document:
    document.pop("assignee", None)
    document.pop("lease_expire_time", None)
    return document
