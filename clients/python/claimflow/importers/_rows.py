"""CSV files as rows with their places; memory does not grow with the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from claimflow.importers._record import Content, Flaw, opened

# A longer line is read in pieces, which then are rows of the wrong length.
LINE_BYTES_MAX = 1 << 20
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row after the header."""

    # Counted from 1.
    number: int
    # The file's line on which it begins, counted from 1.
    line: int
    # Where it begins in the file.
    offset: int
    # By column; empty when there is a problem.
    values: dict[str, str]
    problem: str | None = None


class _Lines:
    """The text lines of a stream; knows where the current row began."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._end = 0
        self.begin = 0
        self.row_pending = True

    def __iter__(self) -> Iterator[str]:
        while raw := self._content.readline(LINE_BYTES_MAX):
            if self.row_pending:
                self.begin, self.row_pending = self._end, False
            self._end += len(raw)
            yield raw.decode("utf-8", "surrogateescape")


def read_rows(content: BinaryIO, needed: frozenset[str]) -> Iterator[Row]:
    """Yield the rows; a header without the needed columns is the `Flaw` of the whole file."""
    lines = _Lines(content)
    reader = csv.reader(iter(lines))
    header = _header(reader, needed)
    number = 0
    while True:
        lines.row_pending = True
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            number += 1
            yield Row(number, line, lines.begin, {}, "not a row of comma-separated values")
            continue
        if cells is None:
            return
        if not cells:
            continue  # an empty line is no record
        number += 1
        problem = _problem(cells, len(header))
        values = dict(zip(header, cells, strict=False)) if problem is None else {}
        yield Row(number, line, lines.begin, values, problem)


def _header(reader: Iterator[list[str]], needed: frozenset[str]) -> list[str]:
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
    except csv.Error:
        raise Flaw("no header of column names") from None
    if missing := sorted(needed - set(header)):
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise Flaw(f"the header lacks {', '.join(missing[:3])}{more}")
    return header


def _problem(cells: list[str], columns: int) -> str | None:
    if len(cells) != columns:
        return f"{len(cells)} columns, the header has {columns}"
    text = "".join(cells)
    if text.isascii():
        return "a NUL character" if "\0" in text else None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "not UTF-8 text"
    return None


def row_at(content: BinaryIO, offset: int, header: list[str]) -> dict[str, str]:
    """Return the row that begins at a place; it was read from there before."""
    content.seek(offset)
    cells = next(csv.reader(iter(_Lines(content))))
    return dict(zip(header, cells, strict=True))


def count_rows(content: Content) -> int | None:
    """Return the lines after the header; None for a stream, which can be read only once."""
    if not isinstance(content, Path):
        return None
    lines, last = 0, b"\n"
    with opened(content) as file:
        while chunk := file.read(_CHUNK_BYTES):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return max(0, lines + (last != b"\n") - 1)


def read_table(path: Path, key: str) -> dict[str, dict[str, str]]:
    """Return a small table by its key; an absent file is an empty table, bad rows are left out."""
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        try:
            rows = read_rows(file, frozenset({key}))
            return {row.values[key]: row.values for row in rows if row.problem is None}
        except Flaw:
            return {}
