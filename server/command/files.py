"""Reads what an operator loads: CSV and JSON files, told line by line where they are bad."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

_BAD_ROWS_SHOWN: Final = 20


class BadFile(Exception):
    """A file that cannot be loaded; `problems` names place and fault of each bad row."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems[:_BAD_ROWS_SHOWN]))
        self.problems = problems


def told(problems: list[str], file: Path | None = None) -> Iterator[str]:
    """Yield the first problems as an operator reads them, with the file when it is known."""
    at = "" if file is None else f"{file}: "
    for problem in problems[:_BAD_ROWS_SHOWN]:
        yield at + problem
    if len(problems) > _BAD_ROWS_SHOWN:
        yield f"{at}and {len(problems) - _BAD_ROWS_SHOWN} more"


def csv_rows(
    file: Path, required: Collection[str], problems: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and values, by column and stripped; note what cannot be read.

    Columns are known by their names, in any order and case. A row has as many values as the header
    has names; a file without rows is bad as well. Raises `OSError` when there is no such file.
    """
    reader = csv.reader(io.StringIO(_text(file, problems), newline=""), strict=True)
    if problems:
        return
    names: list[str] = []
    begun = False
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if fault := _header_fault(names, required):
            problems.append(f"line 1: {fault}")
            return
        for cells in reader:
            if not cells:
                continue
            begun = True
            if len(cells) != len(names):
                fault = (
                    "there are more values than columns"
                    if len(cells) > len(names)
                    else "values are missing"
                )
                problems.append(f"line {reader.line_num}: {fault}")
                continue
            yield reader.line_num, dict(zip(names, map(str.strip, cells), strict=True))
    except csv.Error:
        problems.append(f"line {max(1, reader.line_num)}: this is no CSV")
        return
    if not begun:
        problems.append("line 1: there are no rows below the header")


def _header_fault(names: list[str], required: Collection[str]) -> str:
    for name in required:
        if name not in names:
            return f"the header must name a column `{name}`"
        if names.count(name) > 1:
            return f"the header names the column `{name}` twice"
    return ""


def _text(file: Path, problems: list[str]) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(f"line {line}: this is no text in UTF-8")
        return ""


def json_tree(file: Path) -> Any:
    """Return what a JSON file holds.

    Raises `BadFile` when it is none or names a field twice, `OSError` when there is no such file.
    """
    problems: list[str] = []
    text = _text(file, problems)
    if problems:
        raise BadFile(problems)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise BadFile([f"line {error.lineno}: {error.msg}"]) from None
    except _NotPlain as error:
        raise BadFile([f"line 1: {error}"]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, a list in a list in …
        raise BadFile(["line 1: this is no JSON that can be read"]) from None


class _NotPlain(Exception):
    """JSON that readers understand differently."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _NotPlain(f"the field {twice!r} stands twice in one object")
    return found


def _no_number(word: str) -> Any:
    raise _NotPlain(f"{word} is no number")


def day(text: str) -> date | None:
    """Return the day of a cell, None when it is empty; raise `ValueError` when it is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a day must be written as 2026-01-31") from None
