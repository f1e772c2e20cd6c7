"""Writing: tables for people, JSON for programs, nothing else on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message
from rich import box
from rich.console import Console
from rich.markup import escape as escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from claimflow.client.values import to_python

# Width of a table that goes into a file or a pipe.
WIDTH_UNSEEN = 160


def console(*, error: bool = False) -> Console:
    """Return the console of one of the two streams as they are now."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_UNSEEN)


def progress(*, quiet: bool) -> Progress:
    """Return a bar on stderr for one long task."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console(error=True),
        disable=quiet,
    )


def write_json(value: Message | Any, *, error: bool = False) -> None:
    """Write one JSON document on one line: amounts and dates as text, no field by its number."""
    plain = to_python(value) if isinstance(value, Message) else value
    stream = sys.stderr if error else sys.stdout
    stream.write(json.dumps(plain, default=_encode, ensure_ascii=False) + "\n")
    stream.flush()


def _encode(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
    raise TypeError(f"{type(value).__name__} has no JSON")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table; a column whose name ends in # is set right."""
    result = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        right = column.endswith("#")
        name = column.removesuffix("#") or column
        result.add_column(name, justify="right" if right else "left")
    for row in rows:
        result.add_row(*(cell(value) for value in row))
    return result


def facts(rows: Iterable[tuple[str, Any]]) -> Table:
    """Return named facts, one a line; those without a value are left out."""
    result = Table(box=None, show_header=False, pad_edge=False)
    result.add_column(style="dim")
    result.add_column(overflow="fold")
    for name, value in rows:
        if value not in (None, ""):
            result.add_row(name, cell(value))
    return result


def cell(value: Any) -> str:
    """Return a value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case timedelta():
            return f"{value.total_seconds():.3f} s"
    return escape(str(value))
