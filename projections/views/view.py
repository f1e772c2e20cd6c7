"""What a read view is to the worker: a name, a mapping and a fold.

A second view is one file with these, entered in `catalogue.py`; the rest (slots, generations,
parity, rebuilding) comes of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from projections.views.subject import EventRow, Subject

# A document is JSON as it is indexed, and at the same time the state of the fold: the next event
# needs nothing else. A fold treats it as a value: it returns a new one and leaves the old alone.
Document = dict[str, Any]

# What the worker itself keeps in every document, beside what the fold says.
ENVELOPE: Final[Mapping[str, Any]] = {
    "tenant_id": {"type": "keyword"},
    "store_epoch": {"type": "keyword"},
    "version": {"type": "long"},
    "position": {"type": "long"},
    "slice": {"type": "short"},
    "digest": {"type": "long"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A read view entire; a new `schema` number makes the worker build a fresh generation."""

    # Name of its alias and of its progress document.
    name: str
    # Number of the mapping and of the fold.
    schema: int
    # The index mapping, `dynamic: strict`; the fields of `ENVELOPE` are added to it.
    mapping: Mapping[str, Any]
    # What a document is about, and where its rows come from.
    subject: Subject
    # Fold one event into the document; the first event of a history comes with None.
    project: Callable[[Document | None, Any], Document]
    # Kinds of rows by which a document comes to be and changes; None: all. The fold sees every row
    # up to the last of these, and the document has the version of that one.
    shown_by: frozenset[str] | None = None

    def shows(self, row: EventRow) -> bool:
        """Tell whether a row makes a new version of its document."""
        return self.shown_by is None or row["kind"] in self.shown_by

    def index_mapping(self) -> dict[str, Any]:
        """Return the mapping of an index, with what the worker keeps in every document."""
        properties = {**self.mapping["properties"], **ENVELOPE}
        return {**self.mapping, "properties": properties}
