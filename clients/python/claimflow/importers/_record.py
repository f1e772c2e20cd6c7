"""What every importer gives, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from claimflow.v1.document_pb2 import ClaimDocument

Content = Path | BinaryIO


class UnknownFormat(ValueError):
    """The content is of no format that an importer reads; the text says why, without values."""


class Flaw(ValueError):
    """A record cannot become a claim; the text says why, without values."""


@dataclass(frozen=True)
class Record:
    """One record of a source: a claim, or what is wrong with it."""

    # Counted from 1, the same at every reading.
    position: int
    # For people: "carrier.csv line 12".
    where: str
    # Exactly one of document and problem is there.
    document: ClaimDocument | None = None
    # A short fact that never holds a value of the record.
    problem: str | None = None

    def __post_init__(self) -> None:
        assert (self.document is None) != (self.problem is None), "a claim or a problem"


class Importer(Protocol):
    """Reads one format."""

    @property
    def name(self) -> str:
        """Return the word for the format, such as "x12-837"."""

    def records(self, path: Content, *, start_after: int = 0) -> Iterator[Record]:
        """Yield every record after a position; bad content becomes a problem, never an error."""

    def count(self, path: Content) -> int | None:
        """Return the number of records where that is cheap to know; an estimate is allowed."""


def name_of(content: Content) -> str:
    """Return what to call the content: the file's name, or "standard input"."""
    return content.name if isinstance(content, Path) else "standard input"


def opened(content: Content) -> AbstractContextManager[BinaryIO]:
    """Open a file; a stream is taken as it is and stays open."""
    return content.open("rb") if isinstance(content, Path) else nullcontext(content)


def ensure(condition: bool, problem: str) -> None:
    """Raise the `Flaw` when something does not hold."""
    if not condition:
        raise Flaw(problem)
