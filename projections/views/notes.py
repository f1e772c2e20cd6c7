"""The notes view: one document a claim that has notes, with who wrote which kind of them when.

What a note says stays in Postgres: it is free text about a person, and readers see it by role.
"""

from __future__ import annotations

from typing import Any, Final

from projections.views.claims_values import time
from projections.views.fields import keywords, longs, nested, times
from projections.views.subject import CLAIMS
from projections.views.view import Document, View
from server.claims.events import ClaimReceived, NoteAdded, NoteRedacted, Recorded

NAME: Final = "notes"
SCHEMA: Final = 1  # a new number for any change of fold or mapping

MAPPING: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": keywords("claim_id", "claim_number", "submitted_by")
    | longs("note_count")
    | times("last_note_time")
    | {
        "notes": nested(
            keywords("note_id", "kind", "author")
            | longs("length")
            | times("create_time")
            | {"redacted": {"type": "boolean"}}
        )
    },
}


def project(document: Document | None, recorded: Recorded) -> Document:
    """Fold one event into the document."""
    event = recorded.event
    match event:
        case ClaimReceived():
            return {
                "claim_id": str(event.claim_id),
                "claim_number": event.claim_number,
                "submitted_by": event.submitted_by,
                "note_count": 0,
            }
        case NoteAdded():
            assert document is not None, "every history starts with ClaimReceived"
            note = event.note
            added: Document = {
                "note_id": str(note.note_id),
                "kind": note.kind.value,
                "author": note.author,
                "length": len(note.text),
                "create_time": time(note.created_at),
                "redacted": note.redacted,
            }
            return document | {
                "notes": [*document.get("notes", ()), added],
                "note_count": document["note_count"] + 1,
                "last_note_time": time(note.created_at),
            }
        case NoteRedacted():
            assert document is not None, "every history starts with ClaimReceived"
            redacted = str(event.note_id)
            notes = [
                one | {"redacted": True, "length": 0} if one["note_id"] == redacted else one
                for one in document["notes"]
            ]
            return document | {"notes": notes}
        case _:
            assert document is not None, "every history starts with ClaimReceived"
            return document


NOTES_VIEW: Final = View(
    name=NAME,
    schema=SCHEMA,
    mapping=MAPPING,
    subject=CLAIMS,
    project=project,
    shown_by=frozenset({NoteAdded.__name__, NoteRedacted.__name__}),
)
