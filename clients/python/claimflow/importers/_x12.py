"""The importer of X12 837 files: professional, institutional and dental, 5010 and 4010."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claimflow.importers._record import Content, Flaw, Record, UnknownFormat, name_of, opened
from claimflow.importers._x12_claim import build_claim
from claimflow.importers._x12_envelope import Problem, X12Reader

# Counting takes a pass over the file, at some ten megabytes a second.
COUNT_BYTES_MAX = 32 << 20

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(ISA|GS|ST)[^A-Za-z0-9\s]")
_SET = re.compile(rb"(?:^|[^A-Za-z0-9 ])\s*ST[^A-Za-z0-9\s](\d{3})\b")


@dataclass(frozen=True)
class X12Importer:
    """Reads 837 files; each claim and each thing wrong with the file takes one position."""

    name: str = "x12-837"

    def count(self, path: Content) -> int | None:
        """Return the number of claims and problems; None for a stream or a very large file."""
        if not isinstance(path, Path) or path.stat().st_size > COUNT_BYTES_MAX:
            return None
        with opened(path) as file:
            return sum(1 for _ in X12Reader().read(file))

    def records(self, path: Content, *, start_after: int = 0) -> Iterator[Record]:
        """Yield claims and problems in the order of the file."""
        name = name_of(path)
        with opened(path) as file:
            for position, found in enumerate(X12Reader().read(file), 1):
                if position <= start_after:
                    continue
                where = f"{name} segment {found.segment}"
                if isinstance(found, Problem):
                    yield Record(position, where, problem=found.text)
                    continue
                try:
                    claim = build_claim(found)
                except Flaw as flaw:
                    yield Record(position, where, problem=str(flaw))
                    continue
                yield Record(position, where, document=claim)


def looks_like_837(head: bytes) -> bool:
    """Tell whether content begins as an 837; `UnknownFormat` when it is X12 of another kind."""
    if not _BEGIN.match(head):
        return False
    kinds = {kind.decode() for kind in _SET.findall(head)}
    if kinds and "837" not in kinds:
        raise UnknownFormat("an X12 file, but not an 837")
    return True
