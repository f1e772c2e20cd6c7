"""Notes: command 21; a redacted note keeps its hash (W17)."""

from __future__ import annotations

import hashlib

from server.claims.commands import AddNote, RedactNote
from server.claims.events import Event, NoteAdded, NoteRedacted
from server.claims.model import Claim, Note
from server.claims.refusals import Refusal, Refused, require


def text_hash(text: str, salt: bytes) -> str:
    """Return SHA-256 of salt and text, hex: proves the text to those who still have both."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def add(command: AddNote) -> list[Event]:
    """Command 21: add a note."""
    note = Note(
        note_id=command.note_id,
        kind=command.kind,
        text=command.text,
        text_hash=text_hash(command.text, command.salt),
        author=command.actor,
        created_at=command.now,
    )
    return [NoteAdded(note=note, salt=command.salt)]


def redact(command: RedactNote, claim: Claim) -> list[Event]:
    """Command 21: take a note's text away."""
    for note in claim.notes:
        if note.note_id == command.note_id:
            require(not note.redacted, Refusal.NOTE_ALREADY_REDACTED, field_path="note_id")
            return [NoteRedacted(note_id=note.note_id, by=command.actor, at=command.now)]
    raise Refused(Refusal.NOTE_NOT_FOUND, field_path="note_id")
