"""From rows of the log to documents to write: each touched thing folded from its own rows (D7).

Rows are taken by version: a repeat drops, a gap is filled from the tables. A thing whose rows
cannot be folded is parked; the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from projections.bulk import Write
from projections.digest import digest_of, slice_of
from projections.feed import Position
from projections.history import Folds, Histories
from projections.quarantine import Case
from projections.views.subject import EventRow, Key, document_id, key_of
from projections.views.view import Document, View
from server.platform.telemetry import log_exception, logger

_log = logger("projections.folding")

# After so many documents everybody else has a turn: the batch before is on its way meanwhile, and
# the log is being read.
AT_A_TIME: Final = 32


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch comes to: documents to write, things that cannot be folded."""

    writes: Sequence[Write]
    unfoldable: Sequence[Case]


class Folder:
    """Folds rows for one generation of a view."""

    def __init__(self, view: View, store_epoch: UUID, folds: Folds) -> None:
        self._view = view
        self._store_epoch = str(store_epoch)
        self._folds = folds

    async def fold(self, rows: Iterable[tuple[Position, EventRow]], histories: Histories) -> Folded:
        """Return the newest document of everything that rows of the log touch."""
        touched: dict[Key, list[tuple[Position, EventRow]]] = {}
        for position, row in rows:
            touched.setdefault(key_of(row), []).append((position, row))
        needed = {
            key: below
            for key, found in touched.items()
            if (below := self._missing_below(key, found)) is not None
        }
        before = await histories.below(needed) if needed else {}
        writes: list[Write] = []
        unfoldable: list[Case] = []
        for number, (key, found) in enumerate(touched.items(), 1):
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)
            position, last = found[-1]
            events = [row for _, row in found]
            if key in needed:
                self._folds.forget(key)
                if key not in before:
                    _log.error("a history has a hole", view=self._view.name)
                    case = Case(document_id(key), last["version"], position, "history_missing")
                    unfoldable.append(case)
                    continue
                events = [*before[key], *events]
            done = self.fold_one(key, events, position)
            if isinstance(done, Case):
                unfoldable.append(done)
            elif done is not None:
                writes.append(done)
        return Folded(writes, unfoldable)

    def fold_one(
        self, key: Key, events: Sequence[EventRow], position: Position
    ) -> Write | Case | None:
        """Fold rows, in version order, into one document; None when all are known."""
        version = self._folds.version(key) or 0
        document: Document | None = None
        fresh = [row for row in events if row["version"] > version]
        if not fresh:
            return None
        try:
            document = self._folds.document(key)
            for row in fresh:
                if row["version"] <= version:
                    continue  # the same row twice
                assert row["version"] == version + 1, "histories have no holes"
                document = self._view.project(document, self._view.subject.decode(row))
                version = row["version"]
        except Exception as error:
            # Whatever a row does to the fold, it does to this document alone (F12).
            log_exception(
                _log, "cannot be folded", error, view=self._view.name, version=version + 1
            )
            self._folds.forget(key)
            return Case(document_id(key), fresh[-1]["version"], position, "fold_failed")
        assert document is not None, "at least one event was folded"
        source = _bytes_of(document | self._envelope(key, version, position))
        self._folds.keep(key, version, source)
        return Write(document_id(key), version, source)

    def _envelope(self, key: Key, version: int, position: Position) -> Document:
        return {
            "tenant_id": str(key[0]),
            "store_epoch": self._store_epoch,
            "version": version,
            "position": position,
            "slice": slice_of(key),
            "digest": digest_of(key, version),
        }

    def _missing_below(self, key: Key, found: Sequence[tuple[Position, EventRow]]) -> int | None:
        """Return the version up to which events must be loaded, None when the cache goes on."""
        versions = [row["version"] for _, row in found]
        expected = (self._folds.version(key) or 0) + 1
        below: int | None = None
        for version in versions:
            if version > expected:
                below = version  # everything before it, whatever the log brought in between
            expected = max(expected, version + 1)
        return below


def _bytes_of(document: Document) -> bytes:
    """Return a document as JSON, in no more memory than it needs.

    orjson leaves its whole buffer behind its answer, eight times its size for most documents, and
    tens of thousands of them are kept.
    """
    return bytes(memoryview(orjson.dumps(document)))
