"""The change feed as the worker sees it: transactions in commit order, whatever the source.

Nothing here knows Postgres; another log with ordered positions can stand behind the same interface.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

# A place in the log of one store: later is larger. It means nothing without the store's identity.
Position = int


@dataclass(frozen=True, slots=True)
class Identity:
    """Which log a position belongs to (R12)."""

    store_epoch: UUID
    system_id: str
    timeline: int


class Row(NamedTuple):
    """A row that was added to a table."""

    table: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Rows of one committed transaction, or of a part of a large one.

    Only a `complete` one ends at its position: progress may be stored there.
    """

    position: Position
    commit_time: datetime
    rows: list[Row]
    size_bytes: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Advance:
    """Everything up to a position has been handed over; nothing more happened until then."""

    position: Position
    time: datetime


class FeedLost(Exception):
    """The feed cannot go on from where we are without skipping; only a new projection helps."""


class Feed(Protocol):
    """A log that is read in commit order, at least once."""

    @property
    def identity(self) -> Identity:
        """Which log this is."""
        ...

    def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what happened, in commit order; what is not asked for stays in the log."""
        ...

    def confirm(self, position: Position) -> None:
        """Let the log forget what lies before a position; it will never be asked for again."""
        ...

    async def close(self) -> None:
        """Tell the log what was confirmed last, and let it go."""
        ...
