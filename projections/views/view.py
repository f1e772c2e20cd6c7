"""What a read view is to the worker: a name, a mapping and a fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from server.claims.events import Recorded

# A document is JSON as it is indexed, and at the same time the state of the fold: the next event
# needs nothing else. A fold treats it as a value: it returns a new one and leaves the old alone.
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A read view entire; a new `schema` number makes the worker build a fresh generation."""

    # Name of its alias and of its progress document.
    name: str
    # Number of the mapping and of the fold.
    schema: int
    # The index mapping, `dynamic: strict`.
    mapping: Mapping[str, Any]
    # Fold one event into the document; the first event of a history comes with None.
    project: Callable[[Document | None, Recorded], Document]
