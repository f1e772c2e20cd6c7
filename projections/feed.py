"""The change feed as the worker sees it: transactions in commit order, whatever the source.

Nothing here knows Postgres. A source is a log with ordered positions and one consumer at a time;
what every source must do is written down as tests in tests/projections/feeds/contract.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

# Where a log goes on after something: later is larger, gaps mean nothing. It means nothing at all
# without the log's identity.
Position = int


@dataclass(frozen=True, slots=True)
class Identity:
    """Which log a position belongs to (R12); stable for as long as its positions are.

    `system_id` names the copy of the log (a cluster's number, a topic's), `timeline` grows when
    that copy is forked.
    """

    store_epoch: UUID
    system_id: str
    timeline: int


class Row(NamedTuple):
    """A row that was added to a table."""

    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Rows of one committed transaction, or of a part of a large one.

    Only a `complete` one ends at its position: progress may be stored there. A part lies at or
    after every earlier end, and before the end of its own transaction.
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


class FeedTaken(Exception):
    """Somebody else reads this source for the same purpose; it has one consumer at a time."""


class FeedUnavailable(Exception):
    """The source does not answer; another feed from the stored progress will go on.

    The message names a code, never what the source said.
    """


class Feed(Protocol):
    """A log that is read in commit order, at least once, from the position it was made with.

    A feed is made, started, read and closed once; whoever wants to go on makes another. All of it
    may be cancelled at any point, if `close` follows.
    """

    @property
    def identity(self) -> Identity:
        """Which log this is."""
        ...

    async def earliest(self) -> Position:
        """Return from where on the log is still there: the smallest start; `FeedLost` if nowhere.

        To be asked before `start`.
        """
        ...

    async def start(self) -> None:
        """Take the source.

        `FeedTaken` if somebody has it, `FeedLost` if the log before our start is gone or our start
        lies past its end, `FeedUnavailable` if it does not answer.
        """
        ...

    def transactions(self) -> AsyncIterator[Transaction | Advance]:
        """Yield what happened, in commit order; what is not asked for stays in the log.

        Positions of complete transactions grow strictly. An `Advance` comes only when no
        transaction is in parts, and again and again from a quiet log. Asked again, it goes on
        behind what it yielded last. Raises as `start` does.
        """
        ...

    def confirm(self, position: Position) -> None:
        """Let the log forget what lies before a position; it will never be asked for again.

        It returns at once, and the log hears of it some time later, at the latest on `close`, or
        never: what was confirmed may come again, what was not is never forgotten.
        """
        ...

    async def close(self) -> None:
        """Tell the log what was confirmed last, and let it go; safe after any failure."""
        ...
