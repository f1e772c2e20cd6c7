"""JSON lines: one claim a line in proto3 JSON, what `claimflow generate` writes."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from google.protobuf import json_format

from claimflow.importers._plain import from_plain, to_plain
from claimflow.importers._record import Content, Flaw, Record, name_of, opened
from claimflow.importers._rows import count_rows
from claimflow.v1.document_pb2 import ClaimDocument

# As much as a request to the server may have.
LINE_BYTES_MAX = 4 << 20
_BLANKS = b" \t\r\n"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json_line(document: ClaimDocument) -> bytes:
    """Return the claim as one line of UTF-8 JSON, with its line feed."""
    return _encode(to_plain(document)).encode() + b"\n"


def from_json_line(line: bytes) -> ClaimDocument:
    """Return the claim of a line; ValueError says what does not fit, without values."""
    try:
        plain = json.loads(line.strip(_BLANKS))
    except json.JSONDecodeError as error:
        raise Flaw(f"not JSON, column {error.colno}") from None
    except UnicodeDecodeError:
        raise Flaw("not UTF-8 text") from None
    except (RecursionError, ValueError):
        raise Flaw("not JSON that can be read") from None
    if not isinstance(plain, dict):
        raise Flaw("not a JSON object")
    try:
        document = from_plain(plain)
        # Lone surrogates pass as JSON, and as text they are none.
        document.SerializeToString()
    except (json_format.ParseError, RecursionError, ValueError, TypeError):
        raise Flaw(_misfit(plain)) from None
    return document


def _misfit(plain: dict[str, Any]) -> str:
    """Name the fields that do not fit; a name that is not ours may be somebody's value."""
    misfits, unknown = [], 0
    for key, value in plain.items():
        if key not in _NAMES:
            unknown += 1
            continue
        try:
            json_format.ParseDict({key: value}, ClaimDocument()).SerializeToString()
        except (json_format.ParseError, RecursionError, ValueError, TypeError):
            misfits.append(key)
    facts = [f"{name} does not fit" for name in misfits[:3]]
    if unknown:
        facts.append(f"{unknown} unknown field{'s' * (unknown > 1)}")
    return ", ".join(facts) or "not a claim"


_NAMES = frozenset(
    name for field in ClaimDocument.DESCRIPTOR.fields for name in (field.name, field.json_name)
)


def looks_like_claims(head: bytes) -> bool:
    """Tell whether the first line of some content is, or begins, a claim."""
    line, end, _ = head.removeprefix(BOM_UTF8).lstrip(_BLANKS).partition(b"\n")
    if not line.startswith(b"{"):
        return False
    try:
        plain = json.loads(line)
    except (RecursionError, ValueError):
        # A line longer than what was looked at is no claim of ours to judge, but it may be one.
        return not end and any(f'"{name}":'.encode() in line for name in ("serviceLines", "source"))
    return isinstance(plain, dict) and any(name in _NAMES for name in plain)


@dataclass(frozen=True)
class JsonLinesImporter:
    """Reads JSON lines; empty lines are no records."""

    name: str = "jsonl"

    def count(self, path: Content) -> int | None:
        """Return the number of lines; None for a stream."""
        lines = count_rows(path)
        return None if lines is None else lines + bool(self._first_line(path))

    def _first_line(self, path: Content) -> bytes:
        with opened(path) as file:
            return file.readline(2)

    def records(self, path: Content, *, start_after: int = 0) -> Iterator[Record]:
        """Yield a record for each line."""
        batch = name_of(path)
        position = 0
        with opened(path) as file:
            for number, line in _lines(file):
                if line is not None and not line.strip(_BLANKS):
                    continue
                position += 1
                if position <= start_after:
                    continue
                where = f"{batch} line {number}"
                try:
                    if line is None:
                        raise Flaw(f"longer than {LINE_BYTES_MAX} bytes")
                    document = from_json_line(line)
                except Flaw as flaw:
                    yield Record(position, where, problem=str(flaw))
                    continue
                yield Record(position, where, document=document)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines with their numbers, None in place of one that is too long."""
    number = 0
    while line := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(line) <= LINE_BYTES_MAX:
            yield number, line.removeprefix(BOM_UTF8) if number == 1 else line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(LINE_BYTES_MAX)
        yield number, None
